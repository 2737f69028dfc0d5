"""Who calls whom in a measurement: numbers, called lines, and the notifications that report it.

All numbers begin with a block that is reserved for fiction (Bundesnetzagentur: 030 23125, 040 66969, 069 90009,
0221 4710, 089 99998). With digits added they are extensions of numbers that belong to nobody: so there are enough.
"""

from __future__ import annotations

import hmac
import random
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import urlencode

SECRET = "a-shared-secret-for-measurements"
SIGNATURE = "X-PLACETEL-SIGNATURE"
#: Path and query to which notifications are posted.
WEBHOOK = "/index.php?module=callcenter&action=call&provider=placetel"
#: One address in so many is known by its switchboard alone.
SWITCHBOARD_EVERY = 10
#: One address in so many has a contact with a number of his own.
CONTACT_EVERY = 5
#: Calls to this line concern the first two users.
TWO = "+498999998002"


def line_to_all(connected: int) -> str:
    """The line whose calls concern the first ``connected`` users. Up to 9 999."""
    return f"+498999998{connected:04}"


def is_switchboard(address: int) -> bool:
    """Whether the address has a switchboard's number only."""
    return address % SWITCHBOARD_EVERY == 0


def number_of(address: int) -> str:
    """The number of an address, by its place from 1."""
    return f"{stem_of(address)}0" if is_switchboard(address) else f"+493023125{address:06}"


def stem_of(address: int) -> str:
    """How all numbers behind the switchboard of this address begin."""
    return f"+494066969{address:06}"


def contact_number_of(address: int) -> str:
    """The number of the contact at this address."""
    return f"+496990009{address:06}"


def known_callers(addresses: int, seed: int = 1) -> Iterator[str]:
    """Numbers of addresses, without end, in an order that is the same in each run and favours no place of the table."""
    direct = [address for address in range(1, addresses + 1) if not is_switchboard(address)]
    random.Random(seed).shuffle(direct)
    while True:
        for address in direct:
            yield number_of(address)


def callers_behind_switchboards(addresses: int) -> Iterator[str]:
    """Numbers that are not stored, behind switchboards that are, without end."""
    while True:
        for address in range(SWITCHBOARD_EVERY, addresses + 1, SWITCHBOARD_EVERY):
            yield f"{stem_of(address)}12"


def unknown_callers() -> Iterator[str]:
    """Numbers that nobody has, without end."""
    while True:
        for number in range(10000):
            yield f"+492214710{number:06}"


def notification(caller: str, line: str, call_id: str) -> bytes:
    """The body with which Placetel reports that ``caller`` rings at ``line`` (both E.164)."""
    return _body(caller, line, call_id, event="IncomingCall")


def hang_up(caller: str, line: str, call_id: str) -> bytes:
    """The body with which Placetel reports that the caller gave up before somebody answered."""
    return _body(caller, line, call_id, event="HungUp", type="missed", duration="0")


def _body(caller: str, line: str, call_id: str, **event: str) -> bytes:
    fields = {"call_id": call_id, "direction": "in", "from": _national(caller), "to": _national(line), **event}
    return urlencode(fields).encode()


def signed(body: bytes) -> dict[str, str]:
    """The headers that go with a body."""
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        SIGNATURE: hmac.new(SECRET.encode(), body, sha256).hexdigest(),
    }


def _national(e164: str) -> str:
    return f"0{e164.removeprefix('+49')}"

"""Calls for a journal of any size: two years of a company's telephone, with known and unknown parties.

Some lines and users have many calls, some few, some none: an order of time that is quick for one of them may be slow
for another.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from app.core.accounts.models import User, UserSetting
from app.modules.addresses.api import address_path
from app.modules.callcenter.domain.events import Outcome
from app.modules.callcenter.models import FIRST_CONNECTION, Account, CallRow, CallTaker, Line, LineUser
from benchmarks.large.generator import entries
from benchmarks.large.numbers import Number, strangers
from benchmarks.large.rows import START
from benchmarks.population import user_rows

CALL = cast(Table, CallRow.__table__)
TAKER = cast(Table, CallTaker.__table__)
BATCH = 5000
MONTHS = timedelta(days=730)
#: Those who telephone all day, and the lines that all of them answer.
USERS, LINES = 12, 6
#: Who sees all calls; those on his lines (three) and his own; his own only, with a line that is his alone.
SEES_ALL, SEES_LINES, SEES_OWN = 1, 2, 3
#: Users with few calls, and with none.
SELDOM, NEVER = USERS + 1, USERS + 2
#: A line of ``SEES_OWN`` that is seldom called, and one that nobody calls, by place.
DIRECT, SILENT = LINES, LINES + 1
INCOMING, KNOWN, WITHHELD, INTERNAL = 0.65, 0.7, 0.03, 0.04
FEW, PASSED_ON = 0.002, 0.03
OUTCOMES = (Outcome.ACCEPTED, Outcome.MISSED, Outcome.VOICEMAIL, Outcome.BUSY, Outcome.CANCELED, Outcome.UNAVAILABLE)
WEIGHTS = (72, 15, 5, 3, 4, 1)
_LOST = frozenset((Outcome.MISSED, Outcome.VOICEMAIL, Outcome.CANCELED))
_STRANGERS = 20_000
#: What a taker's row has of the call's.
_OF_CALL = {"call_id": "id", "received_at": "received_at", "line_key": "line_key"}
_NOBODY: dict[str, Any] = {"grade": "none", "matches": "[]", "address_id": None, "contact_id": None}
Row = dict[str, Any]


def line_of(place: int) -> str:
    """The company's own lines, from 0, among the numbers that are kept for fiction."""
    return f"+4989999980{place:02}"


def account_of(user: int) -> str:
    """The account of a user at the telephone system, from 1."""
    return f"7770000{user:02}@fpbx.de"


def store_company(session: Session, now: datetime) -> None:
    """Users, what they see, their accounts and lines."""
    users = range(1, NEVER + 1)
    session.execute(insert(User), list(user_rows(NEVER, now)))
    scopes = {SEES_ALL: "all", SEES_LINES: "lines", SEES_OWN: "mine"}
    chosen = [
        {"user_id": user, "module": "callcenter", "name": "scope", "value": json.dumps(scope)}
        for user, scope in scopes.items()
    ]
    session.execute(insert(UserSetting), chosen)
    lines = [
        {
            "id": place + 1,
            "connection": FIRST_CONNECTION,
            "number": line_of(place),
            "key": line_of(place),
            "name": f"Line {place}",
        }
        for place in range(SILENT + 1)
    ]
    session.execute(insert(Line), lines)
    served = {(user % LINES, user) for user in users} | {(place, SEES_LINES) for place in range(LINES // 2)}
    served |= {(DIRECT, SEES_OWN), (SILENT, NEVER)}
    session.execute(insert(LineUser), [{"line_id": place + 1, "user_id": user} for place, user in sorted(served)])
    accounts = [{"connection": FIRST_CONNECTION, "uid": account_of(user), "user_id": user} for user in users]
    session.execute(insert(Account), accounts)


def batches(count: int, addresses: int, until: datetime, seed: int = 1877) -> Iterator[dict[Table, list[Row]]]:
    """The rows of ``count`` calls by table, the oldest first; whoever is known is in a generated book of so many
    addresses.
    """
    calls = _Calls(random.Random(seed), count, addresses, until)
    for start in range(0, count, BATCH):
        rows = [calls.row(place) for place in range(start, min(start + BATCH, count))]
        yield {CALL: rows, TAKER: [taker for row in rows for taker in _takers(row)]}


def _takers(row: Row) -> Iterator[Row]:
    """Who took a call that was passed on."""
    taken: list[str] = json.loads(row["answered_by"])
    users = [next(user for user in range(1, NEVER + 1) if account_of(user) == account) for account in taken]
    for user, other in zip(users, reversed(users), strict=True) if len(users) > 1 else ():
        yield {"user_id": user, "other_id": other, **{name: row[of] for name, of in _OF_CALL.items()}}


@dataclass(frozen=True, slots=True)
class _Party:
    e164: str
    recognised: Row


class _Calls:
    def __init__(self, chance: random.Random, count: int, addresses: int, until: datetime) -> None:
        self.chance = chance
        self.first = until - MONTHS
        self.step = MONTHS / count
        self.known = list(_known(addresses))
        self.strangers = [number for number, _ in zip(strangers(19), range(_STRANGERS), strict=False)]

    def row(self, place: int) -> Row:
        """The call at this place, from 0."""
        chance = self.chance
        incoming = chance.random() < INCOMING
        outcome = chance.choices(OUTCOMES, WEIGHTS)[0]
        accepted = outcome is Outcome.ACCEPTED
        user = self._one_of_us() if accepted or not incoming else None
        # A colleague's telephone rings for every line; what he dials shows his own.
        place_of_line = chance.randrange(LINES) if incoming else (user or 0) % LINES
        line = line_of(DIRECT if incoming and chance.random() < FEW else place_of_line)
        began = self.first + self.step * place
        waited = chance.randint(2, 45)
        talked = int(chance.expovariate(1 / 150)) + 5 if accepted else 0
        account = account_of(user) if user else None
        taken = [account] if account and incoming else []
        if taken and chance.random() < PASSED_ON:
            taken.insert(0, account_of(self._one_of_us(besides=user)))
        return {
            "id": place + 1,
            "connection": FIRST_CONNECTION,
            "provider": FIRST_CONNECTION,
            "external_id": f"call-{place}",
            "version": 2 + accepted,
            "direction": "in" if incoming else "out",
            "phase": "ended",
            "outcome": outcome.value,
            "missed": incoming and outcome in _LOST,
            "line_raw": line,
            "line_key": line,
            "peer": account,
            "answered_by": json.dumps(taken),
            "passed_on": len(taken) > 1,
            "user_id": user,
            "received_at": began,
            "answered_at": began + timedelta(seconds=waited) if accepted else None,
            "ended_at": began + timedelta(seconds=waited + talked),
            "waiting_seconds": waited,
            "talk_seconds": talked if accepted else None,
            **self._party(),
        }

    def _one_of_us(self, besides: int | None = None) -> int:
        if self.chance.random() < FEW and besides != SELDOM:
            return SELDOM
        return self.chance.choice([user for user in range(1, USERS + 1) if user != besides])

    def _party(self) -> Row:
        chance = self.chance.random()
        if chance < WITHHELD:
            return {"remote_kind": "withheld", "remote_raw": "anonymous", "remote_e164": None, **_NOBODY}
        if chance < WITHHELD + INTERNAL:
            raw = str(self.chance.randint(20, 60))
            return {"remote_kind": "internal", "remote_raw": raw, "remote_e164": None, **_NOBODY}
        if self.chance.random() < KNOWN:
            # Few call often: of the customers of a company a small part makes most of the calls.
            party = self.known[int(len(self.known) * self.chance.random() ** 3)]
            e164, recognised = party.e164, party.recognised
        else:
            e164, recognised = self.chance.choice(self.strangers), _NOBODY
        return {"remote_kind": "dialable", "remote_raw": e164, "remote_e164": e164, **recognised}


def _known(addresses: int) -> Iterator[_Party]:
    """Everybody with a number in the generated book, as a call keeps whom it was recognised as."""
    contact_id = 0
    for address_id, entry in enumerate(entries(addresses), 1):
        owners: list[tuple[int | None, str, tuple[Number, ...]]] = [(None, entry.name, entry.numbers)]
        for person in entry.contacts:
            contact_id += 1
            owners.append((contact_id, person.name, person.numbers))
        for contact, name, numbers in owners:
            for number in numbers[:1]:
                match = {
                    "grade": "exact",
                    "address_id": address_id,
                    "contact_id": contact,
                    "name": name,
                    "company": entry.name if contact is not None or entry.kind == "company" else None,
                    "customer_number": str(START.customer_number_start + address_id - 1),
                    "number": number.e164,
                    "label": "",
                    "extension": "",
                    "archived": entry.archived,
                    "path": address_path(address_id, contact),
                }
                recognised = {
                    "grade": "exact",
                    "matches": json.dumps([match], ensure_ascii=False),
                    "address_id": address_id,
                    "contact_id": contact,
                }
                yield _Party(number.e164, recognised)

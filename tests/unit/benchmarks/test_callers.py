"""Numbers and notifications of the measurements."""

from __future__ import annotations

from itertools import islice
from urllib.parse import parse_qs

from app.core.phones import classify, prefixes_for_switchboard
from app.core.values import Dialable
from app.modules.callcenter.providers.placetel.signature import HEADER, verify
from benchmarks.callers import (
    SECRET,
    TWO,
    callers_behind_switchboards,
    contact_number_of,
    is_switchboard,
    known_callers,
    line_to_all,
    notification,
    number_of,
    signed,
    stem_of,
    unknown_callers,
)

FICTIONAL = ("+493023125", "+494066969", "+496990009", "+492214710", "+498999998")
ADDRESSES = 1000


def every_number() -> list[str]:
    stored = [number_of(n) for n in range(1, ADDRESSES + 1)] + [contact_number_of(n) for n in range(1, ADDRESSES + 1)]
    lines = [TWO, *(line_to_all(level) for level in (10, 100, 500))]
    return [*stored, *lines, *islice(callers_behind_switchboards(ADDRESSES), 100), *islice(unknown_callers(), 100)]


def test_all_numbers_are_fictional_different_and_read_as_they_are_written() -> None:
    numbers = every_number()
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert number.startswith(FICTIONAL)
        party = classify(f"0{number.removeprefix('+49')}")
        assert isinstance(party, Dialable)
        assert party.e164 == number


def test_a_caller_behind_a_switchboard_begins_with_its_stem() -> None:
    caller = next(callers_behind_switchboards(ADDRESSES))
    address = next(n for n in range(1, ADDRESSES + 1) if is_switchboard(n))
    assert stem_of(address) in prefixes_for_switchboard(caller)


def test_known_callers_come_in_the_same_order_each_time_and_begin_again_at_the_end() -> None:
    direct = ADDRESSES - ADDRESSES // 10
    first = list(islice(known_callers(ADDRESSES), direct + 1))
    assert first == list(islice(known_callers(ADDRESSES), direct + 1))
    assert len(set(first[:direct])) == direct
    assert first[direct] == first[0]


def test_a_notification_is_signed_as_the_webhook_wants_it() -> None:
    body = notification(number_of(1), TWO, "call-1")
    headers = {name.lower(): value for name, value in signed(body).items()}
    verify(body, headers[HEADER], [SECRET])
    assert parse_qs(body.decode())["event"] == ["IncomingCall"]

"""A day's calls out of Placetel's three lists: each call once, and nothing that is not one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.modules.callcenter.domain.events import Direction, Outcome
from app.modules.callcenter.providers.base import PastCall
from app.modules.callcenter.providers.placetel import records
from app.modules.callcenter.providers.placetel.past import CLOSE, merged
from tests.unit.callcenter.providers.samples import exchanges

AT = datetime(2018, 8, 16, 9, 42, 47, tzinfo=UTC)
CALL = PastCall(AT, "022129191999", "022147100000", Outcome.ACCEPTED, 60)


def published(name: str) -> dict[str, Any]:
    """The one record of a published answer."""
    (record,) = exchanges()[name]["response"]["body"]
    found: dict[str, Any] = record
    return found


def test_the_published_sample_of_a_queue_is_read() -> None:
    record = published("call-center-calls")
    assert records.queue_call(record) == PastCall(AT, "022129191999", "022129191999", Outcome.ACCEPTED, 0)


@pytest.mark.parametrize(
    ("changes", "outcome", "talk"),
    [
        ({"ended_at": "2018-08-16T11:44:47.000+02:00"}, Outcome.ACCEPTED, 120),
        ({"answer_status": "NOANSWER", "ended_at": "2018-08-16T11:44:47.000+02:00"}, Outcome.MISSED, 0),
        ({"answer_status": None}, Outcome.MISSED, 0),
        ({"left_queue_at": None, "ended_at": "2018-08-16T11:44:47.000+02:00"}, Outcome.ACCEPTED, 0),
        ({"ended_at": "2018-08-16T10:00:00.000+02:00"}, Outcome.ACCEPTED, 0),
    ],
)
def test_who_was_taken_from_a_queue_talks_from_then_on(changes: dict[str, Any], outcome: Outcome, talk: int) -> None:
    record = published("call-center-calls")
    call = records.queue_call({**record, **changes})
    assert call is not None
    assert (call.outcome, call.talk_seconds) == (outcome, talk)


def test_the_published_sample_of_a_detail_record_leads_in_and_is_none_of_ours() -> None:
    record = published("call-detail-records")
    assert records.outgoing_leg(record) is None


def test_a_leg_that_leads_out_is_an_outgoing_call_of_its_account() -> None:
    record = published("call-detail-records")
    leg = {**record, "description": "Festnetz Deutschland", "from": "022147100000"}
    assert records.outgoing_leg(leg) == PastCall(
        AT, "022129191999", "022147100000", Outcome.ACCEPTED, 42, Direction.OUT, "77712345678"
    )
    call = records.outgoing_leg({**leg, "length": 0})
    assert call is not None
    assert call.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("changes", [{"description": None}, {"received_at": None}, {"received_at": "gestern"}])
def test_a_leg_that_tells_too_little_is_left_out(changes: dict[str, Any]) -> None:
    record = published("call-detail-records")
    assert records.outgoing_leg({**record, "description": "Festnetz", **changes}) is None


@pytest.mark.parametrize(
    ("number", "remote", "masked"),
    [
        ("022129191999", "022129191999", False),
        ("022129191XXX", "022129191XXX", True),
        ("0221291919**", "0221291919**", True),
        ("anonymous", None, False),
        ("Unbekannt", None, False),
        (None, None, False),
        ("", None, False),
    ],
)
def test_hidden_digits_and_hidden_callers_are_told_apart(number: Any, remote: str | None, masked: bool) -> None:
    call = records.past_call({"received_at": "2026-03-02T10:00:00+01:00", "from_number": number})
    assert call is not None
    assert (call.remote, call.masked) == (remote, masked)


def test_a_call_that_two_lists_tell_is_there_once_with_what_either_knows() -> None:
    masked = replace(CALL, remote="022129191XXX", masked=True, outcome=Outcome.UNKNOWN, talk_seconds=0)
    told = replace(CALL, received_at=AT + CLOSE, account="7771@fpbx.de")
    assert merged([masked], [told]) == [replace(CALL, account="7771@fpbx.de")]


@pytest.mark.parametrize(
    "other",
    [
        replace(CALL, received_at=AT + CLOSE + timedelta(seconds=1)),
        replace(CALL, remote="03023125100"),
        replace(CALL, line="022147100011"),
        replace(CALL, direction=Direction.OUT),
    ],
)
def test_different_calls_are_both_there(other: PastCall) -> None:
    assert merged([CALL], [other]) == [CALL, other]


def test_of_two_alike_each_has_one_twin() -> None:
    assert merged([CALL, CALL], [CALL, CALL, CALL]) == [CALL] * 3

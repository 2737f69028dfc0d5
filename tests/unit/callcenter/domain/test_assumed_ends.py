"""Calls whose end never comes: queue calls, and hang-ups that were lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.modules.callcenter.domain.calls import Limits, Phase, fold, provisional_end
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome
from tests.unit.callcenter.domain.reports import (
    ANNA,
    CALLER,
    LINE,
    accepted_by,
    assumed_end,
    at,
    hung_up,
    hung_up_without_direction,
    incoming,
    outgoing,
)

LIMITS = Limits()
FIVE_MINUTES, FOUR_HOURS = 300, 4 * 3600


@pytest.mark.parametrize(
    ("events", "deadline"),
    [
        ([incoming(0)], FIVE_MINUTES),
        ([CallEvent(EventKind.STARTED, at(0))], FIVE_MINUTES),
        ([outgoing(0)], FOUR_HOURS),
        ([incoming(0), accepted_by(ANNA, 8)], FOUR_HOURS + 8),
        ([accepted_by(ANNA, 8), incoming(9)], FOUR_HOURS + 9),
        ([outgoing(0), CallEvent(EventKind.ANSWERED, at(5), Direction.OUT)], FOUR_HOURS + 5),
    ],
)
def test_an_end_is_assumed_when_the_limit_has_run_out_and_not_before(events: list[CallEvent], deadline: int) -> None:
    call = fold(events)
    assert provisional_end(call, at(deadline - 1), LIMITS) is None
    end = provisional_end(call, at(deadline), LIMITS)
    assert end == CallEvent(EventKind.ENDED, at(deadline), outcome=Outcome.UNKNOWN, provisional=True)
    closed = fold([*events, end])
    assert (closed.phase, closed.provisional, closed.ended_at) == (Phase.ENDED, True, at(deadline))


def test_a_late_job_does_not_lengthen_the_call() -> None:
    end = provisional_end(fold([incoming(0)]), at(86_400), LIMITS)
    assert end is not None
    assert end.received_at == at(FIVE_MINUTES)


def test_limits_are_settings() -> None:
    limits = Limits(ringing=timedelta(seconds=30), talking=timedelta(minutes=1))
    assert provisional_end(fold([incoming(0)]), at(30), limits) is not None
    assert provisional_end(fold([outgoing(0)]), at(30), limits) is None
    assert provisional_end(fold([outgoing(0)]), at(60), limits) is not None


@pytest.mark.parametrize("end", [hung_up(Outcome.MISSED), assumed_end(FIVE_MINUTES)])
def test_a_call_that_has_ended_needs_no_assumed_end(end: CallEvent) -> None:
    assert provisional_end(fold([incoming(0), end]), at(10 * FOUR_HOURS), LIMITS) is None


def test_a_queue_call_without_an_end_is_unknown_and_not_missed() -> None:
    call = fold([incoming(0), assumed_end(FIVE_MINUTES)])
    assert (call.outcome, call.is_missed) == (Outcome.UNKNOWN, False)
    assert (call.talk_seconds, call.waiting_seconds) == (None, None)


def test_talk_with_a_lost_hangup_was_accepted_but_nobody_knows_how_long() -> None:
    call = fold([incoming(0), accepted_by(ANNA, 8), assumed_end(FOUR_HOURS + 8)])
    assert (call.outcome, call.provisional) == (Outcome.ACCEPTED, True)
    assert (call.talk_seconds, call.waiting_seconds) == (None, 8)


@pytest.mark.parametrize(
    "end",
    [
        hung_up(Outcome.MISSED, 0, 20),
        hung_up(Outcome.MISSED, 0, 400),
        hung_up(Outcome.UNKNOWN, 0, 400),
        hung_up_without_direction(Outcome.MISSED, CALLER, LINE, second=400),
    ],
)
def test_a_reported_end_replaces_the_assumed_one_whenever_it_came(end: CallEvent) -> None:
    without = fold([incoming(0), end])
    assert fold([incoming(0), assumed_end(FIVE_MINUTES), end]) == without
    assert not without.provisional


def test_an_answer_after_the_assumed_end_opens_the_call_again() -> None:
    call = fold([incoming(0), assumed_end(FIVE_MINUTES), accepted_by(ANNA, 310)])
    assert call == fold([incoming(0), accepted_by(ANNA, 310)])
    assert call.phase is Phase.TALKING


def test_a_call_opened_again_can_be_closed_again() -> None:
    events = [incoming(0), assumed_end(FIVE_MINUTES), accepted_by(ANNA, 310)]
    end = provisional_end(fold(events), at(FOUR_HOURS + 310), LIMITS)
    assert end is not None
    closed = fold([*events, end])
    assert (closed.phase, closed.ended_at) == (Phase.ENDED, at(FOUR_HOURS + 310))


def test_a_repeated_start_after_the_assumed_end_does_not_open_the_call() -> None:
    call = fold([incoming(0), assumed_end(FIVE_MINUTES), incoming(310)])
    assert (call.phase, call.provisional) == (Phase.ENDED, True)


def test_an_answer_received_before_the_assumed_end_but_read_after_it_does_not_open_the_call() -> None:
    call = fold([incoming(0), assumed_end(FIVE_MINUTES), accepted_by(ANNA, 8)])
    assert (call.phase, call.outcome, call.provisional) == (Phase.ENDED, Outcome.ACCEPTED, True)


def test_only_an_end_can_be_assumed() -> None:
    odd = CallEvent(EventKind.STARTED, at(0), Direction.IN, CALLER, LINE, provisional=True)
    call = fold([odd])
    assert (call.phase, call.remote, call.provisional) == (Phase.RINGING, CALLER, False)

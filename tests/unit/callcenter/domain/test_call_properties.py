"""What holds for any reports whatever, also for those that no telephone system sends."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.values import Dialable, Internal, Party, SipUser, Unverified, Withheld
from app.modules.callcenter.domain.calls import (
    LONGEST_TALK_SECONDS,
    Call,
    Limits,
    Phase,
    canonical_order,
    fold,
    provisional_end,
)
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome
from tests.unit.callcenter.domain.reports import ANNA, BERND, CALLER, LINE, NOON, OTHER_CALLER

PHASES = list(Phase)
TIMES = ("started_at", "answered_at", "ended_at", "received_at", "talk_seconds", "waiting_seconds")

parties: st.SearchStrategy[Party | None] = st.sampled_from(
    [
        None,
        CALLER,
        OTHER_CALLER,
        LINE,
        Dialable("+493023125042", "+493023125042"),
        Internal("23"),
        Internal("110"),
        Unverified("0900123"),
        SipUser(ANNA),
        SipUser(BERND),
        Withheld(),
        Withheld("anonymous"),
    ]
)
moments = st.integers(0, 40_000).map(lambda second: NOON + timedelta(seconds=second))
talk = st.none() | st.integers(-5, 5_000) | st.sampled_from([LONGEST_TALK_SECONDS + 1, 10**20])


def reports(provisional: st.SearchStrategy[bool]) -> st.SearchStrategy[CallEvent]:
    return st.builds(
        CallEvent,
        kind=st.sampled_from(EventKind),
        received_at=moments,
        direction=st.none() | st.sampled_from(Direction),
        remote=parties,
        line=parties,
        peer=st.sampled_from([None, "", ANNA, BERND]),
        outcome=st.none() | st.sampled_from(Outcome),
        talk_seconds=talk,
        first=parties,
        second=parties,
        provisional=provisional,
    )


#: Reports that differ in a field or two only, as real conflicts do; random ones differ in all at once.
alike = st.builds(
    CallEvent,
    kind=st.sampled_from([EventKind.STARTED, EventKind.ENDED]),
    received_at=st.sampled_from([NOON, NOON + timedelta(seconds=9)]),
    direction=st.sampled_from([Direction.IN, None]),
    remote=st.sampled_from([CALLER, OTHER_CALLER]),
    line=st.sampled_from([LINE, OTHER_CALLER]),
)
alike_without_direction = st.builds(
    CallEvent,
    kind=st.just(EventKind.ENDED),
    received_at=st.just(NOON),
    outcome=st.just(Outcome.MISSED),
    first=st.sampled_from([CALLER, OTHER_CALLER]),
    second=st.sampled_from([LINE, OTHER_CALLER]),
)
real_reports = reports(st.just(False))
any_reports = reports(st.booleans())
mixed = st.lists(real_reports, min_size=1, max_size=8) | st.lists(
    alike | alike_without_direction, min_size=1, max_size=5
)
many = settings(max_examples=200, deadline=None)


def without_times(call: Call) -> dict[str, object]:
    return {f.name: getattr(call, f.name) for f in fields(call) if f.name not in TIMES}


@many
@given(st.lists(any_reports, min_size=1, max_size=8) | mixed, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_exactly_the_same_call(
    events: list[CallEvent], chance: random.Random
) -> None:
    again = [*events, *chance.choices(events, k=chance.randrange(6))]
    chance.shuffle(again)
    assert fold(again) == fold(events)
    assert fold(iter(again)) == fold(events)


@many
@given(mixed, st.randoms(use_true_random=False))
def test_the_same_reports_delivered_in_any_order_give_the_same_call_but_for_the_times(
    events: list[CallEvent], chance: random.Random
) -> None:
    def delivered(order: list[CallEvent]) -> list[CallEvent]:
        return [replace(event, received_at=NOON + timedelta(seconds=i)) for i, event in enumerate(order)]

    other = chance.sample(events, k=len(events))
    one, two = fold(delivered(events)), fold(delivered(other))
    assert without_times(one) == without_times(two)
    if one.talk_seconds and not one.is_answered:
        assert one.talk_seconds == two.talk_seconds


@many
@given(st.lists(real_reports, min_size=1, max_size=6))
def test_a_later_repetition_of_reports_changes_nothing_not_even_the_times(events: list[CallEvent]) -> None:
    later = [replace(event, received_at=event.received_at + timedelta(days=1)) for event in events]
    assert fold(events + later) == fold(events)


@many
@given(st.lists(real_reports, min_size=1, max_size=6), real_reports)
def test_the_phase_never_goes_back(events: list[CallEvent], report: CallEvent) -> None:
    before, after = fold(events), fold([*events, report])
    assert PHASES.index(after.phase) >= PHASES.index(before.phase)


@many
@given(st.lists(any_reports, min_size=1, max_size=8))
def test_a_call_is_consistent_in_itself(events: list[CallEvent]) -> None:
    call = fold(events)
    ended = call.phase is Phase.ENDED
    assert (call.outcome is not None) == ended
    assert (call.ended_at is not None) == ended
    assert not (call.provisional and not ended)
    assert call.received_at in {event.received_at for event in events}
    assert call.talk_seconds is None or (ended and call.talk_seconds >= 0)
    assert call.waiting_seconds is None or call.waiting_seconds >= 0
    assert call.peer is None or call.peer == call.peers[0]
    assert set(call.answered_by) <= set(call.peers)
    assert "" not in call.peers
    assert not (call.is_missed and call.is_answered)
    if call.direction is None:
        assert all(event.direction is None for event in events if not event.provisional)


@many
@given(st.lists(any_reports, min_size=1, max_size=8))
def test_the_canonical_order_is_one_order(events: list[CallEvent]) -> None:
    assert canonical_order(events) == canonical_order(list(reversed(events)))


@many
@given(st.lists(real_reports, min_size=1, max_size=6), st.integers(0, 100_000))
def test_an_assumed_end_ends_the_call_and_changes_nothing_else(events: list[CallEvent], later: int) -> None:
    call = fold(events)
    end = provisional_end(call, NOON + timedelta(seconds=later), Limits())
    if end is None:
        return
    closed = fold([*events, end])
    assert closed.phase is Phase.ENDED
    assert closed.provisional
    assert provisional_end(closed, NOON + timedelta(days=9), Limits()) is None
    kept = ("direction", "remote", "line", "peers", "peer", "started_at", "answered_at", "received_at")
    assert all(getattr(closed, name) == getattr(call, name) for name in kept)


@many
@given(st.lists(any_reports, min_size=1, max_size=6))
def test_every_open_call_is_closed_at_last(events: list[CallEvent]) -> None:
    call = fold(events)
    if call.phase is not Phase.ENDED:
        end = provisional_end(call, NOON + timedelta(days=9), Limits())
        assert end is not None
        assert fold([*events, end]).phase is Phase.ENDED


def test_times_at_the_edge_of_the_calendar_do_not_break_the_fold() -> None:
    first_day = datetime.min.replace(tzinfo=UTC)
    end = CallEvent(EventKind.ENDED, first_day, outcome=Outcome.ACCEPTED, talk_seconds=60)
    assert fold([end]).answered_at is None


@given(st.lists(real_reports, min_size=1, max_size=6))
def test_a_missed_call_is_an_incoming_one_that_no_account_took(events: list[CallEvent]) -> None:
    call = fold(events)
    if call.is_missed:
        assert call.direction is Direction.IN
        assert call.peer is None
        assert call.answered_by == ()

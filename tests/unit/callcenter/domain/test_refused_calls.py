"""Calls that we told the telephone system to refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.calls import Call, Phase, fold, refusal
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
START = CallEvent(EventKind.STARTED, NOW, Direction.IN)
REFUSED = refusal(NOW)


def at(seconds: int, kind: EventKind, outcome: Outcome | None = None, peer: str | None = None) -> CallEvent:
    return CallEvent(kind, NOW + timedelta(seconds=seconds), Direction.IN, outcome=outcome, peer=peer)


def ends(call: Call) -> tuple[Phase, Outcome | None, bool, bool]:
    return call.phase, call.outcome, call.provisional, call.is_missed


BLOCKED = (Phase.ENDED, Outcome.BLOCKED, False, False)


def test_it_is_over_when_it_begins_and_nobody_missed_it() -> None:
    call = fold([START, REFUSED])
    assert ends(call) == BLOCKED
    assert (call.ended_at, call.received_at, call.direction) == (NOW, NOW, Direction.IN)


def test_whatever_end_is_reported_it_stays_blocked() -> None:
    for outcome in (Outcome.MISSED, Outcome.BUSY, Outcome.BLOCKED, Outcome.CANCELED, Outcome.UNKNOWN):
        assert ends(fold([START, REFUSED, at(1, EventKind.ENDED, outcome)])) == BLOCKED


def test_where_somebody_took_it_all_the_same_it_was_not_refused() -> None:
    talking = fold([START, REFUSED, at(4, EventKind.ANSWERED, peer="7771@fpbx.de")])
    assert ends(talking) == (Phase.TALKING, None, False, False)
    over = fold([START, REFUSED, at(4, EventKind.ANSWERED), at(9, EventKind.ENDED, Outcome.ACCEPTED)])
    assert (over.outcome, over.waiting_seconds, over.ended_at) == (Outcome.ACCEPTED, 4, NOW + timedelta(seconds=9))
    mailbox = fold([START, REFUSED, at(9, EventKind.ENDED, Outcome.VOICEMAIL)])
    assert mailbox.outcome is Outcome.VOICEMAIL
    assert mailbox.is_missed


LATER = st.builds(at, st.integers(0, 60), st.sampled_from(EventKind), st.sampled_from([None, *Outcome]))


@given(st.lists(LATER, max_size=5), st.randoms())
def test_the_order_in_which_it_is_told_changes_nothing(later: list[CallEvent], random: object) -> None:
    events = [START, REFUSED, *later]
    shuffled = events[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis gives a Random
    assert ends(fold(shuffled)) == ends(fold(events))
    assert fold(events).phase is not Phase.RINGING

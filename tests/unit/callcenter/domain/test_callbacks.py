from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.values import Dialable
from app.modules.callcenter.domain.callbacks import Deed, Talk, closing, deed_of
from app.modules.callcenter.domain.calls import fold
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome
from tests.conftest import NOW

CUSTOMER, LINE = Dialable("0171 3920001", "+491713920001"), Dialable("03023125100", "+493023125100")


def _event(kind: EventKind, direction: Direction, after: int, outcome: Outcome | None = None, talk: int | None = None,
           provisional: bool = False) -> CallEvent:  # fmt: skip
    return CallEvent(
        kind=kind,
        received_at=NOW + timedelta(seconds=after),
        direction=direction,
        remote=CUSTOMER,
        line=LINE,
        peer="7771000001@fpbx.de" if kind is EventKind.ANSWERED else None,
        outcome=outcome,
        talk_seconds=talk,
        first=None,
        second=None,
        provisional=provisional,
    )


@pytest.mark.parametrize(
    ("direction", "outcome", "talk", "deed"),
    [
        (Direction.IN, Outcome.MISSED, 0, Deed.MISSED),
        (Direction.IN, Outcome.VOICEMAIL, 12, Deed.MISSED),
        (Direction.IN, Outcome.BUSY, 0, Deed.MISSED),
        (Direction.IN, Outcome.CANCELED, 0, Deed.MISSED),
        (Direction.IN, Outcome.BLOCKED, 0, None),
        (Direction.IN, Outcome.ACCEPTED, 40, Deed.GOT_THROUGH),
        (Direction.OUT, Outcome.ACCEPTED, 40, Deed.CALLED_BACK),
        (Direction.OUT, Outcome.BUSY, 0, Deed.TRIED),
        (Direction.OUT, Outcome.CANCELED, 0, Deed.TRIED),
        (Direction.OUT, Outcome.MISSED, 0, Deed.TRIED),
    ],
)
def test_what_a_call_did(direction: Direction, outcome: Outcome, talk: int, deed: Deed | None) -> None:
    events = [_event(EventKind.STARTED, direction, 0), _event(EventKind.ENDED, direction, 60, outcome, talk)]
    assert deed_of(fold(events)) is deed


def test_a_call_that_goes_on_did_nothing_yet() -> None:
    assert deed_of(fold([_event(EventKind.STARTED, Direction.IN, 0)])) is None
    assert deed_of(fold([_event(EventKind.ANSWERED, Direction.IN, 5)])) is None


def test_an_end_that_was_only_assumed_is_no_news() -> None:
    assumed = _event(EventKind.ENDED, Direction.IN, 300, Outcome.UNKNOWN, None, provisional=True)
    assert deed_of(fold([_event(EventKind.STARTED, Direction.IN, 0), assumed])) is None


TALKS = st.lists(
    st.builds(
        Talk,
        st.integers(1, 99),
        st.integers(-100, 100).map(lambda seconds: NOW + timedelta(seconds=seconds)),
        st.sampled_from(list(Deed)),
    )
)


@given(TALKS)
def test_the_first_conversation_after_the_last_miss_settles_it_in_whatever_order_they_are_told(
    talks: list[Talk],
) -> None:
    found = closing(NOW, talks)
    later = [talk for talk in talks if talk.at > NOW and talk.deed in (Deed.GOT_THROUGH, Deed.CALLED_BACK)]
    assert (found is None) == (not later)
    assert found is None or all(found.at <= talk.at for talk in later)
    assert closing(NOW, reversed(talks)) == found

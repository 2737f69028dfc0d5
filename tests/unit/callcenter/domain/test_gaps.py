"""Which of the PBX's own list is missing: never one that is known, and never one that might be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.events import Direction, Outcome
from app.modules.callcenter.domain.gaps import NEAR, Doubt, Entry, Heard, compare

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MAX, SABINE, LINE, OTHER_LINE = "+491713920001", "+4915228817386", "+4922147100000", "+4922147100011"
LISTED = Entry(NOON, Direction.IN, MAX, LINE, Outcome.ACCEPTED, 60)
REPORTED = Heard(1, NOON + timedelta(seconds=1), Direction.IN, MAX, LINE, 61)


def test_a_call_that_was_reported_is_not_missing() -> None:
    result = compare([LISTED], [REPORTED])
    assert (result.missing, result.doubtful, result.found) == ([], [], {1: LISTED})


def test_a_call_that_was_anonymised_since_is_the_one_that_the_list_names() -> None:
    anonymised = replace(REPORTED, remote=None, anonymised=True)
    assert compare([LISTED], [anonymised]).found == {1: LISTED}
    # Who is known for sure goes first, so each entry finds its own.
    other = replace(LISTED, remote=SABINE, at=NOON + timedelta(seconds=5))
    known = replace(REPORTED, call_id=2, at=NOON + timedelta(seconds=6))
    assert compare([other, LISTED], [anonymised, known]).found == {1: other, 2: LISTED}
    assert compare([LISTED], [replace(anonymised, talk_seconds=600)]).found == {}


def test_a_call_that_nobody_reported_is_missing() -> None:
    assert compare([LISTED], []).missing == [LISTED]


@pytest.mark.parametrize(
    "reported",
    [
        replace(REPORTED, at=NOON - NEAR),
        replace(REPORTED, at=NOON + NEAR),
        replace(REPORTED, direction=None),
        replace(REPORTED, line=None),
        replace(REPORTED, talk_seconds=None),
        replace(REPORTED, talk_seconds=0),
        replace(REPORTED, talk_seconds=70),
    ],
)
def test_what_differs_only_where_less_was_reported_is_the_same(reported: Heard) -> None:
    assert list(compare([LISTED], [reported]).found) == [1]


@pytest.mark.parametrize(
    "reported",
    [
        replace(REPORTED, at=NOON - NEAR - timedelta(seconds=1)),
        replace(REPORTED, at=NOON + NEAR + timedelta(seconds=1)),
        replace(REPORTED, remote=SABINE),
        replace(REPORTED, direction=Direction.OUT),
    ],
)
def test_another_call_leaves_it_missing(reported: Heard) -> None:
    assert compare([LISTED], [reported]).missing == [LISTED]


@pytest.mark.parametrize(
    "reported",
    [
        replace(REPORTED, line=OTHER_LINE),
        replace(REPORTED, talk_seconds=300),
        replace(REPORTED, remote=None),
    ],
)
def test_what_may_be_the_same_is_left_for_a_person(reported: Heard) -> None:
    result = compare([LISTED], [reported])
    assert (result.missing, result.doubtful) == ([], [(LISTED, Doubt.SIMILAR)])


def test_a_hidden_number_is_the_call_on_the_same_line_or_is_left_for_a_person() -> None:
    hidden = replace(LISTED, remote="0171392XXX", masked=True)
    assert list(compare([hidden], [REPORTED]).found) == [1]
    assert compare([hidden], []).doubtful == [(hidden, Doubt.MASKED)]
    assert compare([hidden], [replace(REPORTED, line=OTHER_LINE)]).doubtful == [(hidden, Doubt.MASKED)]
    assert compare([hidden], [replace(REPORTED, talk_seconds=600)]).doubtful == [(hidden, Doubt.SIMILAR)]


def test_a_hidden_number_does_not_take_the_call_of_one_that_is_told() -> None:
    hidden = replace(LISTED, at=NOON - timedelta(seconds=1), remote="0171392XXX", masked=True)
    result = compare([hidden, LISTED], [REPORTED])
    assert result.found == {1: LISTED}
    assert result.doubtful == [(hidden, Doubt.MASKED)]


def test_an_anonymous_call_is_missing_unless_one_on_the_line_may_be_it() -> None:
    anonymous = replace(LISTED, remote=None)
    assert compare([anonymous], []).missing == [anonymous]
    assert list(compare([anonymous], [replace(REPORTED, remote=None)]).found) == [1]
    assert compare([anonymous], [REPORTED]).doubtful == [(anonymous, Doubt.SIMILAR)]


def test_who_calls_twice_within_a_minute_has_called_twice() -> None:
    again = replace(LISTED, at=NOON + timedelta(seconds=50), outcome=Outcome.MISSED, talk_seconds=0)
    result = compare([again, LISTED], [REPORTED])
    assert result.found == {1: LISTED}
    assert result.missing == [again]


def test_each_gets_the_call_that_leaves_none_without() -> None:
    early, late = replace(LISTED, at=NOON), replace(LISTED, at=NOON + NEAR)
    first, second = replace(REPORTED, at=NOON + NEAR * 0.9), replace(REPORTED, call_id=2, at=NOON + NEAR * 1.9)
    assert compare([late, early], [second, first]).found == {1: early, 2: late}


_NUMBERS = st.sampled_from([MAX, SABINE, "+41446681800"])
_ENTRIES = st.builds(
    Entry,
    at=st.integers(0, 86_399).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    direction=st.sampled_from(list(Direction)),
    remote=_NUMBERS,
    line=st.sampled_from([LINE, OTHER_LINE]),
    outcome=st.just(Outcome.UNKNOWN),
    talk_seconds=st.integers(0, 600),
)


def _as_reported(entry: Entry, call_id: int, late: int) -> Heard:
    at = entry.at + timedelta(seconds=late)
    return Heard(call_id, at, entry.direction, entry.remote, entry.line, entry.talk_seconds)


@given(st.lists(_ENTRIES, max_size=30), st.data())
def test_calls_that_were_all_reported_are_never_added_again(entries: list[Entry], data: st.DataObject) -> None:
    heard = [_as_reported(entry, number, 3) for number, entry in enumerate(entries)]
    result = compare(data.draw(st.permutations(entries)), data.draw(st.permutations(heard)))
    assert result.missing == []
    assert result.doubtful == []
    assert len(result.found) == len(entries)


@given(st.lists(_ENTRIES, max_size=30), st.sets(st.integers(0, 29)), st.integers(-120, 120))
def test_what_is_missing_or_left_to_a_person_is_as_much_as_was_lost(
    entries: list[Entry], lost: set[int], late: int
) -> None:
    heard = [_as_reported(entry, number, late) for number, entry in enumerate(entries) if number not in lost]
    result = compare(entries, heard)
    assert len(result.missing) + len(result.doubtful) + len(result.found) == len(entries)
    assert len(result.missing) <= len(entries) - len(heard)


@given(st.lists(_ENTRIES, max_size=30), st.sets(st.integers(0, 29)))
def test_a_second_look_adds_nothing_more(entries: list[Entry], lost: set[int]) -> None:
    heard = [_as_reported(entry, number, 0) for number, entry in enumerate(entries) if number not in lost]
    added = [_as_reported(entry, 100 + number, 0) for number, entry in enumerate(compare(entries, heard).missing)]
    assert compare(entries, [*heard, *added]).missing == []

"""Who is on the block list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.block_list import BlockList, Entry, EntryKind

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
EXACT = Entry(1, EntryKind.EXACT, "+4917139200", "+4917139200")
RANGE = Entry(2, EntryKind.RANGE, "+4917139100", "+4917139299")
PREFIX = Entry(3, EntryKind.PREFIX, "+49171", "+49171")


def found(number: str | None, *entries: Entry, now: datetime = NOW) -> int | None:
    entry = BlockList(entries).find(number, now)
    return entry.id if entry else None


def test_a_number_a_range_and_a_beginning_are_found() -> None:
    assert found("+4917139200", EXACT) == 1
    assert found("+4917139201", EXACT) is None
    assert [found(number, RANGE) for number in ("+4917139100", "+4917139299", "+4917139300")] == [2, 2, None]
    assert [found(number, PREFIX) for number in ("+49171", "+491713920001", "+49172")] == [3, 3, None]


def test_a_range_holds_numbers_of_its_own_length_only() -> None:
    assert found("+491713915", RANGE) is None
    assert found("+49171391500", RANGE) is None


def test_a_caller_without_a_number_is_not_on_it() -> None:
    assert found(None, EXACT, RANGE, PREFIX) is None
    assert not BlockList()
    assert BlockList([PREFIX])


def test_the_entry_that_says_it_most_exactly_counts() -> None:
    longer = Entry(4, EntryKind.PREFIX, "+491713", "+491713")
    narrow = Entry(5, EntryKind.RANGE, "+4917139190", "+4917139210")
    assert found("+4917139200", PREFIX, RANGE, EXACT) == 1
    assert found("+4917139201", PREFIX, RANGE, narrow, longer) == 5
    assert found("+4917139201", PREFIX, longer) == 4


def test_an_entry_that_has_expired_does_not_count_and_hides_none() -> None:
    over = Entry(6, EntryKind.EXACT, "+4917139200", "+4917139200", expires_at=NOW)
    assert found("+4917139200", over) is None
    assert found("+4917139200", over, PREFIX) == 3
    assert found("+4917139200", over, now=NOW - timedelta(seconds=1)) == 6


NUMBERS = st.integers(0, 60).map(lambda number: f"+4930{number:03}")


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    made = []
    for number in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(list(EntryKind)))
        low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
        if kind is EntryKind.PREFIX:
            low = high = low[: draw(st.integers(2, 8))]
        elif kind is EntryKind.EXACT:
            high = low
        made.append(Entry(number, kind, low, high))
    return made


@given(entries(), NUMBERS)
def test_it_finds_what_looking_at_each_entry_finds(made: list[Entry], number: str) -> None:
    def holds(entry: Entry) -> bool:
        if entry.kind is EntryKind.PREFIX:
            return number.startswith(entry.low)
        return int(entry.low) <= int(number) <= int(entry.high)

    entry = BlockList(made).find(number, NOW)
    assert (entry is not None) == any(map(holds, made))
    assert entry is None or holds(entry)

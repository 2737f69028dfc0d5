from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.fields import MAX_NUMBERS
from app.modules.addresses.numbers import Columns, as_read
from app.modules.addresses.records import NumberInput
from app.modules.addresses.transfer.merging import TooMany, merged

A, B, C, D = "0221 4710-100", "0221 4710-101", "0221 4710-102", "0221 4710-103"


def number(raw: str, kind: str = "phone", **more: Any) -> NumberInput:
    return NumberInput(raw, kind, **more)


def stored(*numbers: NumberInput | str) -> list[Columns]:
    return [as_read(number(one) if isinstance(one, str) else one, "DE") for one in numbers]


def after(before: list[Columns], *given: NumberInput | str, columns: int = 1, **how: Any) -> list[str]:
    numbers: dict[str, list[NumberInput]] = {"phone": []}
    for one in given:
        made = number(one) if isinstance(one, str) else one
        numbers.setdefault(made.kind, []).append(made)
    return [row["raw"] for row in merged(before, numbers, {"phone": columns}, "DE", **how)]


def test_a_new_number_takes_the_place_of_the_one_that_the_column_stands_for() -> None:
    assert after(stored(A, B), C) == [C, B]


def test_a_number_that_is_there_stays_as_it_was_typed() -> None:
    assert after(stored(A, B), "+49 221 4710101") == [A, B]


def test_two_columns_stand_for_two_numbers_whatever_their_order() -> None:
    assert after(stored(A, B, C), B, D, columns=2) == [D, B, C]


def test_more_numbers_than_are_there_are_added_at_the_end() -> None:
    assert after(stored(A), A, B, C, columns=3) == [A, B, C]


def test_numbers_beyond_the_columns_are_never_touched() -> None:
    assert after(stored(A, B, C), D) == [D, B, C]


def test_numbers_of_other_kinds_are_never_touched() -> None:
    before = stored(number(A, "mobile"), number(B, "fax"), C)
    assert after(before, D) == [A, B, D]


def test_an_empty_cell_takes_nothing_away_unless_that_is_asked_for() -> None:
    assert after(stored(A, B), columns=2) == [A, B]
    assert after(stored(A, B, C), columns=2, clear=True) == [C]
    assert after(stored(A, B), B, columns=2, clear=True) == [B]


def test_a_later_row_of_the_same_file_only_adds() -> None:
    assert after(stored(A), B, add_only=True) == [A, B]


def test_numbers_without_a_column_of_their_own_only_add() -> None:
    assert after(stored(A), B, columns=0) == [A, B]


def test_a_label_of_a_cell_is_taken_and_one_of_a_heading_overwrites_none() -> None:
    labelled = stored(number(A, label="Chefin"))
    given = {"phone": [number(A, label="privat")]}
    assert merged(labelled, given, {"phone": 1}, "DE")[0]["label"] == "privat"
    assert merged(labelled, given, {"phone": 1}, "DE", from_headings={"privat"})[0]["label"] == "Chefin"
    assert merged(stored(A), given, {"phone": 1}, "DE", from_headings={"privat"})[0]["label"] == "privat"


def test_a_number_is_marked_as_a_switchboard_and_never_unmarked() -> None:
    marked = merged(stored(A), {"phone": [number(A, switchboard=True)]}, {"phone": 1}, "DE")
    assert marked[0]["switchboard"]
    assert merged(marked, {"phone": [number(A)]}, {"phone": 1}, "DE") == marked


def test_a_notation_that_tells_a_switchboard_replaces_one_that_does_not() -> None:
    (row,) = merged(stored("0221 47100"), {"phone": [number("0221 4710-0")]}, {"phone": 1}, "DE")
    assert (row["raw"], row["stem"]) == ("0221 4710-0", "+492214710")


def test_nobody_has_more_numbers_than_can_be_kept() -> None:
    many = [f"0221 4710-{place:03}" for place in range(MAX_NUMBERS)]
    with pytest.raises(TooMany):
        after(stored(*many), A, "0221 4711-1", "0221 4711-2", columns=0)


KINDS = st.sampled_from(["phone", "mobile"])
NUMBERS = st.lists(
    st.builds(
        NumberInput,
        st.sampled_from([A, B, C, D, "0221 4710-0", "kaputt", "+49 221 4710100"]),
        KINDS,
        st.sampled_from(["", "Büro"]),
    ),
    max_size=5,
)


@given(NUMBERS, NUMBERS, st.integers(1, 3), st.booleans())
def test_a_row_that_comes_twice_changes_nothing_the_second_time(
    before: list[NumberInput], given_: list[NumberInput], columns: int, clear: bool
) -> None:
    numbers = {kind: [one for one in given_ if one.kind == kind] for kind in ("phone", "mobile")}
    counts = {kind: max(columns, len(found)) for kind, found in numbers.items()}
    once = merged(stored(*before), numbers, counts, "DE", clear=clear)
    assert merged(once, numbers, counts, "DE", clear=clear) == once


@given(NUMBERS, NUMBERS)
def test_every_number_of_the_row_is_there_afterwards(before: list[NumberInput], given_: list[NumberInput]) -> None:
    numbers = {kind: [one for one in given_ if one.kind == kind] for kind in ("phone", "mobile")}
    result = merged(stored(*before), numbers, {"phone": 1, "mobile": 1}, "DE")
    for kind, found in numbers.items():
        kept = {row["e164"] or row["raw"] for row in result if row["kind"] == kind}
        assert {row["e164"] or row["raw"] for row in stored(*found)} <= kept

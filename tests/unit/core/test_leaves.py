"""Pages of a list by place: whole, in order, and none twice, whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.cursors import cursor_text, cursor_values
from app.core.ui.leaves import Asked, Key, Place, Stretch, leaf, place_of

SHAPES = [(int,)]


def _stretch(numbers: Sequence[int]) -> Stretch[int]:
    def rows(beyond: Key | None, backwards: bool, limit: int) -> list[tuple[Key, int]]:
        some = sorted(numbers, reverse=backwards)
        if beyond is not None:
            some = [one for one in some if (one < beyond[0] if backwards else one > beyond[0])]
        return [((one,), one) for one in some[:limit]]

    return rows


def _all_pages(stretches: list[Stretch[int]], per_page: int) -> list[tuple[int, ...]]:
    pages = [leaf(stretches, Asked(), per_page)]
    while pages[-1].following is not None:
        pages.append(leaf(stretches, Asked(pages[-1].following), per_page))
    return [page.rows for page in pages]


stretches_of_numbers = st.lists(st.sets(st.integers(0, 60), max_size=12), min_size=1, max_size=4)


@given(stretches_of_numbers, st.integers(1, 7))
def test_the_pages_give_each_row_once_in_order(parts: list[set[int]], per_page: int) -> None:
    stretches = [_stretch(sorted(part)) for part in parts]
    pages = _all_pages(stretches, per_page)
    assert [row for page in pages for row in page] == [row for part in parts for row in sorted(part)]
    assert all(len(page) == per_page for page in pages[:-1])


@given(stretches_of_numbers, st.integers(1, 7))
def test_going_back_shows_what_was_seen(parts: list[set[int]], per_page: int) -> None:
    stretches = [_stretch(sorted(part)) for part in parts]
    page, seen = leaf(stretches, Asked(), per_page), []
    while page.following is not None:
        seen.append(page.rows)
        page = leaf(stretches, Asked(page.following), per_page)
    while seen:
        assert page.previous is not None
        page = leaf(stretches, Asked(page.previous, backwards=True), per_page)
        assert page.rows == seen.pop()
    assert page.previous is None


@given(stretches_of_numbers, st.integers(1, 7))
def test_the_last_page_is_the_end_of_the_list(parts: list[set[int]], per_page: int) -> None:
    stretches = [_stretch(sorted(part)) for part in parts]
    whole = [row for part in parts for row in sorted(part)]
    page = leaf(stretches, Asked(backwards=True), per_page)
    assert list(page.rows) == whole[-per_page:]
    assert page.following is None
    assert (page.previous is not None) == (len(whole) > per_page)


def test_rows_that_were_inserted_or_taken_away_move_no_others() -> None:
    first = leaf([_stretch([10, 20, 30, 40])], Asked(), 2)
    assert first.rows == (10, 20)
    assert leaf([_stretch([5, 15, 25, 30, 40])], Asked(first.following), 2).rows == (25, 30)


def test_a_place_behind_everything_and_a_short_page_at_the_beginning_show_the_first_page() -> None:
    stretches = [_stretch([1, 2, 3])]
    assert leaf(stretches, Asked(Place(0, (9,))), 2).rows == (1, 2)
    short = leaf(stretches, Asked(Place(0, (2,)), backwards=True), 2)
    assert (short.rows, short.previous) == ((1, 2), None)


def test_an_empty_list_has_one_empty_page() -> None:
    for asked in (Asked(), Asked(backwards=True), Asked(Place(0, (1,)))):
        page = leaf([_stretch([])], asked, 2)
        assert (page.rows, page.previous, page.following) == ((), None, None)


@given(st.text(max_size=50), st.integers(0, 2**31 - 1))
def test_a_place_survives_the_url_unless_no_database_takes_it(name: str, row: int) -> None:
    place = Place(0, (name, row))
    read = place_of(place.text, [(str, int)])
    assert read == place or not name.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "%%%",
        "end",
        cursor_text(),
        cursor_text("name", 1),
        cursor_text(0, "5"),
        cursor_text(0, 5, 6),
        cursor_text(1, 5),
        cursor_text(-1, 5),
        cursor_text(0, -5),
        cursor_text(0, 2**31),
        cursor_text(0, True),
        cursor_text(0, None),
        cursor_text(0, [5]),
        cursor_text(0, "\x00"),
    ],
)
def test_what_is_no_place_of_the_list_is_none(text: str) -> None:
    assert place_of(text, SHAPES) is None


def test_a_cursor_of_other_types_is_refused() -> None:
    assert cursor_values(cursor_text("a", 1), str, int) == ["a", 1]
    for types in ((int, str), (str,), (str, int, int)):
        with pytest.raises(ValueError, match="cursor"):
            cursor_values(cursor_text("a", 1), *types)

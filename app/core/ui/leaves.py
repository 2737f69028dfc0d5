"""Pages of a list by place: the rows behind the last one that was shown, or before the first.

A page deep in the list is as fast as the first, and rows are neither skipped nor repeated while others write. A list is
made of stretches, each in an order of its own: the best hits, then the others. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.core.cursors import cursor_text, decoded

Row = TypeVar("Row")
Key = tuple[Any, ...]
#: ``stretch(beyond, backwards, limit)``: the first rows of a stretch behind the key ``beyond`` (None: from its end on),
#: or those before it, the nearest first; each with its key.
Stretch = Callable[[Key | None, bool, int], Sequence[tuple[Key, Row]]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: the number of the stretch, and the row's key in it."""

    stretch: int
    key: Key

    @property
    def text(self) -> str:
        """For a URL."""
        return cursor_text(self.stretch, *self.key)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page: the rows behind a place, those before one (``backwards``), the first (None) or the last ones."""

    place: Place | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Leaf(Generic[Row]):
    """A page. ``previous`` and ``following`` are the places at its ends, None where nothing is beyond them."""

    rows: tuple[Row, ...]
    previous: Place | None
    following: Place | None


def place_of(text: str, shapes: Sequence[Sequence[type]]) -> Place | None:
    """The place that a URL names; None for what is none. ``shapes``: the types of the keys of each stretch."""
    try:
        stretch, *key = decoded(text)
    except ValueError:
        return None
    if type(stretch) is not int or not 0 <= stretch < len(shapes):
        return None
    if [type(value) for value in key] != list(shapes[stretch]):
        return None
    return Place(stretch, tuple(key))


def leaf(stretches: Sequence[Stretch[Row]], asked: Asked, per_page: int) -> Leaf[Row]:
    """A page; the first one where nothing is left at the place, or no whole page is left before it."""
    found = take(stretches, asked, per_page + 1)
    if asked.backwards:
        if len(found) <= per_page and asked.place is not None:
            return leaf(stretches, Asked(), per_page)
        rows = found[:per_page][::-1]
        return Leaf(
            rows=tuple(row for _place, row in rows),
            previous=rows[0][0] if len(found) > per_page else None,
            following=rows[-1][0] if rows and asked.place is not None else None,
        )
    if not found and asked.place is not None:
        return leaf(stretches, Asked(), per_page)
    rows = found[:per_page]
    return Leaf(
        rows=tuple(row for _place, row in rows),
        previous=rows[0][0] if rows and asked.place is not None else None,
        following=rows[-1][0] if len(found) > per_page else None,
    )


def take(stretches: Sequence[Stretch[Row]], asked: Asked, limit: int) -> list[tuple[Place, Row]]:
    """The nearest rows beyond the place, in the direction asked for."""
    found: list[tuple[Place, Row]] = []
    numbers = range(len(stretches))
    for number in reversed(numbers) if asked.backwards else numbers:
        beyond = None
        if asked.place is not None:
            if number > asked.place.stretch if asked.backwards else number < asked.place.stretch:
                continue
            if number == asked.place.stretch:
                beyond = asked.place.key
        rows = stretches[number](beyond, asked.backwards, limit - len(found))
        found += [(Place(number, key), row) for key, row in rows]
        if len(found) >= limit:
            break
    return found

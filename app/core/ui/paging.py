"""Pages and sorting of a table, in the form that the macros take.

``Paging`` counts its pages and is for lists of moderate length; ``Leafing`` goes by place (``leaves``) and is for those
of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import format_decimal

from app.core.ui.leaves import Asked, Leaf, place_of

#: In the place of a place: the last page.
END = "end"


@dataclass(frozen=True, slots=True)
class Paging:
    """Which rows of how many a page shows; counts from 1. ``url(page)`` leads to another page."""

    page: int
    per_page: int
    total: int
    url: Callable[[int], str]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """The first row shown, 0 in an empty list."""
        return min((self.page - 1) * self.per_page + 1, self.total)

    @property
    def last(self) -> int:
        """The last row shown."""
        return min(self.page * self.per_page, self.total)


@dataclass(frozen=True, slots=True)
class Leafing:
    """Where the pages around a page are; an address is None where there is none.

    ``count``: how many rows there are on all pages, None where nobody counted; more than ``most`` stands for more.
    """

    shown: int
    count: int | None
    most: int
    first: str | None
    previous: str | None
    following: str | None
    last: str | None

    @property
    def is_all(self) -> bool:
        """Whether all rows are on this page."""
        return self.previous is None and self.following is None

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.count is not None and self.count > self.most

    @property
    def total(self) -> str:
        """How many rows there are, as it is written in the user's language."""
        return str(format_decimal(min(self.count or 0, self.most)))


def leafing(
    page: Leaf[Any], count: int | None, most: int, link: Callable[..., str], *, has_last: bool = True
) -> Leafing:
    """Of a page whose addresses ``link(after=…)`` and ``link(before=…)`` make; ``link()`` is the first one's."""
    before, after = page.previous, page.following
    return Leafing(
        shown=len(page.rows),
        count=count,
        most=most,
        first=link() if before else None,
        previous=link(before=before.text) if before else None,
        following=link(after=after.text) if after else None,
        last=link(before=END) if after and has_last else None,
    )


def asked_leaf(shapes: Sequence[Sequence[type]]) -> Asked:
    """The page that the request asks for with ``after`` or ``before``; the first one for what is no place."""
    before = request.args.get("before", "")
    if before == END:
        return Asked(backwards=True)
    place = place_of(before or request.args.get("after", ""), shapes)
    return Asked(place, backwards=bool(before) and place is not None)


@dataclass(frozen=True, slots=True)
class Sorting:
    """By which column a table is sorted; ``link(key, descending)`` sorts it anew."""

    key: str
    descending: bool
    link: Callable[[str, bool], str]

    def url(self, key: str) -> str:
        """Sorts by this column; by the same one again the other way round."""
        return self.link(key, key == self.key and not self.descending)


def asked_page(name: str = "page") -> int:
    """The page that the request asks for: 1 unless it is a sensible number."""
    text = request.args.get(name, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1

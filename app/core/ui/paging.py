"""Pages and sorting of a table, in the form that the macros take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request


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

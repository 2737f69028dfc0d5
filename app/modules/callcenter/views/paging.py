"""Pages and sorting of this module's tables, in the form that the macros take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request


@dataclass(frozen=True, slots=True)
class Paging:
    """Which rows of how many a page shows; ``url(page)`` leads to another page."""

    page: int
    per_page: int
    total: int
    url: Callable[[int], str]

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1; 0 when there is none."""
        return min((self.page - 1) * self.per_page + 1, self.total)

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.page * self.per_page, self.total)


@dataclass(frozen=True, slots=True)
class Sorting:
    """By which column a table is sorted; ``url(key)`` sorts by another, or the same the other way round."""

    key: str
    descending: bool
    url: Callable[[str], str]


def asked_page() -> int:
    """The page that the request asks for: 1 unless it is a sensible number."""
    text = request.args.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1

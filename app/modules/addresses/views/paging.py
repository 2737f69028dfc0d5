"""What the list's template needs to know of pages and of sorting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of many; counts from 1."""

    page: int
    per_page: int
    total: int
    link: Callable[[int], str]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """The first row shown, 0 in an empty list."""
        return (self.page - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The last row shown."""
        return min(self.page * self.per_page, self.total)

    def url(self, page: int) -> str:
        """The address of a page."""
        return self.link(page)


@dataclass(frozen=True, slots=True)
class Sorting:
    """By which column a list is sorted."""

    key: str
    descending: bool
    link: Callable[[str, bool], str]

    def url(self, key: str) -> str:
        """Sorts by this column; by the same one again the other way round."""
        return self.link(key, key == self.key and not self.descending)

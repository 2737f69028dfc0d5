"""The block list: numbers, ranges and beginnings of numbers from which nobody shall get through. Pure.

Numbers are digits behind a plus (see ``number_key``). They are found by equality, by their beginnings and by a search
in sorted ranges; never by a part of the text, and never by how they end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry names."""

    EXACT = "exact"
    RANGE = "range"
    """From ``low`` to ``high``, both of the same length and both among them."""
    PREFIX = "prefix"
    """All numbers that begin like ``low``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that holds until it expires, or until somebody removes it."""

    id: int
    kind: EntryKind
    low: str
    high: str
    busy: bool = False
    """Whether the caller hears the busy tone; else he is refused."""
    expires_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.expires_at is None or now < self.expires_at


class BlockList:
    """Entries, made to be asked on the way of every call."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._exact: dict[str, list[Entry]] = defaultdict(list)
        self._prefixes: dict[str, list[Entry]] = defaultdict(list)
        ranges: dict[int, list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.kind is EntryKind.EXACT:
                self._exact[entry.low].append(entry)
            elif entry.kind is EntryKind.PREFIX:
                self._prefixes[entry.low].append(entry)
            else:
                ranges[len(entry.low)].append(entry)
        self._ranges = {length: _Ranges(found) for length, found in ranges.items()}
        self._shortest = min(map(len, self._prefixes), default=0)
        self._longest = max(map(len, self._prefixes), default=-1)

    def __bool__(self) -> bool:
        return bool(self._exact or self._prefixes or self._ranges)

    def find(self, key: str | None, now: datetime) -> Entry | None:
        """The entry in force that says most exactly which number it is: the number, else the narrowest of the others.

        ``key`` as of ``number_key``; None for a caller without a number.
        """
        if key is None:
            return None
        holding = (entry for entry in self._all(key) if entry.holds(now))
        return max(holding, key=_exactness, default=None)

    def _all(self, key: str) -> Iterator[Entry]:
        yield from self._exact.get(key, ())
        if (ranges := self._ranges.get(len(key))) is not None:
            yield from ranges.around(key)
        for length in range(self._shortest, min(self._longest, len(key)) + 1):
            yield from self._prefixes.get(key[:length], ())


class _Ranges:
    """Ranges of numbers of one length, in the order of their beginnings."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = sorted(entries, key=lambda entry: (entry.low, entry.high, entry.id))
        self._lows = [entry.low for entry in self._entries]
        self._reach: list[str] = []
        """The highest end of all up to here: where it lies below a number, none before it holds that number."""
        highest = ""
        for entry in self._entries:
            highest = max(highest, entry.high)
            self._reach.append(highest)

    def around(self, key: str) -> Iterator[Entry]:
        """Those that hold the number, without a look at the others' bulk."""
        place = bisect_right(self._lows, key) - 1
        while place >= 0 and self._reach[place] >= key:
            if self._entries[place].high >= key:
                yield self._entries[place]
            place -= 1


def _exactness(entry: Entry) -> tuple[int, int, int]:
    """An exact number before ranges before beginnings; the narrower before the wider, the older before the newer."""
    if entry.kind is EntryKind.EXACT:
        return 2, 0, -entry.id
    if entry.kind is EntryKind.RANGE:
        return 1, -(int(entry.high[1:]) - int(entry.low[1:])), -entry.id
    return 0, len(entry.low), -entry.id

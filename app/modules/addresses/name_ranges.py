"""Names that begin as a text does, as ranges of the sort key: which are taken first, and which are left. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.modules.addresses.documents import bare
from app.modules.addresses.folding import both_ways, plain_letters

#: Behind every text that begins so.
_LAST_SIGN = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class NameRange:
    """All sort keys from ``start`` up to, but not with, ``end``."""

    start: str
    end: str

    def __contains__(self, key: str) -> bool:
        return self.start <= key < self.end


def beginning(start: str) -> NameRange:
    """All keys that begin so."""
    return NameRange(start, start + _LAST_SIGN)


def best_ranges(text: str, words: Iterable[str]) -> tuple[NameRange, tuple[NameRange, ...]]:
    """Names that begin with the whole text; then those that begin with one of its words and are not among the first.

    The latter in their order, none overlapping another.
    """
    whole = beginning(plain_letters(text))
    pieces = [piece for start in _apart(_starts(words)) for piece in _without(beginning(start), whole)]
    return whole, tuple(pieces)


def _starts(words: Iterable[str]) -> list[str]:
    """How a name may begin whose first word is one of these: as typed, and with umlauts as they are sorted."""
    starts = [way for word in words for way in both_ways(bare(word))]
    return [start for start in (*starts, *map(_umlauts_joined, starts)) if start]


def _umlauts_joined(word: str) -> str:
    """``mueller`` → ``muller``, as *Müller* is sorted; some other word with these letters finds nothing that way."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _apart(starts: Iterable[str]) -> list[str]:
    """In their order, without those that begin as another one."""
    kept: list[str] = []
    for start in sorted(set(starts)):
        if not kept or not start.startswith(kept[-1]):
            kept.append(start)
    return kept


def _without(one: NameRange, other: NameRange) -> Sequence[NameRange]:
    if one.start in other:
        return ()
    if other.start not in one:
        return (one,)
    return NameRange(one.start, other.start), NameRange(other.end, one.end)

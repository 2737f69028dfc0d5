"""Which words of the vocabulary a mistyped one was probably meant to be. Pure.

One slip is corrected, two in long words: a letter too many, too few, another one, or two neighbours swapped
(Damerau and Levenshtein, each letter touched once). Words are compared folded, so that *ß* and *ss*, *ü* and *ue* are
no slips. Digits are never corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

#: Only so many letters at the beginning lead to a word; differences after them are compared when it is looked at.
PREFIX = 7
#: Shorter words are not corrected: too many others are near.
SHORTEST = 4
#: From so many letters on, two slips are corrected.
LONG = 8


@dataclass(frozen=True, slots=True)
class Known:
    """A word of the vocabulary: folded, as somebody wrote it, and in how many addresses it occurs."""

    word: str
    written: str
    count: int


def spellings(word: str) -> set[str]:
    """The beginning of a word, and it with any one letter left out: what leads to a word that is known."""
    start = word[:PREFIX]
    return {start, *(start[:place] + start[place + 1 :] for place in range(len(start)))}


def candidate_spellings(word: str) -> set[str]:
    """What a mistyped word is looked up by; with two letters left out too, where two slips are corrected."""
    start, found = word[:PREFIX], spellings(word)
    if slips_allowed(word) > 1:
        found |= {"".join(kept) for kept in combinations(start, len(start) - 2)}
    # What was typed may have a letter too many within the beginning, which pushes one out of it.
    longer = word[: PREFIX + 1]
    return found | {longer[:place] + longer[place + 1 :] for place in range(len(longer))}


def may_be_corrected(word: str) -> bool:
    """Whether a folded word is long enough, and of letters only."""
    return len(word) >= SHORTEST and word.isalpha()


def slips_allowed(word: str) -> int:
    """How many slips a word of this length may have."""
    return 2 if len(word) >= LONG else 1


def distance(one: str, other: str, most: int) -> int:
    """How many slips lie between two words; ``most + 1`` stands for more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, sign in enumerate(one, 1):
        line = [row]
        for column, theirs in enumerate(other, 1):
            slips = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + (sign != theirs))
            if row > 1 and column > 1 and sign == other[column - 2] and one[row - 2] == theirs:
                slips = min(slips, before[column - 2] + 1)
            line.append(slips)
        if min(line) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)


def nearest(typed: Sequence[str], known: Iterable[Known]) -> list[Known]:
    """The words that were probably meant, the likeliest first. ``typed``: the spellings of one word, folded.

    Fewer slips win, then the word that occurs more often.
    """
    found: list[tuple[int, int, str, Known]] = []
    for candidate in known:
        slips = min(_slips(typed, candidate.word), default=0)
        if slips:
            found.append((slips, -candidate.count, candidate.word, candidate))
    return [candidate for *_rank, candidate in sorted(found, key=lambda one: one[:3])]


def _slips(typed: Sequence[str], known: str) -> Iterator[int]:
    """How many slips lie between a known word and those spellings that are near it."""
    for word in typed:
        most = slips_allowed(word)
        slips = distance(word, known, most)
        if slips <= most:
            yield slips

"""The phone numbers of a generated address book: any amount of them, and none is anybody's.

In Germany, Austria and Switzerland a subscriber's number never begins with 0: that is what one dials before an area
code. So behind the area codes of real towns every generated one does (``0221 0612345``): as long as real numbers,
spread over the same beginnings, read by the same rules, and assigned to nobody. Of mobile numbers there is no such
space; there are the 200 that the Bundesnetzagentur keeps for fiction, and no others are taken.

Behind the 0, direct lines go on with 1 to 5, switchboards with 6 to 9, callers who are in no address book with a
second 0: so none lies behind another's switchboard by chance.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.large.words import TOWNS, Town

#: How people write a number: area code, then the subscriber's.
NOTATIONS = (
    "0{0} {1}",
    "0{0}/{1}",
    "0{0}-{1}",
    "(0{0}) {1}",
    "+{2} {0} {1}",
    "+{2} (0){0} {1}",
    "00{2} {0} {1}",
    "0{0}{1}",
)
FICTITIOUS_MOBILES = (
    *(("171", f"39200{end:02}") for end in range(100)),
    *(("176", f"040690{end:02}") for end in range(100)),
)
#: Digits of a Swiss number without its 0; German and Austrian ones have no fixed length.
SWISS_LENGTH = 9
#: Digits of a Durchwahl; most have two or three.
EXTENSIONS = (1, 2, 2, 2, 3, 3, 3, 4)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as typed and as E.164; ``stem`` is how all numbers behind a switchboard begin."""

    raw: str
    e164: str
    kind: str = "phone"
    stem: str | None = None
    marked: bool = False
    """As a switchboard, by hand."""


class Numbers:
    """Draws numbers."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._mobiles = iter(FICTITIOUS_MOBILES)

    def line(self, town: Town) -> Number:
        """A direct line."""
        return self._line(town, f"0{self._chance.randrange(1, 6)}")

    def stranger(self, town: Town) -> str:
        """E.164 of a number that no address has, be it behind a switchboard."""
        return self._line(town, "00").e164

    def base(self, town: Town) -> str:
        """What stands between area code and Durchwahl at a company; '' where the country has no Durchwahl."""
        if town.country == "CH":
            return ""
        length = max(4, self._chance.choice((8, 9)) - len(town.area_code))
        return f"0{self._chance.randrange(6, 10)}{self._digits(length - 2)}"

    def switchboard(self, town: Town, base: str, *, marked: bool) -> Number:
        """The number of the company behind which the others lie; without its 0 somebody has marked it by hand."""
        stem = f"+{town.calling_code}{town.area_code}{base}"
        if marked:
            return Number(self._written(town, base), stem, "phone", stem, True)
        return Number(self._written(town, f"{base}-0"), f"{stem}0", "phone", stem)

    def behind(self, town: Town, base: str) -> Number:
        """A Durchwahl there; it begins with no 0."""
        extension = f"{self._chance.randrange(1, 10)}{self._digits(self._chance.choice(EXTENSIONS) - 1)}"
        e164 = f"+{town.calling_code}{town.area_code}{base}{extension}"
        return Number(self._written(town, f"{base}-{extension}"), e164)

    def mobile(self, town: Town) -> Number:
        """One of the fictitious ones; a second landline when they are all given out."""
        code, own = next(self._mobiles, ("", ""))
        if not code:
            return self.line(town)
        return Number(f"+49 {code} {own}", f"+49{code}{own}", "mobile")

    def _line(self, town: Town, start: str) -> Number:
        length = SWISS_LENGTH if town.country == "CH" else self._chance.choice((10, 10, 11, 11, 11))
        own = start + self._digits(max(3, length - len(town.area_code) - len(start)))
        return Number(self._written(town, own), f"+{town.calling_code}{town.area_code}{own}")

    def _digits(self, count: int) -> str:
        return f"{self._chance.randrange(10**count):0{count}}" if count else ""

    def _written(self, town: Town, own: str) -> str:
        return self._chance.choice(NOTATIONS).format(town.area_code, own, town.calling_code)


def strangers(seed: int) -> Iterator[str]:
    """Callers who are in no generated address book, without end, E.164, spread over all towns."""
    chance = random.Random(seed)
    numbers = Numbers(chance)
    while True:
        yield numbers.stranger(chance.choice(TOWNS))

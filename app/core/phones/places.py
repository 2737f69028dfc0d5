"""Where numbers come from: towns and countries by the beginning of a number, in German and English.

Read from ``places.bin``, which ``make places`` builds from libphonenumber's geodata: a quarter of a megabyte instead of
97. It is loaded when it is first asked for and stays: sorted ranges of numbers, so a look-up is one bisection.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, count
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("places.bin")
#: So many digits decide where a number comes from, the country code among them.
DIGITS = 9
#: Stands for a country where a number belongs to none: satellites, international freephone.
NO_COUNTRY = "001"
#: Marks of ranges: no place is known; the place that was not named yet.
NOWHERE, NEXT = 0, 0xFFFF


class Names(NamedTuple):
    """A name in both languages."""

    de: str
    en: str

    def of(self, language: str) -> str:
        """In the language of whoever looks: English in English, German otherwise."""
        return self.en if language == "en" else self.de


@dataclass(frozen=True, slots=True)
class Table:
    """What the file holds. ``begins`` and ``marks`` are columns of the same rows."""

    source: str
    countries: dict[str, Names]
    places: list[str]
    """By mark; German and English with a tab between where they differ."""
    begins: array[int]
    marks: array[int]


def place_of(e164: str) -> Names | None:
    """The town or region that the number's beginning belongs to; None where none is known, or only the country.

    Whether the number is a landline is not asked: mobile numbers begin like no town, except where they do.
    """
    known = table()
    row = bisect_right(known.begins, int(e164[1 : 1 + DIGITS].ljust(DIGITS, "0"))) - 1
    if row < 0 or known.marks[row] == NOWHERE:
        return None
    german, _tab, english = known.places[known.marks[row]].partition("\t")
    return Names(german, english or german)


def country_names(region: str) -> Names | None:
    """How an ISO 3166 region with telephone numbers is called; ``001`` is *International*."""
    return table().countries.get(region)


@cache
def table() -> Table:
    """The file, read once. Raises OSError and ValueError when it is missing or damaged."""
    line, _newline, columns = zlib.decompress(FILE.read_bytes()).partition(b"\n")
    head = json.loads(line)
    steps, marks = array("I"), array("H")
    middle = head["ranges"] * steps.itemsize
    steps.frombytes(columns[:middle])
    marks.frombytes(columns[middle:])
    if sys.byteorder == "big":
        steps.byteswap()
        marks.byteswap()
    following = count(1)
    return Table(
        head["source"],
        {region: Names(*names) for region, names in head["countries"].items()},
        ["", *head["places"]],
        array("I", accumulate(steps)),
        array("H", [next(following) if mark == NEXT else mark for mark in marks]),
    )

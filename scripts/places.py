"""Write app/core/phones/places.bin, the compact table of where numbers come from: ``make places``.

libphonenumber's own places are 287 000 beginnings of numbers in a dozen languages: 97 MB and 309 ms that no process of
a running server may pay for. Here they are read once, brought to German and English, and put down as ranges. Names of
countries are those of CLDR (Babel), the same that the pages' pick lists show.

The result depends on the pinned versions of phonenumbers and Babel and on ``scripts/place_names.py`` only, so a second
run changes nothing. A test compares the table with what the geocoder says (``tests/unit/core/test_phones_places.py``),
so it asks for a new one after an update of phonenumbers. ``--check`` changes nothing.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version

import phonenumbers
from babel import Locale
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.phonenumberutil import SUPPORTED_REGIONS

from app.core.phones import places
from scripts.place_names import GERMAN, INTERNATIONAL, NOT_NAMED, SPELLING

#: Only beginnings up to so many digits count. Those name states, provinces and the biggest cities of North America and
#: Australia; the longer ones 12 000 towns and suburbs, which would be half of the file.
LONGEST = {"1": 4, "61": 5}
#: Here the towns' names are translated word by word ("Carp", "Childbirth"); the regions' behind the comma are not.
REGION_ONLY = frozenset(("380",))
#: Chinese mobile numbers, by town: half of all beginnings. Of mobile numbers the country is named everywhere.
_CHINESE_MOBILE = re.compile(r"861[3-9]")
#: A longer name does not fit on a card.
LONGEST_NAME = 48

Entries = dict[str, places.Names]


def main(arguments: Sequence[str] = ()) -> int:
    """Write the table if it would be another one; with ``--check`` only say so. 1 where something is to be done."""
    found = entries()
    lost = german_names_of_nothing(found)
    if lost:
        print(f"place_names.py has German names of places that no number leads to: {', '.join(lost)}")
        return 1
    payload = build(found)
    if places.FILE.exists() and zlib.decompress(places.FILE.read_bytes()) == payload:
        print(f"{places.FILE.name} is up to date: {places.FILE.stat().st_size} bytes")
        return 0
    if "--check" in arguments:
        print(f"{places.FILE.name} is out of date: run make places")
        return 1
    places.FILE.write_bytes(zlib.compress(payload, 9))
    print(f"{places.FILE.name} written: {places.FILE.stat().st_size} bytes")
    return 0


def build(found: Entries) -> bytes:
    """The table before compression: one line of JSON, then the ranges' beginnings, then their places."""
    ranges = flat(found)
    numbers: dict[places.Names, int] = {}
    marks = array("H")
    for _begin, names in ranges:
        if names is None:
            marks.append(places.NOWHERE)
        elif names in numbers:
            marks.append(numbers[names])
        else:
            # Most places are named once: a mark that says "the next one" costs nothing.
            numbers[names] = len(numbers) + 1
            marks.append(places.NEXT)
    begins = [begin for begin, _names in ranges]
    steps = array("I", [begin - before for before, begin in zip([0, *begins], begins, strict=False)])
    head = {
        "source": f"libphonenumber {version('phonenumbers')}, CLDR of Babel {version('babel')}",
        "countries": {region: list(names) for region, names in sorted(countries().items())},
        "places": [names.de if names.de == names.en else "\t".join(names) for names in numbers],
        "ranges": len(ranges),
    }
    if sys.byteorder == "big":
        steps.byteswap()
        marks.byteswap()
    line = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return line + steps.tobytes() + marks.tobytes()


def countries() -> dict[str, places.Names]:
    """The names of every country that has numbers; ``001`` for those that belong to none."""
    german, english = Locale("de").territories, Locale("en").territories
    named = {region: places.Names(german[region], english[region]) for region in SUPPORTED_REGIONS}
    return {**named, places.NO_COUNTRY: INTERNATIONAL}


def entries() -> Entries:
    """Beginning of a number → names of the place; names that say nothing more than the country are empty."""
    own = countries()
    found: Entries = {}
    for prefix in sorted(GEOCODE_DATA):
        code = calling_code(prefix[:3])
        if len(prefix) > LONGEST.get(code, len(prefix)) or _CHINESE_MOBILE.match(prefix):
            continue
        english, german = _told(prefix, "en"), _told(prefix, "de", "en")
        if not english:
            continue
        english, german = readable(english, code), readable(german, code)
        german = GERMAN.get(code, {}).get(english, german)
        of_country = {own[region].en for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]}
        says_more = english not in of_country and english not in NOT_NAMED.get(code, ())
        found[prefix] = places.Names(german, english) if says_more else places.Names("", "")
    return found


def _told(prefix: str, *languages: str) -> str:
    """The name in the first of the languages that the beginning has one in, else that of a shorter beginning."""
    for length in range(len(prefix), 0, -1):
        names = GEOCODE_DATA.get(prefix[:length], {})
        for language in languages:
            if language in names:
                return str(names[language])
    return ""


def german_names_of_nothing(found: Entries) -> list[str]:
    """Names in ``place_names.GERMAN`` that stand for no place of the table."""
    told = {(calling_code(prefix[:3]), names.en) for prefix, names in found.items()}
    return [name for code, names in GERMAN.items() for name in names if (code, name) not in told]


def readable(name: str, code: str) -> str:
    """A name as pages show it; the first few of a long list of places."""
    name = " ".join(name.split())
    if code in REGION_ONLY:
        name = name.rpartition(", ")[2]
    name = SPELLING.get(name, name)
    if len(name) <= LONGEST_NAME:
        return name
    kept: list[str] = []
    for part in re.split(r"(/|, )", name):
        if len("".join(kept)) + len(part) > LONGEST_NAME - 2:
            break
        kept.append(part)
    return "".join(kept).rstrip("/, ") + " …" if kept else ""


def flat(found: Mapping[str, places.Names]) -> list[tuple[int, places.Names | None]]:
    """Ranges of numbers, each from its beginning to that of the next; the longest beginning of a number decides."""
    places_at: dict[int, places.Names | None] = {}
    around: list[tuple[int, places.Names]] = []

    def close(until: int) -> None:
        while around and around[-1][0] <= until:
            end, _names = around.pop()
            places_at[end] = around[-1][1] if around else None

    # In this order a beginning stands before those that continue it.
    for prefix in sorted(found):
        begin = int(prefix.ljust(places.DIGITS, "0"))
        close(begin)
        places_at[begin] = found[prefix]
        around.append((begin + 10 ** (places.DIGITS - len(prefix)), found[prefix]))
    close(10**places.DIGITS)
    ranges: list[tuple[int, places.Names | None]] = []
    for begin, names in sorted(places_at.items(), key=lambda one: one[0]):
        named = names if names and names.en else None
        if named != (ranges[-1][1] if ranges else None):
            ranges.append((begin, named))
    return ranges


@cache
def calling_code(beginning: str) -> str:
    """The country code that a number with these first digits has. Codes are prefix-free, so there is one at most."""
    codes = (beginning[:length] for length in (1, 2, 3))
    return next(code for code in codes if int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Single cells as people and programs write them: yes and no, days, countries, languages, kinds. Pure.

Each function returns the value, or raises Unreadable with a code for which the pages have a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from app.modules.addresses.fields import countries, languages
from app.modules.addresses.folding import spelt_out


class Unreadable(ValueError):
    """A cell does not say what its column holds; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_YES = frozenset("1 x ja j yes y true t wahr w richtig on ein aktiv active ✓ ✔ ☑ +".split())  # noqa: SIM905 (a line a thing)
_NO = frozenset("0 nein n no false f falsch off aus inaktiv inactive - – — ☐ ✗ ✘".split())  # noqa: SIM905 (likewise)
_KINDS = {
    "company": "firma unternehmen company organisation organization business gmbh ag kg ug verein behoerde institution",
    "mr": "herr herrn hr mr mister mann maennlich male m",
    "ms": "frau fr ms mrs miss madam weiblich female w",
    "other": "sonstige sonstiges sonstiger other divers familie eheleute ehepaar person privat",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
#: Signs of number plates, as long used before postcodes (``D-50667``), where they are not the ISO code.
_PLATES = "D=DE A=AT F=FR I=IT B=BE L=LU E=ES P=PT H=HU S=SE N=NO FL=LI FIN=FI IRL=IE SLO=SI BRD=DE UK=GB USA=US"
_PLATE_OF = dict(pair.split("=") for pair in _PLATES.split())
#: Names in use besides those of Babel.
_NAMES = (
    "schweiz=CH, svizzera=CH, suisse=CH, oesterreich=AT, republik oesterreich=AT, bundesrepublik deutschland=DE, "
    "holland=NL, england=GB, grossbritannien=GB, great britain=GB, czech republic=CZ, tschechische republik=CZ, "
    "slowakische republik=SK, turkey=TR, vereinigte staaten von amerika=US, united states of america=US"
)
_NAME_OF = dict(pair.split("=") for pair in _NAMES.split(", "))
_NOTHING = re.compile(r"0000-00-00(?:[ T].*)?|0{1,2}\.0{1,2}\.0{2,4}")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d{1,2}:\d{2}.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])\s*(\d{1,2})\2\s*(\d{4}|\d{2})(?:[ ,T]+\d{1,2}:\d{2}.*)?")
#: Two digits up to this are of this century.
_CENTURY = 68


def yes_or_no(text: str) -> bool:
    """``ja``, ``x``, ``1``, ``true`` and what else means yes; raises bad_boolean."""
    word = text.strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable("bad_boolean")


def day(text: str) -> date | None:
    """``31.12.2026``, ``2026-12-31``, with or without a time; None for the 0000-00-00 of databases.

    Raises bad_date, or ambiguous_date for ``01/02/2026``, which is a day in January here and in February there.
    """
    typed = text.strip()
    if _NOTHING.fullmatch(typed):
        return None
    found = _YEAR_FIRST.fullmatch(typed)
    if found:
        return _day(int(found[1]), int(found[2]), int(found[3]))
    found = _DAY_FIRST.fullmatch(typed)
    if not found:
        raise Unreadable("bad_date")
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    if len(found[4]) == 2:
        year += 2000 if year <= _CENTURY else 1900
    if found[2] == "/" and first != second:
        if first <= 12 and second <= 12:
            raise Unreadable("ambiguous_date")
        if second > 12:
            first, second = second, first
    return _day(year, second, first)


def _day(year: int, month: int, day_of_month: int) -> date:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        raise Unreadable("bad_date") from None


def kind(text: str) -> str:
    """company, mr, ms or other; ``Herr Dr.`` is a Herr. Raises unknown_kind."""
    words = re.findall(r"[^\W\d_]+", spelt_out(text))
    found = _KIND_OF.get(words[0]) if words else None
    if found is None:
        raise Unreadable("unknown_kind")
    return found


@lru_cache(maxsize=512)
def country(text: str) -> str:
    """The ISO code of a country: a code of two or three letters, a plate's sign, or a German or English name.

    Raises unknown_country.
    """
    typed = text.strip()
    code = typed.upper().rstrip("-.")
    if code in countries():
        return code
    found = _PLATE_OF.get(code) or _country_names().get(_key(typed))
    if found is None:
        aliases = get_global("territory_aliases").get(code, ()) if len(code) == 3 else ()
        found = next((alias for alias in aliases if len(aliases) == 1 and alias in countries()), None)
    if found is None:
        raise Unreadable("unknown_country")
    return found


@lru_cache(maxsize=256)
def language(text: str) -> str:
    """The ISO code of a language: of two letters, with or without a country, or its German or English name.

    Raises unknown_language.
    """
    typed = text.strip()
    code = re.split(r"[-_]", typed.lower())[0]
    found = code if len(code) == 2 and code in languages() else _language_names().get(_key(typed))
    if found is None:
        raise Unreadable("unknown_language")
    return found


def user(text: str, users: Mapping[str, int]) -> int:
    """The id of a user by the folded name, e-mail address or user name; raises unknown_user."""
    found = users.get(text.strip().casefold())
    if found is None:
        raise Unreadable("unknown_user")
    return found


def _key(name: str) -> str:
    return spelt_out(name.replace("-", " ").replace("&", "und"))


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    names = {_key(str(name)): code for code, name in _both("territories") if code in countries()}
    return {**names, **_NAME_OF}


@lru_cache(maxsize=1)
def _language_names() -> dict[str, str]:
    return {_key(str(name)): code for code, name in _both("languages") if code in languages()}


def _both(what: str) -> list[tuple[str, str]]:
    return [pair for tag in ("en", "de") for pair in getattr(Locale(tag), what).items()]

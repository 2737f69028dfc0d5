"""How a typed or imported number was understood. docs/numbers.md states which notations are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from app.core.phones import plan
from app.core.phones.digits import LONGEST_GLUED, Found, local_length, only_digits, understand
from app.core.phones.fields import Piece, cut
from app.core.phones.joining import joined
from app.core.phones.remarks import without_remarks
from app.core.phones.text import Plain, plain
from app.core.values import MAX_INTERNAL_DIGITS

#: Every value of ``NumberReading.problem``; the pages have a sentence for each.
PROBLEMS = (
    "empty",  # nothing was typed
    "unreadable",  # no digits, or a service code such as *21#
    "too_short",  # five digits at most, or fewer than any number of that country
    "too_long",  # more than any number of that country
    "no_area_code",  # neither 0 nor + in front: may be a local number
    "no_country",  # national form, but the address's country has no numbering plan
    "ambiguous",  # two different subscribers could be meant
    "invalid",  # complete, but the numbering plan has no such number
    "several",  # more than one number where one was expected
)

#: A field that is longer holds a text, not a number.
MAX_FIELD_LENGTH = 250

_SERVICE_CODE = re.compile(r"[*]\s*\d|\d\s*[*]|^\s*#\s*\d")
#: What parts two numbers.
_APART = ("sign", "several")
_REMARK_DIGITS = 4
#: A customer number, a post code, a post-office box.
_ID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class NumberReading:
    """How one typed or imported number was understood.

    ``raw`` is the piece of the field that the number came from, exactly as typed. ``e164`` is None when it could not
    be read; ``problem`` then says why (one of ``PROBLEMS``), and ``suggestion`` may hold the number that was probably
    meant, for a person to confirm. ``extension`` is set only where extensions are not part of the number. ``stem``
    is the E.164 form of a switchboard without its final 0.
    """

    raw: str
    e164: str | None
    extension: str | None = None
    is_switchboard: bool = False
    stem: str | None = None
    problem: str | None = None
    suggestion: str | None = None


def read_number(raw: str, region: str = "DE") -> NumberReading:
    """Read one number as written in the region (ISO 3166); a field with several is the problem 'several'."""
    readings = read_numbers(raw, region)
    if len(readings) == 1:
        return readings[0]
    return NumberReading(raw, None, problem="several" if readings else "empty")


def read_numbers(raw: str, region: str = "DE") -> tuple[NumberReading, ...]:
    """Read every number of a field, in order; () for an empty one. Never raises on any text."""
    if len(raw) > MAX_FIELD_LENGTH:
        return (NumberReading(raw, None, problem="unreadable"),)
    return _read(raw, region.upper())


@lru_cache(maxsize=1024)
def _read(raw: str, region: str) -> tuple[NumberReading, ...]:
    written = plain(raw)
    text = without_remarks(written.text)
    if _SERVICE_CODE.search(text):
        return (NumberReading(raw, None, problem="unreadable"),)
    readings = _each(joined(cut(text, region), region), written, region)
    if len(readings) == 1:
        return (replace(readings[0], raw=raw),)
    if not readings and raw.strip():
        return (NumberReading(raw, None, problem="unreadable"),)
    return tuple(readings)


def _each(pieces: list[Piece], written: Plain, region: str) -> list[NumberReading]:
    read: list[tuple[int, NumberReading]] = []
    previous: Found | None = None
    for place, piece in enumerate(pieces):
        found = _found(piece, previous, region)
        for reading, known in _readings(piece, found, written):
            read.append((place, reading))
            previous = known or previous
    if any(reading.e164 for _, reading in read):
        read = [(place, reading) for place, reading in read if reading.e164 or not _is_remark(pieces, place)]
    return [reading for _, reading in read]


def _is_remark(pieces: list[Piece], place: int) -> bool:
    """'Zimmer 12', 'Tel. 1', 'bis 18': a few digits after a word, beside a number that was read."""
    piece = pieces[place]
    longest = _ID_DIGITS if piece.before == "id" else _REMARK_DIGITS
    if piece.before in _APART or len(only_digits(piece.text)) > longest:
        return False
    if piece.before in ("start", "label") and place + 1 < len(pieces) and pieces[place + 1].before in _APART:
        return False
    return not piece.text.lstrip(" /.").startswith("-")


def _found(piece: Piece, previous: Found | None, region: str) -> Found:
    if piece.hidden:
        return Found(problem="unreadable")
    if piece.ambiguous:
        return Found(problem="ambiguous", suggestion=piece.suggestion)
    found = _in_country(piece, region)
    if found.problem not in (None, "ambiguous") and previous is not None and previous.e164 is not None:
        found = _short_form(piece, previous, previous.e164) or found
    return found


def _in_country(piece: Piece, region: str) -> Found:
    """'CH: 044 668 18 00' is Swiss. 'Vertrieb Österreich 0221 …' may be of either country."""
    here = understand(piece.text, region)
    if piece.country is None or piece.country == region:
        return here
    there = understand(piece.text, piece.country)
    if there.e164 is None or there.e164 == here.e164:
        return here
    if here.e164 is None or piece.country_certain:
        return there
    return Found(problem="ambiguous", suggestion=there.e164)


def _short_form(piece: Piece, previous: Found, known: str) -> Found | None:
    """'-57' and '471099' after a full number: its Durchwahl, or its area code, is taken from there."""
    digits = only_digits(piece.text)
    dashed = piece.text.lstrip(" /.").startswith("-")
    if "+" in piece.text or piece.before == "id" or (piece.before == "remark" and not dashed):
        return None
    if digits[0] == "0" and not (dashed and digits == "0"):
        return None
    if len(digits) <= MAX_INTERNAL_DIGITS and previous.durchwahl is not None:
        alike = previous.durchwahl == "0" or len(previous.durchwahl) == len(digits)
        if dashed or (alike and len(digits) <= 3):
            return _checked(known[1 : -len(previous.durchwahl)] + digits, digits)
    if dashed or len(digits) < MAX_INTERNAL_DIGITS or "/" in piece.text.strip(" /") or not plan.area_length(known):
        return Found(problem="ambiguous") if dashed else None
    area = known[1 : 1 + plan.code_length(known) + plan.area_length(known)]
    last = re.split(r"-\s*", piece.text.strip())[-1]
    found = _checked(area + digits, last if "-" in piece.text and len(last) < len(digits) else None)
    return found if len(found.e164 or "") <= LONGEST_GLUED else None


def _checked(digits: str, durchwahl: str | None) -> Found:
    e164 = plan.international(digits)
    return Found(e164, durchwahl=durchwahl) if e164 is not None else Found(problem=plan.shortcoming(digits))


def _readings(piece: Piece, found: Found, written: Plain) -> Iterator[tuple[NumberReading, Found | None]]:
    """What a piece says, and what short forms behind it refer to: two numbers in 'Zentrale 4710-0, Durchwahl 57'."""
    raw = written.quote(piece.start, piece.end)
    e164, extension = found.e164, piece.extension
    if extension is not None and e164 is not None and plan.has_durchwahl(e164):
        direct = _with_durchwahl(found, e164, extension, switchboard=piece.switchboard)
        if piece.switchboard and direct.e164 is not None:
            yield _reading(raw, found, None, switchboard=True), found
        known = found if found.durchwahl == "0" else direct
        yield _reading(raw, direct, None, switchboard=False), known if direct.e164 is not None else None
        return
    yield _reading(raw, found, extension, switchboard=piece.switchboard), found if e164 is not None else None


def _reading(raw: str, found: Found, extension: str | None, *, switchboard: bool) -> NumberReading:
    e164 = found.e164
    if e164 is None:
        return NumberReading(raw, None, extension, switchboard, problem=found.problem, suggestion=found.suggestion)
    switchboard = switchboard or found.durchwahl == "0"
    return NumberReading(raw, e164, extension, switchboard, _stem(e164) if switchboard else None)


def _with_durchwahl(found: Found, e164: str, extension: str, *, switchboard: bool) -> Found:
    """DIN 5008: in Germany and Austria the Durchwahl is part of the number; elsewhere it is dialled afterwards."""
    if found.durchwahl == extension:
        return found  # '1234-12 (Durchwahl 12)'
    if found.durchwahl == "0" or (switchboard and e164.endswith("0")):
        return _checked(e164[1:-1] + extension, extension)
    direct = _checked(e164[1:] + extension, extension)
    if found.durchwahl is not None or e164.endswith("0") or len(e164) + len(extension) > LONGEST_GLUED:
        # '47100 DW 12' is 4710-12 to one writer and 47100-12 to the next.
        replaced = found.durchwahl is None and e164.endswith("0")
        meant = plan.international(e164[1:-1] + extension) if replaced else direct.e164
        return Found(problem="ambiguous", suggestion=meant)
    return direct


def _stem(e164: str) -> str | None:
    """The number without its final 0, if two digits or more of the company's own stay after the area code."""
    if not e164.endswith("0") or not plan.has_durchwahl(e164) or local_length(e164) < 3:
        return None
    return e164[:-1]

"""How a typed or imported number was understood. docs/numbers.md states which notations are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from app.core.phones import plan
from app.core.phones.digits import Found, local_length, only_digits, understand
from app.core.phones.fields import Piece, cut
from app.core.phones.text import Plain, plain, without_remarks
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
_REMARK_DIGITS = 4


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


@lru_cache(maxsize=4096)
def _read(raw: str, region: str) -> tuple[NumberReading, ...]:
    written = plain(raw)
    text = without_remarks(written.text)
    if _SERVICE_CODE.search(text):
        return (NumberReading(raw, None, problem="unreadable"),)
    pieces = cut(text, region)
    readings = _each(pieces, written, region)
    if not any(reading.e164 for reading in readings) and "," in text:
        # '0221, 4710 12': a comma after the area code is no sign between two numbers.
        joined = _each(cut(text.replace(",", " "), region), written, region)
        if len(joined) == 1 and joined[0].e164:
            readings = joined
    if len(readings) == 1:
        return (replace(readings[0], raw=raw),)
    if not readings and raw.strip():
        return (NumberReading(raw, None, problem="unreadable"),)
    return tuple(readings)


def _each(pieces: list[Piece], written: Plain, region: str) -> list[NumberReading]:
    read: list[tuple[Piece, NumberReading]] = []
    previous: Found | None = None
    for piece in pieces:
        found = _found(piece, previous, region)
        reading = _reading(piece, found, written)
        read.append((piece, reading))
        if found.e164 is not None:
            previous = found
    if any(reading.e164 for _, reading in read):
        read = [(piece, reading) for piece, reading in read if reading.e164 or not _is_remark(piece)]
    return [reading for _, reading in read]


def _is_remark(piece: Piece) -> bool:
    """'Zimmer 12', 'Tel. 1': a few digits after a word, beside a number that was read."""
    digits = only_digits(piece.text)
    return piece.before != "several" and len(digits) <= _REMARK_DIGITS and "-" not in piece.text


def _found(piece: Piece, previous: Found | None, region: str) -> Found:
    if piece.ambiguous:
        return Found(problem="ambiguous", suggestion=piece.suggestion)
    found = understand(piece.text, region)
    if found.e164 is None and previous is not None and previous.e164 is not None:
        found = _short_form(piece, previous, previous.e164) or found
    return found


def _short_form(piece: Piece, previous: Found, known: str) -> Found | None:
    """'-57' and '471099' after a full number: its Durchwahl, or its area code, is taken from there."""
    digits = only_digits(piece.text)
    dashed = piece.text.lstrip(" /.").startswith("-")
    if "+" in piece.text or digits[0] == "0" or (piece.before == "remark" and not dashed):
        return None
    if len(digits) <= MAX_INTERNAL_DIGITS and previous.durchwahl is not None:
        alike = previous.durchwahl == "0" or len(previous.durchwahl) == len(digits)
        if dashed or (alike and len(digits) <= 3):
            return _checked(known[1 : -len(previous.durchwahl)] + digits, digits)
    if dashed or len(digits) < MAX_INTERNAL_DIGITS or plan.area_length(known) == 0:
        return Found(problem="ambiguous") if dashed else None
    area = known[1 : 1 + plan.code_length(known) + plan.area_length(known)]
    last = re.split(r"-\s*", piece.text.strip())[-1]
    return _checked(area + digits, last if "-" in piece.text and len(last) < len(digits) else None)


def _checked(digits: str, durchwahl: str | None) -> Found:
    e164 = plan.international(digits)
    return Found(e164, durchwahl=durchwahl) if e164 is not None else Found(problem=plan.shortcoming(digits))


def _reading(piece: Piece, found: Found, written: Plain) -> NumberReading:
    raw = written.quote(piece.start, piece.end)
    extension = None
    if piece.extension is not None:
        found, extension = _with_extension(piece, found, piece.extension)
    e164 = found.e164
    if e164 is None:
        return NumberReading(
            raw, None, extension, piece.switchboard, problem=found.problem, suggestion=found.suggestion
        )
    is_switchboard = piece.switchboard or found.durchwahl == "0"
    return NumberReading(raw, e164, extension, is_switchboard, _stem(e164) if is_switchboard else None)


def _with_extension(piece: Piece, found: Found, extension: str) -> tuple[Found, str | None]:
    """DIN 5008: in Germany and Austria the Durchwahl is part of the number; elsewhere it is dialled afterwards."""
    e164 = found.e164
    if e164 is None:
        return found, extension
    if not plan.has_durchwahl(e164):
        return found, extension
    if found.durchwahl == "0":
        return _checked(e164[1:-1] + extension, extension), None
    direct = _checked(e164[1:] + extension, extension)
    if found.durchwahl is not None or e164.endswith("0"):
        # '47100 DW 12' is 4710-12 to one writer and 47100-12 to the next.
        meant = plan.international(e164[1:-1] + extension) if found.durchwahl is None else direct.e164
        return Found(problem="ambiguous", suggestion=meant), None
    return direct, None


def _stem(e164: str) -> str | None:
    """The number without its final 0, if two digits or more of the company's own stay after the area code."""
    if not e164.endswith("0") or not plan.has_durchwahl(e164) or local_length(e164) < 3:
        return None
    return e164[:-1]

"""Where a run of digits and separators holds more than one number.

Every way of cutting the run into plausible numbers is looked at. One way: that is it. More than one: the run is
ambiguous, and a person has to say what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from app.core.phones import plan
from app.core.phones.digits import local_length, only_digits, understand
from app.core.values import MAX_INTERNAL_DIGITS

#: A number with its 0 or country code has so many digits at least, where one begins behind another.
MIN_FULL_DIGITS = 7
#: A German number of today has eleven digits after its 0 at most; a longer glued one is rather two in a row.
_LONGEST_GLUED = len("+49") + 11
#: More digits without a word or comma between them are no list of numbers; looking for one would take long.
_LONGEST_RUN = 60

_SEPARATOR = re.compile(r"(?<=\d)\D+(?=\d)")
_PLUS = re.compile(r"(?<=\d)[^\d+]*(?=\+)")
_STARTS_FULL = re.compile(r"\D*0")
_SHORTS = re.compile(r"(?<=\d)(?:\s*/\s*-?\s*[1-9]\d{0,4})+\s*$")
_SHORT = re.compile(r"/\s*-?\s*\d{1,5}\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a run, or a piece that may be read in two ways, with its place."""

    text: str
    start: int
    ambiguous: bool = False


@lru_cache(maxsize=1024)
def parts(run: str, region: str) -> tuple[Part, ...]:
    """The numbers of a run, in order."""
    found: list[Part] = []
    for chunk in _chunks(run):
        for number in _numbers(chunk.text, region):
            shorts = [number] if number.ambiguous else _with_shorts(number.text, region)
            offset = chunk.start if number.ambiguous else chunk.start + number.start
            found += [replace(short, start=offset + short.start) for short in shorts]
    return tuple(found)


def _chunks(run: str) -> Iterator[Part]:
    """Cut before every plus behind a digit. '0221 … + 0171 …' means 'and', for no country code begins with 0."""
    places = [match.start() for match in _PLUS.finditer(run) if only_digits(run[: match.start()]).strip("0")]
    for start, end in zip([0, *places], [*places, len(run)], strict=True):
        text = run[start:end]
        if start and re.match(r"[^\d+]*\+\s+\(?0[1-9]", text):
            text = text.replace("+", " ", 1)
        yield Part(text, start)


def _numbers(text: str, region: str) -> list[Part]:
    """Cut where a number that begins with 0 follows a complete one."""
    if len(only_digits(text)) > _LONGEST_RUN:
        return [Part(text, 0)]
    starts = [
        place.start()
        for place in _SEPARATOR.finditer(text)
        if _STARTS_FULL.match(text, place.start()) and len(only_digits(text[place.start() :])) >= MIN_FULL_DIGITS
    ]
    cuts = [start for start in starts if len(only_digits(text[:start])) >= MIN_FULL_DIGITS]
    if cuts and not _stays_one(text, cuts, region):
        for fits in (_is_one, _reads):
            ways = _ways(text, 0, cuts, region, fits)
            if len(ways) > 1:
                return [Part(text, 0, ambiguous=True)]
            if ways:
                places = [*ways[0], len(text)]
                return [Part(_part(text, a, b), a) for a, b in zip([0, *ways[0]], places, strict=True)]
    for start in starts[:1]:
        if _is_stray(text, start, region):
            rest = _numbers(_part(text, start, len(text)), region)
            return [Part(text[:start], 0), *(replace(part, start=start + part.start) for part in rest)]
    return [Part(text, 0)]


def _part(text: str, start: int, end: int) -> str:
    return text[start:end].replace("/", " ", 1) if start and text[start:end].lstrip()[:1] == "/" else text[start:end]


def _ways(
    text: str, begin: int, cuts: list[int], region: str, fits: Callable[[str, str], bool]
) -> list[tuple[int, ...]]:
    """The ways, two at most, of cutting the text at some of the places so that every part fits."""
    found: list[tuple[int, ...]] = []
    for place, cut in enumerate(cuts):
        if not _fits(_part(text, begin, cut), region, fits):
            continue
        if _fits(_part(text, cut, len(text)), region, fits):
            found.append((cut,))
        found += [(cut, *way) for way in _ways(text, cut, cuts[place + 1 :], region, fits)]
        if len(found) > 1:
            break
    return found[:2]


def _fits(text: str, region: str, fits: Callable[[str, str], bool]) -> bool:
    if fits(text, region):
        return True
    shorts = _SHORTS.search(text)
    return shorts is not None and fits(text[: shorts.start()], region)


def _stays_one(text: str, cuts: list[int], region: str) -> bool:
    """'040 669 030 123' is one number: blanks, dashes and dots alone part none that may be one."""
    slash = any(_SEPARATOR.match(text, cut) and "/" in _separator(text, cut) for cut in cuts)
    return _is_one(text, region) and (not slash or _only_slashes(text))


def _separator(text: str, place: int) -> str:
    match = _SEPARATOR.match(text, place)
    return match.group() if match else ""


def _is_stray(text: str, start: int, region: str) -> bool:
    """'8-12 0221 …': a few digits that are no country code before a number that is complete without them.

    '176 04069012' is no such case: read as one it is a mobile number that lost its 0.
    """
    left = text[:start]
    digits = only_digits(left)
    if digits[0] == "0" or "+" in left or "(" in left or plan.code_length(f"+{digits}") == len(digits):
        return False
    right = _part(text, start, len(text))
    return not _is_one(text, region) and all(_reads(part.text, region) for part in _numbers(right, region))


def _with_shorts(text: str, region: str) -> list[Part]:
    """'2919-0 / -57', '2919-10/11', '471000/471099': another Durchwahl or local number after a slash.

    Any other slash behind a complete number leaves open whether it groups or parts: '471010/11'.
    """
    if "/" not in text or _only_slashes(text):
        return [Part(text, 0)]
    for separator in _SEPARATOR.finditer(text):
        left, right = text[: separator.start()], text[separator.start() :]
        if "/" not in separator.group() or len(only_digits(left)) < MIN_FULL_DIGITS or not _reads(left, region):
            continue
        if only_digits(right) == "0":
            return [Part(text, 0)]
        if not _short_form_follows(left, separator.group(), right, region):
            return [Part(text, 0, ambiguous=True)]
        offset = separator.start()
        if _SHORTS.match(text, offset):
            shorts = _SHORT.finditer(right)
            return [Part(left, 0), *(Part(short.group(), offset + short.start()) for short in shorts)]
        return [Part(left, 0), Part(right.replace("/", " ", 1), offset)]
    return [Part(text, 0)]


def _short_form_follows(left: str, separator: str, right: str, region: str) -> bool:
    found = understand(left, region)
    if found.e164 is None:
        return False
    segment = only_digits(right.split("/")[1])
    if len(segment) <= MAX_INTERNAL_DIGITS and found.durchwahl is not None:
        return "-" in separator or found.durchwahl == "0" or len(found.durchwahl) == len(segment)
    return (
        len(segment) >= MAX_INTERNAL_DIGITS
        and plan.area_length(found.e164) > 0
        and len(segment) == local_length(found.e164)
    )


def _reads(text: str, region: str) -> bool:
    return understand(text, region).e164 is not None


def _is_one(text: str, region: str) -> bool:
    """Whether all digits glued are a number of plausible length."""
    glued = understand(text, region).e164
    return glued is not None and len(glued) <= _LONGEST_GLUED


def _only_slashes(text: str) -> bool:
    """Whether slashes group the digits of one number: '0221/4710/123'. '0221/471011/12' are rather two of them."""
    separators = [separator.group() for separator in _SEPARATOR.finditer(text)]
    if len(separators) < 2 or len(only_digits(text)) >= _LONGEST_GLUED or set(separators) != {"/"}:
        return False
    last = only_digits(text.rpartition("/")[2])
    return last == "0" or len(last) > 2

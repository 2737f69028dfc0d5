"""Where a run of digits and separators holds more than one number.

Every way of cutting the run into plausible numbers is looked at, and the one with the fewest parts is taken. Where
two are left, the run is ambiguous, and a person has to say what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from app.core.phones import plan
from app.core.phones.digits import LONGEST_GLUED, local_length, only_digits, understand
from app.core.values import MAX_INTERNAL_DIGITS

#: A number with its 0 or country code has so many digits at least, where one begins behind another.
MIN_FULL_DIGITS = 7
#: More digits without a word or comma between them are no list of numbers; looking for one would take long.
_LONGEST_RUN = 60

_SEPARATOR = re.compile(r"(?<=\d)\D+(?=\d)")
_PLUS = re.compile(r"(?<=\d)[^\d+]*(?=\+\D*\d)")
#: '0221 … + 0171 …', '-10 + -11': a plus that means 'and', for no country code begins with 0 or a dash.
_AND = re.compile(r"[^\d+]*\+\s*(?:\(?0[1-9]|-\s*\d{1,5}\s*$)")
_STARTS_FULL = re.compile(r"\D*0")
#: What parts two numbers rather than the groups of one: a slash, a dash between blanks.
_PARTS = re.compile(r"/|\s-+\s")
_SHORTS = re.compile(r"(?<=\d)(?:\s*/\s*-?\s*[1-9]\d{0,4})+\s*$")
_SHORT = re.compile(r"/\s*-?\s*\d{1,5}\s*")
#: '4710-10 - 19': from one Durchwahl to another, or one number.
_RANGE = re.compile(r"\d-(\d{2,5})\s+-\s+(\d{2,5})\s*$")


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a run, or a piece that may be read in two ways, with its place."""

    text: str
    start: int
    ambiguous: bool = False
    stray: bool = False
    """A few digits in front of a number, and none of it."""


@lru_cache(maxsize=1024)
def parts(run: str, region: str) -> tuple[Part, ...]:
    """The numbers of a run, in order."""
    found: list[Part] = []
    chunks = list(_chunks(run))
    if len(chunks) > 1 and len(only_digits(chunks[0].text)) < MAX_INTERNAL_DIGITS and "/" not in chunks[0].text:
        found.append(replace(chunks.pop(0), stray=True))  # 'Halle 7 +49 …'
    for chunk in chunks:
        for number in _numbers(chunk.text, region):
            shorts = [number] if number.ambiguous else _with_shorts(number.text, region)
            offset = chunk.start if number.ambiguous else chunk.start + number.start
            found += [replace(short, start=offset + short.start, stray=number.stray) for short in shorts]
    return tuple(found)


def _chunks(run: str) -> Iterator[Part]:
    """Cut before every plus behind a digit."""
    places = [match.start() for match in _PLUS.finditer(run) if only_digits(run[: match.start()]).strip("0")]
    for start, end in zip([0, *places], [*places, len(run)], strict=True):
        text = run[start:end]
        if start and _AND.match(text):
            text = text.replace("+", " ", 1)
        yield Part(text, start)


def _numbers(text: str, region: str) -> list[Part]:
    """Cut where one complete number follows another."""
    if len(only_digits(text)) > _LONGEST_RUN:
        return [Part(text, 0)]
    cuts = list(_cuts(text))
    if cuts and not _stays_one(text, cuts, region):
        for fits in (_is_one, _reads):
            ways = _ways(text, cuts, region, fits)
            if len(ways) > 1:
                return [Part(text, 0, ambiguous=True)]
            if ways:
                places = [*ways[0], len(text)]
                return [Part(_part(text, a, b), a) for a, b in zip([0, *ways[0]], places, strict=True)]
    start, doubtful = _behind_stray(text, region)
    if doubtful:
        return [Part(text, 0, ambiguous=True)]
    if start:
        rest = _numbers(_part(text, start, len(text)), region)
        stray = "/" not in _separator(text, start)
        return [
            Part(text[:start], 0, stray=stray),
            *(replace(part, start=start + part.start) for part in rest),
        ]
    return [Part(text, 0)]


def _cuts(text: str) -> Iterator[int]:
    """The places where a number that is complete may begin behind another that is."""
    total = len(only_digits(text))
    for separator in _SEPARATOR.finditer(text):
        before = len(only_digits(text[: separator.start()]))
        if before < MIN_FULL_DIGITS or total - before < MIN_FULL_DIGITS:
            continue
        if _STARTS_FULL.match(text, separator.start()) or _PARTS.search(separator.group()):
            yield separator.start()


def _part(text: str, start: int, end: int) -> str:
    return text[start:end].replace("/", " ", 1) if start and text[start:end].lstrip()[:1] == "/" else text[start:end]


def _ways(text: str, cuts: list[int], region: str, fits: Callable[[str, str], bool]) -> list[tuple[int, ...]]:
    """The ways, two at most, of cutting the text into the fewest parts that all fit. () is no way: it cuts nothing."""
    ends = [*cuts, len(text)]
    #: From each place to the end: the fewest parts, and the places where they begin.
    best: dict[int, tuple[int, list[tuple[int, ...]]]] = {len(text): (0, [()])}
    for begin in reversed([0, *cuts]):
        fewest = 0
        found: list[tuple[int, ...]] = []
        for end in ends:
            rest = best.get(end)
            if end <= begin or rest is None or (begin == 0 and end == len(text)) or (found and rest[0] + 1 > fewest):
                continue
            if not _fits(_part(text, begin, end), region, fits):
                continue
            ways = [(begin, *way) for way in rest[1]]
            if not found or rest[0] + 1 < fewest:
                fewest, found = rest[0] + 1, ways
            else:
                found = [*found, *ways][:2]
        if found:
            best[begin] = (fewest, found)
    return [way[1:] for way in best.get(0, (0, []))[1]]


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


def _behind_stray(text: str, region: str) -> tuple[int, bool]:
    """Where a number begins behind digits that are none: '8-12 0221 …', '4710123 0221 …'; 0 where there are no such.
    And whether that is doubtful: 'Raum 12 012 345 000' at a Belgian address may be +1 201 234 5000 as well.

    '176 04069012' is no such case: read as one it is a mobile number that lost its 0.
    """  # fmt: skip
    for place in _SEPARATOR.finditer(text):
        start = place.start()
        left, right = text[:start], _part(text, start, len(text))
        digits = only_digits(left)
        if digits[0] == "0" or "+" in left or "(" in left.lstrip(" (["):
            break
        if not _STARTS_FULL.match(text, start) or len(only_digits(right)) < MIN_FULL_DIGITS:
            continue
        apart = [understand(part.text, region).e164 for part in _numbers(right, region)]
        if None in apart:
            continue
        if plan.international(digits + only_digits(right)) is None:
            return (0 if _is_one(text, region) else start), False
        whole = understand(text, region).e164
        at_home = whole is not None and whole.startswith(f"+{plan.calling_code(region)}")
        return 0, not at_home and apart != [whole] and plan.code_length(f"+{digits}") != len(digits)
    return 0, False


def _with_shorts(text: str, region: str) -> list[Part]:
    """'2919-0 / -57', '2919-10/11', '471000/471099': another Durchwahl or local number after a slash.

    Any other slash behind a complete number leaves open whether it groups or parts: '471010/11'.
    """
    if "/" not in text or _only_slashes(text):
        return [Part(text, 0, ambiguous=_is_range(text, region))]
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


def _is_range(text: str, region: str) -> bool:
    match = _RANGE.search(text)
    if match is None or len(match[1]) != len(match[2]):
        return False
    return understand(text[: match.end(1)], region).durchwahl is not None


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
    return glued is not None and len(glued) <= LONGEST_GLUED


def _only_slashes(text: str) -> bool:
    """Whether slashes group the digits of one number: '0221/4710/123'. '0221/471011/12' are rather two of them."""
    separators = [separator.group() for separator in _SEPARATOR.finditer(text)]
    if len(separators) < 2 or len(only_digits(text)) >= LONGEST_GLUED or set(separators) != {"/"}:
        return False
    last = only_digits(text.rpartition("/")[2])
    return last == "0" or len(last) > 2

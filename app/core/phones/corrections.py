"""How a written number may be mended: a remark set apart, a missing area code, letters that look like digits.

Nothing here decides what a number is. Each function rewrites the text and has it read again: what comes back is a text
that is read as one number for certain, for a person to confirm.
"""

from __future__ import annotations

import re
from functools import lru_cache

from app.core.phones import plan
from app.core.phones.reading import NumberReading, read_number
from app.core.phones.words import EXTENSION_WORDS, FAX_WORDS, LABEL_WORDS, NUMBER_WORDS, SWITCHBOARD_WORDS

#: Said beside a number so often that nobody misses them: they are no remark.
_USUAL = EXTENSION_WORDS | FAX_WORDS | LABEL_WORDS | NUMBER_WORDS | SWITCHBOARD_WORDS
#: Nothing but what groups digits.
_BARE = re.compile(r"[\d\s+()/.\-]*")
_NO_DIGIT = re.compile(r"[^0-9]+")
#: '+49 (0)': its zero is not part of the number, and nobody misses it.
_DROPPED_ZERO = re.compile(r"^(\s*(?:\+|00)\s?[1-9]\d{0,2}\s?)\(0\)")
#: A bracket with what stands in it, or what stands between blanks.
_PART = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[^\s()\[\]]+")
_WORD = re.compile(r"[^\W\d_]+")
_AROUND = " \t\r\n\u00a0\u202f.,;:/|-\u2013\u2014*"
_BRACKETS = {"(": ")", "[": "]"}
#: Letters that are typed, or recognised on paper, in the place of a digit.
_LOOKALIKES = str.maketrans("OoIl", "0011")
_BESIDE_DIGITS = re.compile(r"(?<![^\W\d_])[Oo](?=[1-9])|(?<=\d)[OoIl]+(?![^\W\d_])")
#: '1. 0221 …': the number of a line in a list.
_LIST_NUMBER = re.compile(r"\d{1,2}")
#: '0221', '(0221', '+49', but not '(0) 221'.
_BEGINS = re.compile(r"[(\[]*(?:\+|0(?!\s*[)\]]))")
#: More parts are a text with a number in it.
_MOST_PARTS = 40


@lru_cache(maxsize=2048)
def without_remark(raw: str, region: str) -> tuple[str, str] | None:
    """The number of a field as typed and what else stands there: ``('0221 4710123', 'Zimmer 12')``.

    None where nothing else does, or only a usual word such as 'Tel.', and for a field that is not read.
    """
    whole = read_number(raw, region)
    if whole.e164 is None or _all_is_used(raw, whole.e164):
        return None
    parts = [match.span() for match in _PART.finditer(raw)]
    if len(parts) > _MOST_PARTS:
        return None

    def same(first: int, last: int) -> bool:
        return _alike(read_number(raw[parts[first][0] : parts[last][1]], region), whole)

    last = next((place for place in range(len(parts)) if same(0, place)), None)
    if last is None:
        return None
    first = next(place for place in range(last, -1, -1) if same(place, last) and _begins(raw, parts[place][0]))
    begin, end = parts[first][0], parts[last][1]
    before, behind = _bared(raw[:begin]), _bared(raw[end:])
    if _LIST_NUMBER.fullmatch(before):
        before = ""
    remark = ", ".join(filter(None, (before, behind)))
    words = {word.casefold() for word in _WORD.findall(remark)}
    if not words - _USUAL and not any(sign.isdigit() for sign in remark):
        return None
    return raw[begin:end].strip(_AROUND), remark


def with_area_code(raw: str, neighbour: str, region: str) -> str | None:
    """A local number with the area code of a neighbour's (E.164): '4710-123' becomes '0221 4710-123'.

    None where the number needs none, the neighbour has none, or the result is no number.
    """
    length = plan.area_length(neighbour)
    if not length or read_number(raw, region).problem != "no_area_code":
        return None
    code = neighbour[1 : 1 + plan.code_length(neighbour)]
    area = neighbour[1 + len(code) : 1 + len(code) + length]
    prefix = f"{plan.trunk_prefix(region)}{area}" if code == plan.calling_code(region) else f"+{code} {area}"
    written = f"{prefix} {raw.strip(_AROUND)}"
    e164 = read_number(written, region).e164
    return written if e164 is not None and e164.startswith(f"+{code}{area}") else None


def with_digits(raw: str, region: str) -> str | None:
    """The text with digits for the letters that look like some: 'O221 471O123'. None unless it is a number then."""
    written = _BESIDE_DIGITS.sub(lambda match: match.group().translate(_LOOKALIKES), raw)
    return written if written != raw and read_number(written, region).e164 is not None else None


def _all_is_used(raw: str, e164: str) -> bool:
    """Whether every digit of a field without words is one of the number: true of most fields, and quickly seen."""
    if _BARE.fullmatch(raw) is None:
        return False
    return e164.endswith(_NO_DIGIT.sub("", _DROPPED_ZERO.sub(r"\1", raw)).lstrip("0"))


def _begins(raw: str, place: int) -> bool:
    """Whether a number may begin here: '+49 (0) 221 …' does not at its 221, although that is read as well."""
    before = raw[:place]
    return not re.search(r"[\d+]", before) or ("+" not in before and _BEGINS.match(raw, place) is not None)


def _alike(one: NumberReading, other: NumberReading) -> bool:
    return (one.e164, one.extension, one.is_switchboard, one.stem) == (
        other.e164,
        other.extension,
        other.is_switchboard,
        other.stem,
    )


def _bared(text: str) -> str:
    """A remark without what separates it, and without brackets around the whole of it."""
    text = text.strip(_AROUND)
    if text[:1] in _BRACKETS and text.endswith(_BRACKETS[text[0]]) and not re.search(r"[()\[\]]", text[1:-1]):
        text = text[1:-1].strip(_AROUND)
    return " ".join(text.split())

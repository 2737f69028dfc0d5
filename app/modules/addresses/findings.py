"""What of the stored numbers needs a person's eye, and the correction that is proposed. Pure: knows no database.

A finding is stored beside the number, so that a page of them is a walk along an index. The proposal is made when
somebody looks: it depends on the other numbers of the same address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.phones import (
    NumberReading,
    format_display,
    is_mobile,
    read_number,
    read_numbers,
    with_area_code,
    with_digits,
    without_remark,
)
from app.modules.addresses.fields import MAX_LABEL_LENGTH
from app.modules.addresses.records import NumberInput

#: Every finding about a single number.
UNREADABLE, SEVERAL, DOUBTFUL, REMARK = FINDINGS = ("unreadable", "several", "doubtful", "remark")
#: A number stands there, but not which one for certain.
_DOUBTFUL_PROBLEMS = frozenset(("ambiguous", "no_area_code", "no_country", "invalid"))

#: Why a proposal is what it is; the pages have a sentence for each.
REASONS = ("split", "suggestion", "area_code", "digits", "remark", "stored_already")

#: Words beside a number that say of what kind it is, as they are looked for.
_KIND_WORDS = (
    ("fax", re.compile(r"fax", re.IGNORECASE)),
    ("mobile", re.compile(r"mobil|handy|natel|\bcell", re.IGNORECASE)),
    ("phone", re.compile(r"\btel|fon\b|phone|festnetz", re.IGNORECASE)),
)
_WORD = re.compile(r"[^\W\d_]+")
_FEW_DIGITS = re.compile(r"[1-9][0-9]{0,3}")
_LAST_GROUP = re.compile(r"[0-9]+$")
_BETWEEN = frozenset("oder od und u bzw sowie or and nr nummer durchwahl dw".split())  # noqa: SIM905 (a line a thing)


def finding_of(raw: str, reading: NumberReading, country: str) -> str | None:
    """What is to be said of a number that was read so; None where nothing is."""
    if with_digits(raw, country):
        return DOUBTFUL
    if reading.e164 is not None:
        return REMARK if without_remark(raw, country) else None
    if reading.problem == SEVERAL:
        return SEVERAL
    return DOUBTFUL if reading.suggestion or reading.problem in _DOUBTFUL_PROBLEMS else UNREADABLE


@dataclass(frozen=True, slots=True)
class Around:
    """What else there is, E.164: ``own`` in other rows of the same owner, ``near`` anywhere at the address."""

    own: frozenset[str] = frozenset()
    near: tuple[str, ...] = ()


NOTHING_AROUND = Around()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rows that would take the place of one; none at all where everything in it is stored already."""

    numbers: tuple[NumberInput, ...]
    reason: str


def propose(number: NumberInput, country: str, around: Around = NOTHING_AROUND) -> Proposal | None:
    """The correction of a number with a finding; None where only a person knows.

    Each number of it is read as one for certain, and none is proposed that the owner has in another row.
    """
    reading = read_number(number.raw, country)
    written = with_digits(number.raw, country)
    if written is None and reading.e164 is not None:
        return _without_remark(number, country)
    numbers, reason = _rewritten(number, reading, written, country, around)
    if not numbers:
        return None
    missing = _missing(numbers, country, around.own)
    return Proposal(missing, reason if missing else "stored_already")


def _missing(numbers: Sequence[NumberInput], country: str, stored: frozenset[str]) -> tuple[NumberInput, ...]:
    """Each number once, without those that are stored; a fax may share the number of a telephone."""
    found: dict[tuple[str | None, bool], NumberInput] = {}
    for number in numbers:
        e164, fax = read_number(number.raw, country).e164, number.kind == "fax"
        if fax or e164 not in stored:
            found.setdefault((e164, fax), number)
    return tuple(found.values())


def _rewritten(
    number: NumberInput, reading: NumberReading, written: str | None, country: str, around: Around
) -> tuple[tuple[NumberInput, ...], str]:
    if written is not None:
        return (replace(number, raw=written),), "digits"
    if reading.problem == SEVERAL:
        rows = split(number, country)
        return (rows, "split") if rows else (_probable_rows(number, country), "suggestion")
    # The town in which the others are called is a better reason than a number that happens to exist elsewhere.
    by_neighbours = {with_area_code(number.raw, near, country) for near in around.near} - {None}
    if len(by_neighbours) == 1:
        return (replace(number, raw=by_neighbours.pop() or ""),), "area_code"
    if reading.suggestion is not None:
        return (replace(number, raw=written_in(reading.suggestion, country)),), "suggestion"
    return (), ""


def _without_remark(number: NumberInput, country: str) -> Proposal | None:
    """The remark becomes the label, where it is seen."""
    apart = without_remark(number.raw, country)
    if apart is None:
        return None
    raw, remark = apart
    label = _label(number.label, remark)
    return Proposal((replace(number, raw=raw, label=label),), "remark") if len(label) <= MAX_LABEL_LENGTH else None


def _label(label: str, said: str) -> str:
    return label if said in label else ", ".join(filter(None, (label, said)))


def split(number: NumberInput, country: str) -> tuple[NumberInput, ...]:
    """The numbers of a field as rows of their own, in order; none unless every one of them is clear.

    What is said beside a number decides its kind, as in 'Tel. 0221 4710-0, Fax -99', else the number itself does;
    other words there become its label.
    """
    readings = read_numbers(number.raw, country)
    return _rows(number, country, readings) if all(reading.e164 for reading in readings) else ()


def _probable_rows(number: NumberInput, country: str) -> tuple[NumberInput, ...]:
    """The same where a few digits probably take the place of as many: '0221 4710 610 oder 611'."""
    readings: list[NumberReading] = []
    for reading in read_numbers(number.raw, country):
        meant = reading.e164 or (_alike(readings[-1], reading.raw.strip(), country) if readings else None)
        if meant is None:
            return ()
        readings.append(replace(reading, e164=meant, problem=None))
    return _rows(number, country, readings)


def _alike(before: NumberReading, digits: str, country: str) -> str | None:
    """The number before with these digits for its last group, where that is as long and such a number exists."""
    last = _LAST_GROUP.search(before.raw.strip())
    if last is None or not _FEW_DIGITS.fullmatch(digits) or len(last[0]) != len(digits):
        return None
    meant = (before.e164 or "")[: -len(digits)] + digits
    return meant if read_number(meant, country).e164 == meant else None


def _rows(number: NumberInput, country: str, readings: Sequence[NumberReading]) -> tuple[NumberInput, ...]:
    words = _words_beside(number.raw, [reading.raw for reading in readings])
    return tuple(
        replace(
            number,
            raw=_alone(reading, country),
            kind=_kind(number.kind, said, reading.e164 or ""),
            label=_label(number.label, _other_words(said))[:MAX_LABEL_LENGTH],
            switchboard=number.switchboard and place == 0,
        )
        for place, (reading, said) in enumerate(zip(readings, words, strict=True))
    )


def _other_words(said: str) -> str:
    words = (word for word in _WORD.findall(said) if word.casefold() not in _BETWEEN and not _kind_said(word))
    return " ".join(words)


def _alone(reading: NumberReading, country: str) -> str:
    """As typed; but '-57' says nothing without the number before it: then the whole number is written."""
    raw = reading.raw.strip()
    e164 = reading.e164 or ""
    return raw if read_number(raw, country).e164 == e164 else written_in(e164, country)


def _words_beside(field: str, pieces: Sequence[str]) -> list[str]:
    """What stands before each piece; behind it where people wrote it behind: '0221 4710-0 (Tel), -99 (Fax)'."""
    gaps, place = [], 0
    for piece in pieces:
        begin = max(field.find(piece, place), place)
        gaps.append(field[place:begin])
        place = begin + len(piece)
    gaps.append(field[place:])
    first, *between, last = gaps
    words_end = _other_words(last) and not any(_kind_said(gap) for gap in between)
    if (_kind_said(last) or words_end) and not _WORD.search(first):
        return gaps[1:]
    return [*gaps[:-2], f"{gaps[-2]} {last}"]


def _kind_said(words: str) -> str:
    return next((kind for kind, pattern in _KIND_WORDS if pattern.search(words)), "")


def _kind(kind: str, words: str, e164: str) -> str:
    said = _kind_said(words)
    if said:
        return said
    if kind in ("phone", "mobile"):
        return "mobile" if is_mobile(e164) else "phone"
    return kind


def written_in(e164: str, country: str) -> str:
    """The number as it is written in the country, in a form that is read there as this number."""
    display = format_display(e164, country)
    return display if read_number(display, country).e164 == e164 else e164

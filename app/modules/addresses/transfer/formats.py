"""How the bytes of a file are to be read: encoding, separator, and whether its first row names the columns.

Pure: works on bytes that somebody else fetched. What was found can be explained (``Found``) and overridden.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

#: What may be chosen, and Python's name of it. UTF-8 with and without byte order mark are one.
ENCODINGS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252", "utf-16": "utf-16"}
SEPARATORS = (";", ",", "\t", "|")
#: Bytes and rows that are looked at; the encoding is tested on the whole file.
SAMPLE_BYTES = 128 * 1024
SAMPLE_ROWS = 200
#: One faulty sign among so many is a fault of the text, not the sign of another encoding.
FAULTS_PER_SIGN = 10

EncodingBecause = Literal["bom", "valid", "ascii", "mostly", "otherwise", "chosen"]
SeparatorBecause = Literal["stated", "counted", "single", "chosen"]

_ASCII = bytes(range(128))
_STATED = re.compile(r"sep=(.)\r?\n?$", re.IGNORECASE)
_DATA = re.compile(r"@|\d{3,}|^\+?[\d\s/().-]{4,}$")
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "spreadsheet"),
    (b"BEGIN:VCARD", "vcard"),
    (b"%PDF", "not_a_table"),
    (b"<!DOCTYPE", "not_a_table"),
    (b"<html", "not_a_table"),
    (b"<?xml", "not_a_table"),
)


class NoTable(ValueError):
    """The bytes are no table: ``code`` is empty, spreadsheet, vcard or not_a_table."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is read. ``encoding`` is a key of ENCODINGS."""

    encoding: str = "utf-8"
    separator: str = ";"
    header: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A format and why it was taken."""

    format: Format
    encoding_because: EncodingBecause
    separator_because: SeparatorBecause
    columns: int
    """How many columns most rows have."""
    even: int
    """Rows of ``looked`` that have so many."""
    looked: int


def detect(
    blocks: Iterable[bytes],
    known_headings: Callable[[Sequence[str]], int] = lambda _headings: 0,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    header: bool | None = None,
) -> Found:
    """Find the format of a file; what is given is taken as it is.

    ``known_headings`` counts the headings of a row that mean something to us. Raises NoTable.
    """
    because: EncodingBecause
    beginning, size, detected, because = _encoding(blocks)
    if encoding is not None and encoding != detected:
        detected, because = encoding, "chosen"
    if not beginning.strip():
        raise NoTable("empty")
    text = beginning.decode(ENCODINGS[detected], "replace")
    if not text.strip():
        raise NoTable("empty")
    if size > len(beginning):
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    stated = stated_separator(text.splitlines()[0])
    if stated:
        text = text.partition("\n")[2]
    why: SeparatorBecause
    if separator or stated:
        chosen = separator or stated or ""
        rows = sample_rows(text, chosen)
        columns, even = _usual_width(rows)
        why = "stated" if chosen == stated else "chosen"
    else:
        chosen, rows, columns, even = _best_separator(text, known_headings)
        why = "counted" if columns > 1 else "single"
    if not rows:
        raise NoTable("empty")
    if header is None:
        header = bool(known_headings(rows[0])) or _names_columns(rows)
    return Found(Format(detected, chosen, header), because, why, columns, even, len(rows))


def stated_separator(first_line: str) -> str | None:
    """The separator that a first line ``sep=;`` states, as Excel writes and reads it."""
    found = _STATED.fullmatch(first_line)
    return found[1] if found and found[1] in SEPARATORS else None


def sample_rows(text: str, separator: str) -> list[list[str]]:
    """The first rows that are not empty; a row with a quotation mark that never closes ends the sample."""
    rows: list[list[str]] = []
    try:
        for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), SAMPLE_ROWS):
            if any(cell.strip() for cell in row):
                rows.append(row)
    except csv.Error:
        pass  # the sample is long enough without it; the import names the line
    return rows


def _encoding(
    blocks: Iterable[bytes],
) -> tuple[bytes, int, str, Literal["bom", "valid", "ascii", "mostly", "otherwise"]]:
    beginning, size, high, faults = b"", 0, 0, 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for block in blocks:
        if len(beginning) < SAMPLE_BYTES:
            beginning += block[: SAMPLE_BYTES - len(beginning)]
            _refuse(beginning)
        size += len(block)
        signs = len(block.translate(None, _ASCII))
        if signs:
            high += signs
            faults += decoder.decode(block).count("\ufffd")
        else:
            faults += decoder.decode(block[:1]).count("\ufffd")  # what the block before left open
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return beginning, size, "utf-16", "bom"
    if beginning.startswith(codecs.BOM_UTF8):
        return beginning, size, "utf-8", "bom"
    if not high:
        return beginning, size, "utf-8", "ascii"
    if not faults:
        return beginning, size, "utf-8", "valid"
    if faults * FAULTS_PER_SIGN <= high:
        return beginning, size, "utf-8", "mostly"
    return beginning, size, "windows-1252", "otherwise"


def _refuse(beginning: bytes) -> None:
    for signs, code in _BEGINNINGS:
        if beginning.removeprefix(codecs.BOM_UTF8)[: len(signs)].upper() == signs.upper():
            raise NoTable(code)
    if b"\x00" in beginning and not beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NoTable("not_a_table")


def _best_separator(text: str, known_headings: Callable[[Sequence[str]], int]) -> tuple[str, list[list[str]], int, int]:
    """The separator with which the rows are the most even and the widest, and the headings known."""
    best: tuple[float, str, list[list[str]], int, int] = (-1.0, SEPARATORS[0], [], 0, 0)
    for separator in SEPARATORS:
        rows = sample_rows(text, separator)
        columns, even = _usual_width(rows)
        share = even / len(rows) if rows else 0.0
        score = (share * share * columns if columns > 1 else 0.0) + (2 * known_headings(rows[0]) if rows else 0)
        if score > best[0]:
            best = score, separator, rows, columns, even
    return best[1:]


def _usual_width(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    widths = Counter(len(row) for row in rows)
    return max(widths.items(), key=lambda width: (width[1], width[0]), default=(0, 0))


def _names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """The first row looks like names: no two are the same, and none is like a number or an e-mail address."""
    names = [cell.strip() for cell in rows[0] if cell.strip()]
    return len(rows) > 1 and len(set(names)) == len(names) and not any(_DATA.search(name) for name in names)

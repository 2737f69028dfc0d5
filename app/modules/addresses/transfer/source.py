"""The rows of a file, one after the other, however large it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from app.core.spreadsheets import as_typed
from app.modules.addresses.transfer.formats import ENCODINGS, Format, stated_separator

#: What a decoder puts where it cannot read.
UNREADABLE = "\ufffd"


class Source(Protocol):
    """A file that can be read from its beginning any number of times."""

    def open(self) -> BinaryIO:
        """The bytes from the first one on; the caller closes it."""
        ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file on disk."""

    path: Path

    def open(self) -> BinaryIO:
        """See Source."""
        return self.path.open("rb")


@dataclass(slots=True)
class Record:
    """A row of the file that is not empty. ``line`` is where it begins, counted as an editor counts."""

    line: int
    cells: list[str]
    problem: str | None = None
    """``unclosed_quote``, ``long_cell`` or ``bad_signs``: it cannot be read at all."""


class Table:
    """A file read in a format: its headings, then its rows. Use as a context manager; runs through once."""

    def __init__(self, source: Source, form: Format) -> None:
        self._lines = _Lines(source.open(), form)
        self._rows = csv.reader(self._lines, delimiter=form.separator)
        self.headings: list[str] = []
        if form.header:
            for record in self._records():
                self.headings = [" ".join(cell.split()) for cell in record.cells]
                break

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_error: object) -> None:
        self._lines.close()

    def __iter__(self) -> Iterator[Record]:
        return self._records()

    def _records(self) -> Iterator[Record]:
        lines = self._lines
        while True:
            lines.begin()
            try:
                cells = next(self._rows)
            except StopIteration:
                return
            except csv.Error:
                # A cell longer than csv takes, or a text without an end. What follows may be its middle: nothing is
                # taken for a row before every quotation mark has its counterpart.
                whole = lines.skip_to_end_of_text()
                yield Record(lines.first, [lines.beginning.strip()], "long_cell" if whole else "unclosed_quote")
                if not whole:
                    return
                continue
            if not any(map(str.strip, cells)):
                continue
            record = Record(lines.first, [as_typed(cell) for cell in cells] if lines.apostrophe else cells)
            if lines.ended:
                # The reader gives a row out as soon as its line is complete; it looked further for a quotation mark.
                record.problem = "unclosed_quote"
            elif lines.unreadable:
                record.problem = "bad_signs"
            yield record


class _Lines:
    """The lines of a text for csv.reader, with what it does not tell of the row that they belong to."""

    def __init__(self, stream: BinaryIO, form: Format) -> None:
        self._text = io.TextIOWrapper(stream, encoding=ENCODINGS[form.encoding], errors="replace", newline="")
        self._number = 0
        self.ended = False
        first = self._text.readline()
        if stated_separator(first):
            self._number = 1
            self._pushed = ""
        else:
            self._pushed = first
        self.begin()

    def begin(self) -> None:
        """The next row begins."""
        self.first = self._number + 1
        self.beginning = ""
        self.apostrophe = self.unreadable = False
        self._quotes = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._pushed or self._text.readline()
        self._pushed = ""
        if not line:
            self.ended = True
            raise StopIteration
        self._number += 1
        self._quotes += line.count('"')
        if "'" in line:
            self.apostrophe = True
        if UNREADABLE in line:
            self.unreadable = True
        if not self.beginning:
            self.beginning = line[:200]
        return line

    def skip_to_end_of_text(self) -> bool:
        """Read on until the quotation marks of this row are even in number; False where the file ends before."""
        while self._quotes % 2:
            if next(self, None) is None:
                return False
        return True

    def close(self) -> None:
        self._text.close()


def blocks(source: Source, size: int = 256 * 1024) -> Iterator[bytes]:
    """The bytes of a file, piece by piece."""
    with closing(source.open()) as stream:
        while block := stream.read(size):
            yield block

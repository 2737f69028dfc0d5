"""CSV that people open in a spreadsheet: separators, byte order mark, and cells that stay texts.

A spreadsheet takes a cell that begins with = + - @ for a formula, whoever typed it. Such a cell gets an apostrophe in
front; ``as_typed`` takes it away again, so that a file of ours comes back as it went.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: What a German Excel and most programs read without being asked.
BOM = "\ufeff"
#: Names of the separators that a file may be written with.
SEPARATORS = {"semicolon": ";", "comma": ",", "tab": "\t"}
LINE_END = "\r\n"

# Blanks before the sign do not help: some programs trim them. Apostrophes are ours, or were typed like ours.
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@])")
# Every separator, not only the file's own: whoever opens it with another one must not find a formula behind it.
_NEEDS_QUOTES = re.compile(r'[";,\t\r\n]')


def harmless(cell: str) -> str:
    """The text so that a spreadsheet shows and never calculates it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_typed(cell: str) -> str:
    """What ``harmless`` was given; texts of other programs stay as they are, unless an apostrophe guards a formula."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell


def csv_line(cells: Iterable[str], separator: str = ";") -> str:
    """A line of a table, its end included."""
    return separator.join(map(_quoted, map(harmless, cells))) + LINE_END


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell

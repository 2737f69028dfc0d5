"""The rows that were not imported as a table to correct and import again: what stood there, and why it was refused."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from app.core.spreadsheets import BOM, csv_line
from app.modules.addresses.transfer.headings import is_ours
from app.modules.addresses.transfer.importing import Failure
from app.modules.addresses.transfer.words import heading, reason


class FailureTable:
    """Writes the table, in the language of whoever reads it.

    Its columns are those of the file, and three more that an import leaves out. Where the file has no headings, those
    of our own files stand there, so that the columns are known again.
    """

    def __init__(self, headings: Sequence[str], assignment: Sequence[str]) -> None:
        self.headings = list(headings) or [
            heading(text) or _("Column %(place)s", place=place) for place, text in enumerate(assignment, 1)
        ]
        self._kept = [column for column, name in enumerate(self.headings) if not is_ours(name)]

    def first_line(self) -> str:
        """Byte order mark and headings."""
        ours = _("Import: line"), _("Import: value"), _("Import: reason")
        return BOM + csv_line([*(self.headings[column] for column in self._kept), *ours])

    def line(self, failure: Failure) -> str:
        """A row that was refused."""
        cells = [failure.cells[column] if column < len(failure.cells) else "" for column in self._kept]
        return csv_line([*cells, str(failure.line), *self.told(failure)])

    def told(self, failure: Failure) -> tuple[str, str]:
        """The values that were refused, and why."""
        values = dict.fromkeys(problem.value for problem in failure.problems if problem.value)
        reasons = dict.fromkeys(reason(problem, self.headings) for problem in failure.problems)
        return " / ".join(values), " ".join(reasons)

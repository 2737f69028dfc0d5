"""How an import is watched from the command line: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click
from sqlalchemy.orm import Session

from app.core.commands.ending import fail
from app.modules.addresses.transfer.failures import FailureTable
from app.modules.addresses.transfer.importing import Failure, Totals

#: Failures that are named where no file is given for them.
NAMED = 20
#: Seconds between two lines of progress where there is no terminal.
LINE_SECONDS = 10.0


def how_far(totals: Totals) -> str:
    """``2 of 3 rows``."""
    return f"{totals.done} of {totals.total} row{'' if totals.total == 1 else 's'}"


class Watch:
    """Shows the progress on standard error, and writes down what was refused. Use as a context manager."""

    def __init__(
        self, headings: Sequence[str], assignment: Sequence[str], failures: Path | None, *, dry_run: bool = False
    ) -> None:
        self.totals = Totals()
        self._label = "Checking" if dry_run else "Importing"
        #: The first failures in words, where there is no file for them.
        self.named: list[str] = []
        self._table = FailureTable(headings, assignment)
        self._path = failures
        self._file: TextIO | None = None
        self._bar: Any = None
        self._shown = 0
        self._said_at = time.monotonic()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()
        if self._file is not None:
            self._file.close()

    def begin(self, session: Session) -> None:
        """Nobody else can end it."""

    def store(self, session: Session, totals: Totals, failures: Sequence[Failure]) -> None:
        """What happened is written down once it is committed."""

    def progressed(self, totals: Totals, failures: Sequence[Failure]) -> None:
        """Write down what was refused; move the bar, or say a line when it has been quiet for long."""
        for failure in failures:
            if self._path is not None:
                self._write(self._table.line(failure))
            elif len(self.named) < NAMED:
                values, reasons = self._table.told(failure)
                self.named.append(f"Line {failure.line}: {reasons}{f' ({values})' if values else ''}")
        self.totals = totals
        if sys.stderr.isatty():
            if self._bar is None:
                self._bar = click.progressbar(length=totals.total, label=self._label, file=sys.stderr)
                self._bar.render_progress()
            self._bar.update(totals.done - self._shown)
            self._shown = totals.done
        elif time.monotonic() - self._said_at >= LINE_SECONDS:
            self._said_at = time.monotonic()
            click.echo(how_far(totals), err=True)

    def pause(self) -> None:
        """Another process is another program's concern: the system shares the processor."""

    def _write(self, line: str) -> None:
        try:
            if self._file is None:
                # The lines bring their own ends.
                self._file = self._path.open("w", encoding="utf-8", newline="") if self._path else None
                self._write(self._table.first_line())
            if self._file is not None:
                self._file.write(line)
        except OSError as error:
            fail(f"The file {self._path} cannot be written ({error.strerror or type(error).__name__}).")

"""How an import is watched from the command line."""

from __future__ import annotations

import io
import re

import pytest

from app.modules.addresses.transfer import watching
from app.modules.addresses.transfer.importing import Totals
from app.modules.addresses.transfer.watching import Watch


class Terminal(io.StringIO):
    """Where somebody looks on."""

    def isatty(self) -> bool:
        return True


def watch(*, dry_run: bool = False) -> None:
    """An import of four rows that is told of twice."""
    with Watch(("Name",), ("name",), None, dry_run=dry_run) as looking:
        looking.progressed(Totals(total=4), ())
        looking.progressed(Totals(total=4, done=2, created=2), ())


@pytest.mark.parametrize(("dry_run", "label"), [(False, "Importing"), (True, "Checking")])
def test_a_terminal_shows_a_bar_that_moves_and_says_what_is_done(
    monkeypatch: pytest.MonkeyPatch, *, dry_run: bool, label: str
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    watch(dry_run=dry_run)
    shown = re.findall(rf"{label}  \[(#*)(-*)\] +(\d+)%", terminal.getvalue())
    assert [percent for _done, _left, percent in shown] == ["0", "50"]
    assert [len(done) > 0 and len(done) == len(left) for done, left, _percent in shown] == [False, True]


def test_where_nobody_looks_on_a_line_is_said_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(watching, "LINE_SECONDS", 0.0)
    watch()
    assert capsys.readouterr().err == "0 of 4 rows\n2 of 4 rows\n"


@pytest.mark.parametrize(
    ("done", "total", "words"),
    [(0, 1, "0 of 1 row"), (1, 1, "1 of 1 row"), (0, 0, "0 of 0 rows"), (1, 2, "1 of 2 rows"), (7, 9, "7 of 9 rows")],
)
def test_how_far_it_is_told_of_one_row_and_of_many(done: int, total: int, words: str) -> None:
    assert watching.how_far(Totals(total=total, done=done)) == words

"""``flask addresses import``: the same import as in the page, for files of any size."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from flask_babel import force_locale

from app.core.commands.ending import fail
from app.core.i18n import written_as
from app.core.spreadsheets import SEPARATORS as NAMED_SEPARATORS
from app.modules.addresses.settings import address_settings
from app.modules.addresses.transfer.cells import Unreadable
from app.modules.addresses.transfer.cells import country as read_country
from app.modules.addresses.transfer.formats import ENCODINGS, NoTable
from app.modules.addresses.transfer.importing import Plan, Totals, run_import
from app.modules.addresses.transfer.options import NEW_ROLES, Options
from app.modules.addresses.transfer.proposing import Proposal, propose
from app.modules.addresses.transfer.source import FileSource
from app.modules.addresses.transfer.targets import lacking, target_of, twice
from app.modules.addresses.transfer.watching import Watch, how_far

#: Commands speak English; there is no user whose language could be asked for.
LANGUAGE = written_as("en")
STDIN = Path("-")
_NO_TABLE = {
    "empty": "holds no rows",
    "spreadsheet": "is a spreadsheet: save it as CSV first",
    "vcard": "holds vCards and no table",
    "not_a_table": "is no table of text",
}
_LACKING = {
    "nothing": "No column of the file is assigned: use --assignment.",
    "no_name": "No column is assigned to the name, nor to a number or ID by which addresses are found.",
    "no_number_left": "A label has no number column to its left.",
}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--encoding", type=click.Choice(sorted(ENCODINGS)), help="Instead of the one that is detected.")
@click.option("--separator", type=click.Choice(sorted(NAMED_SEPARATORS)), help="Instead of the one that is detected.")
@click.option("--no-headings", is_flag=True, help="The first row is an address, too.")
@click.option(
    "--assignment",
    "assignment_file",
    type=click.Path(path_type=Path),
    help="Text file, a line HEADING=FIELD (or NUMBER=FIELD of the column) for each that is assigned otherwise.",
)
@click.option("--country", metavar="CODE", help="Of rows that name none; the one of the settings unless given.")
@click.option(
    "--role",
    type=click.Choice([role or "none" for role in NEW_ROLES]),
    default="customer",
    show_default=True,
    help="Of new addresses for which the file names none.",
)
@click.option(
    "--leave-existing", is_flag=True, help="Create new addresses only; those that are there stay as they are."
)
@click.option("--clear-empty", is_flag=True, help="Empty cells empty the fields of addresses that are there.")
@click.option("--failures", type=click.Path(path_type=Path), help="File for the rows that are refused, with reasons.")
def import_command(
    file: Path,
    dry_run: bool,
    encoding: str | None,
    separator: str | None,
    no_headings: bool,
    assignment_file: Path | None,
    country: str | None,
    role: str,
    leave_existing: bool,
    clear_empty: bool,
    failures: Path | None,
) -> None:  # fmt: skip
    """Import addresses from the CSV file FILE; - reads standard input.

    Addresses are found again by Durchwahl ID, external ID, customer number or supplier number, and created otherwise.
    Ends with status 1 when a row was refused; all others are stored then.
    """
    options = Options(
        country=_country(country),
        role="" if role == "none" else role,
        existing="leave" if leave_existing else "update",
        clear_empty=clear_empty,
    )
    with _readable(file) as path, force_locale(LANGUAGE):
        chosen = _propose(path, file, encoding, separator, no_headings)
        assignment = chosen.assignment if assignment_file is None else _assigned(chosen, assignment_file)
        _check(assignment)
        plan = Plan(FileSource(path), chosen.format, assignment, options)
        with Watch(chosen.headings, assignment, failures, dry_run=dry_run) as watch:
            totals = _run(plan, watch, dry_run)
        _tell(totals, watch.named, failures, dry_run=dry_run)


def _country(given: str | None) -> str:
    if given is None:
        return address_settings().default_country
    try:
        return read_country(given)
    except Unreadable:
        fail(f"{given} is no country: give its code of two letters.")


@contextlib.contextmanager
def _readable(file: Path) -> Iterator[Path]:
    """The file, or a copy of what comes in on standard input: it is read twice."""
    if file != STDIN:
        if file.is_dir():
            fail(f"{file} is a folder.")
        yield file
        return
    with tempfile.NamedTemporaryFile(prefix="durchwahl-import-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)


def _propose(path: Path, file: Path, encoding: str | None, separator: str | None, no_headings: bool) -> Proposal:
    chosen = None if separator is None else NAMED_SEPARATORS[separator]
    try:
        return propose(FileSource(path), encoding=encoding, separator=chosen, header=False if no_headings else None)
    except OSError as error:
        fail(f"The file {file} cannot be read ({error.strerror or type(error).__name__}).")
    except NoTable as error:
        fail(f"The file {file} {_NO_TABLE[error.code]}.")


def _assigned(chosen: Proposal, file: Path) -> tuple[str, ...]:
    """The proposal with what a file says otherwise."""
    assignment = list(chosen.assignment)
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"The file {file} cannot be read ({type(error).__name__}).")
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        heading, equals, field = (part.strip() for part in line.rpartition("="))
        if not equals:
            fail(f"{file}, line {number}: write HEADING=FIELD.")
        columns = [column for column, name in enumerate(chosen.headings) if name.casefold() == heading.casefold()]
        if not columns and heading.isascii() and heading.isdigit() and 0 < int(heading) <= len(assignment):
            columns = [int(heading) - 1]
        if not columns:
            fail(f"{file}, line {number}: the file has no column {heading}.")
        if field and target_of(field) is None:
            fail(f"{file}, line {number}: there is no field {field}; see docs/import.md.")
        for column in columns:
            assignment[column] = field
    return tuple(assignment)


def _check(assignment: Sequence[str]) -> None:
    missing = lacking(assignment)
    if missing:
        fail(_LACKING[missing])
    if again := twice(assignment):
        fail(f"Two columns are assigned to {', '.join(again)}: use --assignment.")


def _run(plan: Plan, watch: Watch, dry_run: bool) -> Totals:
    try:
        return run_import(plan, watch, dry_run=dry_run)
    except OSError as error:
        fail(f"Stopped: {error.strerror or type(error).__name__}. {_so_far(watch.totals, dry_run)}")
    except KeyboardInterrupt:
        fail(f"Stopped. {_so_far(watch.totals, dry_run)}")


def _so_far(totals: Totals, dry_run: bool) -> str:
    if dry_run:
        return "Nothing was changed."
    return f"{how_far(totals)} {'is done and stays' if totals.done == 1 else 'are done and stay'} so."


def _tell(totals: Totals, named: Sequence[str], failures: Path | None, *, dry_run: bool) -> None:
    said = [
        f"{totals.created} created",
        f"{totals.updated} changed",
        f"{totals.same} as they were",
        *([f"{totals.left} left alone"] if totals.left else []),
        f"{totals.failed} refused",
    ]
    rows = f"{totals.done} row{'' if totals.done == 1 else 's'}"
    click.echo(f"{'Would read' if dry_run else 'Read'} {rows}: {', '.join(said)}.")
    if totals.unread:
        one = totals.unread == 1
        click.echo(
            f"{totals.unread} phone number{'' if one else 's'} cannot be read; "
            f"{'it is' if one else 'they are'} kept as typed and marked."
        )
    if not totals.failed:
        return
    for line in named:
        click.echo(line, err=True)
    one = totals.failed == 1
    refused = f"{totals.failed} of {rows} {'was' if one else 'were'} refused"
    if failures is not None:
        fail(f"{refused}: correct {'it' if one else 'them'} in {failures} and import that file.")
    more = totals.failed - len(named)
    fail(
        f"{refused}{f', {more} more than shown' if more else ''}; "
        f"--failures FILE writes {'it down with its reason' if one else 'them down with their reasons'}."
    )

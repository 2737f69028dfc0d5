"""``flask addresses export``: the active addresses as CSV."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask_babel import force_locale

from app.core.commands.ending import fail
from app.core.i18n import LANGUAGES, written_as
from app.core.spreadsheets import SEPARATORS
from app.modules.addresses.listing import matching_ids
from app.modules.addresses.transfer.exporting import export_lines


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--separator", type=click.Choice(sorted(SEPARATORS)), default="semicolon", show_default=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="de", show_default=True, help="Of the headings.")
@click.option("--with-archived", is_flag=True, help="Archived addresses, too.")
def export_command(file: Path | None, separator: str, language: str, with_archived: bool) -> None:
    """Write addresses, numbers and contacts as CSV to FILE, or to standard output.

    An import takes the table back as it is.
    """
    with force_locale(written_as(language)):
        lines = export_lines(matching_ids(archived="all" if with_archived else "active"), SEPARATORS[separator])
        if file is None or file == Path("-"):
            for line in lines:
                sys.stdout.buffer.write(line.encode("utf-8"))
            return
        try:
            with file.open("w", encoding="utf-8", newline="") as output:
                output.writelines(lines)
        except OSError as error:
            fail(f"The file {file} cannot be written ({error.strerror or type(error).__name__}).")

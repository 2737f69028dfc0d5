"""``flask addresses``."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.modules.addresses.indexing import rebuild_index
from app.modules.addresses.numbers import rebuild_numbers
from app.modules.addresses.repeated import refresh_all
from app.modules.addresses.transfer.command_export import export_command
from app.modules.addresses.transfer.command_import import import_command

addresses = AppGroup("addresses", help="Addresses and their phone numbers.")
addresses.add_command(import_command)
addresses.add_command(export_command)


@addresses.command("rebuild-numbers")
def numbers() -> None:
    """Read every stored phone number again from what was typed."""
    seen, changed = rebuild_numbers()
    click.echo(f"Read {seen} phone numbers again, {changed} of them changed.")


@addresses.command("rebuild")
def rebuild() -> None:
    """Bring everything that follows from other data up to date: numbers, which of them are stored more than once, the
    search's index, its vocabulary.
    """  # fmt: skip
    seen, changed = rebuild_numbers()
    click.echo(f"Read {seen} phone numbers again, {changed} of them changed.")
    click.echo(f"{refresh_all()} phone numbers are stored more than once.")
    seen, changed = rebuild_index()
    click.echo(f"Compared the search's entries of {seen} addresses, {changed} of them changed.")

"""``flask addresses``."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.modules.addresses.numbers import rebuild_numbers

addresses = AppGroup("addresses", help="Addresses and their phone numbers.")


@addresses.command("rebuild-numbers")
def rebuild() -> None:
    """Read every stored phone number again from what was typed."""
    seen, changed = rebuild_numbers()
    click.echo(f"Read {seen} phone numbers again, {changed} of them changed.")

"""``flask privacy``: lets old personal data go."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.core.commands.ending import fail
from app.core.privacy import running

privacy = AppGroup("privacy", help="Personal data that are kept too long.")


@privacy.command("run")
@click.option("--dry-run", is_flag=True, help="Only tell how many would go.")
def privacy_run(dry_run: bool) -> None:
    """Remove or anonymise what is older than is set on the page Datenschutz."""
    try:
        counts = running.preview() if dry_run else running.run()
    except running.Busy:
        fail("Another run is under way.")
    for kind in current_app.extensions["durchwahl"].privacy.kinds:
        click.echo(f"{kind.key}: {counts.get(kind.key, 0)} {'would be ' if dry_run else ''}{kind.deed}")

"""``flask callcenter replay``: reads every stored notification anew."""

from __future__ import annotations

import click
from flask import current_app

from app.core.commands.ending import fail
from app.core.database import transaction
from app.modules.callcenter import inbox
from app.modules.callcenter.cards import CARDS_VERSION


@click.command("replay")
@click.option("--failed", "failed_only", is_flag=True, help="Only what failed or was interrupted.")
def replay(failed_only: bool) -> None:
    """Read the stored notifications again; harmless, and corrects earlier results after an update."""
    counts = inbox.replay(failed_only=failed_only)
    with transaction() as session:
        # A running server shows the corrected calls at once.
        current_app.extensions["durchwahl"].versions.bump(session, CARDS_VERSION)
    total = sum(counts.values())
    told = ", ".join(f"{counts[state]} {state}" for state in sorted(counts) if state != inbox.FAILED)
    text = f"Replayed {total} notifications" + (f": {told}" if told else "")
    failed = counts.get(inbox.FAILED, 0)
    if failed:
        fail(f"{text}; {failed} failed again and stay in the log with their reasons.")
    click.echo(f"{text}.")

"""``flask callcenter replay`` reads every stored notification anew, ``take-in`` what waits to be stored."""

from __future__ import annotations

import click
from flask import current_app

from app.core.commands.ending import fail
from app.core.database import is_unavailable, transaction
from app.modules.callcenter import inbox, spooling
from app.modules.callcenter.cards import CARDS_VERSION


@click.command("replay")
@click.option("--failed", "failed_only", is_flag=True, help="Only what failed or was interrupted.")
def replay(failed_only: bool) -> None:
    """Read the stored notifications again; harmless, and corrects earlier results after an update."""
    counts = inbox.replay(failed_only=failed_only)
    _tell_browsers()
    total = sum(counts.values())
    told = ", ".join(f"{counts[state]} {state}" for state in sorted(counts) if state != inbox.FAILED)
    text = f"Replayed {total} notifications" + (f": {told}" if told else "")
    failed = counts.get(inbox.FAILED, 0)
    if failed:
        fail(f"{text}; {failed} failed again and stay in the log with their reasons.")
    click.echo(f"{text}.")


@click.command("take-in")
def take_in() -> None:
    """Store and process what came while the database was away; a running server does so by itself."""
    waiting = spooling.spool().waiting()
    if not waiting.count:
        click.echo("Nothing waits.")
        return
    try:
        done = spooling.take_in()
    except Exception as error:
        if not is_unavailable(error):
            raise
        since = waiting.since.isoformat(timespec="seconds") if waiting.since else "?"
        fail(f"The database cannot be reached; {waiting.count} notifications wait since {since}.")
    if done.elsewhere:
        fail("A running server is about to take them in.")
    if done.taken:
        _tell_browsers()
    text = f"Took in {done.taken} notifications"
    if done.left:
        why = [
            f"{number} {reason}"
            for number, reason in (
                (done.unreadable, "cannot be read, for they were written under another SECRET_KEY"),
                (done.refused, "were refused by the database; the log tells why"),
            )
            if number
        ]
        fail(f"{text}; {' and '.join(why)}.")
    click.echo(f"{text}.")


def _tell_browsers() -> None:
    """A running server shows the calls as they are now at once."""
    with transaction() as session:
        current_app.extensions["durchwahl"].versions.bump(session, CARDS_VERSION)

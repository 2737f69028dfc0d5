"""``flask privacy``: lets old personal data go, and all data about a person."""

from __future__ import annotations

import secrets

import click
from flask import current_app
from flask.cli import AppGroup

from app.core.accounts import service
from app.core.commands.ending import fail
from app.core.privacy import persons, removing, running

privacy = AppGroup("privacy", help="Personal data that are kept too long, or that are to go.")


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


@privacy.command("remove")
@click.argument("who")
@click.option("--dry-run", is_flag=True, help="Only tell what would go, be anonymised, and stay.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--unblock", is_flag=True, help="Take the number off the block list, too.")
@click.option("--also", multiple=True, metavar="KEY", help="What is listed as unclear goes, too; may be repeated.")
@click.option("--successor", metavar="USERNAME", help="Who goes on with the call-backs and addresses of a user.")
def privacy_remove(
    who: str, dry_run: bool, yes: bool, unblock: bool, also: tuple[str, ...], successor: str | None
) -> None:
    """Remove all data about a person.

    WHO is a name, a phone number in any spelling, or a key as this command lists them where several may be meant.
    """
    heir = service.find_user(successor) if successor else None
    if successor and (heir is None or not heir.active):
        fail(f"There is no active user {successor}.")
    seen = removing.preview(_key_of(who), unblock=unblock, successor=heir.id if heir else None, also=also)
    if seen is None:
        fail("This person is not there any more.")
    click.echo(f"{seen.removal.person.title} ({seen.removal.person.key})")
    for one in persons.former_words(seen.removal.person):
        click.echo(f"formerly: {one}")
    for part, count in seen.parts:
        click.echo(f"{part.key}: {count} {part.deed.replace('_', ' ')}")
    for unclear in seen.unclear:
        chosen = "goes, too" if unclear.key in also else f"stays; --also {unclear.key} removes it"
        click.echo(f"unclear: {unclear.where}: {unclear.text} ({chosen})")
    if unknown := sorted(set(also) - {unclear.key for unclear in seen.unclear}):
        fail(f"Nothing unclear is called {', '.join(unknown)}.")
    if seen.refusal is not None:
        fail(seen.refusal)
    if dry_run:
        return
    if not yes:
        click.confirm("Remove for good?", abort=True)
    try:
        ordered = removing.order(seen.removal, secrets.token_hex(16), "")
    except removing.Refused as refused:
        fail(str(refused))
    if not ordered:
        fail("The removal of this person is under way already.")
    done = removing.work_off()
    click.echo("Removed." if done else "Ordered; it goes on by itself once what is under way has ended.")


def _key_of(who: str) -> str:
    """The key of the one person that is meant."""
    found = persons.find(who)
    if len(found) > 1 and len({person.key for person in found}) > 1:
        listed = "".join(f"\n  {person.key}  {person.title}" for person in found)
        fail(f"Several may be meant; name one by its key:{listed}")
    return found[0].key if found else who

"""``flask backup``: copies of the SQLite database."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.core import backups
from app.core.commands.ending import fail
from app.core.commands.structure import head_revision, known_revisions
from app.core.security import CannotDecrypt

backup = AppGroup("backup", help="Backups of the SQLite database.")


@backup.command("create")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def backup_create(file: Path | None) -> None:
    """Copy the database while the server runs; into DATA_DIR/backups unless FILE says otherwise.

    Prints the file as the last word.
    """
    kernel = current_app.extensions["durchwahl"]
    if not kernel.config.is_sqlite:
        fail("PostgreSQL is backed up by its own pg_dump: see docs/administration.md.")
    if file is None:
        file = kernel.config.data_dir / "backups" / f"durchwahl-{kernel.clock.now():%Y%m%dT%H%M%SZ}.db"
    source = Path(kernel.database.engine.url.database or "")
    try:
        with click.progressbar(length=1, label="Copying", file=sys.stderr) as bar:

            def progress(done: int, pages: int) -> None:
                bar.length = max(pages, 1)
                bar.update(done - bar.pos)

            contents = backups.create(source, file, progress)
    except backups.BackupFailed as failed:
        fail(str(failed))
    click.echo(f"Backed up {contents.total} rows of {len(contents.rows)} tables ({_size(contents.bytes)}): {file}")


@backup.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
def backup_verify(file: Path) -> None:
    """End non-zero unless FILE is a whole backup that this version can restore with this SECRET_KEY."""
    try:
        contents = backups.look_into(file)
    except backups.BackupFailed as failed:
        fail(str(failed))
    if contents.revision not in known_revisions():
        fail(f"{file} is of a newer version ({contents.revision}): restore it with that version.")
    cipher = current_app.extensions["durchwahl"].cipher
    for secret in contents.secrets:
        try:
            cipher.decrypt(secret)
        except CannotDecrypt:
            fail(f"{file} is whole, but its stored secrets belong to another SECRET_KEY: restore that key, too.")
    sentence = f"The backup is whole: {contents.total} rows of {len(contents.rows)} tables, {contents.revision}."
    if contents.revision != head_revision():
        sentence += f" After restoring it run `flask db upgrade`, to {head_revision()}."
    click.echo(sentence)


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MiB"

"""``flask db``: the database's structure."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

import click
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import AppGroup

from app.core.commands.ending import fail

ROOT = Path(__file__).resolve().parent.parent.parent.parent
# Alembic tells about itself with every look at the revision; what was done is said by the commands.
logging.getLogger("alembic").setLevel(logging.WARNING)


def alembic_config(url: str) -> AlembicConfig:
    """Alembic's configuration for this database; there is no alembic.ini."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def current_revision() -> str | None:
    """The revision of the database, None for an empty one."""
    with current_app.extensions["durchwahl"].database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@lru_cache
def head_revision() -> str | None:
    """The newest revision that this version knows."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


@lru_cache
def known_revisions() -> frozenset[str]:
    """All revisions that this version can start from."""
    return frozenset(script.revision for script in ScriptDirectory(str(ROOT / "migrations")).walk_revisions())


def outdated() -> str | None:
    """A sentence that says what to do when the database is of another version; None when it is at this one."""
    current, head = current_revision(), head_revision()
    if current == head:
        return None
    if current is not None and current not in known_revisions():
        return f"The database is of a newer version ({current}): run that one, or restore a backup up to {head}."
    return f"The database is at {current or 'nothing'}, this version needs {head}: run `flask db upgrade`."


db = AppGroup("db", help="The database's structure.")


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version; nothing happens when it is there. The service does so at every start."""
    before = current_revision()
    if before == head_revision():
        click.echo(f"The database is up to date ({before}).")
        return
    if before is not None and before not in known_revisions():
        fail(outdated() or "")
    command.upgrade(alembic_config(current_app.extensions["durchwahl"].config.database_url), "head")
    click.echo(f"Upgraded to {current_revision()}.")


@db.command("current")
def db_current() -> None:
    """Show the database's revision."""
    click.echo(current_revision() or "The database is empty.")


@db.command("check")
def db_check() -> None:
    """End non-zero when the database is not at this version."""
    sentence = outdated()
    if sentence is not None:
        fail(sentence)
    click.echo(f"The database is up to date ({head_revision()}).")

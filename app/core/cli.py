"""All ``flask`` commands of core, and how every command ends that could not do its work."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import click
from alembic.util import CommandError
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from app.core.commands import accounts, backup, operation, privacy, structure
from app.core.commands.ending import fail
from app.core.database import is_unavailable


class Commands(AppGroup):
    """The commands of one application.

    What no command can do anything about ends it in one line, too: a database that is away or not at this version,
    and names that are no UTF-8.
    """

    def __init__(self, app: Flask) -> None:
        super().__init__(app.name)
        self.app = app

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, guarded; a copy, as the group itself serves every application of the process."""
        command = super().get_command(ctx, cmd_name)
        if command is None:
            return None
        guarded = copy.copy(command)
        guarded.invoke = partial(self._invoke, command)  # type: ignore[method-assign] # of the copy only
        return guarded

    def _invoke(self, command: click.Command, ctx: click.Context) -> Any:
        try:
            return command.invoke(ctx)
        except UnicodeEncodeError:
            fail("What was given on the command line is not UTF-8.")
        except CommandError as error:
            fail(f"The database cannot be brought to this version: {error}")
        except DBAPIError as error:
            sentence = self._told(error)
            if sentence is None:
                raise
            fail(sentence)

    def _told(self, error: DBAPIError) -> str | None:
        """What is wrong with the database; None where it is a fault of ours."""
        try:
            with self.app.app_context():
                outdated = structure.outdated()
        except DBAPIError:
            return "The database cannot be reached: check DATABASE_URL, and whether its server runs."
        if outdated is not None:
            return outdated
        return "The database is busy or was away for a moment: try again." if is_unavailable(error) else None


def install(app: Flask) -> None:
    """Register the commands; modules add their own."""
    app.cli = Commands(app)
    for group in (
        structure.db,
        accounts.users,
        accounts.tokens_group,
        operation.modules,
        operation.jobs,
        operation.demo_group,
        backup.backup,
        privacy.privacy,
    ):
        app.cli.add_command(group)

"""All ``flask`` commands of core."""

from __future__ import annotations

from flask import Flask

from app.core.commands import accounts, operation, structure


def install(app: Flask) -> None:
    """Register the commands; modules add their own."""
    for group in (
        structure.db,
        accounts.users,
        accounts.tokens_group,
        operation.modules,
        operation.jobs,
        operation.demo_group,
    ):
        app.cli.add_command(group)

"""How a command ends that could not do what it was asked."""

from __future__ import annotations

from typing import NoReturn

import click


def fail(text: str) -> NoReturn:
    """End with one clear line on standard error and status 1."""
    raise click.ClickException(text)

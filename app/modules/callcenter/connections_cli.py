"""``flask callcenter connections …``: telephone systems besides the first one, without a browser."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.core.commands.ending import fail
from app.modules.callcenter import connecting, connections
from app.modules.callcenter.connecting import BadConnection
from app.modules.callcenter.connections import UnknownConnection

group = AppGroup("connections", help="The connections to telephone systems.")
_FAULTS = {
    "no_name": "The name is empty.",
    "long_name": f"The name has more than {connecting.NAME_LENGTH} characters.",
    "name_taken": "Another connection has this name.",
}


@group.command("add")
@click.argument("kind")
@click.argument("name")
def add(kind: str, name: str) -> None:
    """Connect one more telephone system of this KIND, and call it NAME. The last word is its address for notifications.

    The address holds a secret: whoever has it may try to report calls.
    """
    try:
        made = connecting.add(kind, name)
    except BadConnection as fault:
        known = ", ".join(connecting.kinds())
        fail(_FAULTS.get(fault.code, f"There is no telephone system of the kind {kind}; there are: {known}."))
    click.echo(
        f"{made.name} was added as {made.key}. It posts its notifications to {connections.address(made, _base())}"
    )


@group.command("list")
def list_() -> None:
    """One line for each: key, state, name, address for notifications."""
    for one in connections.listed():
        state = "active" if one.active else "inactive"
        click.echo(f"{one.key}  {state}  {one.name}  {connections.address(one, _base())}")


@group.command("deactivate")
@click.argument("key")
def deactivate(key: str) -> None:
    """Refuse the notifications of the connection KEY, and dial through it no longer; the others go on."""
    _set(key, active=False)
    click.echo(f"{key} is not in use any more. What it reported stays.")


@group.command("activate")
@click.argument("key")
def activate(key: str) -> None:
    """Take the connection KEY into use again."""
    _set(key, active=True)
    click.echo(f"{key} is in use again.")


def _set(key: str, *, active: bool) -> None:
    try:
        connecting.set_active(key, active=active)
    except UnknownConnection:
        known = ", ".join(one.key for one in connections.listed())
        fail(f"There is no connection {key}; there are: {known}.")


def _base() -> str:
    config = current_app.extensions["durchwahl"].config
    return config.public_url or f"http://127.0.0.1:{config.port}"

"""``flask callcenter connections …``: telephone systems besides the first one, without a browser."""

from __future__ import annotations

import sys
from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import force_locale

from app.core.commands.ending import fail
from app.core.i18n import show_datetime, written_as
from app.core.settings import Secret
from app.modules.callcenter import configuring, connecting, connection, connections, own_settings, webhook_secrets
from app.modules.callcenter.connecting import BadConnection
from app.modules.callcenter.connections import UnknownConnection
from app.modules.callcenter.own_settings import PREFIX
from app.modules.callcenter.providers.fields import Kind
from app.modules.callcenter.webhook_secrets import MOST_HOURS, is_secret

#: Commands speak English; there is no user whose language could be asked for.
LANGUAGE = written_as("en")
group = AppGroup("connections", help="The connections to telephone systems.")
KEEP_OLD_SECRET = click.option(
    "--keep-old-secret",
    type=click.IntRange(0, MOST_HOURS),
    metavar="HOURS",
    help="With a new shared secret: accept the present one for so many hours more.",
)
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


@group.command("settings")
@click.argument("key")
def settings(key: str) -> None:
    """What the connection KEY can be told: a line for each setting, its value, of a secret only whether it is set."""
    _known(key)
    chosen = connection.own_settings(key)
    with force_locale(LANGUAGE):
        for name, title in _titles(key).items():
            click.echo(f"{name}  {_said(getattr(chosen, _stored(name, key)))}  {title}")
        until = webhook_secrets.old_until(chosen, current_app.extensions["durchwahl"].clock.now())
        if until is not None:
            click.echo(f"The former shared secret is accepted until {show_datetime(until)}.")


@group.command("set")
@click.argument("key")
@click.argument("name")
@click.argument("value", required=False)
@click.option(
    "--stdin", "from_stdin", is_flag=True, help="Read the value from standard input, as every secret must be."
)
@click.option("--remove", is_flag=True, help="Remove a secret, or empty a text.")
@KEEP_OLD_SECRET
def set_(key: str, name: str, value: str | None, from_stdin: bool, remove: bool, keep_old_secret: int | None) -> None:
    """Store VALUE as the setting NAME of the connection KEY; `settings` lists the names. A switch is on or off."""
    _known(key)
    if name not in _titles(key):
        fail(f"This connection has no setting {name}; it has: {', '.join(_titles(key)) or 'none'}.")
    if [value is not None, from_stdin, remove].count(True) != 1:
        fail("Give a value, --stdin or --remove.")
    stored = _stored(name, key)
    if keep_old_secret is not None and (stored != "shared_secret" or remove):
        fail("--keep-old-secret goes with a new shared secret.")
    hidden = stored in own_settings.secrets(key)
    if hidden and value is not None:
        fail("This is a secret, which others on this machine could see: use --stdin.")
    typed = "" if remove else (sys.stdin.read() if value is None else value).strip()
    if hidden and not remove and not is_secret(typed):
        fail(f"The {name} is empty.")
    if hidden and len(typed.splitlines()) > 1:
        fail(f"The {name} has several lines; it is one.")
    told = _read(name, stored, key, typed)
    said = [f"{name} {'removed' if remove else 'stored'}."]
    if stored == "shared_secret" and not remove:
        said += former_secret(keep_old_secret, key)
    keep = timedelta(hours=keep_old_secret or 0)
    configuring.save(configuring.Changes({stored: told}, connection=key, keep_old_secret=keep))
    for sentence in said:
        click.echo(sentence)


@group.command("end-old-secret")
@click.argument("key")
def end_old_secret(key: str) -> None:
    """Accept the former shared secret of the connection KEY no longer, before its time is over."""
    _known(key)
    if "shared_secret" not in _titles(key):
        fail("This connection has no shared secret.")
    configuring.end_old_secret(connection=key)
    click.echo("The former shared secret is not accepted any more.")


def _read(name: str, stored: str, key: str, typed: str) -> object:
    """The value of what was typed for a setting; ends with what is wrong with it."""
    asked = own_settings.asked(key).get(stored)
    if asked is None:
        return typed
    with force_locale(LANGUAGE):
        wrong = own_settings.fault(asked, typed)
    if asked.kind is Kind.CHOICE and wrong is not None:
        fail(f"{name} is one of: {', '.join(asked.choices)}.")
    if wrong is not None:
        fail(f"{name}: {wrong}")
    if asked.kind is Kind.SWITCH and typed not in ("on", "off"):
        fail(f"{name} is on or off.")
    return typed == "on" if asked.kind is Kind.SWITCH else typed


def former_secret(keep_hours: int | None, key: str) -> list[str]:
    """What becomes of the present shared secret when another one is stored, as a sentence where there is one."""
    present = connection.own_settings(key).shared_secret
    if present is None or not present.reveal():
        return []
    if keep_hours:
        return [f"The former one is accepted for {keep_hours} more hours."]
    return ["The former one is not accepted any more."]


def _titles(key: str) -> dict[str, str]:
    """What can be set of this connection, by the names that commands use."""
    needs = connection.needs(connections.connection(key))
    common = {"api_key": ("api_key", "API key"), "shared_secrets": ("shared_secret", "Shared secret")}
    found = dict(told for field, told in common.items() if field in needs)
    own = {name.removeprefix(PREFIX): own_settings.worded(one.label) for name, one in own_settings.asked(key).items()}
    return {**found, **own}


def _stored(name: str, key: str) -> str:
    return PREFIX + name if PREFIX + name in own_settings.asked(key) else name


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Secret):
        return "set" if value.readable else "unreadable"
    return str(value) if value else "not set"


def _set(key: str, *, active: bool) -> None:
    _known(key)
    connecting.set_active(key, active=active)


def _known(key: str) -> None:
    try:
        connections.connection(key)
    except UnknownConnection:
        known = ", ".join(one.key for one in connections.listed())
        fail(f"There is no connection {key}; there are: {known}.")


def _base() -> str:
    config = current_app.extensions["durchwahl"].config
    return config.public_url or f"http://127.0.0.1:{config.port}"

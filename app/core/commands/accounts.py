"""``flask users`` and ``flask tokens``."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.core.accounts import service, tokens
from app.core.accounts.models import ROLES
from app.core.accounts.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, MIN_REST
from app.core.accounts.service import AccountError
from app.core.commands.ending import fail

PROBLEMS = {
    "username_taken": "There is a user with this name already.",
    "bad_username": "A user name has 1 to 80 characters, without blanks and without : , ; / \\.",
    "password_too_short": f"The password is too short: at least {MIN_PASSWORD_LENGTH} characters.",
    "password_too_long": f"The password is too long: at most {MAX_PASSWORD_LENGTH} characters.",
    "password_common": "This password stands in lists that attackers try first. Choose another.",
    "password_of_names": "This password is little more than a name that can be guessed. Add "
    f"{MIN_REST} other letters or digits at least.",
    "bad_name": "The full name is too long: at most 200 characters.",
    "bad_email": "The e-mail address is too long: at most 254 characters.",
    "last_administrator": "This is the last active administrator.",
    "no_such_user": "There is no active user with this name.",
    "no_such_token": "There is no such token that is still valid.",
    "no_token_name": "The token needs a name.",
}

users = AppGroup("users", help="People who log in.")
tokens_group = AppGroup("tokens", help="Bearer tokens of the REST API.")


def _say(error: AccountError) -> str:
    return PROBLEMS.get(error.code, error.code)


@users.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@click.option("--full-name", default="", help="As shown to others; default: the user name.")
@click.option("--email", default="")
@click.option("--change-password", is_flag=True, help="At the first log-in another password has to be chosen.")
def users_create(name: str, role: str, password_stdin: bool, full_name: str, email: str, change_password: bool) -> None:
    """Create a user."""
    password = sys.stdin.readline().rstrip("\r\n")
    try:
        service.create_user(name, password, role, name=full_name, email=email, must_change_password=change_password)
    except AccountError as error:
        fail(_say(error))
    click.echo(f"Created the user {name.strip()} ({role}).")


@users.command("list")
def users_list() -> None:
    """List all users, one a line: name, role, state."""
    for user in service.list_users():
        click.echo(f"{user.username}\t{user.role}\t{'active' if user.active else 'deactivated'}\t{user.name}")


@users.command("deactivate")
@click.argument("name")
def users_deactivate(name: str) -> None:
    """Deactivate a user: log-ins end, nothing is deleted."""
    user = service.find_user(name)
    if user is None:
        fail("There is no user with this name.")
    try:
        service.update_user(user.id, active=False)
    except AccountError as error:
        fail(_say(error))
    click.echo(f"Deactivated the user {user.username}.")


@tokens_group.command("create")
@click.argument("user")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--scope", type=click.Choice(tokens.SCOPES), default=tokens.WRITE, show_default=True)
def tokens_create(user: str, name: str, scope: str) -> None:
    """Create a token; it is printed once, as the last word."""
    try:
        token = tokens.create(user, name, scope)
    except AccountError as error:
        fail(_say(error))
    rights = "read" if scope == tokens.READ else "read and write"
    click.echo(f"Created the token {name} for {user} ({rights}); it is shown only now: {token}")


@tokens_group.command("list")
def tokens_list() -> None:
    """List all tokens, one a line: id, user, name, scope, state."""
    for row in tokens.list_tokens():
        state = "revoked" if row.revoked else "valid"
        click.echo(f"{row.id}\t{row.username}\t{row.name}\t{row.scope}\t{state}")


@tokens_group.command("revoke")
@click.argument("token_id", type=int)
def tokens_revoke(token_id: int) -> None:
    """Make a token worthless at once."""
    try:
        tokens.revoke(token_id)
    except AccountError as error:
        fail(_say(error))
    click.echo(f"Revoked the token {token_id}.")

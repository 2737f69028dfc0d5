"""``flask callcenter placetel …``: set the telephone system up without a browser.

Each command says what it did, or ends non-zero with one clear line. What it stores takes effect in a running server
within two seconds.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from app.core.commands.ending import fail
from app.modules.callcenter import comparing, configuring, connection, connections, connections_cli, diagnosis, gaps
from app.modules.callcenter.comparing import CannotCompare
from app.modules.callcenter.connections import FIRST_CONNECTION, UnknownConnection
from app.modules.callcenter.connections_cli import LANGUAGE
from app.modules.callcenter.gap_words import failure_sentence, filled_sentence
from app.modules.callcenter.replay import replay, take_in
from app.modules.callcenter.setup_words import account_problem, finding_sentence, line_problem
from app.modules.callcenter.views.settings_form import is_api_address
from app.modules.callcenter.webhook_secrets import PLAIN, SHORTEST_PASSWORD, is_secret
from app.modules.callcenter.written_lists import (
    AccountEntry,
    LineEntry,
    Problem,
    by_key,
    errors,
    parse_accounts,
    parse_lines,
)

callcenter = AppGroup("callcenter", help="Telephone systems and calls.")
placetel = AppGroup("placetel", help="The connection to Placetel.")
callcenter.add_command(placetel)
callcenter.add_command(replay)
callcenter.add_command(take_in)
callcenter.add_command(connections_cli.group)
OF_CONNECTION = click.option(
    "--connection",
    "key",
    default=FIRST_CONNECTION,
    metavar="KEY",
    help="Another one than the first: a key of flask callcenter connections list.",
)


@placetel.command("configure")
@click.option("--api-key-stdin", is_flag=True, help="Read the API key from standard input.")
@click.option("--shared-secret", metavar="SECRET", help="The shared secret; others on this machine may see it.")
@click.option("--shared-secret-stdin", is_flag=True, help="Read the shared secret from standard input.")
@connections_cli.KEEP_OLD_SECRET
@click.option("--accounts-file", type=click.Path(path_type=Path), help="Text file, a line USER:UID for each account.")
@click.option("--lines-file", type=click.Path(path_type=Path), help="Text file, a line NUMBER:user,user for each line.")
@click.option("--base-url", metavar="URL", help="Address of the Web API; another one is for the simulator.")
@OF_CONNECTION
def configure(
    api_key_stdin: bool,
    shared_secret: str | None,
    shared_secret_stdin: bool,
    keep_old_secret: int | None,
    accounts_file: Path | None,
    lines_file: Path | None,
    base_url: str | None,
    key: str,
) -> None:
    """Store what is given and leave the rest; all of it or, with a fault, nothing. Asks nobody."""
    key = _placetel(key)
    if api_key_stdin and shared_secret_stdin:
        fail("Standard input can hold one secret only: run the command twice, or use --shared-secret.")
    if shared_secret is not None and shared_secret_stdin:
        fail("Give the shared secret once: --shared-secret or --shared-secret-stdin.")
    settings: dict[str, Any] = {}
    said: list[str] = []
    if api_key_stdin:
        settings["api_key"] = _one_line(sys.stdin.read(), "API key")
        said.append("API key stored.")
    if shared_secret is not None or shared_secret_stdin:
        typed = sys.stdin.read() if shared_secret is None else shared_secret
        settings["shared_secret"] = _one_line(typed, "shared secret")
        said += ["Shared secret stored.", *connections_cli.former_secret(keep_old_secret, key)]
    elif keep_old_secret is not None:
        fail("--keep-old-secret goes with a new shared secret.")
    if base_url is not None:
        if not is_api_address(base_url.strip()):
            fail(f"{base_url} is no address such as https://api.placetel.de/v2.")
        if not connection.destinations().may_ask(base_url.strip()):
            fail(
                f"This server must not speak to {base_url.strip()}: only https, and nothing but what API_HOSTS allows."
            )
        settings["base_url"] = base_url.strip().rstrip("/")
        said.append(f"Address of the API: {settings['base_url']}.")
    accounts = _read_accounts(accounts_file, said, key) if accounts_file else None
    lines = _read_lines(lines_file, said, key) if lines_file else None
    if not said:
        fail("Nothing to configure: see flask callcenter placetel configure --help.")
    keep = timedelta(hours=keep_old_secret or 0)
    configuring.save(configuring.Changes(settings, accounts, lines, key, keep_old_secret=keep))
    for sentence in said:
        click.echo(sentence)


@connections_cli.group.command("assign")
@click.argument("key")
@click.option("--accounts-file", type=click.Path(path_type=Path), help="Lines username:account; replaces all accounts.")
@click.option("--lines-file", type=click.Path(path_type=Path), help="Lines number:user,user; replaces all lines.")
def assign(key: str, accounts_file: Path | None, lines_file: Path | None) -> None:
    """Say whose telephones and lines those of the connection KEY are."""
    try:
        any_uid = connection.names_users(key)
    except UnknownConnection:
        fail(f"There is no connection {key}; there are: {', '.join(one.key for one in connections.listed())}.")
    if accounts_file is None and lines_file is None:
        fail("Nothing is given to be stored; see --help.")
    said: list[str] = []
    accounts = _read_accounts(accounts_file, said, key, any_uid=any_uid) if accounts_file else None
    lines = _read_lines(lines_file, said, key) if lines_file else None
    configuring.save(configuring.Changes(accounts=accounts, lines=lines, connection=key))
    for sentence in said:
        click.echo(sentence)


@placetel.command("end-old-secret")
@OF_CONNECTION
def end_old_secret(key: str) -> None:
    """Accept the shared secret that was replaced no longer, before its time is over."""
    configuring.end_old_secret(connection=_placetel(key))
    click.echo("The former shared secret is not accepted any more.")


@placetel.command("demand-log-in")
@click.option("--user", metavar="NAME", help="The user in the address.")
@click.option("--password-stdin", is_flag=True, help="Read the password in the address from standard input.")
@click.option("--remove", is_flag=True, help="Demand neither any more.")
@OF_CONNECTION
def demand_log_in(user: str | None, password_stdin: bool, remove: bool, key: str) -> None:
    """Demand a user and a password in the address of notifications, besides the signature."""
    key = _placetel(key)
    if remove == bool(user or password_stdin):
        fail("Give --user and --password-stdin, or --remove.")
    if remove:
        configuring.save(configuring.Changes({"webhook_user": "", "webhook_password": ""}, connection=key))
        click.echo("No log-in is demanded in the address any more.")
        return
    if not user or not password_stdin:
        fail("Both are needed: --user and --password-stdin.")
    password = _one_line(sys.stdin.read(), "password")
    if not PLAIN.fullmatch(user):
        fail("The user consists of letters without accents, digits and . _ ~ - only, 80 at most.")
    if not PLAIN.fullmatch(password) or len(password) < SHORTEST_PASSWORD:
        fail(f"The password consists of {SHORTEST_PASSWORD} to 80 letters without accents, digits and . _ ~ - only.")
    configuring.save(configuring.Changes({"webhook_user": user, "webhook_password": password}, connection=key))
    click.echo("Notifications need this log-in in their address from now on: enter it at Placetel, too.")


@placetel.command("compare")
@click.argument("day", required=False, type=click.DateTime(["%Y-%m-%d"]))
@OF_CONNECTION
def compare(day: datetime | None, key: str) -> None:
    """Add the calls that Placetel lists and nobody reported, of DAY (YYYY-MM-DD) or today."""
    logging.getLogger("app.core.http").setLevel(logging.WARNING)
    chosen = day.date() if day else comparing.today()
    key = _placetel(key)
    with force_locale(LANGUAGE):
        try:
            filled = gaps.fill(chosen, key, by_hand=True)
        except CannotCompare as error:
            fail(failure_sentence(error.code, key))
        click.echo(filled_sentence(filled))
        if filled.doubtful:
            click.echo(f"To be decided by a person, on the page: {filled.doubtful}.")


@placetel.command("check")
@OF_CONNECTION
def check(key: str) -> None:
    """Ask Placetel whether all is well, and look at our own set-up."""
    # The log's line for each request would stand between the ones that are asked for.
    logging.getLogger("app.core.http").setLevel(logging.WARNING)
    key = _placetel(key)
    found = diagnosis.diagnose(None, key)
    diagnosis.remember(found, key)
    with force_locale(LANGUAGE):
        told = [(finding.level, finding_sentence(finding, key)) for finding in found.findings]
    if not found.ok:
        fail(next(text for level, text in told if level == "error"))
    for level, text in told:
        click.echo(text if level == "ok" else f"Warning: {text}")


def _placetel(key: str) -> str:
    """The key, where it is one of a connection to Placetel."""
    keys = [one.key for one in connections.listed() if one.provider == "placetel"]
    if key not in keys:
        fail(f"There is no connection {key} to Placetel; there are: {', '.join(keys)}.")
    return key


def _one_line(text: str, what: str) -> str:
    plain = text.strip()
    if not is_secret(plain):
        fail(f"The {what} is empty.")
    if len(plain.split()) > 1:
        fail(f"The {what} has spaces or several lines; it is one word.")
    return plain


def _read_accounts(
    path: Path, said: list[str], key: str = FIRST_CONNECTION, *, any_uid: bool = False
) -> list[AccountEntry]:
    users = by_key(configuring.known_users())
    entries, problems = parse_accounts(_text(path), users, configuring.listed(key).uids, any_uid=any_uid)
    with force_locale(LANGUAGE):
        told = [(problem, account_problem(problem, key)) for problem in problems]
    _stop_at_errors("accounts", told)
    said.append(_count(len(entries), "account"))
    said += _warnings("accounts", told)
    return entries


def _read_lines(path: Path, said: list[str], key: str = FIRST_CONNECTION) -> list[LineEntry]:
    """The lines of a file; a name that a line has already is kept, else the PBX's is taken."""
    entries, problems = parse_lines(_text(path), by_key(configuring.known_users()), named=connection.names_users(key))
    with force_locale(LANGUAGE):
        told = [(problem, line_problem(problem, key)) for problem in problems]
    _stop_at_errors("lines", told)
    said.append(_count(len(entries), "line"))
    said += _warnings("lines", told)
    return configuring.named(entries, key)


def _stop_at_errors(what: str, told: Sequence[tuple[Problem, str]]) -> None:
    if errors([problem for problem, _text in told]):
        faults = [f"line {problem.line}: {text.rstrip('.')}" for problem, text in told if problem.level == "error"]
        fail(f"The file of {what} was not stored: {'; '.join(faults)}.")


def _warnings(what: str, told: Sequence[tuple[Problem, str]]) -> list[str]:
    return [f"Warning: {what}, line {problem.line}: {text}" for problem, text in told]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'} stored."


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"The file {path} cannot be read ({type(error).__name__}).")

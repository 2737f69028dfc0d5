"""Fills the databases to measure with. Runs as a program of its own, so that the measuring process stays small.

    python -m benchmarks.population durchwahl ADDRESSES USERS [LEVEL…]   # prints the users' cookies as JSON
    python -m benchmarks.population bare ADDRESSES

Database and secrets come from the environment, as for the server.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from alembic import command
from flask import Flask
from sqlalchemy import Connection, Table, insert, text
from sqlalchemy.orm import Session

from app import create_app
from app.core.accounts import service
from app.core.accounts.models import STAFF, LoginSession, User, UserSetting
from app.core.commands.structure import alembic_config
from app.core.kernel import Kernel
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.callcenter.models import FIRST_CONNECTION, Line, LineUser
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from benchmarks import bare
from benchmarks.callers import (
    CONTACT_EVERY,
    SECRET,
    TWO,
    contact_number_of,
    is_switchboard,
    line_to_all,
    number_of,
    stem_of,
)
from config import Config

BATCH = 5000
#: Longer than any measurement: the calls of a measurement ring on, and their assumed ends would disturb it.
RINGING_MINUTES = 100_000
Rows = Iterator[dict[str, Any]]


def populate_durchwahl(app: Flask, addresses: int, users: int, levels: tuple[int, ...]) -> list[str]:
    """Addresses, users, log-ins and lines; returns the users' cookies."""
    kernel: Kernel = app.extensions["durchwahl"]
    command.upgrade(alembic_config(kernel.config.database_url), "head")
    now = kernel.clock.now()
    session_ids = [secrets.token_urlsafe(32) for _ in range(users)]
    with app.app_context(), kernel.database.transaction() as session:
        connection = session.connection()
        for model, rows in (
            (User, user_rows(users, now)),
            (UserSetting, _choices(users)),
            (LoginSession, _log_ins(session_ids, now)),
            (Address, _addresses(addresses, now)),
            (Contact, _contacts(addresses, now)),
            (PhoneNumber, _numbers(addresses)),
            (Line, _lines(levels)),
            (LineUser, _line_users(levels)),
        ):
            _insert(connection, model.__table__, rows)
        _configure(kernel, session)
    _take_stock(kernel.database.engine.connect())
    serializer: Any = app.session_interface
    return [serializer.get_signing_serializer(app).dumps({"sid": session_id}) for session_id in session_ids]


def _configure(kernel: Kernel, session: Session) -> None:
    kernel.settings.save(session, CallcenterSettings, {"ringing_minutes": RINGING_MINUTES})
    kernel.settings.save(session, ConnectionSettings, {"shared_secret": SECRET}, part=FIRST_CONNECTION)


def populate_bare(config: Config, addresses: int) -> None:
    """The tables of the bare pipeline: as many numbers as there are addresses."""
    engine = bare.make_engine(config.database_url)
    with engine.begin() as connection:
        bare.metadata.create_all(connection)
        numbers = ({"e164": number_of(n), "name": f"Company {n}"} for n in range(1, addresses + 1))
        _insert(connection, bare.NUMBERS, numbers)
    _take_stock(engine.connect())


def _insert(connection: Connection, table: Any, rows: Rows) -> None:
    assert isinstance(table, Table)
    while batch := list(islice(rows, BATCH)):
        connection.execute(insert(table), batch)


def _take_stock(connection: Connection) -> None:
    """PostgreSQL's statistics, which its autovacuum would gather before long."""
    with connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def user_rows(users: int, now: datetime) -> Rows:
    """Users of ours, from 1."""
    for user in range(1, users + 1):
        yield {
            "id": user,
            "username": f"user{user}",
            "username_key": f"user{user}",
            "name": f"User {user}",
            "email": "",
            "password_hash": "!",  # nobody logs in by password here
            "role": STAFF,
            "active": True,
            "language": "de",
            "timezone": "Europe/Berlin",
            "theme": "auto",
            "created_at": now,
            "updated_at": now,
        }


def _choices(users: int) -> Rows:
    for user in range(1, users + 1):
        yield {"user_id": user, "module": "callcenter", "name": "scope", "value": json.dumps("lines")}


def _log_ins(session_ids: list[str], now: datetime) -> Rows:
    for user, session_id in enumerate(session_ids, 1):
        yield {
            "id": service.session_hash(session_id),
            "user_id": user,
            "created_at": now,
            "expires_at": now + timedelta(days=1),
        }


def _addresses(addresses: int, now: datetime) -> Rows:
    for address in range(1, addresses + 1):
        yield {
            "id": address,
            "name": f"Company {address}",
            "name_key": f"company {address}",
            "search_text": f"company {address}",
            "customer_number": str(10000 + address),
            "is_customer": True,
            "created_at": now,
            "updated_at": now,
        }


def _contacts(addresses: int, now: datetime) -> Rows:
    for address in range(CONTACT_EVERY, addresses + 1, CONTACT_EVERY):
        yield {
            "id": address,
            "address_id": address,
            "name": f"Person {address}",
            "name_key": f"person {address}",
            "search_text": f"person {address}",
            "updated_at": now,
        }


def _numbers(addresses: int) -> Rows:
    for address in range(1, addresses + 1):
        number = number_of(address)
        stem = stem_of(address) if is_switchboard(address) else None
        yield _number(address, None, number, stem)
    for address in range(CONTACT_EVERY, addresses + 1, CONTACT_EVERY):
        yield _number(address, address, contact_number_of(address), None)


def _number(address: int, contact: int | None, number: str, stem: str | None) -> dict[str, Any]:
    return {"address_id": address, "contact_id": contact, "raw": number, "e164": number, "stem": stem}


def _lines(levels: tuple[int, ...]) -> Rows:
    for place, number in enumerate((TWO, *map(line_to_all, levels)), 1):
        yield {"id": place, "connection": FIRST_CONNECTION, "number": number, "key": number, "name": f"Line {place}"}


def _line_users(levels: tuple[int, ...]) -> Rows:
    for place, concerned in enumerate((2, *levels), 1):
        for user in range(1, concerned + 1):
            yield {"line_id": place, "user_id": user}


def main(arguments: list[str]) -> None:
    config = Config.from_env()
    if arguments[0] == "bare":
        populate_bare(config, int(arguments[1]))
        return
    addresses, users, *levels = map(int, arguments[1:])
    app = create_app(config)
    with app.app_context():
        print(json.dumps(populate_durchwahl(app, addresses, users, tuple(levels))))


if __name__ == "__main__":
    main(sys.argv[1:])

"""What a notification costs a database: nothing slow may creep into the way of a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.database import Database
from app.core.versions import Versions
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from tests import watching
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, configure

#: psycopg prepares a statement when it comes for the sixth time.
OFTEN = 8


@pytest.fixture
def phones(own_app: Flask) -> PhoneSystem:
    with own_app.app_context():
        configure(own_app)
        create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    return PhoneSystem(own_app)


@pytest.fixture
def database(own_app: Flask) -> Database:
    found: Database = own_app.extensions["durchwahl"].database
    return found


def way_of_a_call(phones: PhoneSystem) -> list[tuple[str, Callable[[], Any]]]:
    call = call_id()
    return [
        ("start", lambda: phones.incoming(call)),
        ("start again", lambda: phones.incoming(call)),
        ("answer", lambda: phones.accepted(call)),
        ("end", lambda: phones.hung_up(call)),
        ("end again", lambda: phones.hung_up(call)),
    ]


@pytest.fixture(autouse=True)
def _versions_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are compared once a second, by whatever request comes then."""
    monkeypatch.setattr(Versions.check, "__defaults__", (3600.0,))


def first_words(statements: list[str]) -> str:
    return " ".join(text.split()[0] for text in statements)


STORE = "BEGIN INSERT COMMIT "


def test_sqlite_stores_first_and_then_executes_what_the_report_needs(phones: PhoneSystem, database: Database) -> None:
    found = {}
    for _ in range(2):
        for name, tell in way_of_a_call(phones):
            with watching.statements(database) as heard:
                tell()
            found[name] = first_words(heard)
    if not database.is_sqlite:
        return
    # The notification is not read again; it is only marked, if it is still new.
    assert found == {
        # Look up, insert call and report, mark.
        "start": STORE + "BEGIN SELECT INSERT INSERT UPDATE COMMIT",
        "start again": STORE + "BEGIN SELECT INSERT SELECT INSERT UPDATE COMMIT",
        # The call, insert report, all reports, call, mark; at the end the duration of its notes.
        "answer": STORE + "BEGIN SELECT INSERT SELECT UPDATE UPDATE COMMIT",
        # Then, everybody having been told, whom to call back.
        "end": STORE + "BEGIN SELECT INSERT SELECT UPDATE UPDATE UPDATE COMMIT BEGIN SELECT ROLLBACK",
        "end again": STORE + "BEGIN SELECT INSERT UPDATE COMMIT",
    }


def test_postgresql_is_waited_for_three_times_when_a_call_begins(phones: PhoneSystem, database: Database) -> None:
    if database.is_sqlite:
        return
    found = {}
    for _ in range(OFTEN):
        for name, tell in way_of_a_call(phones):
            with watching.exchanges(database) as asked:
                tell()
            found[name] = len(asked)
    # Store, look up, file. What comes later needs a transaction of several statements.
    assert found == {"start": 3, "start again": 11, "answer": 9, "end": 13, "end again": 7}

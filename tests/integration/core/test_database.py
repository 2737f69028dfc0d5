"""Writing ahead of a transaction, what stays prepared, and connections that ended while nobody used them."""

from __future__ import annotations

from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, column, insert, literal_column, select, text, update
from sqlalchemy.exc import OperationalError

from app.core import pinging
from app.core.database import NO_WAIT, Database
from app.core.planning import PLANNED_ONCE
from app.core.prepared import Prepared
from app.core.versions import Version
from app.modules.callcenter.statements import INSERT_NOTIFICATION
from tests import watching
from tests.services import end_all_connections

STATEMENT = Prepared(insert(Version).returning(Version.value))


@pytest.fixture
def database(own_app: Flask) -> Database:
    found: Database = own_app.extensions["durchwahl"].database
    return found


def value_of(database: Database, name: str) -> Any:
    with database.reading() as session:
        return session.execute(select(Version.value).where(Version.name == name)).scalar_one_or_none()


def test_what_is_written_ahead_is_committed_at_once_and_gives_its_value(database: Database) -> None:
    assert database.write_ahead(STATEMENT, {"name": "of a test", "value": 7})[0] == 7
    assert value_of(database, "of a test") == 7


def test_what_is_refused_leaves_nothing_and_the_next_one_works(database: Database) -> None:
    database.write_ahead(STATEMENT, {"name": "of a test", "value": 7})
    with pytest.raises(Exception, match=r"(?i)unique"):
        database.write_ahead(STATEMENT, {"name": "of a test", "value": 8})
    assert value_of(database, "of a test") == 7
    assert database.write_ahead(STATEMENT, {"name": "of another", "value": 1})[0] == 1


def test_to_write_ahead_inside_a_transaction_is_an_error(database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="transaction is open"):
        database.write_ahead(STATEMENT, {"name": "of a test", "value": 7})


def test_a_transaction_that_is_rolled_back_leaves_what_was_written_ahead(database: Database) -> None:
    database.write_ahead(STATEMENT, {"name": "of a test", "value": 7})
    with database.transaction() as session:
        STATEMENT.rows(session, {"name": "of another", "value": 1})
        session.rollback()
    assert value_of(database, "of another") is None
    assert value_of(database, "of a test") == 7


VALUE = Prepared(select(Version.value).where(Version.name == bindparam("name")))
LOCKED = Prepared(select(Version.value).where(Version.name == bindparam("name")).with_for_update())


def test_who_looks_sees_what_is_committed_by_then_and_writes_nothing(database: Database) -> None:
    with database.looking() as connection:
        assert VALUE.rows(connection, {"name": "of a test"}) == []
        database.write_ahead(STATEMENT, {"name": "of a test", "value": 7})
        assert [tuple(row) for row in VALUE.rows(connection, {"name": "of a test"})] == [(7,)]
        for refused, values in ((STATEMENT, {"name": "of another", "value": 1}), (LOCKED, {"name": "of a test"})):
            with pytest.raises(RuntimeError, match="only selects"):
                refused.rows(connection, values)
    assert value_of(database, "of another") is None


def test_to_look_takes_postgresql_one_exchange_where_reading_takes_three(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinging, "PING_AFTER_SECONDS", 3600.0)
    value_of(database, "of a test")
    if database.is_sqlite:
        with watching.statements(database) as heard, database.looking() as connection:
            VALUE.rows(connection, {"name": "of a test"})
        assert [text.split()[0] for text in heard] == ["SELECT"]
        return
    with database.looking() as connection:  # prepared the first time that it comes
        VALUE.rows(connection, {"name": "of a test"})
    with watching.exchanges(database) as asked, database.looking() as connection:
        VALUE.rows(connection, {"name": "of a test"})
    assert len(asked) == 1
    with database.reading() as session:  # likewise over a connection of the other pool
        VALUE.rows(session, {"name": "of a test"})
    with watching.exchanges(database) as asked, database.reading() as session:
        VALUE.rows(session, {"name": "of a test"})
    assert len(asked) == 3


# The servers of tests never wait for the disk; so it is asked whether there is a setting of its own.
OWN_SETTING = "SELECT setting = 'off' AND source = 'session' FROM pg_settings WHERE name = 'synchronous_commit'"


def test_only_what_is_written_ahead_does_not_wait_for_the_disk(database: Database) -> None:
    question = "PRAGMA synchronous" if database.is_sqlite else OWN_SETTING
    waits, waits_not = (2, 1) if database.is_sqlite else (False, True)
    told = Prepared(
        {
            "sqlite": text("PRAGMA synchronous").columns(column("waits")),
            "postgresql": select(NO_WAIT, literal_column("current_setting('synchronous_commit') = 'off'")),
        }
    )
    assert database.write_ahead(told, {})[-1] == waits_not
    with database.transaction() as session:
        assert session.connection().exec_driver_sql(question).scalar_one() == waits
    with database.reading() as session:
        assert session.connection().exec_driver_sql(question).scalar_one() == waits
    with database.singly() as session:
        assert session.connection().exec_driver_sql(question).scalar_one() == waits
    with database.looking() as connection:
        assert connection.exec_driver_sql(question).scalar_one() == waits


def test_a_notification_says_that_it_does_not_wait_for_the_disk(database: Database) -> None:
    if not database.is_sqlite:
        assert "'synchronous_commit', 'off', true" in str(
            INSERT_NOTIFICATION._statement["postgresql"]  # type: ignore[index] # it has one for each database
        )


def test_what_is_written_alone_is_one_exchange_with_postgresql(database: Database) -> None:
    if database.is_sqlite:
        return
    told = Prepared(update(Version).where(Version.name == bindparam("of")))
    database.write_alone(told, {"of": "x", "value": 1})  # prepared the first time that it comes
    with watching.exchanges(database) as heard:
        database.write_alone(told, {"of": "x", "value": 1})
    assert len(heard) == 1


def test_after_a_burst_one_connection_is_used_on_and_on(database: Database) -> None:
    with ExitStack() as burst:
        for session in [burst.enter_context(database.reading()) for _ in range(5)]:
            session.execute(select(1))
    used = set()
    for _ in range(5):
        with database.reading() as session:
            used.add(id(session.connection().connection.driver_connection))
    assert len(used) == 1


def test_what_is_interrupted_between_question_and_answer_leaves_no_connection_for_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.reading() as session:
        connection = session.connection()

        class Ended(BaseException):
            pass

        def end(*_given: object, **_more: object) -> None:
            raise Ended

        monkeypatch.setattr(connection.connection, "cursor", lambda: SimpleNamespace(execute=end, close=lambda: None))
        with pytest.raises(Ended):
            VALUE.rows(session, {"name": "x"})
        assert connection.invalidated


def test_of_what_reads_postgresql_keeps_prepared_what_says_so_and_nothing_else(database: Database) -> None:
    if database.is_sqlite:
        return
    kept, other = (select(Version.value).where(Version.value > number) for number in (0, 1))
    for _ in range(10):
        with database.reading() as session:
            session.execute(kept.limit(5), execution_options=PLANNED_ONCE).all()
            session.execute(other).all()
    with database.reading() as session:
        said = session.connection().exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars().all()
    assert len(said) == 1
    assert "LIMIT" in said[0]


def test_what_reads_may_be_read_bit_by_bit(database: Database) -> None:
    database.write_ahead(STATEMENT, {"name": "of a test", "value": 7})
    with database.reading() as session:
        of_it = select(Version.value).where(Version.name == "of a test")
        assert session.execute(of_it, execution_options={"yield_per": 2}).scalars().all() == [7]


def test_a_connection_that_ended_while_it_was_idle_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    value_of(database, "of a test")
    if not database.is_sqlite:
        end_all_connections(database.url)
    monkeypatch.setattr(pinging, "PING_AFTER_SECONDS", -1.0)
    assert database.write_ahead(STATEMENT, {"name": "of a test", "value": 7})[0] == 7


def test_where_one_connection_is_gone_the_others_are_asked_before_they_are_used(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        return
    monkeypatch.setattr(pinging, "PING_AFTER_SECONDS", 3600.0)
    database.write_ahead(STATEMENT, {"name": "of a test", "value": 7})
    with database.reading() as one, database.reading() as another:  # so that the pool holds two
        assert [session.scalar(select(1)) for session in (one, another)] == [1, 1]
    end_all_connections(database.url)
    with pytest.raises(OperationalError):
        value_of(database, "of a test")
    assert [value_of(database, "of a test") for _ in range(2)] == [7, 7]
    assert database.write_ahead(STATEMENT, {"name": "of another", "value": 8})[0] == 8

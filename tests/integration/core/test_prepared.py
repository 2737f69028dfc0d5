"""Prepared statements give and take what the same statements do in SQLAlchemy's own way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from flask import Flask
from sqlalchemy import (
    Boolean,
    Column,
    Executable,
    FromClause,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.core.asked import ASKED, about_many
from app.core.database import Database, UTCDateTime, is_unavailable
from app.core.prepared import Prepared

THING = Table(
    "thing_of_a_test",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(40), unique=True),
    Column("is_true", Boolean),
    Column("at", UTCDateTime),
    Column("body", LargeBinary),
    Column("kind", String(10), default="none"),
)
INSERT = Prepared(insert(THING).returning(THING.c.id))
BY_NAME = Prepared(select(THING).where(THING.c.name == bindparam("wanted"), THING.c.kind != "hidden"))
NOW = datetime(2026, 11, 23, 10, 10, 16, 5, tzinfo=UTC)
VALUES = {"name": "100 %s :d ?", "is_true": True, "at": NOW, "body": b"\x00\xff", "kind": "odd"}


@pytest.fixture
def session(own_app: Flask) -> Any:
    database: Database = own_app.extensions["durchwahl"].database
    with database.transaction() as session:
        THING.create(session.connection())
        yield session
        session.rollback()


def test_values_of_every_type_come_back_as_they_went_in(session: Session) -> None:
    for number, more in enumerate(({}, {"name": "b", "is_true": False, "at": None, "body": None}), 1):
        values = {**VALUES, **more}
        assert INSERT.row(session, values) == (number,)
        assert BY_NAME.mappings(session, {"wanted": values["name"]}) == [{"id": number, **values}]
        assert session.execute(select(THING).where(THING.c.id == number)).mappings().one() == {"id": number, **values}


def test_an_update_takes_whichever_columns_are_given(session: Session) -> None:
    INSERT.row(session, VALUES)
    change = Prepared(update(THING).where(THING.c.name == bindparam("wanted")))
    assert change.rows(session, {"wanted": VALUES["name"], "is_true": False}) == []
    assert change.rows(session, {"wanted": VALUES["name"], "name": "new", "at": None}) == []
    assert BY_NAME.row(session, {"wanted": "new"}) == [1, "new", False, None, b"\x00\xff", "odd"]
    assert BY_NAME.row(session, {"wanted": VALUES["name"]}) is None


def test_what_the_statement_says_itself_need_not_be_told(session: Session) -> None:
    INSERT.row(session, {**VALUES, "kind": "hidden"})
    assert BY_NAME.rows(session, {"wanted": VALUES["name"]}) == []


def test_a_column_with_a_default_or_a_parameter_that_is_not_told_is_an_error(session: Session) -> None:
    with pytest.raises(ValueError, match="kind"):
        INSERT.row(session, {name: value for name, value in VALUES.items() if name != "kind"})
    with pytest.raises(ValueError, match="wanted"):
        BY_NAME.row(session, {})


def test_an_error_is_one_of_sqlalchemy_and_tells_no_value(session: Session) -> None:
    INSERT.row(session, VALUES)
    with pytest.raises(IntegrityError) as told, session.begin_nested():
        INSERT.row(session, VALUES)
    assert "100 %s" not in str(told.value).partition("DETAIL")[0]
    assert not is_unavailable(told.value)


def test_a_connection_that_has_gone_says_that_the_database_is_away(own_app: Flask) -> None:
    database: Database = own_app.extensions["durchwahl"].database
    if database.is_sqlite:
        return
    question = Prepared(select(bindparam("value", type_=Integer)))
    with database.reading() as session:
        assert question.row(session, {"value": 7}) == (7,)
        backend = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with psycopg.connect(database.url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", (backend,))
        with pytest.raises(OperationalError) as told:
            question.row(session, {"value": 7})
        assert told.value.connection_invalidated
    with database.reading() as session:
        assert question.row(session, {"value": 8}) == (8,)


def test_a_statement_about_many_takes_rows_of_every_type_and_none(session: Session) -> None:
    names = ("a", 'it\'s "b" \\ %s :c ?', "Ümlaut \N{TELEPHONE RECEIVER}")
    for number, name in enumerate(names):
        INSERT.row(session, {**VALUES, "name": name, "at": NOW + timedelta(seconds=number)})

    def until(asked: FromClause) -> Executable:
        same = and_(THING.c.name == asked.c.name, THING.c.at <= asked.c.until)
        return select(asked.c.place, THING.c.id).join_from(asked, THING, same).order_by(asked.c.place)

    statement = about_many({"place": Integer, "name": String, "until": UTCDateTime}, until)
    berlin = NOW.astimezone(ZoneInfo("Europe/Berlin"))
    rows = [(place, name, berlin + timedelta(seconds=1)) for place, name in enumerate(names)]
    found = [tuple(row) for row in statement.rows(session, {ASKED: [*rows, (3, None, NOW), (4, "a", None)]})]
    assert found == [(0, 1), (1, 2)]
    assert statement.rows(session, {ASKED: []}) == []
    with pytest.raises(ValueError, match="naive"):
        statement.rows(session, {ASKED: [(0, "a", NOW.replace(tzinfo=None))]})

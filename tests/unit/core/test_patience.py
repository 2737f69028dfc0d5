"""How long the database is waited for."""

from __future__ import annotations

import time
from contextvars import copy_context

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from app.core import patience
from app.core.database import Database
from app.core.events import EventBus


def test_without_a_limit_nothing_is_told() -> None:
    assert patience.left() is None
    with patience.at_most(5):
        assert 0 < (patience.left() or 0) <= 5
    assert patience.left() is None


def test_within_another_one_the_earlier_end_counts() -> None:
    with patience.at_most(5):
        with patience.at_most(60):
            assert (patience.left() or 60) <= 5
        with patience.at_most(0):
            assert patience.left() == 0
        assert (patience.left() or 0) > 0


def test_what_was_begun_beside_a_block_is_not_bound_by_it_later() -> None:
    with patience.at_most(0):
        beside = copy_context()
        assert beside.run(patience.left) == 0
    assert beside.run(patience.left) is None


def test_when_no_time_is_left_nobody_connects_to_postgresql() -> None:
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", connect_args={"connect_timeout": 5})
    patience.limit_connections(engine)
    with patience.at_most(0), pytest.raises(OperationalError, match="no time is left"):
        engine.connect()
    assert issubclass(patience._Patient, psycopg.Connection)


def test_another_writer_on_sqlite_is_waited_for_as_long_as_is_allowed(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/one.db", EventBus())
    started = time.monotonic()
    with database._alone(), patience.at_most(0.05), pytest.raises(OperationalError), database._alone():
        pass
    assert time.monotonic() - started >= 0.05
    with database._alone():
        pass
    database.dispose()

"""A database that is away or locked, in the process of the test, and what waits in the spool meanwhile."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app.modules.callcenter import spooling
from app.modules.callcenter.spool import Spool


def look(app: Flask) -> None:
    """What every worker does each second."""
    with app.app_context():
        app.extensions["durchwahl"].jobs.run_watches()


def waiting(app: Flask) -> int:
    return waiting_in(app).waiting().count


def waiting_in(app: Flask) -> Spool:
    with app.app_context():
        return spooling.spool()


@contextlib.contextmanager
def away(app: Flask) -> Iterator[None]:
    """Nobody gets a connection to the database."""
    engines = app.extensions["durchwahl"].database.engines

    def unreachable() -> None:
        raise engines[0].dialect.loaded_dbapi.OperationalError("away")

    with pytest.MonkeyPatch.context() as patched:
        for engine in engines:
            patched.setattr(engine.pool, "connect", unreachable)
        yield


@contextlib.contextmanager
def locked(app: Flask) -> Iterator[None]:
    """Somebody else writes and does not end."""
    database = app.extensions["durchwahl"].database
    if database.is_sqlite:
        with contextlib.closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.rollback()
        return
    with psycopg.connect(database.url.replace("+psycopg", "")) as other_one:
        other_one.execute("LOCK TABLE callcenter_notification IN SHARE MODE")
        yield
        other_one.rollback()

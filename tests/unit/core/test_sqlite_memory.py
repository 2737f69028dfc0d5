"""How much of the database's file SQLite holds in this process."""

from __future__ import annotations

import _sqlite3
import ctypes
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.database import Database
from app.core.events import EventBus

#: Bytes. SQLite itself would keep 2 MB of what a connection has read.
LITTLE, MUCH = 1_300_000, 1_700_000
FILL = text(
    "INSERT INTO pages SELECT value, zeroblob(3000) "
    "FROM (WITH n AS (SELECT :first AS value UNION ALL SELECT value + 1 FROM n LIMIT 400) SELECT value FROM n)"
)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """With a table of 2.4 MB."""
    found = Database(f"sqlite:///{tmp_path / 'one.db'}", EventBus())
    with found.transaction() as session:
        session.execute(text("CREATE TABLE pages (id INTEGER PRIMARY KEY, filling BLOB)"))
        for first in (1, 401):
            session.execute(FILL, {"first": first})
    found.dispose()
    return found


def held() -> int:
    """Bytes that SQLite has from the heap, all connections together."""
    count = ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used
    count.restype = ctypes.c_int64
    return int(count())


def test_a_connection_keeps_little_of_what_it_reads(database: Database) -> None:
    before = held()
    with database.reading() as session:
        session.execute(text("SELECT sum(length(hex(filling))) FROM pages")).all()
        assert held() - before < LITTLE
    assert held() - before < LITTLE
    database.dispose()


def test_what_a_transaction_writes_stays_in_memory_until_its_end(database: Database) -> None:
    before = held()
    with database.transaction() as session:
        for first in (801, 1201):
            session.execute(FILL, {"first": first})
        assert held() - before > MUCH
    assert held() - before < LITTLE
    database.dispose()

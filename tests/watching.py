"""What really reaches a database: read at the driver, so that no way around SQLAlchemy is overlooked."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event

from app.core.database import Database

#: A line of libpq's trace that tells of a message after which the client waits for the server.
_ASKED = re.compile(r"^F\t\d+\t(Sync|Query)\b")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements in the block, in their order; on SQLite with those that begin and end transactions."""
    heard: list[str] = []

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **more: Any) -> Any:
            heard.append(str(query))
            return super().execute(query, *given, **more)

    def hear(text: str) -> None:
        if not text.startswith("--"):  # SQLite's own, for foreign keys
            heard.append(text)

    def begin(driver: Any) -> None:
        if database.is_sqlite:
            driver.set_trace_callback(hear)
        else:
            driver.cursor_factory = Cursor

    def end(driver: Any) -> None:
        if database.is_sqlite:
            driver.set_trace_callback(None)
        else:
            driver.cursor_factory = psycopg.Cursor

    with _each_connection(database, begin, end):
        yield heard


@contextmanager
def asked(database: Database, *but: str) -> Iterator[list[tuple[str, Any]]]:
    """The statements in the block with their values, as SQLAlchemy hands them on, so that a plan can be asked for.

    ``but``: how those begin that are left out.
    """
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if not statement.startswith(but):
            sent.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@contextmanager
def exchanges(database: Database) -> Iterator[list[str]]:
    """How often the block waits for PostgreSQL: an entry for each time, once the block has ended."""
    told: list[str] = []
    with tempfile.TemporaryFile() as trace:
        with _each_connection(
            database, lambda driver: driver.pgconn.trace(trace.fileno()), lambda driver: driver.pgconn.untrace()
        ):
            yield told
        trace.seek(0)
        lines = [re.sub(r"^\S+ \S+\t", "", line) for line in trace.read().decode("utf-8", "replace").splitlines()]
        told += [line for line in lines if _ASKED.match(line)]


@contextmanager
def _each_connection(database: Database, begin: Callable[[Any], None], end: Callable[[Any], None]) -> Iterator[None]:
    """Every connection of the database from its next use on, and the one in which a test is rolled back."""
    begun: list[Any] = []

    def on_checkout(driver: Any, *_given: object) -> None:
        if driver not in begun:
            begun.append(driver)
            begin(driver)

    if database._outer is not None:
        on_checkout(database._outer.connection.driver_connection)
    for engine in database.engines:
        event.listen(engine.pool, "checkout", on_checkout)
    try:
        yield
    finally:
        for engine in database.engines:
            event.remove(engine.pool, "checkout", on_checkout)
        for driver in begun:
            end(driver)

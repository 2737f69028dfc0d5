"""The engine, the declarative base, and the ways into the database.

``transaction()`` writes: one per use case, opened in the service function; ``write_ahead()`` stores what must outlive
it. ``reading()`` reads, ``looking()`` does it on the way of every page. On SQLite writers of this process queue at a
lock before BEGIN IMMEDIATE: waiting there is fair and quick, whereas SQLite's own busy handler sleeps (p99 under load
434 ms against 44 ms).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    create_engine,
    event,
    inspect,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from app.core import patience, pinging
from app.core.events import PENDING, EventBus
from app.core.planning import PREPARE, prepare_as_told
from app.core.prepared import ONLY_LOOKS, Prepared, run

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: PostgreSQL's integer, the type of every primary key: a larger number is the number of no row.
MAX_ID = 2_147_483_647
#: Seconds a writer waits for another process's write before SQLite gives up.
SQLITE_BUSY_SECONDS = 10.0
#: The same for ``write_ahead``, on whose way nobody waits so long; PostgreSQL gives its statement up after it, too.
AHEAD_SECONDS = 5.0
#: Connections more than those that are kept for ``write_ahead``; they are needed for a moment only.
AHEAD_OVERFLOW = 5
#: Of what it reads each of some forty connections keeps 1000 KiB, SQLite's own measure is 2 MB. With the next write of
#: another one it forgets that in any case, and the machine has the file in memory; but one statement of the journal
#: needs nearly so much again and again. What a transaction writes may take the usual 500 pages before it goes to the
#: log, so that a large one writes no page twice.
SQLITE_MEMORY = ("cache_size=-1000", "cache_spill=500")
_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


class Base(DeclarativeBase):
    """Base of all tables; constraints are named so that migrations can drop them."""

    metadata = MetaData(naming_convention=NAMING)


class UTCDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; refuses naive values, which would be shifted silently."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite stores it without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: use the injected clock")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: Among what a statement of ``write_ahead`` gives on PostgreSQL: its commit is written a moment later, in order, and a
#: later one that is waited for brings it along. Holds for this statement alone; without it the statement would wait.
NO_WAIT: ColumnElement[str] = literal_column("set_config('synchronous_commit', 'off', true)").label("no_wait")


class Database:
    """An engine and what the application does with it. Connects on first use, never when made."""

    def __init__(self, url: str, bus: EventBus, *, pool_size: int = 20) -> None:
        self.url = url
        self.bus = bus
        self.is_sqlite = url.startswith("sqlite")
        self._write_lock = threading.Lock()
        self._outer: Connection | None = None
        # The connection that was used last is taken next: it is warm, in this process and in the server, which prepares
        # statements and keeps what it has read for each. In turns, after a burst the twentieth part of it would be.
        options: dict[str, Any] = {"pool_timeout": 10, "pool_use_lifo": True}
        # An error's text ends up in the log, where no phone number and no name belongs.
        options["hide_parameters"] = True
        ahead_options = dict(options)
        if self.is_sqlite:
            options["connect_args"] = {"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False}
            ahead_options["connect_args"] = {**options["connect_args"], "timeout": AHEAD_SECONDS}
        else:
            options["connect_args"] = {"connect_timeout": 5, "application_name": "durchwahl"}
            # Nothing is open at the end of a statement that commits by itself: nothing is to be rolled back either.
            ahead_options.update(options, pool_timeout=AHEAD_SECONDS, isolation_level="AUTOCOMMIT")
            ahead_options.update(pool_reset_on_return=None, skip_autocommit_rollback=True)
        self.engine: Engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, **options)
        self._reading: Engine = self.engine.execution_options(**{PREPARE: False})
        # As many are kept as may be in use at once under load: to connect anew takes longer than what they are for.
        ahead = create_engine(url, pool_size=pool_size, max_overflow=AHEAD_OVERFLOW, **ahead_options)
        if self.is_sqlite:
            _prepare_sqlite(self.engine, synchronous="FULL")
            _prepare_sqlite(ahead, synchronous="NORMAL")
            self._writing: Engine = self.engine.execution_options(writing=True)
            self._looking = self.engine.execution_options(**{ONLY_LOOKS: True})
            self._ahead: Engine = ahead.execution_options(writing=True)
        else:
            lost = pinging.Lost()
            for engine in (self.engine, ahead):
                pinging.after_idling(engine, lost)
                patience.limit_connections(engine)
                prepare_as_told(engine)
            _give_up_waiting(ahead)
            self._writing = self.engine
            self._ahead = ahead
            self._looking = ahead.execution_options(**{ONLY_LOOKS: True})

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """Both pools of connections: the one for everything, and the one of ``write_ahead``, on PostgreSQL of all that
        is one statement.
        """  # fmt: skip
        return self.engine, self._ahead

    def dispose(self) -> None:
        """Close all connections."""
        for engine in self.engines:
            engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One use case: commit at the end, roll back on an exception, events after the commit.

        Raises RuntimeError when a transaction is already open here: pass its session on instead.
        """
        if _in_transaction.get():
            raise RuntimeError("a transaction is open already; pass its session on")
        token = _in_transaction.set(True)
        pending: list[object] = []
        try:
            with self._alone(), self._session(writing=True) as session:
                yield session
                session.commit()
                pending = session.info.pop(PENDING, [])
        finally:
            _in_transaction.reset(token)
        for waiting in pending:
            self.bus.dispatch(waiting)

    def write_ahead(self, statement: Prepared, values: Mapping[str, Any]) -> Sequence[Any]:
        """Commit one statement before a ``transaction()`` goes on with it; returns the one row that it gives.

        It stays whatever becomes of us and of that transaction. It is on disk with the commit of the next
        ``transaction()`` or ``singly()``, in the same log and before it; so never acknowledge it to anybody before
        that. To wait for the disk twice would double what a notification takes. On PostgreSQL the statement says by
        ``NO_WAIT`` that it does not wait. Raises RuntimeError when a transaction is already open here.
        """
        return self._at_once(statement, values)[0]

    def write_alone(self, statement: Prepared, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """Commit one statement; returns what it gives. On SQLite a machine that loses its power may take it along.

        For who has a job, and when it ran. Raises RuntimeError when a transaction is already open here.
        """
        return self._at_once(statement, values)

    def _at_once(self, statement: Prepared, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        if self._outer is not None:
            with self.transaction() as session:
                return statement.rows(session, values)
        if _in_transaction.get():
            raise RuntimeError("a transaction is open already; pass its session on")
        if not self.is_sqlite:
            with self._ahead.connect() as connection:
                return statement.rows(connection, values)
        with self._alone(), self._ahead.begin() as connection:
            return statement.rows(connection, values)

    @contextmanager
    def singly(self) -> Iterator[Session]:
        """A session for a use case that writes with one statement, and may read before it; events after the block.

        On PostgreSQL each statement commits by itself: that spares the exchanges of BEGIN and COMMIT. Nothing that was
        written is rolled back by an exception. Raises RuntimeError when a transaction is already open here.
        """
        if self._outer is not None or self.is_sqlite:
            with self.transaction() as session:
                yield session
            return
        if _in_transaction.get():
            raise RuntimeError("a transaction is open already; pass its session on")
        with Session(self._ahead, expire_on_commit=False) as session:
            yield session
            pending = session.info.pop(PENDING, [])
        for waiting in pending:
            self.bus.dispatch(waiting)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading; whatever is changed in it is rolled back."""
        with self._session(writing=False) as session:
            yield session

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A connection for prepared selects, each without a transaction around it; others raise RuntimeError.

        Each sees what is committed by then, as in ``reading()`` on PostgreSQL. But there BEGIN and ROLLBACK are two of
        three exchanges for one select, and every page looks at half a dozen things.
        """
        if self._outer is not None:
            yield self._outer
            return
        with self._looking.connect() as connection:
            yield connection

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer of this process at a time, on SQLite. Raises OperationalError where nobody may wait any longer."""
        if not self.is_sqlite:
            yield
            return
        seconds = patience.left()
        if not self._write_lock.acquire(timeout=-1 if seconds is None else seconds):
            raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("another writer holds the database"))
        try:
            yield
        finally:
            self._write_lock.release()

    def _session(self, *, writing: bool) -> Session:
        if self._outer is not None:
            return Session(self._outer, join_transaction_mode="create_savepoint", expire_on_commit=False)
        return Session(self._writing if writing else self._reading, expire_on_commit=False)

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Run everything inside one outer transaction that is rolled back at the end: for tests."""
        with self._writing.connect() as connection:
            outer = connection.begin()
            self._outer = connection
            try:
                yield
            finally:
                self._outer = None
                outer.rollback()


def _prepare_sqlite(engine: Engine, *, synchronous: str) -> None:
    """WAL, foreign keys, BEGIN under our own control; with ``FULL`` each commit is on disk when it returns."""
    database = engine.url.database or ""
    if database not in ("", ":memory:"):
        Path(database).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        # pysqlite's own transaction control commits before DDL and breaks savepoints.
        connection.isolation_level = None
        settings = ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", *SQLITE_MEMORY)
        for pragma in settings:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing")
        run(connection, "BEGIN IMMEDIATE" if writing else "BEGIN", gives_rows=False)


def _give_up_waiting(engine: Engine) -> None:
    """A statement that waits for a lock is given up by PostgreSQL, for what only we give up may be stored later."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.execute(f"SET statement_timeout = {int(AHEAD_SECONDS * 1000)}")


def database() -> Database:
    """The running application's database."""
    found: Database = current_app.extensions["durchwahl"].database
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """``database().transaction()`` of the running application."""
    with database().transaction() as session:
        yield session


@contextmanager
def singly() -> Iterator[Session]:
    """``database().singly()`` of the running application."""
    with database().singly() as session:
        yield session


def write_ahead(statement: Prepared, values: Mapping[str, Any]) -> Sequence[Any]:
    """``database().write_ahead()`` of the running application."""
    return database().write_ahead(statement, values)


@contextmanager
def reading() -> Iterator[Session]:
    """``database().reading()`` of the running application."""
    with database().reading() as session:
        yield session


@contextmanager
def looking() -> Iterator[Connection]:
    """``database().looking()`` of the running application."""
    with database().looking() as connection:
        yield connection


def insert_or_ignore(session: Session, table: Any, values: dict[str, Any], conflict: list[str] | None = None) -> bool:
    """INSERT … ON CONFLICT DO NOTHING; True when a row was inserted.

    ``conflict`` names the columns of the unique key; None means any key.
    """
    maker: Callable[[Any], Any] = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    keys = inspect(table).primary_key if hasattr(table, "__mapper__") else table.primary_key.columns
    # RETURNING tells reliably whether there is a row; psycopg's row count does not.
    statement: Executable = (
        maker(table).values(**values).on_conflict_do_nothing(index_elements=conflict).returning(*keys)
    )
    return session.execute(statement).first() is not None


def lock_row(session: Session, table: Any, *conditions: Any) -> Any:
    """SELECT … FOR UPDATE of one row as a mapping, or None. On SQLite the writer's lock already holds."""
    statement = select(table).where(*conditions)
    if session.get_bind().dialect.name != "sqlite":
        statement = statement.with_for_update()
    return session.execute(statement).mappings().one_or_none()


def is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic compares a table or index with the models: not those that only one database has, and their parts.

    A module names them in ``Base.metadata.info["unmodelled"]``.
    """
    unmodelled: set[str] = Base.metadata.info.get("unmodelled", set())
    return not any(name == one or (kind == "table" and str(name).startswith(f"{one}_")) for one in unmodelled)


def storable(text: str) -> str:
    """Text that every database takes: PostgreSQL knows no NUL, and neither knows half a surrogate pair."""
    if text.isprintable():
        return text  # nearly every text, and neither of those is printable
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def is_unavailable(error: BaseException) -> bool:
    """True when an exception says that the database is away (not that a statement was wrong)."""
    return isinstance(error, OperationalError) or was_cut_off(error)


def was_cut_off(error: BaseException) -> bool:
    """True when the connection broke off in between, so that the same may succeed at once over a new one."""
    return isinstance(error, DBAPIError) and error.connection_invalidated

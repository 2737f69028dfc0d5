"""Stores rows by the hundred thousand, as each database takes them fastest: without indexes, which are built after.

Each database has a thread: both are filled, and their indexes built, while the next rows are made.

Only for databases that nobody else uses and that may be lost: nothing waits for the disk, and foreign keys are
believed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Protocol, cast

import psycopg
from psycopg import sql
from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

from app.modules.addresses.models import SEARCH_INDEX, SearchEntry

_REBUILD = f"INSERT INTO {SEARCH_INDEX}({SEARCH_INDEX}) VALUES ('rebuild')"
#: Bytes that FTS5 gathers before it writes: while it is built in one go, and its default.
_GATHER = f"INSERT INTO {SEARCH_INDEX}({SEARCH_INDEX}, rank) VALUES ('hashsize', ?)"
_MUCH, _USUAL = 256 * 2**20, 2**20


class Loader(Protocol):
    """Takes rows for one database."""

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store these; columns that a row lacks get their default."""
        ...


Rows = Mapping[Table, Sequence[Mapping[str, Any]]]


def store_in_all(urls: Sequence[str], tables: Sequence[Table], batches: Iterable[Rows]) -> None:
    """Put all rows into these tables of migrated databases; afterwards they are as any other."""
    with ExitStack() as stack:
        threads = [stack.enter_context(ThreadPoolExecutor(1)) for _ in urls]
        opened = [ExitStack() for _ in urls]
        fillings = [(_into_sqlite if url.startswith("sqlite") else _into_postgresql)(url, tables) for url in urls]
        loaders = _each(threads, [partial(one.enter_context, it) for one, it in zip(opened, fillings, strict=True)])
        waiting: list[Future[Any]] = []
        for rows in batches:
            for future in waiting:
                future.result()
            waiting = [thread.submit(_add, loader, rows) for thread, loader in zip(threads, loaders, strict=True)]
        for future in waiting:
            future.result()
        _each(threads, [one.close for one in opened])


def _each(threads: Sequence[ThreadPoolExecutor], works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Each work in its thread, all at once; returns what they give."""
    futures = [thread.submit(work) for thread, work in zip(threads, works, strict=True)]
    return [future.result() for future in futures]


def _add(loader: Loader, rows: Rows) -> None:
    for table, some in rows.items():
        loader.add(table, some)


class _Shape:
    """The columns of a table, and how a row becomes what the driver takes."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self.names = [column.name for column in table.columns]
        self._columns: list[tuple[str, Any, Callable[[Any], Any] | None]] = []
        for column in table.columns:
            default = getattr(column.default, "arg", None)
            processor = column.type.dialect_impl(dialect).bind_processor(dialect)
            self._columns.append((column.name, None if callable(default) else default, processor))

    def tuples(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
        """The values of each row, in the order of ``names``."""
        for row in rows:
            values = []
            for name, default, process in self._columns:
                value = row.get(name, default)
                values.append(value if value is None or process is None else process(value))
            yield tuple(values)


class _SqliteLoader:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._shapes: dict[Table, _Shape] = {}
        self._dialect = sqlite.dialect()

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        shape = self._shapes.setdefault(table, _Shape(table, self._dialect))
        names, places = ", ".join(f'"{name}"' for name in shape.names), ", ".join("?" for _ in shape.names)
        with self.connection:
            self.connection.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", shape.tuples(rows))


@contextmanager
def _into_sqlite(url: str, tables: Sequence[Table]) -> Iterator[Loader]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        for setting in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -200000", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        marks = ", ".join("?" for _ in tables)
        built = connection.execute(
            "SELECT type, name, sql FROM sqlite_master"
            f" WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN ({marks})",
            [table.name for table in tables],
        ).fetchall()
        for kind, name, _ in built:
            connection.execute(f'DROP {kind} "{name}"')
        yield _SqliteLoader(connection)
        if SearchEntry.__table__ in tables:
            connection.execute(_GATHER, [_MUCH])
            connection.execute(_REBUILD)
            connection.execute(_GATHER, [_USUAL])
        for _, _, statement in built:
            connection.execute(statement)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


class _PostgresLoader:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._shapes: dict[Table, _Shape] = {}
        self._dialect: Dialect = cast(Any, postgresql).dialect()  # it publishes no type

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        shape = self._shapes.setdefault(table, _Shape(table, self._dialect))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, shape.names))
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for values in shape.tuples(rows):
                copy.write_row(values)


@contextmanager
def _into_postgresql(url: str, tables: Sequence[Table]) -> Iterator[Loader]:
    names = [table.name for table in tables]
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no check of foreign keys
        connection.execute("SET maintenance_work_mem = '2GB'")
        connection.execute("SET synchronous_commit = off")
        built = connection.execute(
            "SELECT index.relname, pg_get_indexdef(index.oid) FROM pg_index"
            " JOIN pg_class AS index ON index.oid = indexrelid JOIN pg_class AS indexed ON indexed.oid = indrelid"
            " WHERE indexed.relname = ANY(%s)"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
            [names],
        ).fetchall()
        for name, _ in built:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        yield _PostgresLoader(connection)
        for _, statement in built:
            connection.execute(cast(Any, statement))
        for table in tables:
            if table.c.get("id") is not None:
                last = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}")
                connection.execute(last.format(sql.Literal(table.name), sql.Identifier(table.name)))
            # What autovacuum would do before long.
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table.name)))

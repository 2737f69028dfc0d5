"""Statements for the few ways that must be quick: compiled once, then handed to the driver as they are.

From a built statement to the driver SQLAlchemy takes five times as long as SQLite does for executing it (40 µs against
8 µs, in a session 60), and a notification needs several. Everything else executes statements as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ReturnsRows, SelectBase

Processor = Callable[[Any], Any]
#: Says in the options of a connection that only selects are run over it.
ONLY_LOOKS = "durchwahl_only_looks"


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in the words of one database."""

    sql: str
    in_order: Callable[[Mapping[str, Any]], Sequence[Any]] | None
    """Gives the parameters in their order, None where the driver takes them by name."""
    own: Mapping[str, Any]
    """The values that stand in the statement itself."""
    to_driver: tuple[tuple[str, Processor], ...]
    names: tuple[str, ...]
    """Of the columns that it gives."""
    from_driver: tuple[tuple[int, Processor], ...]
    looks: bool
    """Whether it is a select, and locks nothing."""


class Prepared:
    """A statement of SQLAlchemy Core whose parameters are all named by whoever runs it; columns take no defaults.

    A text gives no rows unless it tells its columns. Where the databases need different statements, they are given by
    the dialect's name.
    """

    def __init__(self, statement: Executable | Mapping[str, Executable]) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def rows(self, on: Session | Connection, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """Run it in the transaction of ``on``; returns what it gives. Raises what SQLAlchemy raises."""
        return self._run(on, values)[1]

    def row(self, on: Session | Connection, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The same for a statement that gives one row at most."""
        found = self._run(on, values)[1]
        return found[0] if found else None

    def mappings(self, on: Session | Connection, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The same rows by the names of their columns."""
        names, rows = self._run(on, values)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _run(self, on: Session | Connection, values: Mapping[str, Any]) -> tuple[tuple[str, ...], list[Sequence[Any]]]:
        connection = on.connection() if isinstance(on, Session) else on
        compiled = self._for(connection.dialect, values)
        if not compiled.looks and connection.get_execution_options().get(ONLY_LOOKS):
            raise RuntimeError("only selects are run here")
        given = values
        if compiled.own or compiled.to_driver:
            given = {**compiled.own, **values}
            for name, process in compiled.to_driver:
                given[name] = process(given[name])
        parameters = compiled.in_order(given) if compiled.in_order else given
        rows = run(connection, compiled.sql, parameters, gives_rows=bool(compiled.names))
        if compiled.from_driver:
            rows = [_processed(row, compiled.from_driver) for row in rows]
        return compiled.names, rows

    def _for(self, dialect: Dialect, values: Mapping[str, Any]) -> _Compiled:
        key = (dialect.name, *values)
        found = self._compiled.get(key)
        if found is None:
            chosen = self._statement[dialect.name] if isinstance(self._statement, Mapping) else self._statement
            found = self._compiled[key] = _compile(chosen, dialect, list(values))
        return found


def run(connection: Connection, sql: str, parameters: Any = (), *, gives_rows: bool) -> list[Sequence[Any]]:
    """Have the driver execute this text; returns all rows. Raises what SQLAlchemy raises.

    ``gives_rows``: told by the caller, for to ask PostgreSQL's driver makes it describe each column anew.
    """
    cursor: Any = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            # Prepared at once and not when it comes for the sixth time: until then each connection plans it anew.
            cursor.execute(sql, parameters, prepare=True)
        else:
            cursor.execute(sql, parameters)
        return cursor.fetchall() if gives_rows else []
    except Exception as error:
        raise _translated(connection, error, sql) from error
    except BaseException:
        # Whoever asked is ended in between: the answer that is still to come is nobody else's.
        connection.invalidate()
        raise
    finally:
        cursor.close()


def _translated(connection: Connection, error: Exception, sql: str) -> BaseException:
    """What SQLAlchemy would have raised; parameters are never named. A connection that is gone is given up."""
    dialect = connection.dialect
    errors: Any = dialect.loaded_dbapi.Error
    if not isinstance(error, errors):
        return error
    gone = dialect.is_disconnect(error, connection.connection, None)
    if gone:
        connection.invalidate(error)
    told: BaseException = DBAPIError.instance(
        sql, None, error, errors, hide_parameters=True, connection_invalidated=gone, dialect=dialect
    )
    return told


def _compile(statement: Any, dialect: Dialect, names: list[str]) -> _Compiled:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=names)
    own = {name: bind.effective_value for name, bind in compiled.binds.items() if name not in names}
    missing = [name for name in own if compiled.binds[name].required]
    missing += [column.name for column in (*compiled.insert_prefetch, *compiled.update_prefetch)]
    if missing:
        raise ValueError(f"a prepared statement is not told {missing[0]}")
    columns = list(statement.exported_columns.items()) if isinstance(statement, ReturnsRows) else []
    to_driver = [(name, _type(bind, dialect).bind_processor(dialect)) for name, bind in compiled.binds.items()]
    from_driver = [(at, _type(one, dialect).result_processor(dialect, None)) for at, (_, one) in enumerate(columns)]
    return _Compiled(
        str(compiled),
        _in_order(tuple(compiled.positiontup or ())) if compiled.positional else None,
        own,
        tuple((name, process) for name, process in to_driver if process is not None),
        tuple(name for name, _ in columns),
        tuple((at, process) for at, process in from_driver if process is not None),
        isinstance(statement, SelectBase) and getattr(statement, "_for_update_arg", None) is None,
    )


def _in_order(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    if len(names) < 2:  # of one name an itemgetter gives the bare value
        return lambda given: [given[name] for name in names]
    return itemgetter(*names)


def _type(element: Any, dialect: Dialect) -> Any:
    return element.type.dialect_impl(dialect)


def _processed(row: Sequence[Any], processors: tuple[tuple[int, Processor], ...]) -> list[Any]:
    changed = list(row)
    for place, process in processors:
        changed[place] = process(changed[place])
    return changed

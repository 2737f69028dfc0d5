"""Which statements PostgreSQL prepares, and so plans a few times only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from psycopg import ServerCursor
from sqlalchemy import Engine, event

#: Option of an execution on PostgreSQL: whether it is prepared.
PREPARE = "durchwahl_prepare"
#: Options for what reads in the same way whatever its values are: PostgreSQL plans it a few times only.
PLANNED_ONCE: Mapping[str, Any] = MappingProxyType({PREPARE: True})


def prepare_as_told(engine: Engine) -> None:
    """Whether PostgreSQL prepares a statement is told by its option ``PREPARE``; without one, once it was said often.

    What is prepared is planned a few times, and then no more: a gain where every value is found on the same way,
    and a loss where a name that thousands have is looked for otherwise than a rare one. So what only reads is prepared
    where it says so.
    """

    @event.listens_for(engine, "do_execute")
    def on_execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        told = context.execution_options.get(PREPARE)
        if told is None or isinstance(cursor, ServerCursor):  # one that is read bit by bit is none that is prepared
            return False
        cursor.execute(statement, parameters, prepare=told)
        return True

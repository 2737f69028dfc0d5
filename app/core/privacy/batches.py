"""The rows of a person, counted and removed batch by batch, so that nobody else waits long for the database."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, false, func, literal, select
from sqlalchemy.orm import Session

from app.core.database import reading

#: Rows in one transaction, for notifications of calls wait for it.
BATCH = 100


def count(session: Session, table: Any, condition: ColumnElement[bool]) -> int:
    """How many rows of a table or mapped class meet the condition."""
    return session.execute(select(func.count()).select_from(table).where(condition)).scalar_one()


def remove_rows(session: Session, table: Any, condition: ColumnElement[bool]) -> int:
    """Deletes them in the caller's transaction. How many there were."""
    gone = delete(table).where(condition).returning(literal(1))
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def in_batches(query: Any, size: int = BATCH) -> Iterator[list[int]]:
    """All ids of a query, read once and without an order, so that it is found by whatever index there is."""
    with reading() as session:
        ids = list(session.execute(query).scalars())
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def same(column: Any, wanted: int | None) -> ColumnElement[bool]:
    """Whether it is this; false and not NULL where either is nothing, so that it can be turned round."""
    return false() if wanted is None else and_(column.is_not(None), column == wanted)


def among(column: Any, wanted: Collection[str]) -> ColumnElement[bool]:
    """Likewise, whether it is one of these."""
    return and_(column.is_not(None), column.in_(sorted(wanted))) if wanted else false()


def next_batch(query: Any) -> list[int]:
    """The first ids of a query, read in a transaction of their own; [] when none is left."""
    with reading() as session:
        return list(session.execute(query.limit(BATCH)).scalars())

"""The calls about which something was decided, the newest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, tuple_

from app.core.database import reading
from app.modules.callcenter.stored import CALL, StoredCall, stored


@dataclass(frozen=True, slots=True)
class Decisions:
    """A page of them."""

    calls: tuple[StoredCall, ...]
    older: int | None
    """What to ask ``before`` for; None on the last page."""


def decisions(limit: int, before: int | None = None) -> Decisions:
    """Those before the call ``before``, or the newest. By index, at any depth."""
    place = tuple_(CALL.c.received_at, CALL.c.id)
    query = select(CALL).where(CALL.c.control.is_not(None))
    if before is not None:
        last = select(CALL.c.received_at, CALL.c.id).where(CALL.c.id == before)
        query = query.where(place < last.scalar_subquery())
    query = query.order_by(CALL.c.received_at.desc(), CALL.c.id.desc()).limit(limit + 1)
    with reading() as session:
        rows = [stored(row) for row in session.execute(query).mappings()]
    return Decisions(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)

"""Which calls are on screens at present."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, bindparam, literal, or_, select

from app.core.database import looking
from app.core.prepared import Prepared
from app.modules.callcenter.domain.calls import Phase
from app.modules.callcenter.stored import CALL, StoredCall

#: A call that ended so long ago is still told to a browser that asks.
ENDED_RECENTLY = timedelta(seconds=60)
#: No call that began earlier is current.
OLDEST = timedelta(days=1)
MOST_CURRENT = 50


def current(now: datetime) -> ColumnElement[bool]:
    """The condition: under way, or just over."""
    return _current(now - ENDED_RECENTLY, now - OLDEST)


def _current(ended_after: Any, began_after: Any) -> ColumnElement[bool]:
    ended = and_(CALL.c.phase == Phase.ENDED.value, CALL.c.ended_at > ended_after)
    under_way = CALL.c.phase.in_([literal(phase.value) for phase in (Phase.RINGING, Phase.TALKING)])
    return and_(CALL.c.received_at > began_after, or_(under_way, ended))


_CURRENT = Prepared(
    select(CALL)
    .where(_current(bindparam("ended_after"), bindparam("began_after")))
    .order_by(CALL.c.received_at.desc(), CALL.c.id.desc())
    .limit(MOST_CURRENT)
)


def current_calls() -> list[StoredCall]:
    """Calls under way or just over, the oldest first."""
    now = current_app.extensions["durchwahl"].clock.now()
    with looking() as connection:
        rows = _CURRENT.mappings(connection, {"ended_after": now - ENDED_RECENTLY, "began_after": now - OLDEST})
    return [StoredCall(**row) for row in reversed(rows)]


def is_current(row: StoredCall, now: datetime) -> bool:
    """The same of a call that was read."""
    if row.received_at <= now - OLDEST:
        return False
    return row.phase != Phase.ENDED.value or (row.ended_at is not None and row.ended_at > now - ENDED_RECENTLY)

"""Which calls are on screens at present."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select

from app.core.database import reading
from app.modules.callcenter.domain.calls import Phase
from app.modules.callcenter.stored import CALL, StoredCall, stored

#: A call that ended so long ago is still told to a browser that asks.
ENDED_RECENTLY = timedelta(seconds=60)
#: No call that began earlier is current.
OLDEST = timedelta(days=1)
MOST_CURRENT = 50


def current(now: datetime) -> ColumnElement[bool]:
    """The condition: under way, or just over."""
    ended = and_(CALL.c.phase == Phase.ENDED.value, CALL.c.ended_at > now - ENDED_RECENTLY)
    under_way = CALL.c.phase.in_((Phase.RINGING.value, Phase.TALKING.value))
    return and_(CALL.c.received_at > now - OLDEST, or_(under_way, ended))


def current_calls() -> list[StoredCall]:
    """Calls under way or just over, the oldest first."""
    now = current_app.extensions["durchwahl"].clock.now()
    query = select(CALL).where(current(now)).order_by(CALL.c.received_at.desc(), CALL.c.id.desc()).limit(MOST_CURRENT)
    with reading() as session:
        rows = [stored(row) for row in session.execute(query).mappings()]
    return rows[::-1]


def is_current(row: StoredCall, now: datetime) -> bool:
    """The same of a call that was read."""
    if row.received_at <= now - OLDEST:
        return False
    return row.phase != Phase.ENDED.value or (row.ended_at is not None and row.ended_at > now - ENDED_RECENTLY)

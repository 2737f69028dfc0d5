"""Whether a pooled connection to PostgreSQL still stands, asked only where that may be in doubt."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

#: A connection that was used so recently is not asked.
PING_AFTER_SECONDS = 1.0
_USED_AT = "durchwahl.used_at"


@dataclass(slots=True)
class Lost:
    """When a connection of either pool was last found to be gone, on the monotonic clock."""

    at: float = float("-inf")


def after_idling(engine: Engine, lost: Lost) -> None:
    """Ask a pooled connection whether it still stands, unless it was used a moment ago.

    SQLAlchemy's own ``pool_pre_ping`` asks before each use: an exchange more for each of two transactions of a
    notification. Where one connection turns out to be gone the others mostly are too: each that was used before that
    is asked, however short ago it was.
    """

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: object) -> None:
        used_at = record.info.get(_USED_AT)
        if used_at is None or (used_at > lost.at and time.monotonic() - used_at <= PING_AFTER_SECONDS):
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            # Whatever it is, this connection is of no use; the pool opens new ones.
            raise InvalidatePoolError from error

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: object, record: Any) -> None:
        record.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine, "invalidate")
    def on_invalidate(_connection: object, _record: object, _error: object) -> None:
        lost.at = time.monotonic()

"""Requests to the webhook that were refused: when, from where and why, never their content.

They exist so that an administrator sees why nothing arrives. A flood must neither fill the database nor hold up the
notifications that are authentic, so few are written: one a second for each source and reason, and so many in all.
Whoever sends too many hears 429 instead of 403. That is decided after the signature: an authentic request is never one
too many.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import cast

from flask import current_app
from sqlalchemy import Table, delete, insert, select

from app.core.allowances import Allowance, source_of
from app.core.database import transaction
from app.modules.callcenter.models import Refusal

log = logging.getLogger(__name__)
REFUSAL = cast(Table, Refusal.__table__)

#: Between two rows of the same source and reason.
SAME_AGAIN_AFTER = timedelta(seconds=1)
#: Rows a second and process, whatever the source.
MOST_PER_SECOND = 5
#: Rows that are kept.
KEEP = 1000
#: Requests that are not authentic, of one source: so many at once, then one after each.
MOST_AT_ONCE = 240
ONE_MORE_AFTER = timedelta(seconds=1)
#: Between two rows that say that a source sends too many.
FLOOD_AGAIN_AFTER = timedelta(minutes=10)
TOO_MANY = "too_many"


class Gate:
    """Which refusals are worth a row. One a process; a few rows more with several processes do no harm."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._second: datetime | None = None
        self._written: dict[tuple[str, str, str], datetime] = {}
        self._requests = Allowance(MOST_AT_ONCE, ONE_MORE_AFTER)
        self._floods = Allowance(1, FLOOD_AGAIN_AFTER)

    def too_many(self, remote_addr: str, now: datetime) -> timedelta:
        """Count a request that was not authentic: zero, or after how long its source may send the next."""
        return self._requests.spend(source_of(remote_addr), now)

    def flood_is_news(self, remote_addr: str, now: datetime) -> bool:
        """Whether it is to be written that this source sends too many."""
        return not self._floods.spend(source_of(remote_addr), now)

    def opens(self, whose: str, remote_addr: str, reason: str, now: datetime) -> bool:
        """Whether this refusal is written; counts it when it is."""
        key = (whose, remote_addr, reason)
        with self._lock:
            second = now.replace(microsecond=0)
            if second != self._second:
                self._second = second
                self._written = {k: at for k, at in self._written.items() if abs(now - at) < SAME_AGAIN_AFTER}
            if key in self._written or len(self._written) >= MOST_PER_SECOND:
                return False
            self._written[key] = now
            return True


def record(gate: Gate, provider: str, connection: str | None, remote_addr: str, reason: str) -> timedelta:
    """Count a refusal, and store it if the gate is open. Never raises: it stands whether it is written or not.

    Returns zero, or where the source has sent too many, after how long it may come again.
    """
    now = current_app.extensions["durchwahl"].clock.now()
    wait = gate.too_many(remote_addr, now)
    if not wait:
        tell(gate, provider, connection, remote_addr, reason)
    elif gate.flood_is_news(remote_addr, now):
        tell(gate, provider, connection, remote_addr, TOO_MANY)
    return wait


def tell(gate: Gate, provider: str, connection: str | None, remote_addr: str, reason: str) -> None:
    """Store a refusal without counting it, if the gate is open. Never raises. ``connection``: whose it is, if known."""
    now = current_app.extensions["durchwahl"].clock.now()
    source = remote_addr.replace("\x00", "")[:64]
    if not gate.opens(connection or provider, source, reason, now):
        return
    log.warning("notification for %s refused: %s", provider, reason)
    try:
        with transaction() as session:
            values = {"provider": provider[:40], "connection": connection, "remote_addr": source, "reason": reason[:40]}
            session.execute(insert(REFUSAL).values(**values, received_at=now))
    except Exception as error:  # noqa: BLE001 (the answer is 403 all the same)
        log.warning("a refusal was not stored: %s", type(error).__name__)


def prune() -> None:
    """Keep the newest so many."""
    with transaction() as session:
        oldest = session.execute(
            select(REFUSAL.c.id).order_by(REFUSAL.c.id.desc()).offset(KEEP).limit(1)
        ).scalar_one_or_none()
        if oldest is not None:
            session.execute(delete(REFUSAL).where(REFUSAL.c.id <= oldest))

"""Reading chosen notifications again, and deleting them when they are old.

Reading again is what ``flask callcenter replay`` does with all of them: harmless, because a call is the fold of its
reports, and a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.modules.callcenter import inbox
from app.modules.callcenter.cards import CARDS_VERSION
from app.modules.callcenter.inbox import NOTIFICATION
from app.modules.callcenter.stored import CALL

#: So many are read again in one request: a page of the log.
MOST = 100
#: So many rows are deleted in one transaction, for notifications wait for it.
BATCH = 200
#: What waits to be processed is kept however old it is.
UNPROCESSED = (inbox.NEW, inbox.FAILED)


@dataclass(frozen=True, slots=True)
class Reread:
    """What came of reading again."""

    asked: int
    read: int
    """Fewer where some are gone meanwhile."""
    changed: int
    """Whose result or call is another one now."""
    failed: int


def reread(notification_ids: Collection[int]) -> Reread:
    """Read these again, the oldest first; at most ``MOST``."""
    chosen = sorted(set(notification_ids))[:MOST]
    before = _standing(chosen)
    for notification_id in before:
        inbox.process(notification_id)
    after = _standing(chosen)
    changed = sum(after.get(one) != before[one] for one in before)
    if changed:
        with transaction() as session:
            # Open browsers show the corrected calls at once.
            current_app.extensions["durchwahl"].versions.bump(session, CARDS_VERSION)
    failed = sum(state == inbox.FAILED for state, _call, _version in after.values())
    return Reread(len(chosen), len(before), changed, failed)


def _standing(notification_ids: list[int]) -> dict[int, tuple[str, int | None, int | None]]:
    """Of each notification that is there its state, its call, and that call's version."""
    query = (
        select(NOTIFICATION.c.id, NOTIFICATION.c.state, NOTIFICATION.c.call_id, CALL.c.version)
        .outerjoin(CALL, CALL.c.id == NOTIFICATION.c.call_id)
        .where(NOTIFICATION.c.id.in_(notification_ids))
    )
    with reading() as session:
        rows = session.execute(query.order_by(NOTIFICATION.c.id)).all()
        return {row.id: (row.state, row.call_id, row.version) for row in rows}


def stored(notification_id: int) -> Mapping[str, Any] | None:
    """A notification as it lies in the inbox; None where there is none."""
    with reading() as session:
        found = session.execute(select(NOTIFICATION).where(NOTIFICATION.c.id == notification_id)).mappings()
        row = found.one_or_none()
        return {str(name): value for name, value in row.items()} if row is not None else None


def oldest() -> datetime | None:
    """When the oldest notification came that is still kept."""
    with reading() as session:
        found: datetime | None = session.execute(select(func.min(NOTIFICATION.c.received_at))).scalar_one()
        return found


def count_older(session: Session, until: datetime) -> int:
    """How many notifications came before this and are processed."""
    return session.execute(select(func.count()).select_from(NOTIFICATION).where(*_processed(until))).scalar_one()


def delete_older(until: datetime) -> Iterator[int]:
    """Delete them, a few at a time; tells after each time how many."""
    while True:
        with transaction() as session:
            old = select(NOTIFICATION.c.id).where(*_processed(until)).order_by(NOTIFICATION.c.received_at).limit(BATCH)
            ids = list(session.execute(old).scalars())
            if ids:
                session.execute(delete(NOTIFICATION).where(NOTIFICATION.c.id.in_(ids)))
        if not ids:
            return
        yield len(ids)


def _processed(until: datetime) -> tuple[ColumnElement[bool], ...]:
    return NOTIFICATION.c.received_at < until, NOTIFICATION.c.state.not_in(UNPROCESSED)

"""Calls without the far party: number, names and what leads to them go; time, line, state and durations stay.

So figures stay as they are. No later notification, no reading of the inbox and no list of the telephone system brings
the number back or makes the call a second one: the call has an id of its own from then on, and the former is known as
purged (see ``purged``).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, String, and_, cast, delete, exists, func, literal, or_, select, text, update
from sqlalchemy.orm import Session

from app.core.database import insert_or_ignore, reading, transaction
from app.modules.addresses import api as addresses
from app.modules.callcenter import purged
from app.modules.callcenter.models import (
    UNKNOWN_PARTY,
    Callback,
    CallbackCall,
    CallChange,
    DialOrderRow,
    Notification,
    PurgedCall,
)
from app.modules.callcenter.statements import REPORT
from app.modules.callcenter.stored import CALL

#: Calls in one transaction, for notifications wait for it: each has its place in a dozen indexes, and SQLite writes
#: whole pages.
BATCH = 20
UNKNOWN = text(UNKNOWN_PARTY)
#: What a call has no longer; that somebody was known, or nobody, stays in ``grade``.
_NOTHING: dict[str, Any] = {
    "remote_raw": None,
    "remote_e164": None,
    "matches": "[]",
    "choices": "[]",
    "address_id": None,
    "contact_id": None,
    "assigned_by": None,
    "control": None,
}
#: Somebody shall still be called back for it.
_WANTED = exists(
    select(CallbackCall.call_id)
    .join(Callback, Callback.id == CallbackCall.callback_id)
    .where(CallbackCall.call_id == CALL.c.id, Callback.state == "open")
)


def old(until: datetime, *, unknown_only: bool) -> ColumnElement[bool]:
    """Calls that began before this, are over, have a far party still, and wait for no call-back."""
    wanted = and_(CALL.c.received_at < until, CALL.c.phase == "ended", CALL.c.anonymised_at.is_(None), ~_WANTED)
    return and_(UNKNOWN, wanted) if unknown_only else wanted


def count_old(session: Session, until: datetime, *, unknown_only: bool) -> int:
    """How many they are."""
    query = select(func.count()).select_from(CALL).where(old(until, unknown_only=unknown_only))
    return session.execute(query).scalar_one()


def anonymise_old(until: datetime, *, unknown_only: bool) -> Iterator[int]:
    """Anonymise them from the oldest on; tells after each batch how many."""
    place: tuple[Any, int] | None = None
    while True:
        query = select(CALL.c.id, CALL.c.received_at).where(old(until, unknown_only=unknown_only))
        if place is not None:
            # What is done already is not read again with every batch.
            at, last = place
            query = query.where(or_(CALL.c.received_at > at, and_(CALL.c.received_at == at, CALL.c.id > last)))
        with reading() as session:
            rows = session.execute(query.order_by(CALL.c.received_at, CALL.c.id).limit(BATCH)).all()
        if not rows:
            return
        place = (rows[-1].received_at, rows[-1].id)
        yield anonymise([row.id for row in rows])


def anonymise(call_ids: Sequence[int]) -> int:
    """Anonymise these calls that are over, whatever their age; returns how many had a far party still."""
    now = current_app.extensions["durchwahl"].clock.now()
    wanted = (CALL.c.id.in_(call_ids), CALL.c.anonymised_at.is_(None), CALL.c.phase == "ended")
    with reading() as session:
        keys = select(CALL.c.id, CALL.c.connection, CALL.c.external_id).where(*wanted)
        digests = {row.id: purged.digest(row.connection, row.external_id) for row in session.execute(keys)}
    # Known as purged before their ids change: whoever inserts meanwhile meets the one or the other.
    with transaction() as session:
        for digest in digests.values():
            insert_or_ignore(session, PurgedCall, {"digest": digest, "purged_at": now}, ["digest"])
    with transaction() as session:
        locked = select(CALL.c.id, CALL.c.version).where(CALL.c.id.in_(digests), *wanted[1:])
        rows = session.execute(locked.order_by(CALL.c.id).with_for_update()).all()
        for row in rows:
            # Not the digest: then nobody can tell from a call of the telephone system which one of ours it was.
            own = f"anonymised:{secrets.token_hex(16)}"
            values = {"external_id": own, "anonymised_at": now, "version": row.version + 1, **_NOTHING}
            session.execute(update(CALL).where(CALL.c.id == row.id).values(**values))
        _forget(session, [row.id for row in rows])
        return len(rows)


def _forget(session: Session, call_ids: Sequence[int]) -> None:
    """What is kept about these calls elsewhere."""
    session.execute(delete(Notification).where(Notification.call_id.in_(call_ids)))
    # The digest of what a report says would tell its number to whoever tries all numbers.
    unread = {"remote": None, "first": None, "second": None, "notification_id": None}
    content = literal("anonymised ").concat(cast(REPORT.c.id, String(20)))
    session.execute(update(REPORT).where(REPORT.c.call_id.in_(call_ids)).values(content=content, **unread))
    session.execute(delete(CallChange).where(CallChange.call_id.in_(call_ids)))
    done = select(CallbackCall.callback_id).where(CallbackCall.call_id.in_(call_ids))
    session.execute(delete(Callback).where(Callback.id.in_(done), Callback.state == "done"))
    session.execute(delete(CallbackCall).where(CallbackCall.call_id.in_(call_ids)))
    orders = update(DialOrderRow).where(DialOrderRow.call_id.in_(call_ids))
    session.execute(orders.values(target_raw="", target_e164=None, call_id=None))
    addresses.forget_origins(session, _origins(call_ids))


def _origins(call_ids: Iterable[int]) -> list[str]:
    return [f"call:{call_id}" for call_id in call_ids]

"""Calls that were purged stay so: their signed notifications, sent once more by whoever has kept them, change nothing.

The telephone system's notifications carry neither time nor number, so one that was overheard is as good as new once
its call is gone. Of each call that is purged a keyed hash of its id is kept; the statement that inserts a call looks
there first. Without SECRET_KEY nobody can tell from the hash which call it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import delete, select

from app.core.database import insert_or_ignore, reading, transaction
from app.core.security import keyed_hash
from app.modules.callcenter.models import CallRow, PurgedCall


def digest(connection: str, external_id: str) -> str:
    """What is kept of a call's id. Depends on SECRET_KEY: a new one makes what is kept worthless."""
    secret_key: str = current_app.extensions["durchwahl"].config.secret_key
    return keyed_hash(secret_key, "purged call", f"{connection} {external_id}")


def purge(call_ids: Sequence[int]) -> int:
    """Remove these calls with their reports and history, for good; returns how many there were.

    What was written about them stays, with nothing of the call: notes, call-backs, the inbox.
    """
    now = current_app.extensions["durchwahl"].clock.now()
    with reading() as session:
        wanted = select(CallRow.id, CallRow.connection, CallRow.external_id).where(CallRow.id.in_(call_ids))
        found = session.execute(wanted.order_by(CallRow.id)).all()
    # Known as purged before they are gone: whoever inserts meanwhile meets the one or the other.
    with transaction() as session:
        for _call_id, connection, external_id in found:
            values = {"digest": digest(connection, external_id), "purged_at": now}
            insert_or_ignore(session, PurgedCall, values, ["digest"])
    with transaction() as session:
        gone = delete(CallRow).where(CallRow.id.in_([row.id for row in found])).returning(CallRow.id)
        return len(session.execute(gone).all())

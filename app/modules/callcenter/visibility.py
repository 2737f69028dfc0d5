"""Which calls a user may see, asked of the database: the twin of ``domain.visibility.sees``.

Who took a call is what was so at the time: a telephone that changes hands takes no old calls along.
"""

from __future__ import annotations

import json
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, delete, false, or_, select, true
from sqlalchemy.orm import Session

from app.core.database import insert_or_ignore
from app.modules.callcenter import accounts
from app.modules.callcenter.domain.visibility import Watcher
from app.modules.callcenter.models import CallTaker
from app.modules.callcenter.stored import CALL, StoredCall

TAKER = cast(Table, CallTaker.__table__)


def viewer(user_id: int) -> Watcher | None:
    """The user with what decides, as it is now; None for one that there is not."""
    return accounts.watcher(user_id)


def visible_to(user_id: int) -> ColumnElement[bool]:
    """The condition on calls that this user may see now."""
    return visible(viewer(user_id))


def is_visible(session: Session, call_id: int, user_id: int) -> bool:
    """Whether this user may see this call."""
    return session.execute(select(CALL.c.id).where(CALL.c.id == call_id, visible_to(user_id))).first() is not None


def visible(watcher: Watcher | None) -> ColumnElement[bool]:
    """The condition on calls that a user may see."""
    if watcher is None or not watcher.allowed:
        return false()
    if watcher.scope == "all":
        return true()
    return or_(*reasons(watcher))


def reasons(watcher: Watcher) -> list[ColumnElement[bool]]:
    """Why a user who does not see all calls may see one; each of them is enough."""
    return [
        CALL.c.user_id == watcher.user_id,
        CALL.c.id.in_(select(TAKER.c.call_id).where(TAKER.c.user_id == watcher.user_id)),
        *([and_(CALL.c.line_key.in_(sorted(watcher.seen_lines)), not_dialled())] if watcher.seen_lines else []),
    ]


def not_dialled() -> ColumnElement[bool]:
    """Incoming, or of a direction that nobody told."""
    return or_(CALL.c.direction == "in", CALL.c.direction.is_(None))


def keep_takers(session: Session, after: StoredCall, before: StoredCall) -> None:
    """Keep who took a call that was passed on. No statement for any other call, so for nearly none."""
    if _of_takers(after) == _of_takers(before):
        return
    taken = json.loads(after.answered_by)
    if len(taken) < 2 and len(json.loads(before.answered_by)) < 2:
        return
    session.execute(delete(TAKER).where(TAKER.c.call_id == after.id))
    known = {after.user_id, *(accounts.user_of(session, uid) for uid in taken)} if len(taken) > 1 else set()
    users = sorted(user_id for user_id in known if user_id is not None)
    for place, user_id in enumerate(users):
        values = {
            "user_id": user_id,
            "call_id": after.id,
            "received_at": after.received_at,
            "line_key": after.line_key,
            "other_id": users[1 - place] if len(users) == 2 else 0,
        }
        insert_or_ignore(session, CallTaker, values, ["user_id", "call_id"])


def _of_takers(call: StoredCall) -> tuple[object, ...]:
    return call.answered_by, call.user_id, call.received_at, call.line_key

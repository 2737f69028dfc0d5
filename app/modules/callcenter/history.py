"""The names that a call showed, from its first ring on: each change with its time, and who made it.

What was shown at first is what the first change found; so a call whose names never changed costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app
from sqlalchemy import Table, insert, or_, select
from sqlalchemy.orm import Session

from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.models import CallChange
from app.modules.callcenter.shown import shown
from app.modules.callcenter.stored import StoredCall

CHANGE = cast(Table, CallChange.__table__)
#: Names that are kept of what was shown; how many more there were is kept beside.
MOST_NAMES = 5
#: Why a call shows somebody else than before.
NUMBERS, REPORT, CHOSEN, REMEMBERED, UNDONE = "numbers", "report", "chosen", "remembered", "undone"
_KEPT = ("name", "company", "archived", "address_id", "contact_id")


@dataclass(frozen=True, slots=True)
class Change:
    """A call showed somebody else from then on."""

    id: int
    changed_at: datetime
    cause: str
    scope: str | None
    user_id: int | None
    """Who did it, where a person did."""
    for_user_id: int | None
    """On whose screen alone; None for everybody."""
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def described(row: StoredCall, viewer: int | None) -> dict[str, Any]:
    """Whom the call shows to a user, short enough to be kept for good."""
    who = shown(row, viewer)
    names = [{name: match[name] for name in _KEPT} for match in who.matches[:MOST_NAMES]]
    return {"certainty": who.certainty, "names": names, "more": max(0, len(who.matches) - MOST_NAMES)}


def note(session: Session, before: StoredCall, after: StoredCall, cause: str, by: int | None = None) -> None:
    """Keep what was shown until now, for everybody and for those who saw something else. No statement without need."""
    if (before.matches, before.choices) == (after.matches, after.choices):
        return
    own = {one.user_id for row in (before, after) for one in row.chosen if one.scope is Scope.MINE}
    everybody = described(before, None), described(after, None)
    for viewer in sorted(user_id for user_id in own if user_id is not None):
        change = described(before, viewer), described(after, viewer)
        if change[0] != change[1] and change != everybody:
            _insert(session, before.id, change, cause=cause, user_id=by, for_user_id=viewer)
    if everybody[0] != everybody[1]:
        _insert(session, before.id, everybody, cause=cause, user_id=by)


def note_choice(
    session: Session,
    before: StoredCall,
    after: StoredCall,
    cause: str,
    scope: Scope,
    by: int,
    undo: Mapping[str, Any] | None = None,
) -> int:
    """Keep that somebody chose, or took a choice back; returns the entry's number.

    ``undo``: what the choice took the place of.
    """
    viewer = by if scope is Scope.MINE else None
    change = described(before, viewer), described(after, viewer)
    return _insert(
        session,
        before.id,
        change,
        cause=cause,
        scope=scope.value,
        user_id=by,
        for_user_id=viewer,
        undo=None if undo is None else json.dumps(undo, ensure_ascii=False),
    )


def undo_of(session: Session, call_id: int, change_id: int, user_id: int) -> tuple[Scope, dict[str, Any]] | None:
    """What a choice of this user took the place of; None where there is no such choice."""
    row = session.execute(
        select(CHANGE.c.scope, CHANGE.c.undo).where(
            CHANGE.c.id == change_id, CHANGE.c.call_id == call_id, CHANGE.c.user_id == user_id
        )
    ).one_or_none()
    return None if row is None or row.undo is None else (Scope(row.scope), json.loads(row.undo))


def changes(session: Session, call_id: int, viewer: int) -> list[Change]:
    """All that changed on this user's screen, in order."""
    columns = [CHANGE.c[name] for name in Change.__dataclass_fields__]
    rows = session.execute(
        select(*columns)
        .where(CHANGE.c.call_id == call_id, or_(CHANGE.c.for_user_id.is_(None), CHANGE.c.for_user_id == viewer))
        .order_by(CHANGE.c.id)
    ).mappings()
    return [Change(**{**row, "before": json.loads(row["before"]), "after": json.loads(row["after"])}) for row in rows]


def _insert(session: Session, call_id: int, change: tuple[Any, Any], **values: Any) -> int:
    before, after = (json.dumps(one, ensure_ascii=False) for one in change)
    now = current_app.extensions["durchwahl"].clock.now()
    statement = insert(CHANGE).values(call_id=call_id, changed_at=now, before=before, after=after, **values)
    found: int = session.execute(statement.returning(CHANGE.c.id)).scalar_one()
    return found

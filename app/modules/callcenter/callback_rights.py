"""Which call-backs a user sees and works on: those that a call which he may see made, and what was written for him.

The condition and its pure twin; a test holds both against each other. Whoever sees everybody's calls sees all tasks.
The others: what is given to them, what they wrote, what waits on one of their lines, and what was written for nobody
in particular and is not taken yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from app.modules.callcenter.callback_models import Callback
from app.modules.callcenter.domain.visibility import Watcher

#: The columns that decide.
DECIDING = (Callback.assigned_to, Callback.created_by, Callback.line_key, Callback.kind)


def concerns(watcher: Watcher | None) -> ColumnElement[bool]:
    """The condition on tasks that a user may see."""
    if watcher is None or not watcher.active:
        return false()
    if watcher.scope == "all":
        return true()
    return or_(
        Callback.assigned_to == watcher.user_id,
        Callback.created_by == watcher.user_id,
        Callback.line_key.in_(sorted(watcher.seen_lines)),
        and_(Callback.kind == "manual", Callback.assigned_to.is_(None)),
    )


def is_concerned(watcher: Watcher | None, row: Mapping[str, Any]) -> bool:
    """The same of a task that was read."""
    if watcher is None or not watcher.active:
        return False
    if watcher.scope == "all" or watcher.user_id in (row["assigned_to"], row["created_by"]):
        return True
    if row["line_key"] in watcher.seen_lines:
        return True
    return row["kind"] == "manual" and row["assigned_to"] is None

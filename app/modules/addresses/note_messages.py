"""Tells open pages of an address that its notes have changed: they show their counters and lists as they are now."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from app.core.accounts.access import allows
from app.core.accounts.models import User
from app.core.database import reading
from app.modules.addresses.events import NoteSaved

EVENT = "notes"
PERMISSION = "addresses.view"


def on_saved(event: NoteSaved) -> None:
    """Send the address to whoever may look at addresses; nothing of the note, which the pages ask for themselves."""
    realtime = current_app.extensions["durchwahl"].realtime
    if event.address_id is not None and realtime.is_heard:
        realtime.emit(EVENT, {"address_id": event.address_id}, _watchers())


def _watchers() -> list[int]:
    with reading() as session:
        users = session.execute(select(User.id, User.role, User.permissions).where(User.active)).all()
    return [user.id for user in users if allows(user.role, user.permissions, PERMISSION)]

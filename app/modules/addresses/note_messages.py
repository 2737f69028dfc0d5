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
    """Send the address to whoever may look at addresses, also the one that a note was taken from.

    Nothing of the note: the pages ask for that themselves.
    """
    realtime = current_app.extensions["durchwahl"].realtime
    concerned = [one for one in (event.address_id, event.former_address_id) if one is not None]
    if concerned and realtime.is_heard:
        watchers = _watchers()
        for address_id in concerned:
            realtime.emit(EVENT, {"address_id": address_id}, watchers)


def _watchers() -> list[int]:
    with reading() as session:
        users = session.execute(select(User.id, User.role, User.permissions).where(User.active)).all()
    return [user.id for user in users if allows(user.role, user.permissions, PERMISSION)]

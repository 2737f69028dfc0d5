"""Tells the browsers of those who may import how far an import is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.core.accounts.access import allows
from app.core.accounts.models import User
from app.core.database import reading
from app.modules.addresses.imports.events import ImportChanged
from app.modules.addresses.imports.states import NoSuchImport
from app.modules.addresses.imports.stored import load

EVENT = "import"
PERMISSION = "addresses.import"


def on_changed(event: ImportChanged) -> None:
    """An import is in another state: its pages show that at once."""
    try:
        stored = load(event.import_id)
    except NoSuchImport:
        return
    told = {"id": stored.id, "state": stored.state, **asdict(stored.totals)}
    send({**told, "seconds_left": stored.seconds_left, "ending": stored.ending, "begun": stored.begun})


def send(told: dict[str, Any]) -> None:
    """To every open browser of those who may import."""
    current_app.extensions["durchwahl"].realtime.emit(EVENT, told, _watchers())


def _watchers() -> list[int]:
    with reading() as session:
        users = session.execute(select(User.id, User.role, User.permissions).where(User.active)).all()
    return [user.id for user in users if allows(user.role, user.permissions, PERMISSION)]

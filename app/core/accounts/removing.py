"""Somebody who has left: his account stays as a number, to which all belongs that he did, and tells nothing of him.

It has another name and user name, no e-mail address, and a password that none is; log-ins, tokens and what he chose go.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.core.accounts import service
from app.core.accounts.models import ADMINISTRATOR, STAFF, ApiToken, LoginSession, User, UserSetting
from app.core.database import transaction
from app.core.privacy.persons import Part, Removal

#: In place of a password's hash: no password has it.
NO_PASSWORD = "!"  # noqa: S105 (that there is none)

PARTS = (
    Part(
        "core.account",
        _l("User account"),
        "anonymised",
        _l(
            "It is deactivated and has the name below; calls, notes and figures show that. "
            "User name, e-mail and password go."
        ),
    ),
    Part("core.sessions", _l("Log-ins in force"), "removed", _l("They end at once.")),
    Part("core.tokens", _l("API tokens"), "removed", _l("They are worth nothing any more.")),
    Part("core.settings", _l("Personal settings"), "removed", _l("All that was chosen.")),
)
#: All but the account itself.
_OWN: dict[str, Any] = {"core.sessions": LoginSession, "core.tokens": ApiToken, "core.settings": UserSetting}


def refuse(session: Session, removal: Removal) -> str | None:
    """Nobody removes himself, nor the last administrator, nor whoever is removed already."""
    user_id = removal.person.user_id
    user = session.get(User, user_id) if user_id is not None else None
    if user is None:
        return None
    if user.password_hash == NO_PASSWORD:
        return str(_("This user has been removed already."))
    if user.id == removal.by:
        return str(_("You cannot remove yourself. Another administrator can."))
    others = select(User.id).where(User.role == ADMINISTRATOR, User.active, User.id != user.id).limit(1)
    if user.is_administrator and user.active and session.execute(others).first() is None:
        return str(_("This is the last administrator. Make somebody else one before."))
    return None


def plan(session: Session, removal: Removal) -> Iterator[tuple[str, int]]:
    """How much there is."""
    user_id = removal.person.user_id
    if user_id is None:
        return
    yield "core.account", 1
    for key, table in _OWN.items():
        query = select(func.count()).select_from(table).where(table.user_id == user_id)
        yield key, session.execute(query).scalar_one()


def remove(removal: Removal) -> Iterator[tuple[str, int]]:
    """Deactivate, rename, forget."""
    user_id = removal.person.user_id
    if user_id is None:
        return
    gone: dict[str, int] = {}
    with transaction() as session:
        for key, table in _OWN.items():
            if table is not LoginSession:
                found = session.execute(delete(table).where(table.user_id == user_id).returning(table.user_id))
                gone[key] = len(found.all())
        ends: Any = select(func.count()).select_from(LoginSession).where(LoginSession.user_id == user_id)
        gone["core.sessions"] = session.execute(ends).scalar_one()
    # Ends the log-ins, and tells everybody what he is called now.
    service.update_user(user_id, name=removal.called, email="", active=False, role=STAFF)
    with transaction() as session:
        username = f"former-{user_id}-{secrets.token_hex(4)}"
        values = {"username": username, "username_key": username, "password_hash": NO_PASSWORD, "permissions": "{}"}
        mine = update(User).where(User.id == user_id, User.password_hash != NO_PASSWORD).returning(User.id)
        gone["core.account"] = len(session.execute(mine.values(values)).all())
        current_app.extensions["durchwahl"].versions.bump(session, service.USERS_VERSION)
    yield from gone.items()

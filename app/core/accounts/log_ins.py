"""The log-ins of one user: where they are, and their end by his own hand.

Of what a browser says of itself two words are kept, enough to tell one's own from somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from app.core.accounts import service
from app.core.accounts.models import LoginSession
from app.core.database import reading

#: What stands in ``User-Agent`` → what people call it; the first that is found counts, as later ones stand in it, too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
#: Characters of the stored hash by which a page names a log-in; of one user's few they are never the same.
MARK_LENGTH = 20


@dataclass(frozen=True, slots=True)
class LogIn:
    """One log-in that is in force."""

    mark: str
    browser: str
    """Empty where it is none that is known here."""
    system: str
    address: str
    since: datetime
    until: datetime
    is_this: bool
    """Whether it is the one that asks."""


def named(agent: str) -> tuple[str, str]:
    """Browser and system of a ``User-Agent``; empty where they are not known."""
    found = [next((name for sign, name in kinds if sign in agent), "") for kinds in (BROWSERS, SYSTEMS)]
    return found[0], found[1]


def of_user(user_id: int, this_session: str) -> list[LogIn]:
    """The user's log-ins that are in force, this one first, then the newest. ``this_session``: the cookie's id."""
    this, now = service.session_hash(this_session), current_app.extensions["durchwahl"].clock.now()
    query = select(LoginSession).where(LoginSession.user_id == user_id, LoginSession.expires_at > now)
    with reading() as session:
        rows = session.execute(query.order_by(LoginSession.created_at.desc(), LoginSession.id)).scalars()
        found = [
            LogIn(
                row.id[:MARK_LENGTH],
                row.browser,
                row.system,
                row.address,
                row.created_at,
                row.expires_at,
                row.id == this,
            )
            for row in rows
        ]
    return sorted(found, key=lambda one: not one.is_this)


def end(user_id: int, this_session: str, marks: Collection[str] | None) -> int:
    """End the user's other log-ins that are named, or all others (None); returns how many ended. This one goes on."""
    return service.end_sessions_of(user_id, service.session_hash(this_session), marks)

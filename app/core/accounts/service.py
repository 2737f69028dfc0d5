"""Use cases of users and their log-ins. Each opens its own transaction."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from sqlalchemy import bindparam, delete, false, func, or_, select
from sqlalchemy.orm import Session

from app.core.accounts import passwords
from app.core.accounts.models import ADMINISTRATOR, ROLES, LoginSession, User
from app.core.database import insert_or_ignore, looking, reading, transaction
from app.core.events import publish
from app.core.prepared import Prepared
from app.core.security import keyed_hash

SESSION_DAYS = 30
LANGUAGES = ("de", "en")
THEMES = ("auto", "light", "dark")
#: Name under which an ended log-in is announced to other processes.
SESSIONS_VERSION = "sessions"
#: Name under which a change of any user is announced to other processes.
USERS_VERSION = "users"
#: Name under which it is announced that somebody is called otherwise: his name stands on others' screens.
NAMES_VERSION = "users.names"
#: Every request asks whose it is.
_LOGGED_IN = Prepared(
    select(User.__table__)
    .join(LoginSession, LoginSession.user_id == User.id)
    .where(LoginSession.id == bindparam("hash"), LoginSession.expires_at > bindparam("now"), User.active)
)
_hasher = PasswordHasher()
#: Nothing that separates user names in lists, and nothing that cannot be seen or stored (control signs, surrogates).
_USERNAME = re.compile(r"[^\s:,;/\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,80}\Z")
#: Field → most characters, as wide as the column.
_LONGEST = {"name": 200, "email": 254}


class AccountError(Exception):
    """A use case was refused; ``code`` becomes a sentence, ``field`` is where it belongs."""

    def __init__(self, code: str, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class SessionsEnded:
    """These log-ins are over (hashes as stored); their sockets are closed."""

    session_hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserChanged:
    """Name, role, state or personal settings of a user changed."""

    user_id: int


@cache
def _dummy_hash() -> str:
    """Verified when there is no such user, so that the answer takes as long; made when it is first needed."""
    return _hasher.hash(secrets.token_hex(16))


def username_key(username: str) -> str:
    """The form under which user names are compared."""
    return username.strip().casefold()


def _kernel() -> Any:
    return current_app.extensions["durchwahl"]


def _check_password(password: str, username: str, name: str, email: str) -> None:
    refused = passwords.refusal(password, passwords.words_of(username, name, email, _kernel().config.hosts))
    if refused:
        raise AccountError(refused, "password")


def _check(values: dict[str, Any]) -> None:
    for field, longest in _LONGEST.items():
        if len(values.get(field, "")) > longest or "\x00" in values.get(field, ""):
            raise AccountError(f"bad_{field}", field)
    if "role" in values and values["role"] not in ROLES:
        raise AccountError("unknown_role", "role")
    if "language" in values and values["language"] not in LANGUAGES:
        raise AccountError("unknown_language", "language")
    if "theme" in values and values["theme"] not in THEMES:
        raise AccountError("unknown_theme", "theme")
    if "timezone" in values and values["timezone"] not in available_timezones():
        raise AccountError("unknown_timezone", "timezone")


def create_user(
    username: str, password: str, role: str, *, name: str = "", email: str = "", of_demo: bool = False, **more: Any
) -> int:
    """Create a user, return the id. Raises AccountError (username_taken, password_too_short, …).

    ``of_demo``: everybody knows the password anyway, so it may be any.
    """
    username = username.strip()
    if not _USERNAME.match(username):
        raise AccountError("bad_username", "username")
    if not of_demo:
        _check_password(password, username, name, email)
    _check({"role": role, "name": name, "email": email, **more})
    hashed = _hasher.hash(password)
    now = _kernel().clock.now()
    with transaction() as session:
        values = {
            "username": username,
            "username_key": username_key(username),
            "name": name.strip() or username,
            "email": email.strip(),
            "password_hash": hashed,
            "role": role,
            "active": True,
            "language": "de",
            "timezone": "Europe/Berlin",
            "theme": "auto",
            "created_at": now,
            "updated_at": now,
            **more,
        }
        if not insert_or_ignore(session, User, values, ["username_key"]):
            raise AccountError("username_taken", "username")
        user_id = session.execute(select(User.id).where(User.username_key == username_key(username))).scalar_one()
        _changed(session, user_id)
        return user_id


def update_user(user_id: int, **changes: Any) -> None:
    """Change name, email, role, active, language, timezone, theme, shortcuts or permissions.

    The last administrator stays one. ``permissions``: whether he has each that is named; those that are not named he
    has as his role does.
    """
    _check(changes)
    with transaction() as session:
        user = session.get(User, user_id, with_for_update=True)
        if user is None:
            raise AccountError("no_such_user")
        loses = user.is_administrator and user.active
        loses = loses and (changes.get("role", ADMINISTRATOR) != ADMINISTRATOR or not changes.get("active", True))
        if loses and not _other_administrators(session, user_id):
            raise AccountError("last_administrator", "role")
        if changes.get("name", user.name) != user.name:
            _kernel().versions.bump(session, NAMES_VERSION)
        if "permissions" in changes:
            user.permissions = _own_permissions(changes["permissions"])
        for field in ("name", "email", "role", "active", "language", "timezone", "theme", "shortcuts"):
            if field in changes:
                setattr(user, field, changes[field])
        user.updated_at = _kernel().clock.now()
        if changes.get("active") is False:
            _end_sessions(session, LoginSession.user_id == user_id)
        _changed(session, user_id)


def set_password(user_id: int, password: str, *, keep_session: str | None = None, must_change: bool = False) -> None:
    """Set a password; every log-in of the user ends, but for ``keep_session`` (a hash).

    ``must_change``: somebody else chose it, so the user has to choose another when he logs in.
    """
    known = get_user(user_id)
    if known is None:
        raise AccountError("no_such_user")
    _check_password(password, known.username, known.name, known.email)
    # Before the transaction: it takes its time on purpose, and nobody shall wait for the row meanwhile.
    hashed = _hasher.hash(password)
    with transaction() as session:
        user = session.get(User, user_id, with_for_update=True)
        if user is None:
            raise AccountError("no_such_user")
        user.password_hash = hashed
        user.must_change_password = must_change
        user.updated_at = _kernel().clock.now()
        conditions = [LoginSession.user_id == user_id]
        if keep_session:
            conditions.append(LoginSession.id != keep_session)
        _end_sessions(session, *conditions)


def verify(username: str, password: str) -> User | None:
    """The active user with this name and password, or None; takes the same time either way."""
    with reading() as session:
        user = session.execute(select(User).where(User.username_key == username_key(username))).scalar_one_or_none()
    try:
        _hasher.verify(user.password_hash if user else _dummy_hash(), password)
    except (VerificationError, InvalidHashError):
        return None
    return user if user is not None and user.active else None


def check_password(user: User, password: str) -> bool:
    """Whether this is the user's present password."""
    try:
        return bool(_hasher.verify(user.password_hash, password))
    except (VerificationError, InvalidHashError):
        return False


def session_hash(session_id: str) -> str:
    """The stored form of a session id from a cookie."""
    return keyed_hash(_kernel().config.secret_key, "session", session_id)


def start_session(user_id: int, *, browser: str = "", system: str = "", address: str = "") -> str:
    """Begin a log-in, in this browser and from this address; returns the random id for the cookie."""
    session_id = secrets.token_urlsafe(32)
    now = _kernel().clock.now()
    with transaction() as session:
        session.execute(delete(LoginSession).where(LoginSession.expires_at < now))
        session.add(
            LoginSession(
                id=session_hash(session_id),
                user_id=user_id,
                created_at=now,
                expires_at=now + timedelta(days=SESSION_DAYS),
                browser=browser,
                system=system,
                address=address[:64],
            )
        )
    return session_id


def end_session(session_id: str) -> None:
    """End one log-in (log-out)."""
    with transaction() as session:
        _end_sessions(session, LoginSession.id == session_hash(session_id))


def end_sessions_of(user_id: int, but: str, beginnings: Collection[str] | None) -> int:
    """End log-ins of a user, but for this one (a hash): all, or those whose hashes begin so; returns how many."""
    conditions: list[Any] = [LoginSession.user_id == user_id, LoginSession.id != but]
    if beginnings is not None:
        conditions.append(or_(*(LoginSession.id.startswith(one, autoescape=True) for one in beginnings), false()))
    with transaction() as session:
        return _end_sessions(session, *conditions)


def load_session(session_id: str) -> User | None:
    """The active user of a running log-in, or None. He belongs to no session: what is changed of him is not stored."""
    values = {"hash": session_hash(session_id), "now": _kernel().clock.now()}
    with looking() as connection:
        rows = _LOGGED_IN.mappings(connection, values)
    return User(**rows[0]) if rows else None


def running_sessions(hashes: list[str]) -> set[str]:
    """Which of these log-ins still run: for the sweep that closes sockets."""
    with reading() as session:
        return set(
            session.execute(
                select(LoginSession.id)
                .join(User, LoginSession.user_id == User.id)
                .where(LoginSession.id.in_(hashes), LoginSession.expires_at > _kernel().clock.now(), User.active)
            ).scalars()
        )


def list_users(*, active_only: bool = False) -> list[User]:
    """All users by name."""
    query = select(User).order_by(func.lower(User.name), User.id)
    with reading() as session:
        return list(session.execute(query.where(User.active) if active_only else query).scalars())


def get_user(user_id: int) -> User | None:
    """By id, active or not."""
    with reading() as session:
        return session.get(User, user_id)


def find_user(username: str) -> User | None:
    """By user name, ignoring case."""
    with reading() as session:
        return session.execute(select(User).where(User.username_key == username_key(username))).scalar_one_or_none()


def _other_administrators(session: Session, user_id: int) -> int:
    return session.execute(
        select(func.count()).select_from(User).where(User.role == ADMINISTRATOR, User.active, User.id != user_id)
    ).scalar_one()


def _changed(session: Session, user_id: int) -> None:
    _kernel().versions.bump(session, USERS_VERSION)
    publish(session, UserChanged(user_id))


def _own_permissions(wanted: Mapping[str, bool]) -> str:
    """What differs from the role staff; an administrator has everything all the same."""
    declared = _kernel().permissions
    return json.dumps({name: given for name, given in sorted(wanted.items()) if given != declared[name].staff})


def _end_sessions(session: Session, *conditions: Any) -> int:
    ended = tuple(session.execute(delete(LoginSession).where(*conditions).returning(LoginSession.id)).scalars())
    if ended:
        _kernel().versions.bump(session, SESSIONS_VERSION)
        publish(session, SessionsEnded(ended))
    return len(ended)

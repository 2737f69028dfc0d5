"""Bearer tokens of the REST API: shown once, kept as a keyed hash."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import or_, select, update

from app.core.accounts.models import ApiToken, User
from app.core.accounts.service import AccountError, find_user
from app.core.database import MAX_ID, reading, transaction
from app.core.security import keyed_hash

READ = "read"
WRITE = "write"
SCOPES = (READ, WRITE)
PREFIX = "dw_"
_TOKEN = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{43}")
#: The time of last use is written at most this often: a busy script must not write with every request.
USE_RESOLUTION = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TokenUse:
    """Whom a token speaks for, and whether it may change anything."""

    token_id: int
    user: User
    may_write: bool


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is listed; the token itself is known only to its owner."""

    id: int
    username: str
    name: str
    scope: str
    created_at: datetime
    last_used_at: datetime | None
    revoked: bool


def _kernel() -> Any:
    return current_app.extensions["durchwahl"]


def _hash(token: str) -> str:
    return keyed_hash(_kernel().config.secret_key, "token", token)


def create(username: str, name: str, scope: str = WRITE) -> str:
    """A new token, returned once. Raises AccountError (no_such_user, unknown_scope, no_token_name)."""
    if scope not in SCOPES:
        raise AccountError("unknown_scope", "scope")
    # One line each in the list of tokens, and its columns are separated by tabs.
    name = " ".join(name.split())[:80]
    if not name:
        raise AccountError("no_token_name", "name")
    user = find_user(username)
    if user is None or not user.active:
        raise AccountError("no_such_user", "user")
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction() as session:
        session.add(
            ApiToken(
                user_id=user.id,
                name=name,
                token_hash=_hash(token),
                scope=scope,
                created_at=_kernel().clock.now(),
            )
        )
    return token


def verify(token: str) -> TokenUse | None:
    """Whom this token speaks for; None when it is unknown, revoked, or its user is not active."""
    if not _TOKEN.fullmatch(token):
        return None
    now = _kernel().clock.now()
    with reading() as session:
        row = session.execute(
            select(ApiToken, User)
            .join(User, ApiToken.user_id == User.id)
            .where(ApiToken.token_hash == _hash(token), ApiToken.revoked_at.is_(None), User.active)
        ).one_or_none()
    if row is None:
        return None
    found, user = row
    if found.last_used_at is None or now - found.last_used_at > USE_RESOLUTION:
        _note_use(found.id, now)
    return TokenUse(found.id, user, found.scope == WRITE)


def _note_use(token_id: int, now: datetime) -> None:
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < now - USE_RESOLUTION)
    with transaction() as session:
        # Of several requests at once the first one writes.
        session.execute(update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=now))


def list_tokens() -> list[TokenRow]:
    """All tokens, newest first."""
    query = select(ApiToken, User.username).join(User, ApiToken.user_id == User.id).order_by(ApiToken.id.desc())
    with reading() as session:
        return [
            TokenRow(
                token.id,
                username,
                token.name,
                token.scope,
                token.created_at,
                token.last_used_at,
                token.revoked_at is not None,
            )
            for token, username in session.execute(query)
        ]


def revoke(token_id: int) -> None:
    """Make a token worthless at once. Raises AccountError (no_such_token), also for one that was revoked before."""
    if not 0 < token_id <= MAX_ID:
        raise AccountError("no_such_token")
    with transaction() as session:
        changed: Any = session.execute(
            update(ApiToken)
            .where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
            .values(revoked_at=_kernel().clock.now())
        )
        if not changed.rowcount:
            raise AccountError("no_such_token")

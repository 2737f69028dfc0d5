"""What notifications prove themselves with: the shared secret, the one before it for a while, a log-in besides."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.settings import Secret
from app.modules.callcenter.settings import ConnectionSettings

#: Hours for which a replaced secret may stay valid.
MOST_HOURS = 168
#: Characters that mean themselves in the user's part of an address.
PLAIN = re.compile(r"[A-Za-z0-9._~-]{1,80}")
SHORTEST_PASSWORD = 12


def is_secret(text: str) -> bool:
    """Whether a shared secret has at least one sign that can be seen: an empty one would sign for everybody."""
    return any(sign.isprintable() and not sign.isspace() for sign in text)


def replaced(now: ConnectionSettings, keep: timedelta, at: datetime) -> dict[str, Any]:
    """What is to be stored with a new shared secret: the present one stays valid for so long, an older one does not."""
    present = now.shared_secret.reveal() if now.shared_secret else ""
    if not keep or not present:
        return {"old_shared_secret": "", "old_secret_until": ""}
    return {"old_shared_secret": present, "old_secret_until": (at + keep).astimezone(UTC).isoformat()}


def old_until(chosen: ConnectionSettings, at: datetime) -> datetime | None:
    """Until when the replaced secret is valid; None when there is none any more."""
    old = chosen.old_shared_secret
    if old is None or not old.reveal() or not chosen.old_secret_until:
        return None
    until = datetime.fromisoformat(chosen.old_secret_until)
    return until if until > at else None


def shared_secrets(chosen: ConnectionSettings, at: datetime) -> tuple[str, ...]:
    """Those that are valid now."""
    valid = [chosen.shared_secret, chosen.old_shared_secret if old_until(chosen, at) else None]
    return tuple(secret.reveal() for secret in valid if secret is not None and secret.reveal())


def demands_log_in(chosen: ConnectionSettings) -> bool:
    """Whether the webhook demands a log-in besides the signature."""
    return bool(chosen.webhook_user and chosen.webhook_password is not None)


def is_logged_in(chosen: ConnectionSettings, headers: Mapping[str, str]) -> bool:
    """Whether a request carries the log-in that is demanded; True where none is. Takes as long whatever differs."""
    if not demands_log_in(chosen):
        return True
    password = chosen.webhook_password or Secret("")
    wanted = f"{chosen.webhook_user}:{password.reveal()}".encode()
    scheme, _space, told = headers.get("authorization", "").partition(" ")
    try:
        given = b64decode(told.strip(), validate=True)
    except ValueError:
        given = b""
    # A password that cannot be read any more lets nobody in.
    return hmac.compare_digest(given, wanted) and scheme.lower() == "basic" and bool(password.reveal())

"""The connections to telephone systems: which there are, and how a request finds its own.

Each has its own settings, secrets, accounts and lines. Whatever a notification needs to know of them is in memory, read
anew when it has changed. None is ever deleted: what it told stays, and is read as its kind wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from types import MappingProxyType

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.database import lock_row
from app.core.kernel import Kernel, ModuleSetup
from app.core.security import CannotDecrypt, keyed_hash
from app.core.versions import Remembered
from app.modules.callcenter.connection_models import ConnectionRow
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION as FIRST_CONNECTION
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import WEBHOOK
from app.modules.callcenter.settings import ConnectionSettings

#: Raised by every change of a connection.
CONNECTIONS_VERSION = "callcenter.connections"
_EXTENSION = "durchwahl.callcenter.connections"


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to a telephone system."""

    key: str
    provider: str
    """Its kind: the key of the provider."""
    name: str
    active: bool
    digest: str | None
    token: str | None
    """What its address carries, None for the first one; "" when it was made under another SECRET_KEY."""

    def __repr__(self) -> str:
        """Without the token: it is a secret."""
        return f"Connection({self.key!r}, active={self.active})"


class UnknownConnection(LookupError):
    """There is none with this key."""


def install(setup: ModuleSetup) -> None:
    """Set up the memory; it listens while the module is inactive too, so that nothing old is left on activation."""
    kernel = setup.kernel
    kernel.settings.declare(setup.module.name, ConnectionSettings)
    kernel.app.extensions[_EXTENSION] = Remembered(kernel.versions, (CONNECTIONS_VERSION,), _read)


def listed() -> tuple[Connection, ...]:
    """All of them, the first one first, then as they were added."""
    return tuple(_known().values())


def active() -> tuple[Connection, ...]:
    """Those in use."""
    return tuple(one for one in listed() if one.active)


def are_several() -> bool:
    """Whether there is more than one, so that it has to be said which."""
    return len(_known()) > 1


def connection(key: str) -> Connection:
    """The one with this key, active or not. Raises UnknownConnection."""
    try:
        return _known()[key]
    except KeyError:
        raise UnknownConnection(key) from None


def system_name(key: str | None, kind: str = "") -> str:
    """What a sentence calls the telephone system of a connection: its name, and its kind where that does not say it.

    Of a connection that nobody knows the kind alone.
    """
    one = _known().get(key) if key is not None else None
    title = kind_title(one.provider if one is not None else kind)
    if one is None:
        return title
    # The brackets of a title stand within brackets here.
    inner = title.translate({ord("("): "[", ord(")"): "]"})
    return one.name if title.casefold() in one.name.casefold() else f"{one.name} ({inner})"


def kind_of(key: str) -> str:
    """The kind of a connection; "" where nobody knows it."""
    one = _known().get(key)
    return one.provider if one is not None else ""


def name_of(key: str) -> str:
    """What people call a connection; "" where nobody knows it."""
    one = _known().get(key)
    return one.name if one is not None else ""


def kind_title(kind: str) -> str:
    """What telephone systems of this kind are called; the key where this version does not know it."""
    declared = registry.provider_types().get(kind)
    return declared.title if declared is not None else kind


def address(one: Connection, base: str) -> str:
    """Where its telephone system has to post its notifications; ``base`` is how this installation is reached.

    The address of the first connection has no token: it is the one that the predecessor had.
    """
    declared = registry.provider_types().get(one.provider)
    path = (declared.path if declared is not None else WEBHOOK).replace("{kind}", one.provider)
    if one.token is None:
        return base + path.replace("&connection={token}", "")
    return base + path.replace("{token}", one.token or "?")


def asked(key: str) -> dict[str, str]:
    """What addresses of our pages name of the connection that they are about: nothing of the first one."""
    return {} if key == FIRST_CONNECTION else {"connection": key}


def find(kind: str, token: str | None) -> Connection | None:
    """The active connection of this kind whose address has this token; without one the first connection.

    None is the same for a token that nobody has, one of another kind, and one of a connection that is deactivated. It
    takes as long wherever a wrong token differs.
    """
    if token is None:
        found = _known().get(FIRST_CONNECTION)
        return found if found is not None and found.active and found.provider == kind else None
    digest, hit = digest_of(token), None
    for one in _known().values():
        if one.digest is not None and compare_digest(one.digest, digest):
            hit = one
    return hit if hit is not None and hit.active and hit.provider == kind else None


def lock(session: Session, key: str) -> None:
    """Nobody else changes settings, accounts and lines of this connection until the transaction ends."""
    lock_row(session, ConnectionRow.__table__, ConnectionRow.key == key)


def _read(session: Session) -> Mapping[str, Connection]:
    rows = session.execute(select(ConnectionRow).order_by(ConnectionRow.created_at, ConnectionRow.key)).scalars()
    found = [
        Connection(row.key, row.provider, row.name, row.active, row.token_digest, _token(row.token)) for row in rows
    ]
    found.sort(key=lambda one: one.key != FIRST_CONNECTION)
    return MappingProxyType({one.key: one for one in found})


def _token(sealed: str | None) -> str | None:
    try:
        return None if sealed is None else _kernel().cipher.decrypt(sealed)
    except CannotDecrypt:
        return ""


def digest_of(token: str) -> str:
    """What a token is found by: it does not lead back to it."""
    return keyed_hash(_kernel().config.secret_key, "connection", token)


def _known() -> Mapping[str, Connection]:
    kept: Remembered[Mapping[str, Connection]] = current_app.extensions[_EXTENSION]
    return kept.current()


def _kernel() -> Kernel:
    kernel: Kernel = current_app.extensions["durchwahl"]
    return kernel

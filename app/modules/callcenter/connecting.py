"""Use cases of whoever adds connections to telephone systems, names them, and takes them into use or out of it."""

from __future__ import annotations

import secrets

from flask import current_app
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.core.database import transaction
from app.core.kernel import Kernel
from app.modules.callcenter import audit, connections
from app.modules.callcenter.connection_models import ConnectionRow
from app.modules.callcenter.connections import CONNECTIONS_VERSION, Connection, UnknownConnection
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import Receives

#: Characters that a name may have.
NAME_LENGTH = 80
#: Characters of the longest key of a provider that a connection's key can begin with.
_KIND_LENGTH = 30
#: Bytes of a token.
_TOKEN_BYTES = 24


class BadConnection(Exception):
    """It cannot be so; ``code``: ``unknown_kind``, ``no_name``, ``long_name``, ``name_taken``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kinds() -> dict[str, str]:
    """The kinds of telephone systems that can be connected, with their titles: those that send notifications."""
    return {
        key: declared.title
        for key, declared in registry.provider_types().items()
        if issubclass(declared.implementation, Receives) and len(key) <= _KIND_LENGTH
    }


def add(kind: str, name: str, by: int | None = None) -> Connection:
    """A new connection of this kind, active. Raises BadConnection. ``by`` is None for a command."""
    if kind not in kinds():
        raise BadConnection("unknown_kind")
    kernel, who = _kernel(), audit.actor(by)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    values = {
        "key": f"{kind}-{secrets.token_hex(4)}",
        "provider": kind,
        "active": True,
        "token_digest": connections.digest_of(token),
        "token": kernel.cipher.encrypt(token),
        "created_at": kernel.clock.now(),
    }
    with transaction() as session:
        _lock(session)
        values["name"] = _checked(session, name, None)
        session.execute(insert(ConnectionRow).values(**values))
        audit.record_change(session, who, {}, {f"connection {values['key']}": values["name"]})
    return connections.connection(str(values["key"]))


def rename(key: str, name: str, by: int | None = None) -> None:
    """Call it otherwise. Raises UnknownConnection and BadConnection."""
    _change(key, by, name=name)


def set_active(key: str, *, active: bool, by: int | None = None) -> None:
    """Take it into use, or out of it: then its notifications are refused and nobody dials through it.

    The others, and what it told before, are left alone. Raises UnknownConnection.
    """
    _change(key, by, active=active)


def _change(key: str, by: int | None, *, name: str | None = None, active: bool | None = None) -> None:
    who = audit.actor(by)
    with transaction() as session:
        _lock(session)
        found = session.get(ConnectionRow, key)
        if found is None:
            raise UnknownConnection(key)
        before = _told(found)
        if name is not None:
            found.name = _checked(session, name, key)
        if active is not None:
            found.active = active
        session.flush()
        audit.record_change(session, who, before, _told(found))


def _lock(session: Session) -> None:
    """Tell of the change first: whoever does has others wait, also those who choose the same name."""
    _kernel().versions.bump(session, CONNECTIONS_VERSION)


def _told(row: ConnectionRow) -> dict[str, str | bool]:
    """A connection as the audit log tells it."""
    return {f"connection {row.key}": row.name, f"connection_active {row.key}": row.active}


def _checked(session: Session, name: str, key: str | None) -> str:
    """The name as it is stored. Raises BadConnection."""
    plain = " ".join(name.split())
    if not plain:
        raise BadConnection("no_name")
    if len(plain) > NAME_LENGTH:
        raise BadConnection("long_name")
    others = session.execute(select(ConnectionRow.name).where(ConnectionRow.key != (key or ""))).scalars()
    if plain.casefold() in {other.casefold() for other in others}:
        raise BadConnection("name_taken")
    return plain


def _kernel() -> Kernel:
    kernel: Kernel = current_app.extensions["durchwahl"]
    return kernel

"""How users, lines and telephones are called on cards and pages; read once and kept until a version says otherwise.

Telephones of the house are named after their users, else as the PBX called them when it last listed them: the PBX
itself is never asked for a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.accounts.service import USERS_VERSION
from app.core.kernel import ModuleSetup
from app.core.values import Internal, Party, SipUser
from app.core.versions import Remembered
from app.modules.callcenter.accounts import SETUP_VERSION
from app.modules.callcenter.connections import CONNECTIONS_VERSION
from app.modules.callcenter.domain.belonging import belonging, connection_of, plain
from app.modules.callcenter.home import line_display
from app.modules.callcenter.models import Account, ConnectionRow, KnownPbxUser, Line

_EXTENSION = "durchwahl.callcenter.labels"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Whose telephone it is. One of the two may be unknown."""

    name: str
    extension: str


@dataclass(frozen=True, slots=True)
class Labels:
    """Names by user, and by key of a line; a line without a name is absent (``line_name`` has one for each)."""

    users: Mapping[int, str]
    lines: Mapping[str, str]
    accounts: Mapping[str, Colleague]
    """By SIP user, with its connection (``domain.belonging``)."""
    extensions: Mapping[str, Colleague]
    """By extension, with its connection; one that two people have stands for neither."""
    written: Mapping[str, str]
    """Lines that are called by a name instead of a number, by key: that name as it was typed."""
    connections: Mapping[str, str]
    """Names of connections by key, where there are several; else empty, for it need not be said."""

    def has_extension(self, extension: str) -> bool:
        """Whether any connection has it."""
        return any(plain(known) == extension for known in self.extensions)

    def colleague(self, party: Party | None, connection: str) -> Colleague | None:
        """Who of the house the party of a call of this connection is.

        None for the world outside and for SIP users that nobody knows.
        """
        if isinstance(party, Internal):
            return self.extensions.get(belonging(connection, party.raw)) or Colleague("", party.raw)
        return self.accounts.get(belonging(connection, party.raw)) if isinstance(party, SipUser) else None


def install(setup: ModuleSetup) -> None:
    """Set up the memory; it listens while the module is inactive too."""
    kernel = setup.kernel
    versions = (USERS_VERSION, SETUP_VERSION, CONNECTIONS_VERSION)
    kernel.app.extensions[_EXTENSION] = Remembered(kernel.versions, versions, _read)


def labels() -> Labels:
    """The labels in force."""
    kept: Remembered[Labels] = current_app.extensions[_EXTENSION]
    return kept.current()


def line_name(key: str) -> str:
    """A line of ours by its key: its name, else its number; with its connection where there are several."""
    known = labels()
    connection = known.connections.get(connection_of(key), "")
    number = known.written.get(key) or line_display(key)
    return known.lines.get(key) or (f"{number} ({connection})" if connection else number)


def _read(session: Session) -> Labels:
    users = {row.id: row.name for row in session.execute(select(User.id, User.name))}
    accounts = _accounts(session, users)
    extensions: dict[str, Colleague] = {}
    for uid, one in accounts.items():
        if one.extension:
            place = belonging(connection_of(uid), one.extension)
            known = extensions.setdefault(place, one)
            if known.name != one.name:
                extensions[place] = Colleague("", one.extension)
    connections = {row.key: row.name for row in session.execute(select(ConnectionRow.key, ConnectionRow.name))}
    several = connections if len(connections) > 1 else {}
    return Labels(users, _lines(session, several), accounts, extensions, _written(session), several)


def _written(session: Session) -> dict[str, str]:
    rows = session.execute(select(Line.key, Line.number))
    return {row.key: row.number for row in rows if not plain(row.key).removeprefix("+").isdigit()}


def _lines(session: Session, connections: Mapping[str, str]) -> dict[str, str]:
    """Where there are several connections, a line is told with its own."""
    named = select(Line.connection, Line.key, Line.name).where(Line.name != "")
    return {
        row.key: f"{row.name} ({connections.get(row.connection, row.connection)})" if connections else row.name
        for row in session.execute(named)
    }


def _accounts(session: Session, users: Mapping[int, str]) -> dict[str, Colleague]:
    listed = select(KnownPbxUser.connection, KnownPbxUser.uid, KnownPbxUser.name, KnownPbxUser.extension)
    of_users = select(Account.connection, Account.uid, Account.user_id)
    found = {
        belonging(row.connection, row.uid.lower()): Colleague(row.name.strip(), (row.extension or "").strip())
        for row in session.execute(listed)
    }
    for row in session.execute(of_users):
        uid = belonging(row.connection, row.uid)
        found[uid] = Colleague(users[row.user_id], found[uid].extension if uid in found else "")
    return found

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
from app.modules.callcenter.models import FIRST_CONNECTION, Account, KnownPbxUser, Line

_EXTENSION = "durchwahl.callcenter.labels"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Whose telephone it is. One of the two may be unknown."""

    name: str
    extension: str


@dataclass(frozen=True, slots=True)
class Labels:
    """Names by user, and by key of a line; a line without a name is absent."""

    users: Mapping[int, str]
    lines: Mapping[str, str]
    accounts: Mapping[str, Colleague]
    """By SIP user."""
    extensions: Mapping[str, Colleague]
    """By extension; one that two people have stands for neither."""

    def colleague(self, party: Party | None) -> Colleague | None:
        """Who of the house a party is; None for the world outside and for SIP users that nobody knows."""
        if isinstance(party, Internal):
            return self.extensions.get(party.raw) or Colleague("", party.raw)
        return self.accounts.get(party.raw) if isinstance(party, SipUser) else None


def install(setup: ModuleSetup) -> None:
    """Set up the memory; it listens while the module is inactive too."""
    kernel = setup.kernel
    kernel.app.extensions[_EXTENSION] = Remembered(kernel.versions, (USERS_VERSION, SETUP_VERSION), _read)


def labels() -> Labels:
    """The labels in force."""
    kept: Remembered[Labels] = current_app.extensions[_EXTENSION]
    return kept.current()


def _read(session: Session) -> Labels:
    users = {row.id: row.name for row in session.execute(select(User.id, User.name))}
    named = select(Line.key, Line.name).where(Line.name != "")
    lines = {row.key: row.name for row in session.execute(named)}
    accounts = _accounts(session, users)
    extensions: dict[str, Colleague] = {}
    for one in accounts.values():
        if one.extension:
            known = extensions.setdefault(one.extension, one)
            if known.name != one.name:
                extensions[one.extension] = Colleague("", one.extension)
    return Labels(users, lines, accounts, extensions)


def _accounts(session: Session, users: Mapping[int, str]) -> dict[str, Colleague]:
    listed = select(KnownPbxUser.uid, KnownPbxUser.name, KnownPbxUser.extension)
    of_users = select(Account.uid, Account.user_id)
    found = {
        row.uid.lower(): Colleague(row.name.strip(), (row.extension or "").strip())
        for row in session.execute(listed.where(KnownPbxUser.connection == FIRST_CONNECTION))
    }
    for row in session.execute(of_users.where(Account.connection == FIRST_CONNECTION)):
        found[row.uid] = Colleague(users[row.user_id], found[row.uid].extension if row.uid in found else "")
    return found

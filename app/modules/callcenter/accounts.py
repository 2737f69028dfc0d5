"""Which user a SIP account, a line and a telephone card belong to.

The answers stand on the way of every call. They are read with few selects and kept until a version says that a user
or the set-up of the telephone system changed, here or in another process.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.accounts import personal
from app.core.accounts.access import allows
from app.core.accounts.models import User, UserSetting
from app.core.accounts.service import USERS_VERSION
from app.core.database import transaction
from app.core.versions import Remembered
from app.modules.callcenter.connections import CONNECTIONS_VERSION
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, belonging, plain
from app.modules.callcenter.domain.visibility import HOUSE, Watcher, in_force
from app.modules.callcenter.models import Account, ConnectionRow, GroupMember, Line, LineGroup, LineUser
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import Dials
from app.modules.callcenter.settings import CallcenterSettings

if TYPE_CHECKING:
    from app.core.kernel import ModuleSetup

#: Name under which a change of accounts or lines is announced to other processes.
SETUP_VERSION = "callcenter.setup"
_EXTENSION = "durchwahl.callcenter.accounts"
#: To see calls at all, and to see everybody's.
CALLS, EVERYBODYS = "callcenter.calls", "callcenter.all_calls"
#: Name of the personal setting that says which of his accounts dials for a user; chosen where he dials.
_CHOSEN = "account"


@dataclass(frozen=True, slots=True)
class Assignments:
    """Accounts, lines and watchers as they were last read."""

    users_of_accounts: Mapping[str, int]
    """Accounts carry their connection (``domain.belonging``); besides them what a telephone system may call a user."""
    accounts_of_users: Mapping[int, tuple[str, ...]]
    """Those that can dial, of connections in use; the account that dials first."""
    watchers: tuple[Watcher, ...]
    by_id: Mapping[int, Watcher]
    """The same by user."""
    lines: frozenset[str]
    """The keys of all lines."""
    rights: Mapping[int, tuple[str, str]]
    """By user, active or not, what ``access.allows`` asks for."""


def install(setup: ModuleSetup) -> None:
    """Set up the memory; it listens while the module is inactive too, so that nothing old is left on activation."""
    kernel = setup.kernel
    kernel.app.extensions[_EXTENSION] = Remembered(
        kernel.versions, (USERS_VERSION, SETUP_VERSION, CONNECTIONS_VERSION), _read
    )


def assignments() -> Assignments:
    """The assignments in force."""
    kept: Remembered[Assignments] = current_app.extensions[_EXTENSION]
    return kept.current()


def user_of(session: Session, uid: str | None) -> int | None:
    """Whose account this is, active or not; None for an unknown account. ``uid`` in any case, with its connection."""
    return assignments().users_of_accounts.get(uid.strip().lower()) if uid else None


def watchers(session: Session) -> list[Watcher]:
    """All users with what decides which cards they see, by id."""
    return list(assignments().watchers)


def watcher(user_id: int) -> Watcher | None:
    """The one of this user."""
    return assignments().by_id.get(user_id)


def accounts_of(user_id: int) -> tuple[str, ...]:
    """The user's accounts; the first one dials."""
    return assignments().accounts_of_users.get(user_id, ())


def own_account(user_id: int, told: str) -> str | None:
    """The account of the user that is meant, with its connection; None when it is none of his.

    ``told``: the account with its connection, else as its telephone system calls it: then the first of his that is
    called so. Empty: the one that dials first.
    """
    told, own = told.strip().lower(), accounts_of(user_id)
    if told in own:
        # Before anything else: an account of the first connection is written as one of another may be called there.
        return told
    return next((uid for uid in own if told in ("", plain(uid))), None)


def choose(user_id: int, told: str) -> bool:
    """From now on this account of the user's dials, see ``own_account``; False when it is not his."""
    own, uid = accounts_of(user_id), own_account(user_id, told)
    if uid is None:
        return False
    if uid != own[0]:
        with transaction() as session:
            key = {"user_id": user_id, "module": "callcenter", "name": _CHOSEN}
            session.merge(UserSetting(**key, value=json.dumps(uid)))
            current_app.extensions["durchwahl"].versions.bump(session, USERS_VERSION)
    return True


def _read(session: Session) -> Assignments:
    users_of_accounts: dict[str, int] = {}
    accounts_of_users: dict[int, list[str]] = defaultdict(list)
    all_of_users: dict[int, list[str]] = defaultdict(list)
    mapped = select(
        Account.connection, Account.uid, Account.user_id, ConnectionRow.provider, ConnectionRow.active
    ).join(ConnectionRow, ConnectionRow.key == Account.connection)
    # Of a user's telephones those of the first connection come first, unless he chose another.
    in_order = mapped.order_by(Account.connection != FIRST_CONNECTION, Account.position, Account.id)
    for connection, plain_uid, user_id, provider, active in session.execute(in_order):
        uid = belonging(connection, plain_uid)
        users_of_accounts[uid] = user_id
        all_of_users[user_id].append(uid)
        if active and _can_dial(provider):
            accounts_of_users[user_id].append(uid)
    for uid, user_id in _called(session).items():
        if users_of_accounts.setdefault(uid, user_id) == user_id:
            all_of_users[user_id].append(uid)
    for user_id, uid in personal.everybodys(session, "callcenter", _CHOSEN).items():
        if uid in accounts_of_users.get(user_id, ()):
            own = accounts_of_users[user_id]
            own.insert(0, own.pop(own.index(uid)))
    lines = _lines(session)
    sharers: dict[str, int] = defaultdict(int)
    for keys in lines.values():
        for key in keys:
            sharers[key] += 1
    house = current_app.extensions["durchwahl"].settings.load(CallcenterSettings, session).default_scope
    wants = personal.everybodys(session, "callcenter", "notifications")
    scopes = personal.everybodys(session, "callcenter", "scope")
    people = list(session.execute(select(User.id, User.role, User.permissions, User.active).order_by(User.id)))
    found = [
        Watcher(
            user_id=user_id,
            permitted=allows(role, own, CALLS),
            active=active,
            notifications=wants.get(user_id, True),
            scope=in_force(scopes.get(user_id, HOUSE), house, everybodys=allows(role, own, EVERYBODYS)),
            accounts=frozenset(all_of_users.get(user_id, ())),
            lines=frozenset(lines.get(user_id, ())),
            own_lines=frozenset(key for key in lines.get(user_id, ()) if sharers[key] == 1),
        )
        for user_id, role, own, active in people
    ]
    return Assignments(
        MappingProxyType(users_of_accounts),
        MappingProxyType({user_id: tuple(uids) for user_id, uids in accounts_of_users.items()}),
        tuple(found),
        MappingProxyType({one.user_id: one for one in found}),
        frozenset(session.execute(select(Line.key)).scalars()),
        MappingProxyType({user_id: (role, own) for user_id, role, own, _active in people}),
    )


def _can_dial(provider: str) -> bool:
    declared = registry.provider_types().get(provider)
    return declared is not None and issubclass(declared.implementation, Dials)


def _called(session: Session) -> Mapping[str, int]:
    """Users by what a telephone system that names users may call them: user name, e-mail, full name.

    A name that two have is neither's.
    """
    naming = [key for key, declared in registry.provider_types().items() if declared.names_users]
    connections = session.execute(select(ConnectionRow.key).where(ConnectionRow.provider.in_(naming))).scalars().all()
    if not connections:
        return {}
    people = session.execute(select(User.id, User.username, User.email, User.name)).all()
    found: dict[str, int] = {}
    for column in ("username", "email", "name"):
        told = [((getattr(one, column) or "").strip().lower(), one.id) for one in people]
        count = Counter(name for name, _user_id in told)
        for name, user_id in told:
            if name and count[name] == 1:
                found.setdefault(name, user_id)
    return {belonging(key, name): user_id for key in connections for name, user_id in found.items()}


def _lines(session: Session) -> Mapping[int, set[str]]:
    """The lines of each user, his own and those of his groups."""
    lines: dict[int, set[str]] = defaultdict(set)
    own = select(LineUser.user_id, Line.key).join(Line, Line.id == LineUser.line_id)
    grouped = (
        select(GroupMember.user_id, Line.key)
        .join(LineGroup, LineGroup.group_id == GroupMember.group_id)
        .join(Line, Line.id == LineGroup.line_id)
    )
    for query in (own, grouped):
        for user_id, key in session.execute(query):
            lines[user_id].add(key)
    return lines

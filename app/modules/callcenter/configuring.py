"""Use cases of whoever sets the telephone system up: read and store credentials, accounts and lines.

Every change raises a version, so that a running server takes it over within two seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.database import reading, transaction
from app.modules.callcenter import audit, connections, groups, own_settings, webhook_secrets
from app.modules.callcenter.accounts import SETUP_VERSION
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, belonging, plain
from app.modules.callcenter.models import (
    Account,
    KnownPbxLine,
    KnownPbxUser,
    Line,
    LineUser,
)
from app.modules.callcenter.providers.base import ListsLines, ListsUsers, PbxLine, PbxUser, Provider
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from app.modules.callcenter.statements import CONTROL_VERSION
from app.modules.callcenter.written_lists import AccountEntry, KnownUser, LineEntry, format_accounts, line_key


@dataclass(frozen=True, slots=True)
class Listed:
    """What the PBX said of itself when it was last asked; ``at`` None when it never was."""

    users: tuple[PbxUser, ...] = ()
    lines: tuple[PbxLine, ...] = ()
    at: datetime | None = None

    @property
    def uids(self) -> frozenset[str]:
        """The accounts; empty when they are not known."""
        return frozenset(user.uid for user in self.users)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be stored; None leaves a part as it is. A secret given as "" in ``settings`` is removed."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    accounts: Sequence[AccountEntry] | None = None
    lines: Sequence[LineEntry] | None = None
    connection: str = FIRST_CONNECTION
    """Whose accounts, lines and settings these are, but for the settings of all connections."""
    keep_old_secret: timedelta = timedelta()
    """How long the shared secret that is replaced stays valid beside the new one."""


def known_users() -> list[KnownUser]:
    """All users by name, inactive ones last."""
    columns = select(User.id, User.username, User.name, User.email, User.active)
    with reading() as session:
        found = [KnownUser(*row) for row in session.execute(columns)]
    return sorted(found, key=lambda user: (not user.active, user.name.casefold(), user.id))


def accounts(connection: str = FIRST_CONNECTION) -> list[AccountEntry]:
    """The accounts of a connection in the order of the text: grouped as they were written."""
    with reading() as session:
        return _accounts(session, connection)


def lines(connection: str = FIRST_CONNECTION) -> list[LineEntry]:
    """Its lines by number."""
    with reading() as session:
        return _lines(session, connection)


def listed(connection: str = FIRST_CONNECTION) -> Listed:
    """What its PBX last said."""
    with reading() as session:
        users = session.execute(
            select(KnownPbxUser).where(KnownPbxUser.connection == connection).order_by(KnownPbxUser.name)
        ).scalars()
        found = [(_pbx_user(row), row.seen_at) for row in users]
        lines_found = session.execute(
            select(KnownPbxLine).where(KnownPbxLine.connection == connection).order_by(KnownPbxLine.number)
        ).scalars()
        pairs = [(PbxLine(row.number, row.name, decides=row.decides), row.seen_at) for row in lines_found]
    seen = [at for _entry, at in [*found, *pairs]]
    return Listed(
        tuple(sorted((user for user, _at in found), key=lambda user: (user.name.casefold(), user.uid))),
        tuple(line for line, _at in pairs),
        max(seen, default=None),
    )


def named(entries: Sequence[LineEntry], connection: str = FIRST_CONNECTION) -> list[LineEntry]:
    """Lines of a text: without a name they get the one that they have already, else the one that the PBX gives.

    Their groups, of which a text says nothing, stay as they are.
    """
    names = {key: line.name for line in listed(connection).lines if (key := line_key(line.number)) is not None}
    stored = lines(connection)
    names.update({line.key: line.name for line in stored if line.name})
    answering = {line.key: line.group_ids for line in stored}
    return [
        replace(entry, name=entry.name or names.get(entry.key, ""), group_ids=answering.get(entry.key, ()))
        for entry in entries
    ]


def save(changes: Changes, by: int | None = None) -> None:
    """Store what is given, all or nothing, and what changed in the audit log. ``by`` is None for a command."""
    kernel = current_app.extensions["durchwahl"]
    who = audit.actor(by)
    kind, hidden = own_settings.settings_class(changes.connection), own_settings.secrets(changes.connection)
    names = {user.id: user.username for user in known_users()} if changes.accounts is not None or changes.lines else {}
    with transaction() as session:
        connections.lock(session, changes.connection)
        changes = _with_old_secret(session, changes)
        before, after = _settings(session, changes, kind), dict(changes.settings)
        if changes.settings:
            of_all, own = _apart(changes.settings, kind)
            if of_all:
                kernel.settings.save(session, CallcenterSettings, of_all)
            if own:
                kernel.settings.save(session, kind, own, part=changes.connection)
            after |= {name: audit.NewSecret() if after[name] else None for name in hidden & after.keys()}
        if changes.accounts is not None:
            before["accounts"] = format_accounts(_accounts(session, changes.connection), names).splitlines()
            _store_accounts(session, changes.accounts, changes.connection)
            after["accounts"] = format_accounts(changes.accounts, names).splitlines()
        if changes.lines is not None:
            before["lines"] = _written(_lines(session, changes.connection), names)
            _store_lines(session, changes.lines, changes.connection)
            after["lines"] = _written(changes.lines, names)
        if changes.connection != FIRST_CONNECTION:
            before, after = ({f"{name} {changes.connection}": side[name] for name in side} for side in (before, after))
        audit.record_change(session, who, before, after)
        kernel.versions.bump(session, SETUP_VERSION)


def end_old_secret(by: int | None = None, connection: str = FIRST_CONNECTION) -> None:
    """The shared secret that was replaced is valid no longer."""
    save(Changes(settings={"old_shared_secret": "", "old_secret_until": ""}, connection=connection), by)


def _apart(settings: Mapping[str, Any], kind: type[ConnectionSettings]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of all connections, and those of one."""
    mine = {field.name for field in fields(kind)}
    of_all = {name: value for name, value in settings.items() if name not in mine}
    return of_all, {name: value for name, value in settings.items() if name in mine}


def _with_old_secret(session: Session, changes: Changes) -> Changes:
    """With what becomes of the present shared secret, where it is replaced or removed."""
    if "shared_secret" not in changes.settings:
        return changes
    kernel = current_app.extensions["durchwahl"]
    now = kernel.settings.load(ConnectionSettings, session, part=changes.connection)
    keep = changes.keep_old_secret if changes.settings["shared_secret"] else timedelta()
    old = webhook_secrets.replaced(now, keep, kernel.clock.now())
    if now.old_shared_secret is None and not any(old.values()):
        return changes
    return replace(changes, settings={**changes.settings, **old})


def _settings(session: Session, changes: Changes, kind: type[ConnectionSettings]) -> dict[str, Any]:
    """The settings that change, as they are."""
    if not changes.settings:
        return {}
    store = current_app.extensions["durchwahl"].settings
    of_all, own = _apart(changes.settings, kind)
    now, mine = store.load(CallcenterSettings, session), store.load(kind, session, part=changes.connection)
    return {**{name: getattr(now, name) for name in of_all}, **{name: getattr(mine, name) for name in own}}


def _written(entries: Sequence[LineEntry], names: Mapping[int, str]) -> list[str]:
    """Lines as the audit log tells them: number, name, users, groups by their numbers."""
    users = (
        (entry, ", ".join([*(names.get(one, "?") for one in entry.user_ids), *(f"#{one}" for one in entry.group_ids)]))
        for entry in entries
    )
    return sorted(" ".join(filter(None, (entry.number, entry.name, f"({who})"))) for entry, who in users)


def ask_pbx(provider: Provider) -> Listed:
    """Ask the PBX for its accounts and numbers. Raises ProviderError. Stores nothing."""
    now = current_app.extensions["durchwahl"].clock.now()
    users = provider.list_users() if isinstance(provider, ListsUsers) else ()
    own_lines = provider.list_lines() if isinstance(provider, ListsLines) else ()
    return Listed(tuple(users), tuple(own_lines), now)


def remember(found: Listed, connection: str = FIRST_CONNECTION) -> None:
    """Keep what the PBX said, in place of what it said before, so that pages need not ask."""
    kernel = current_app.extensions["durchwahl"]
    at = found.at or kernel.clock.now()
    # A PBX that lists one twice is not worth an error.
    users = {user.uid[:200]: user for user in found.users}
    numbers = {line.number[:200]: line for line in found.lines if line.active}
    with transaction() as session:
        connections.lock(session, connection)
        if _names(session, connection) != {
            uid: (user.name[:200], _short(user.extension, 40)) for uid, user in users.items()
        }:
            kernel.versions.bump(session, SETUP_VERSION)
        session.execute(delete(KnownPbxUser).where(KnownPbxUser.connection == connection))
        session.execute(delete(KnownPbxLine).where(KnownPbxLine.connection == connection))
        session.add_all(_known_user(connection, uid, user, at) for uid, user in users.items())
        session.add_all(
            KnownPbxLine(connection=connection, number=number, name=line.name[:200], decides=line.decides, seen_at=at)
            for number, line in numbers.items()
        )
        # Which lines wait for our answer belongs to what is decided about their calls.
        kernel.versions.bump(session, CONTROL_VERSION)


def _names(session: Session, connection: str) -> dict[str, tuple[str, str | None]]:
    """How telephones are called and dialled inside: what cards and pages show of the list."""
    listed = select(KnownPbxUser.uid, KnownPbxUser.name, KnownPbxUser.extension)
    rows = session.execute(listed.where(KnownPbxUser.connection == connection))
    return {uid: (name, extension) for uid, name, extension in rows}


def _accounts(session: Session, connection: str) -> list[AccountEntry]:
    rows = session.execute(
        select(Account.uid, Account.user_id)
        .where(Account.connection == connection)
        .order_by(Account.position, Account.id)
    )
    return [AccountEntry(uid, user_id) for uid, user_id in rows]


def _lines(session: Session, connection: str) -> list[LineEntry]:
    users: dict[int, list[int]] = defaultdict(list)
    for line_id, user_id in session.execute(
        select(LineUser.line_id, LineUser.user_id).order_by(LineUser.line_id, LineUser.user_id)
    ):
        users[line_id].append(user_id)
    of_groups = groups.of_lines(session)
    rows = session.execute(
        select(Line.id, Line.number, Line.key, Line.name)
        .where(Line.connection == connection)
        .order_by(Line.key, Line.id)
    )
    return [
        LineEntry(number, plain(key), name, tuple(users[line_id]), tuple(of_groups.get(line_id, ())))
        for line_id, number, key, name in rows
    ]


def _store_accounts(session: Session, entries: Sequence[AccountEntry], connection: str) -> None:
    session.execute(delete(Account).where(Account.connection == connection))
    # The position counts through the whole list: it keeps the order of the text, and each user's first stays first.
    session.add_all(
        Account(connection=connection, uid=entry.uid, user_id=entry.user_id, position=position)
        for position, entry in enumerate(entries)
    )
    session.flush()


def _store_lines(session: Session, entries: Sequence[LineEntry], connection: str) -> None:
    ids = {
        key: line_id for line_id, key in session.execute(select(Line.id, Line.key).where(Line.connection == connection))
    }
    keys = {entry.key: belonging(connection, entry.key) for entry in entries}
    kept = set(keys.values())
    gone = [line_id for key, line_id in ids.items() if key not in kept]
    session.execute(delete(LineUser).where(LineUser.line_id.in_(ids.values())))
    session.execute(delete(Line).where(Line.id.in_(gone)))
    for entry in entries:
        key = keys[entry.key]
        line = session.get(Line, ids[key]) if key in ids else None
        if line is None:
            line = Line(connection=connection, number=entry.number, key=key, name=entry.name)
            session.add(line)
        line.number, line.name = entry.number[:200], entry.name[:200]
        session.flush()
        session.add_all(LineUser(line_id=line.id, user_id=user_id) for user_id in dict.fromkeys(entry.user_ids))
        groups.put_on_line(session, line.id, entry.group_ids)
    session.flush()


def _pbx_user(row: KnownPbxUser) -> PbxUser:
    return PbxUser(
        uid=row.uid,
        name=row.name,
        type=row.type,
        extension=row.extension,
        caller_id=row.caller_id,
        online=row.online,
        email=row.email,
        automatic_prefix=row.automatic_prefix,
        blocked_prefixes=row.blocked_prefixes,
    )


def _known_user(connection: str, uid: str, user: PbxUser, at: datetime) -> KnownPbxUser:
    return KnownPbxUser(
        connection=connection,
        uid=uid,
        name=user.name[:200],
        type=user.type[:40],
        extension=_short(user.extension, 40),
        caller_id=_short(user.caller_id, 40),
        online=user.online,
        email=_short(user.email, 254),
        automatic_prefix=_short(user.automatic_prefix, 40),
        blocked_prefixes=_short(user.blocked_prefixes, 200),
        seen_at=at,
    )


def _short(text: str | None, length: int) -> str | None:
    return None if text is None else text[:length]

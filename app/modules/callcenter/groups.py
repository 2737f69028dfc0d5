"""Use cases of whoever says who answers which lines together, and whose calls everybody sees unless he chose otherwise.

Every change raises a version, so that a running server and open pages take it over at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.database import MAX_ID, insert_or_ignore, reading, transaction
from app.modules.callcenter import audit
from app.modules.callcenter.accounts import SETUP_VERSION
from app.modules.callcenter.domain.visibility import SCOPES
from app.modules.callcenter.models import Group, GroupMember, Line, LineGroup
from app.modules.callcenter.settings import ROWS, CallcenterSettings


@dataclass(frozen=True, slots=True)
class Team:
    """A group with its members, by id, and the lines that are theirs: name, else number."""

    id: int
    name: str
    user_ids: tuple[int, ...]
    lines: tuple[str, ...]


class NameTaken(ValueError):
    """Another group is called so."""


def listed() -> list[Team]:
    """All groups by name."""
    with reading() as session:
        rows = session.execute(select(Group.id, Group.name))
        members = _pairs(session.execute(select(GroupMember.group_id, GroupMember.user_id)))
        called = func.coalesce(func.nullif(Line.name, ""), Line.number)
        on_lines = select(LineGroup.group_id, called).join(Line, Line.id == LineGroup.line_id).order_by(Line.key)
        lines: dict[int, list[str]] = _pairs(session.execute(on_lines))
        found = [
            Team(group_id, name, tuple(sorted(members[group_id])), tuple(lines[group_id])) for group_id, name in rows
        ]
    return sorted(found, key=lambda team: (team.name.casefold(), team.id))


def find(group_id: int) -> Team | None:
    """A group, None where there is none."""
    return next((team for team in listed() if team.id == group_id), None)


def store(group_id: int | None, name: str, user_ids: Iterable[int]) -> int:
    """Make a group, or change one; returns its number. Raises NameTaken, and LookupError for one that has gone."""
    name = " ".join(name.split())[:80]
    key = name.casefold()[:160]
    with transaction() as session:
        if group_id is None:
            if not insert_or_ignore(session, Group, {"name": name, "name_key": key}, ["name_key"]):
                raise NameTaken(name)
            group_id = session.execute(select(Group.id).where(Group.name_key == key)).scalar_one()
        else:
            group = session.get(Group, group_id, with_for_update=True) if group_id <= MAX_ID else None
            if group is None:
                raise LookupError(group_id)
            group.name, group.name_key = name, key
            try:
                session.flush()
            except IntegrityError as error:
                raise NameTaken(name) from error
            session.execute(delete(GroupMember).where(GroupMember.group_id == group_id))
        known = set(session.execute(select(User.id).where(User.id.in_(sorted(set(user_ids))))).scalars())
        session.add_all(GroupMember(group_id=group_id, user_id=user_id) for user_id in sorted(known))
        session.flush()
        _announce(session)
    return group_id


def remove(group_id: int) -> bool:
    """Dissolve a group; its lines are no longer its members'. False where there is none."""
    with transaction() as session:
        gone = session.execute(delete(Group).where(Group.id == group_id).returning(Group.id)).first()
        if gone is not None:
            _announce(session)
    return gone is not None


def default_scope() -> str:
    """Whose calls users see who did not choose otherwise."""
    scope: str = current_app.extensions["durchwahl"].settings.load(CallcenterSettings).default_scope
    return scope


def default_rows() -> int:
    """Calls on a page of the journal for whoever did not choose otherwise."""
    rows: int = current_app.extensions["durchwahl"].settings.load(CallcenterSettings).journal_rows
    return rows


def set_default_scope(scope: str, rows: int | None = None, by: int | None = None) -> None:
    """From now on users who did not choose otherwise see these calls, so many on a page (None: as before).

    Raises ValueError for what is no scope or no such number.
    """
    if scope not in SCOPES or (rows is not None and rows not in ROWS):
        raise ValueError(scope)
    who, before = audit.actor(by), {"default_scope": default_scope(), "journal_rows": default_rows()}
    after = {"default_scope": scope, "journal_rows": before["journal_rows"] if rows is None else rows}
    with transaction() as session:
        current_app.extensions["durchwahl"].settings.save(session, CallcenterSettings, after)
        audit.record_change(session, who, before, after)
        _announce(session)


def of_lines(session: Session) -> dict[int, list[int]]:
    """The groups of each line, by their numbers."""
    return _pairs(
        session.execute(select(LineGroup.line_id, LineGroup.group_id).order_by(LineGroup.line_id, LineGroup.group_id))
    )


def put_on_line(session: Session, line_id: int, group_ids: Sequence[int]) -> None:
    """These groups and no others answer the line; groups that have gone meanwhile are left out."""
    session.execute(delete(LineGroup).where(LineGroup.line_id == line_id))
    known = set(session.execute(select(Group.id).where(Group.id.in_(group_ids))).scalars()) if group_ids else set()
    session.add_all(
        LineGroup(line_id=line_id, group_id=group_id) for group_id in dict.fromkeys(group_ids) if group_id in known
    )


def _pairs(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, value in rows:
        found[key].append(value)
    return found


def _announce(session: Session) -> None:
    current_app.extensions["durchwahl"].versions.bump(session, SETUP_VERSION)

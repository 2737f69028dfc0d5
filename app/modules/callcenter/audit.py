"""The audit log: who ordered which call and what came of it, and who changed rules and settings.

Entries are written in the transaction of what they tell of, so that neither is there without the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, delete, insert, select
from sqlalchemy.orm import Session

from app.core.database import MAX_ID, reading, transaction
from app.core.settings import Secret
from app.modules.callcenter.audit_models import KEPT, AuditEntry
from app.modules.callcenter.labels import labels

KINDS = ("order", "refused", "change")
#: What pages list; the result of an order is shown with it.
_LISTED = AuditEntry.kind != "result"
_NUMBER_LENGTH, _RULE_LENGTH = 200, 80


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. Made before a transaction is opened, as names are read in one of their own."""

    user_id: int | None
    name: str


def actor(user_id: int | None) -> Actor:
    """The user with his name of now; a command or the application itself for None."""
    return Actor(user_id, labels().users.get(user_id, "") if user_id is not None else "")


def record(
    session: Session,
    who: Actor,
    kind: str,
    *,
    number: str | None = None,
    account: str | None = None,
    order_id: int | None = None,
    result: str = "",
    code: str = "",
    rule: str = "",
) -> None:
    """Add what became of an order, or a refusal."""
    session.execute(
        insert(AuditEntry).values(
            at=_now(),
            kind=kind,
            user_id=who.user_id,
            user_name=who.name[:_NUMBER_LENGTH],
            order_id=order_id,
            account=account,
            number=number[:_NUMBER_LENGTH] if number is not None else None,
            result=result,
            code=code,
            rule=rule[:_RULE_LENGTH],
        )
    )


def record_change(session: Session, who: Actor, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Add a change of settings by name; what is the same in both is left out, and nothing is added where all is.

    Of a secret only whether it is set is kept; one that was set anew counts as changed.
    """
    changed = [name for name in after if _plain(before.get(name)) != _plain(after[name]) or _is_new(after[name])]
    if not changed:
        return
    kept = [
        json.dumps({name: _plain(side.get(name)) for name in changed}, ensure_ascii=False) for side in (before, after)
    ]
    session.execute(
        insert(AuditEntry).values(
            at=_now(),
            kind="change",
            user_id=who.user_id,
            user_name=who.name[:_NUMBER_LENGTH],
            result="",
            code="",
            rule="",
            before=kept[0],
            after=kept[1],
        )
    )


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret that is set anew: not what it is."""


def _is_new(value: Any) -> bool:
    return isinstance(value, NewSecret)


def _plain(value: Any) -> Any:
    if isinstance(value, Secret | NewSecret):
        return "***"
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries a page shows. ``since`` belongs to it, ``until`` does not."""

    kind: str = ""
    orders: bool = False
    """Only orders to dial, refused ones among them."""
    user_id: int | None = None
    number: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the log, the newest first."""

    entries: tuple[AuditEntry, ...]
    results: Mapping[int, AuditEntry]
    """By order: the last that was heard of it."""
    newer: int | None
    """What to ask ``after`` for, None on the first page."""
    older: int | None
    """What to ask ``before`` for, None on the last."""


def listed(wanted: Wanted, limit: int, *, before: int | None = None, after: int | None = None) -> Listed:
    """The entries older than ``before``, or the nearest newer than ``after``, or the newest. By index, at any depth."""
    query = select(AuditEntry).where(_LISTED, *_conditions(wanted))
    with reading() as session:
        if after is not None:
            rows = list(session.execute(_page(query.where(AuditEntry.id > after), limit, newest=False)).scalars())
            rows = rows[:limit][::-1]
        else:
            bound = MAX_ID if before is None else before
            rows = list(session.execute(_page(query.where(AuditEntry.id < bound), limit, newest=True)).scalars())
            rows = rows[:limit]
        first, last = (rows[0].id, rows[-1].id) if rows else (before or 0, after or 0)
        newer = _any(session, query.where(AuditEntry.id > first)) if before or after else False
        older = _any(session, query.where(AuditEntry.id < last)) if rows else False
        orders = [row.order_id for row in rows if row.kind == "order" and row.order_id is not None]
        told = select(AuditEntry).where(AuditEntry.order_id.in_(orders), AuditEntry.kind == "result")
        results = {row.order_id or 0: row for row in session.execute(told.order_by(AuditEntry.id)).scalars()}
    return Listed(tuple(rows), results, first if newer else None, last if older else None)


def _page(query: Select[Any], limit: int, *, newest: bool) -> Select[Any]:
    return query.order_by(AuditEntry.id.desc() if newest else AuditEntry.id).limit(limit)


def _any(session: Session, query: Select[Any]) -> bool:
    return session.execute(query.with_only_columns(AuditEntry.id).limit(1)).first() is not None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind in KINDS:
        found.append(AuditEntry.kind == wanted.kind)
    if wanted.orders:
        found.append(AuditEntry.kind.in_(("order", "refused")))
    if wanted.user_id is not None:
        found.append(AuditEntry.user_id == wanted.user_id)
    if wanted.number is not None:
        found.append(AuditEntry.number == wanted.number)
    if wanted.since is not None:
        found.append(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        found.append(AuditEntry.at < wanted.until)
    return found


def prune() -> None:
    """Delete what is older than the log is kept; the database refuses to delete anything younger."""
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.at < _now() - KEPT - timedelta(days=1)))


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now

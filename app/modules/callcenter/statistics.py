"""Figures about calls, added up by the database in quarters of an hour (see ``domain.statistics``)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, select
from sqlalchemy.orm import Session

from app.core.database import reading
from app.modules.callcenter import accounts
from app.modules.callcenter.domain.statistics import Bucket, Figures
from app.modules.callcenter.domain.visibility import Watcher
from app.modules.callcenter.stored import CALL
from app.modules.callcenter.visibility import visible

QUARTER = 900
"""Seconds."""


def buckets(since: datetime, until: datetime, line: str | None = None, *, seen_by: Watcher | None) -> list[Bucket]:
    """What calls that began in this time, are over and the user may see add up to.

    ``line`` narrows to one of our numbers.
    """
    with reading() as session:
        quarter = _quarter(session)
        keys = (quarter, CALL.c.line_key, CALL.c.user_id)
        began = [CALL.c.received_at >= since, CALL.c.received_at < until]
        conditions = [*began, CALL.c.phase == "ended", visible(seen_by)]
        if line is not None:
            conditions.append(CALL.c.line_key == line)
        query = select(*keys, *_SUMS).where(*conditions).group_by(*keys)
        return [
            Bucket(datetime.fromtimestamp(at * QUARTER, UTC), key, user, Figures(*(int(value) for value in sums)))
            for at, key, user, *sums in session.execute(query)
        ]


def lines_of_one_person() -> frozenset[str]:
    """The keys of the lines that belong to exactly one user."""
    owners: dict[str, int] = {}
    for watcher in accounts.assignments().watchers:
        for key in watcher.lines:
            owners[key] = owners.get(key, 0) + 1
    return frozenset(key for key, count in owners.items() if count == 1)


def _quarter(session: Session) -> ColumnElement[int]:
    """Quarters of an hour since 1970."""
    if session.get_bind().dialect.name == "sqlite":
        return cast(func.strftime("%s", CALL.c.received_at), Integer).op("/")(QUARTER)
    return cast(func.floor(func.extract("epoch", CALL.c.received_at) / QUARTER), Integer)


def _count(*conditions: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)


def _seconds(column: ColumnElement[Any], conditions: Iterable[Any]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(*conditions), column), else_=0)), 0)


_IN, _OUT = CALL.c.direction == "in", CALL.c.direction == "out"
#: Also one whose end was assumed after somebody had answered.
_ANSWERED = and_(_IN, ~CALL.c.missed, (CALL.c.outcome == "accepted") | CALL.c.answered_at.is_not(None))
_WAITED = (_ANSWERED, CALL.c.waiting_seconds.is_not(None))
_TALKED = CALL.c.talk_seconds > 0
#: In the order of the fields of ``Figures``.
_SUMS = (
    _count(_IN),
    _count(_ANSWERED),
    _count(_IN, CALL.c.missed),
    _count(_OUT),
    _count(_OUT, (CALL.c.outcome == "accepted") | _TALKED),
    _seconds(CALL.c.waiting_seconds, _WAITED),
    _count(*_WAITED),
    _seconds(CALL.c.talk_seconds, (_TALKED,)),
    _count(_TALKED),
)

"""A page of the journal as one statement: the walks of all branches, merged.

Each walk gives times and ids along an index that has them in order. Both databases merge such walks as they read them,
so that together they read little more than the calls of one page, however many they are. Only then whole rows are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Tuple,
    literal,
    literal_column,
    select,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from app.core.database import UTCDateTime, database
from app.core.planning import PLANNED_ONCE
from app.modules.callcenter.journal_branches import Branch, checked, took
from app.modules.callcenter.journal_filters import Filters, Wanted, in_period
from app.modules.callcenter.stored import CALL
from app.modules.callcenter.visibility import TAKER

_Query = TypeVar("_Query", Select[Any], CompoundSelect[Any])
#: Where a page begins: a time and an id.
Place = Tuple


def place_of(session: Session, question: Wanted, edge: int, period: Filters, *, newer: bool) -> Place | None:
    """Time and id from which a page goes on: those of the call ``edge``, or the end of the period where that is nearer.
    None where it was looked up and there is no such call.

    A single walk looks up itself when that call came. Of several PostgreSQL would look up the same in each; that takes
    longer than one question more.
    """
    bound = period.since if newer else period.until
    at = select(CALL.c.received_at).where(CALL.c.id == edge)
    if bound is None and len(question.branches or ()) <= 1:
        other = CALL.alias("edge")
        found: ColumnElement[Any] = select(other.c.received_at).where(other.c.id == edge).scalar_subquery()
        return tuple_(found, literal(edge, Integer))
    time = session.execute(at, execution_options=PLANNED_ONCE).scalar_one_or_none()
    if time is None:
        return None
    # Of two bounds on one side a planner takes either: it is given the nearer one only.
    beyond = bound is not None and (time < bound if newer else time > bound)
    time, number = (bound, 0) if beyond else (time, edge)
    return tuple_(literal(time, UTCDateTime), literal(number, Integer))


def page_of(question: Wanted, most: int, place: Place | None, *, newer: bool, period: Filters) -> Select[Any]:
    """The next calls from this place on, older ones or (``newer``) younger ones, in any order; none where the place is
    that of no call.
    """
    if not question.branches and not question.checks:
        limits = _limits(CALL.c.received_at, CALL.c.id, place, period, newer=newer)
        order = (CALL.c.received_at, CALL.c.id)
        return _cut(select(CALL).where(*question.flag, *limits), order, most, newer=newer)
    walks = [_walk(one, question, place, period, newer=newer) for one in question.branches or [Branch()]]
    found = _merged(walks, most, newer=newer).subquery("nearest")
    # Rows are read of the calls of the page only, not of those passed by. Without an order: to sort whole rows takes
    # longer than to find them, and nothing but a sort would keep one.
    return select(CALL).join_from(found, CALL, CALL.c.id == found.c.id)


def _walk(branch: Branch, question: Wanted, place: Place | None, period: Filters, *, newer: bool) -> Select[Any]:
    """Times and ids of the calls of one branch. Of one table only, and without an end: so it can be merged."""
    checks = (*question.flag, *question.checks)
    if branch.taken is None:
        received_at, call_id = CALL.c.received_at, CALL.c.id
        conditions = [*branch.reason, *checks]
    else:
        received_at, call_id = TAKER.c.received_at, TAKER.c.call_id
        conditions = [TAKER.c.user_id == branch.taken]
        conditions += [TAKER.c.line_key == branch.line] if branch.line is not None else []
        conditions += [TAKER.c.other_id == branch.other] if branch.other is not None else []
        conditions += [checked(took(branch.too, call_id))] if branch.too is not None else []
        if checks:
            call: Select[Any] = select(literal_column("1")).where(CALL.c.id == call_id, *checks)
            conditions.append(checked(call.correlate(TAKER).scalar_subquery() == 1))
    limits = _limits(received_at, call_id, place, period, newer=newer)
    return select(received_at, call_id.label("id")).where(*conditions, *limits)


def _merged(walks: Sequence[Select[Any]], most: int, *, newer: bool) -> Select[Any] | CompoundSelect[Any]:
    """The first of all walks, each call once."""
    if len(walks) == 1:
        return _cut(walks[0], walks[0].selected_columns, most, newer=newer)
    if database().is_sqlite:
        # It merges what has an order as a whole, and leaves out what comes twice on the way.
        both = union(*walks)
        return _cut(both, both.selected_columns, most, newer=newer)
    # PostgreSQL merges parts that are in order already. For a UNION, and for parts without an end, it would read all.
    parts = [_cut(walk, walk.selected_columns, most, newer=newer) for walk in walks]
    together = union_all(*parts).subquery("walks")
    return _cut(select(together).distinct(), together.c, most, newer=newer)


def _cut(query: _Query, by: Iterable[ColumnElement[Any]], most: int, *, newer: bool) -> _Query:
    order = list(by) if newer else [column.desc() for column in by]
    # Of a number that it is told later PostgreSQL expects a tenth of the table, and plans the same anew each time.
    return query.order_by(*order).limit(literal_column(str(int(most)), Integer))


def _limits(
    received_at: ColumnElement[datetime],
    call_id: ColumnElement[int],
    place: Place | None,
    period: Filters,
    *,
    newer: bool,
) -> list[ColumnElement[bool]]:
    if place is None:
        return in_period(received_at, period)
    found = tuple_(received_at, call_id)
    rest = replace(period, since=None) if newer else replace(period, until=None)
    return [found > place if newer else found < place, *in_period(received_at, rest)]

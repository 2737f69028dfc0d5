"""What the journal can be narrowed to, and how the database finds it: newest first, however many calls there are.

Each reason for which a call is shown (a line of the reader's, an address that fits the search, …) is a *branch*: a walk
along one index that has the calls of this reason in their order, cut after one page. A page is the newest of all
branches. Whatever else is asked is checked on the way; it is written so that no planner can walk along it instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.orm import Session

from app.core.database import UTCDateTime
from app.core.phones import search_key
from app.modules.addresses import api as addresses
from app.modules.callcenter import home, remembered
from app.modules.callcenter.domain.visibility import Watcher
from app.modules.callcenter.models import UNKNOWN_PARTY
from app.modules.callcenter.stored import CALL, number_begins
from app.modules.callcenter.visibility import TAKER

#: Addresses whose names fit a search; more would say nothing.
MOST_FOUND = 200
#: With more reasons than these one walk along all calls finds a page sooner than a walk along each.
MOST_BRANCHES = 24
#: Numbers that begin as was typed; more are looked for among all calls.
MOST_NUMBERS = 12
#: Calls of numbers that begin so; more are dense enough to be found among all calls.
FEW_CALLS = 4000
Place = tuple[datetime, int]
"""Where a call stands: when it came, and its number."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the journal is narrowed to; each narrows it further."""

    direction: str = ""
    """``in``, ``out`` or ""."""
    missed: bool = False
    search: str = ""
    """Part of a name, or a number in any spelling, or its beginning."""
    mine: bool = False
    """On the reader's lines, and his own."""
    unknown: bool = False
    """From or to a number of which nobody is known."""
    line: str = ""
    """The key of one of our numbers."""
    user: int | None = None
    """Who took the call or dialled."""
    since: datetime | None = None
    until: datetime | None = None
    """Calls that came before this."""

    @property
    def any(self) -> bool:
        """Whether something is narrowed at all."""
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Branch:
    """One reason. ``taken``: the calls that this user took when they were passed on; else ``reason`` tells it."""

    reason: tuple[ColumnElement[bool], ...] = ()
    """The condition that an index has in the order of time."""
    check: tuple[ColumnElement[bool], ...] = ()
    """The same, written so that nothing is walked along it."""
    taken: int | None = None
    with_missed: bool = True
    """Whether a missed call can be among them: nobody took one."""
    with_dialled: bool = True
    """Whether a call that we dialled can be among them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The question to the database: ``branches`` None where nothing can fit, empty where no reason is asked for."""

    branches: Sequence[Branch] | None
    checks: tuple[ColumnElement[bool], ...] = ()
    flag: tuple[ColumnElement[bool], ...] = field(default=())
    """A condition that an index of its own, or a part of the branches' ones, stands for."""


def wanted(session: Session, filters: Filters, watcher: Watcher | None) -> Wanted:
    """How calls are found that fit and that the user may see."""
    if watcher is None or not watcher.allowed or (filters.missed and filters.direction == "out"):
        return Wanted(None)
    if filters.mine and watcher.scope == "all":
        watcher = replace(watcher, scope="lines")
    rights = None if watcher.scope == "all" else _rights(watcher, filters)
    # The narrowest first: that is what is walked along.
    asked = _searched(session, filters, watcher), _of_user(filters), rights, _on_line(filters)
    axes = [axis for axis in asked if axis is not None]
    checks: list[ColumnElement[bool]] = []
    if filters.missed:
        axes = [[one for one in axis if one.with_missed] for axis in axes]
    if filters.direction == "out":
        axes = [[one for one in axis if one.with_dialled] for axis in axes]
    if any(not axis for axis in axes):
        return Wanted(None)
    flag, more = _flags(filters, driven=bool(axes))
    checks += more
    branches: list[Branch] = list(axes[0]) if axes and len(axes[0]) <= MOST_BRANCHES else []
    for axis in axes[1:] if branches else axes:
        checks.append(or_(*(_checked(one) for one in axis)))
    return Wanted(branches, tuple(checks), flag)


def page_of(
    question: Wanted, columns: Iterable[Any], most: int, *, behind: Place | None, newer: bool, period: Filters
) -> Select[Any]:
    """The next calls from a place on, older ones or (``newer``) younger ones, nearest first."""
    limits = _limits(CALL.c.received_at, CALL.c.id, behind, newer, period)
    order = _order(CALL.c.received_at, CALL.c.id, newer)
    branches = question.branches or [Branch()]
    if question.branches is None:
        return select(*columns).where(false())
    if len(branches) == 1 and branches[0].taken is None:
        conditions = (*branches[0].reason, *question.flag, *question.checks, *limits)
        return select(*columns).where(*conditions).order_by(*order).limit(most)
    keys = union(*(_walk(one, question, most, behind, newer, period) for one in branches)).subquery("found")
    newest = select(keys.c.received_at, keys.c.id).order_by(*_order(keys.c.received_at, keys.c.id, newer)).limit(most)
    first = newest.subquery("newest")
    return (
        select(*columns)
        .join_from(first, CALL, CALL.c.id == first.c.id)
        .order_by(*_order(first.c.received_at, first.c.id, newer))
        .limit(most)
    )


def conditions_of(question: Wanted, period: Filters) -> ColumnElement[bool]:
    """The same as one condition on calls: for a few that are known by their numbers."""
    if question.branches is None:
        return false()
    either = [_checked(one) for one in question.branches]
    limits = _limits(CALL.c.received_at, CALL.c.id, None, False, period)
    return and_(true(), *question.flag, *question.checks, *limits, *([or_(*either)] if either else []))


# ------------------------------------------------------------------------------------------------------------- reasons


def _searched(session: Session, filters: Filters, watcher: Watcher) -> list[Branch] | None:
    text = filters.search.strip()
    if not text:
        return None
    found = [hit.id for hit in addresses.search(session, text, limit=MOST_FOUND)]
    numbers = remembered.numbers_of(session, found, watcher.user_id) if found else []
    reasons: list[Branch] = [_equal(CALL.c.address_id, one) for one in found]
    if len(found) > MOST_NUMBERS:
        reasons = [Branch((CALL.c.address_id.in_(found),), (func.coalesce(CALL.c.address_id, 0).in_(found),))]
    reasons += [_equal(CALL.c.remote_e164, one) for one in numbers]
    for start in search_key(text, home.region()):
        reasons += _beginning(session, start)
    return reasons


def _beginning(session: Session, start: str) -> list[Branch]:
    """Calls of numbers that begin so: by number where they are few, in one sorted heap where their calls are."""
    begins = number_begins(start)
    distinct = select(CALL.c.remote_e164).where(begins).distinct().limit(MOST_NUMBERS + 1)
    numbers = list(session.execute(distinct).scalars())
    if len(numbers) <= MOST_NUMBERS:
        return [_equal(CALL.c.remote_e164, one) for one in numbers]
    few = select(func.count()).select_from(select(CALL.c.id).where(begins).limit(FEW_CALLS).subquery())
    if session.execute(few).scalar_one() < FEW_CALLS:
        return [Branch((begins,), (_begins_unwalkably(start),))]
    return [Branch((_begins_unwalkably(start),), (_begins_unwalkably(start),))]


def _equal(column: ColumnElement[Any], value: Any) -> Branch:
    nothing: Any = 0 if isinstance(value, int) else ""
    return Branch((column == value,), (func.coalesce(column, nothing) == value,))


def _of_user(filters: Filters) -> list[Branch] | None:
    return None if filters.user is None else _taken_by(filters.user)


def _taken_by(user_id: int) -> list[Branch]:
    return [
        replace(_equal(CALL.c.user_id, user_id), with_missed=False),
        Branch(taken=user_id, with_missed=False, with_dialled=False),
    ]


def _on_line(filters: Filters) -> list[Branch] | None:
    return [_equal(CALL.c.line_key, filters.line)] if filters.line else None


def _rights(watcher: Watcher, filters: Filters) -> list[Branch]:
    """The twin of ``visibility.reasons``, a line each; of lines that are not asked for nothing can fit."""
    keys = watcher.seen_lines if not filters.line else watcher.seen_lines & {filters.line}
    lines = (_equal(CALL.c.line_key, key) for key in sorted(keys))
    # Every missed call is an incoming one.
    incoming = () if filters.missed else (_is_not_dialled(),)
    on_lines = [Branch((*one.reason, *incoming), (*one.check, *incoming), with_dialled=False) for one in lines]
    return [*_taken_by(watcher.user_id), *on_lines]


# -------------------------------------------------------------------------------------------------------------- checks


def _flags(filters: Filters, *, driven: bool) -> tuple[tuple[ColumnElement[bool], ...], list[ColumnElement[bool]]]:
    """The condition that decides which index is walked along, and those that are only checked."""
    checks: list[ColumnElement[bool]] = []
    unknown: ColumnElement[bool] = literal_column(f"({UNKNOWN_PARTY})")
    if filters.missed:
        # Missed calls are incoming ones.
        return (CALL.c.missed,), [_is_unknown()] if filters.unknown else []
    if filters.unknown and not driven:
        return (unknown,), [_is_direction(filters.direction)] if filters.direction else []
    if filters.unknown:
        checks.append(_is_unknown())
    if filters.direction and (driven or checks):
        checks.append(_is_direction(filters.direction))
    elif filters.direction:
        return (CALL.c.direction == filters.direction,), checks
    return (), checks


def _is_unknown() -> ColumnElement[bool]:
    """As ``UNKNOWN_PARTY``, and no planner walks along it."""
    outside = func.coalesce(CALL.c.remote_kind, "").in_(("dialable", "unverified"))
    return and_(func.coalesce(CALL.c.grade, "") == "none", outside)


def _is_direction(direction: str) -> ColumnElement[bool]:
    return func.coalesce(CALL.c.direction, "") == direction


def _is_not_dialled() -> ColumnElement[bool]:
    """As ``visibility.not_dialled``, and no planner walks along it."""
    return func.coalesce(CALL.c.direction, "in") == "in"


def _begins_unwalkably(start: str) -> ColumnElement[bool]:
    return func.substr(CALL.c.remote_e164, 1, len(start)) == start


def _checked(branch: Branch) -> ColumnElement[bool]:
    """A branch as a condition that is only checked, never walked along."""
    if branch.taken is not None:
        # Another one than the table that a walk may go along.
        taker = TAKER.alias("also_taken")
        taken = select(taker.c.call_id).where(taker.c.user_id == branch.taken, taker.c.call_id == CALL.c.id)
        return taken.correlate(CALL).exists()
    return and_(true(), *branch.check)


# ----------------------------------------------------------------------------------------------------------------- walk


def _walk(
    branch: Branch, question: Wanted, most: int, behind: Place | None, newer: bool, period: Filters
) -> Select[Any]:
    checks = (*question.flag, *question.checks)
    if branch.taken is None:
        received_at, call_id, source = CALL.c.received_at, CALL.c.id, select(CALL.c.received_at, CALL.c.id)
        source = source.where(*branch.reason, *checks)
    else:
        received_at, call_id = TAKER.c.received_at, TAKER.c.call_id
        source = select(received_at, call_id.label("id")).where(TAKER.c.user_id == branch.taken)
        if checks:
            source = source.join(CALL, CALL.c.id == TAKER.c.call_id).where(*checks)
    limits = _limits(received_at, call_id, behind, newer, period)
    cut: Subquery = source.where(*limits).order_by(*_order(received_at, call_id, newer)).limit(most).subquery()
    # SQLite knows no order and limit in a part of a UNION, but in a table that such a part selects from.
    return select(cut.c.received_at, cut.c.id)


def _order(received_at: Any, call_id: Any, newer: bool) -> tuple[Any, Any]:
    return (received_at, call_id) if newer else (received_at.desc(), call_id.desc())


def _limits(
    received_at: Any, call_id: Any, behind: Place | None, newer: bool, period: Filters
) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    since, until = period.since, period.until
    if behind is not None:
        # Of two bounds on one side a planner takes either: it is given the nearer one only.
        place = tuple_(literal(behind[0], UTCDateTime), literal(behind[1], Integer))
        if newer and (since is None or since <= behind[0]):
            limits.append(tuple_(received_at, call_id) > place)
            since = None
        elif not newer and (until is None or until > behind[0]):
            limits.append(tuple_(received_at, call_id) < place)
            until = None
    if since is not None:
        limits.append(received_at >= since)
    if until is not None:
        limits.append(received_at < until)
    return limits

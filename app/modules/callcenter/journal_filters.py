"""What the journal can be narrowed to, and how the database finds it: newest first, however many calls there are.

Each reason for which a call is shown (a line of the reader's, an address that fits the search, …) is a *branch*: a walk
along one index that has the calls of this reason in their order, cut after one page. A page is the newest of all
branches. Whatever else is asked is checked on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
from app.modules.callcenter.journal_branches import MOST_NUMBERS, Branch, also, beginning, checked, taken_by, undecided
from app.modules.callcenter.models import UNKNOWN_PARTY
from app.modules.callcenter.stored import CALL
from app.modules.callcenter.visibility import TAKER, not_dialled

#: Addresses whose names fit a search; more would say nothing.
MOST_FOUND = 200
#: With more reasons than these one walk along all calls finds a page sooner than a walk along each.
MOST_BRANCHES = 24
#: Calls from a place on among which a page of what many calls have is looked for first.
NEAR = 700
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
class Wanted:
    """The question to the database: ``branches`` None where nothing can fit, empty where no reason is asked for."""

    branches: Sequence[Branch] | None
    checks: tuple[ColumnElement[bool], ...] = ()
    flag: tuple[ColumnElement[bool], ...] = ()
    """A condition that an index of its own, or a part of the lines' ones, stands for."""
    frequent: bool = False
    """Whether it is several reasons that many calls have: those next to a place are likely to be a page."""


def wanted(session: Session, filters: Filters, watcher: Watcher | None) -> Wanted:
    """How calls are found that fit and that the user may see."""
    if watcher is None or not watcher.allowed or (filters.missed and filters.direction == "out"):
        return Wanted(None)
    if filters.mine and watcher.scope == "all":
        watcher = replace(watcher, scope="lines")
    # Whoever looks for his own may see all of them.
    rights = None if watcher.scope == "all" or filters.user == watcher.user_id else _rights(watcher, filters)
    # The narrowest first: that is what is walked along.
    # A line of the reader's is little more than his calls on it, in one walk; what he dialled as it are few of those.
    is_his = filters.line in watcher.seen_lines and filters.direction != "out"
    line = _on_line(filters)
    last = (line, rights) if is_his else (rights, line)
    asked = _searched(session, filters, watcher), _of_user(filters), *last
    axes = [axis for axis in asked if axis is not None]
    if filters.missed:
        axes = [[one for one in axis if one.with_missed] for axis in axes]
    if filters.direction == "out":
        axes = [[one for one in axis if one.with_dialled] for axis in axes]
    is_found = all(axes)
    if is_found and asked[0] is None and filters.user is not None and len(axes) > 1:
        axes[:2] = [also(filters.user, axes[0], axes[1])]
        is_found = bool(axes[0])
    if not is_found:
        return Wanted(None)
    branches = list(axes[0]) if axes and len(axes[0]) <= MOST_BRANCHES else []
    checks = [or_(*(one.condition for one in axis)) for axis in (axes[1:] if branches else axes)]
    on_lines = bool(branches) and asked[0] is None and asked[1] is None
    flag, more = _flags(filters, driven=bool(branches), on_lines=on_lines)
    checks += more
    # The missed calls of each line are in order; a page of a line or two and of a user's own may reach far back.
    frequent = on_lines and not filters.missed and len([one for one in branches if not one.with_dialled]) > 2
    return Wanted(branches, (checked(*checks),) if checks else (), flag, frequent)


def apart(question: Wanted) -> tuple[Wanted, Wanted] | None:
    """The reasons that many calls have, and those of calls that were passed on: hardly one of these lies among the
    calls of a page of the others. None where there is nothing to part.
    """
    branches = question.branches or ()
    many, few = ([one for one in branches if (one.taken is None) is is_many] for is_many in (True, False))
    return (replace(question, branches=many), replace(question, branches=few)) if many and few else None


def page_of(
    question: Wanted,
    columns: Iterable[Any],
    most: int,
    *,
    behind: Place | None,
    newer: bool,
    period: Filters,
    end: Place | None = None,
) -> Select[Any]:
    """The next calls from a place on, older ones or (``newer``) younger ones, none beyond ``end``; in any order."""
    branches = question.branches or [Branch()]
    if question.branches is None:
        return select(*columns).where(false())
    if len(branches) == 1 and branches[0].taken is None:
        limits = _limits(CALL.c.received_at, CALL.c.id, behind, newer, period, end)
        order = _order(CALL.c.received_at, CALL.c.id, newer)
        conditions = (*branches[0].reason, *question.flag, *question.checks, *limits)
        if question.checks:
            # What is checked lies in most indexes too: rows are read of the calls that fit, not of those passed by.
            return _of_keys(select(CALL.c.id).where(*conditions).order_by(*order).limit(most), columns)
        return select(*columns).where(*conditions).order_by(*order).limit(most)
    keys = union(*(_walk(one, question, most, behind, newer, period, end) for one in branches)).subquery("found")
    nearest = select(keys.c.id).order_by(*_order(keys.c.received_at, keys.c.id, newer)).limit(most)
    return _of_keys(nearest, columns)


def near_of(
    question: Wanted, columns: Iterable[Any], most: int, *, behind: Place | None, newer: bool, period: Filters
) -> Select[Any] | None:
    """The same among the next ``NEAR`` calls only; None where it is not worth a try.

    As many as ``most`` are a page. Fewer say nothing: there may be more farther on.
    """
    if not question.frequent or question.branches is None or (behind is None and period.until is not None):
        return None
    # Calls have their numbers nearly in the order of time. Where they have not, this is a page or none all the same.
    other = CALL.alias("beyond")
    newest = select(func.max(CALL.alias("newest").c.id)).scalar_subquery()
    edge = newest if behind is None else literal(behind[1], Integer)
    beyond = select(other.c.received_at).where(other.c.id >= edge + NEAR if newer else other.c.id <= edge - NEAR)
    last = beyond.order_by(other.c.id if newer else other.c.id.desc()).limit(1).scalar_subquery()
    within = CALL.c.received_at <= last if newer else CALL.c.received_at >= last
    fit = checked(or_(*(one.condition for one in question.branches)), *question.flag)
    limits = _limits(CALL.c.received_at, CALL.c.id, behind, newer, period)
    order = _order(CALL.c.received_at, CALL.c.id, newer)
    return _of_keys(
        select(CALL.c.id).where(fit, *question.checks, within, *limits).order_by(*order).limit(most), columns
    )


def _of_keys(keys: Select[Any], columns: Iterable[Any]) -> Select[Any]:
    # Without an order: to sort whole rows takes longer than to find them, and nothing but a sort would keep one.
    found = keys.subquery("nearest")
    return select(*columns).join_from(found, CALL, CALL.c.id == found.c.id)


def conditions_of(question: Wanted, period: Filters) -> ColumnElement[bool]:
    """The same as one condition that is only checked: on a few calls that are found otherwise."""
    if question.branches is None:
        return false()
    either = [one.condition for one in question.branches]
    limits = _limits(CALL.c.received_at, CALL.c.id, None, False, period)
    return checked(*question.flag, *question.checks, *limits, *([or_(*either)] if either else []))


# ------------------------------------------------------------------------------------------------------------- reasons


def _searched(session: Session, filters: Filters, watcher: Watcher) -> list[Branch] | None:
    text = filters.search.strip()
    if not text:
        return None
    # Whoever types a number wants its calls, not those of all numbers of an address that has it too.
    is_number = text[0] in "+0" and not any(sign.isalpha() for sign in text)
    found = [] if is_number else [hit.id for hit in addresses.search(session, text, limit=MOST_FOUND)]
    numbers = remembered.numbers_of(session, found, watcher.user_id) if found else []
    reasons = [Branch((CALL.c.address_id == one,)) for one in found]
    if len(found) > MOST_NUMBERS:
        reasons = [Branch((CALL.c.address_id.in_(found),))]
    reasons += [Branch((CALL.c.remote_e164 == one,)) for one in numbers]
    reasons += undecided(session, found, watcher.user_id) if found else []
    for start in search_key(text, home.region()):
        reasons += beginning(session, start)
    return reasons


def _of_user(filters: Filters) -> list[Branch] | None:
    return None if filters.user is None else taken_by(filters.user)


def _on_line(filters: Filters) -> list[Branch] | None:
    return [Branch((CALL.c.line_key == filters.line,), line=filters.line)] if filters.line else None


def _rights(watcher: Watcher, filters: Filters) -> list[Branch]:
    """The twin of ``visibility.reasons``, a line each; of lines that are not asked for nothing can fit."""
    keys = watcher.seen_lines if not filters.line else watcher.seen_lines & {filters.line}
    # Every missed call is an incoming one.
    incoming = () if filters.missed else (checked(not_dialled()),)
    on_lines = [Branch((CALL.c.line_key == key, *incoming), line=key, with_dialled=False) for key in sorted(keys)]
    return [*taken_by(watcher.user_id), *on_lines]


# -------------------------------------------------------------------------------------------------------------- checks


def _flags(
    filters: Filters, *, driven: bool, on_lines: bool
) -> tuple[tuple[ColumnElement[bool], ...], list[ColumnElement[bool]]]:
    """The condition that decides which index is walked along, and those that are only checked."""
    unknown: ColumnElement[bool] = literal_column(f"({UNKNOWN_PARTY})")
    # Missed calls are incoming ones, and an index has those of a line.
    asked = [
        (filters.missed, CALL.c.missed == true(), on_lines),
        (filters.unknown, unknown, False),
        (bool(filters.direction) and not filters.missed, CALL.c.direction == filters.direction, False),
    ]
    conditions = [(condition, on_way or not driven) for is_asked, condition, on_way in asked if is_asked]
    # Of several one only: of two indexes a planner might take either.
    flag = [condition for condition, walked in conditions[:1] if walked]
    return tuple(flag), [condition for condition, _walked in conditions[len(flag) :]]


# ----------------------------------------------------------------------------------------------------------------- walk


def _walk(
    branch: Branch,
    question: Wanted,
    most: int,
    behind: Place | None,
    newer: bool,
    period: Filters,
    end: Place | None,
) -> Select[Any]:
    checks = (*question.flag, *question.checks)
    if branch.taken is None:
        received_at, call_id, source = CALL.c.received_at, CALL.c.id, select(CALL.c.received_at, CALL.c.id)
        source = source.where(*branch.reason, *checks)
    else:
        received_at, call_id = TAKER.c.received_at, TAKER.c.call_id
        source = select(received_at, call_id.label("id")).where(TAKER.c.user_id == branch.taken)
        if branch.line is not None:
            source = source.where(TAKER.c.line_key == branch.line)
        if branch.too is not None:
            other = TAKER.alias("other_taker")
            source = source.join(other, and_(other.c.call_id == TAKER.c.call_id, other.c.user_id == branch.too))
        if checks:
            source = source.join(CALL, CALL.c.id == TAKER.c.call_id).where(*checks)
    limits = _limits(received_at, call_id, behind, newer, period, end)
    cut: Subquery = source.where(*limits).order_by(*_order(received_at, call_id, newer)).limit(most).subquery()
    # SQLite knows no order and limit in a part of a UNION, but in a table that such a part selects from.
    return select(cut.c.received_at, cut.c.id)


def _order(received_at: Any, call_id: Any, newer: bool) -> tuple[Any, Any]:
    return (received_at, call_id) if newer else (received_at.desc(), call_id.desc())


def _limits(
    received_at: Any, call_id: Any, behind: Place | None, newer: bool, period: Filters, end: Place | None = None
) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    since, until = period.since, period.until
    # Of two bounds on one side a planner takes either: it is given the nearer one only.
    if end is not None:
        place, found = _row(end), tuple_(received_at, call_id)
        limits.append(found <= place if newer else found >= place)
        since, until = (since, None) if newer else (None, until)
    if behind is not None:
        place = _row(behind)
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


def _row(place: Place) -> Any:
    return tuple_(literal(place[0], UTCDateTime), literal(place[1], Integer))

"""What the journal can be narrowed to, and how the database finds it: newest first, however many calls there are.

Each reason for which a call is shown (a line of the reader's, an address that fits the search, …) is a *branch*: a walk
along one index that has the calls of this reason in their order. A page is the newest of all branches
(``journal_walks``). Whatever else is asked is checked on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, false, literal_column, or_, true
from sqlalchemy.orm import Session

from app.core.database import database
from app.core.phones import search_key
from app.modules.addresses import api as addresses
from app.modules.callcenter import home, remembered
from app.modules.callcenter.domain.visibility import Watcher
from app.modules.callcenter.journal_branches import (
    MOST_NUMBERS,
    Branch,
    also,
    beginning,
    checked,
    taken_by,
    undecided,
)
from app.modules.callcenter.models import UNKNOWN_PARTY
from app.modules.callcenter.stored import CALL
from app.modules.callcenter.visibility import not_dialled

#: Addresses whose names fit a search; more would say nothing.
MOST_FOUND = 200
#: With more reasons than these one walk along all calls finds a page sooner than a walk along each.
MOST_BRANCHES = 24


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

    @property
    def in_order(self) -> bool:
        """Whether the calls are walked along in the order of time, and none are sorted."""
        return all(one.in_order for one in self.branches or ())


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
    # Who took a call that was passed on is asked last: it is not in the index that is walked along.
    checked_axes = [sorted(axis, key=lambda one: one.taken is not None) for axis in (axes[1:] if branches else axes)]
    on_lines = bool(branches) and asked[0] is None and asked[1] is None
    flag, more = _flags(filters, driven=bool(branches), on_lines=on_lines)
    checks = [or_(*(one.condition for one in axis)) for axis in checked_axes] + more
    # SQLite asks what needs another table after all else, and so all of its CASE: what the index tells has its own.
    # PostgreSQL would expect half as many calls for it, and plan the page anew each time.
    first = [or_(*(one.can_be for one in axis)) for axis in checked_axes if any(one.taken is not None for one in axis)]
    first = first if database().is_sqlite else []
    return Wanted(branches, tuple(checked(*some) for some in (first, checks) if some), flag)


def conditions_of(question: Wanted, period: Filters) -> ColumnElement[bool]:
    """The same as one condition that is only checked: on a few calls that are found otherwise."""
    if question.branches is None:
        return false()
    either = [one.condition for one in question.branches]
    return checked(
        *question.flag, *question.checks, *in_period(CALL.c.received_at, period), *([or_(*either)] if either else [])
    )


def in_period(received_at: ColumnElement[datetime], period: Filters) -> list[ColumnElement[bool]]:
    """The bounds of the time that is asked for."""
    since = [received_at >= period.since] if period.since is not None else []
    return since + ([received_at < period.until] if period.until is not None else [])


# ------------------------------------------------------------------------------------------------------------- reasons


def _searched(session: Session, filters: Filters, watcher: Watcher) -> list[Branch] | None:
    text = filters.search.strip()
    if not text:
        return None
    # Whoever types a number wants its calls, not those of all numbers of an address that has it too.
    is_number = text.lstrip("( ")[:1] in ("+", "0") and not any(sign.isalpha() for sign in text)
    found = [] if is_number else [hit.id for hit in addresses.search(session, text, limit=MOST_FOUND)]
    numbers = remembered.numbers_of(session, found, watcher.user_id) if found else []
    reasons = [Branch((CALL.c.address_id == one,)) for one in found]
    if len(found) > MOST_NUMBERS:
        reasons = [Branch((CALL.c.address_id.in_(found),), in_order=False)]
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

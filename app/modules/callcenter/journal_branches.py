"""Reasons for which the journal shows a call, each a walk along one index in the order of time.

What is only checked on such a walk stands in a CASE: no planner looks for it in an index of its own, and PostgreSQL,
which knows nothing of how often a CASE holds, expects a page soon and keeps to the walk. With the bare conditions it
multiplies their shares, expects next to nothing, and sorts a hundred thousand rows instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, exists, false, func, literal_column, or_, select, true
from sqlalchemy.orm import Session

from app.core.database import database
from app.core.planning import PLANNED_ONCE
from app.modules.addresses import api as addresses
from app.modules.callcenter.models import NUMBER_HEAD_LENGTHS, number_head
from app.modules.callcenter.remembered import REMEMBERED
from app.modules.callcenter.stored import CALL, number_begins, number_begins_no_later
from app.modules.callcenter.visibility import TAKER

#: Numbers that begin as was typed; of more of them the calls are walked along.
MOST_NUMBERS = 12
#: Calls of numbers that begin so: fewer are sorted, more are dense enough to be walked along to.
FEW_CALLS = 1000
#: Numbers of several addresses that are walked along one by one; the calls of more are sorted.
MOST_SHARED = 4


@dataclass(frozen=True, slots=True)
class Branch:
    """One reason. ``taken``: the calls that this user took when they were passed on; else ``reason`` tells it."""

    reason: tuple[ColumnElement[bool], ...] = ()
    """The condition that an index has in the order of time."""
    taken: int | None = None
    line: str | None = None
    """Calls of this line only: of those taken it narrows them, else ``reason`` says so already."""
    too: int | None = None
    """Of those taken, the calls that this user took too."""
    other: int | None = None
    """Of these, the calls whose taker's row names this other one, or 0, as more users took them; None: all of them."""
    with_missed: bool = True
    """Whether a missed call can be among them: nobody took one."""
    with_dialled: bool = True
    """Whether a call that we dialled can be among them."""
    in_order: bool = True
    """Whether the index has all its calls in the order of time. Others are sorted, which is right for few only, so
    PostgreSQL has to see the values before it plans."""

    @property
    def can_be(self) -> ColumnElement[bool]:
        """What the call itself tells of it: all of it but who took a call that was passed on."""
        return and_(true(), *self.reason) if self.taken is None else CALL.c.passed_on == true()

    @property
    def condition(self) -> ColumnElement[bool]:
        """The same asked of a single call."""
        if self.taken is None:
            return and_(true(), *self.reason)
        users = (self.taken,) if self.too is None else (self.taken, self.too)
        on_line = (CALL.c.line_key == self.line,) if self.line is not None else ()
        # What the index tells of a call already spares nearly all of them the question who took it.
        return and_(CALL.c.passed_on == true(), *on_line, *(took(user, CALL.c.id) for user in users))


def took(user_id: int, call_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether this user is among those who took this call, which was passed on."""
    # Another one than the table that a walk may go along; a value, as of an EXISTS PostgreSQL may read it whole.
    taker = TAKER.alias("also_taken")
    one: Select[Any] = select(literal_column("1")).where(taker.c.user_id == user_id, taker.c.call_id == call_id)
    return one.correlate_except(taker).scalar_subquery() == 1


def checked(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Conditions that are only checked, never walked along."""
    return case((and_(true(), *conditions), true()), else_=false())


def undecided(session: Session, address_ids: Sequence[int], user_id: int) -> list[Branch]:
    """Calls of numbers that one of these addresses shares with others, and whose they are this user was not told."""
    settled = exists().where(REMEMBERED.c.number == CALL.c.remote_e164, REMEMBERED.c.user_id == user_id)
    is_open = checked(CALL.c.address_id.is_(None), CALL.c.grade != "none", ~settled)
    shared = addresses.shared_numbers(session, address_ids)
    numbers = [CALL.c.remote_e164 == number for number in sorted(shared.e164s)]
    stems = [number_begins(stem) for stem in sorted(shared.stems)]
    if len(numbers) + len(stems) > MOST_SHARED:
        return [Branch((or_(*numbers, *stems), is_open), in_order=False)]
    return [Branch((one, is_open)) for one in numbers] + [Branch((one, is_open), in_order=False) for one in stems]


def taken_by(user_id: int) -> list[Branch]:
    """Calls that this user took or dialled."""
    return [
        Branch((CALL.c.user_id == user_id,), with_missed=False),
        Branch(taken=user_id, with_missed=False, with_dialled=False),
    ]


def also(user_id: int, his: Sequence[Branch], others: Sequence[Branch]) -> list[Branch]:
    """Calls of a user (those of ``his`` of his that are asked for) for which another reason holds too.

    Two reasons that are frequent each may hardly ever meet: a user and a line are walked along together. ``others`` are
    lines, and calls of another user: what two users took was passed on, and both are among its takers.
    """
    passed_on = any(one.taken is not None for one in his)
    found: list[Branch] = []
    for one in others:
        if one.taken is not None and passed_on:
            # PostgreSQL would expect now many and now none of them, and plan the page anew each time.
            others_of = (one.taken, 0) if database().is_sqlite else (None,)
            found += [Branch(taken=user_id, too=one.taken, other=other) for other in others_of]
        if one.line is not None:
            found.append(Branch((CALL.c.user_id == user_id, *one.reason), line=one.line))
            found += [Branch(taken=user_id, line=one.line)] if passed_on else []
    return found


def beginning(session: Session, start: str) -> list[Branch]:
    """Calls of numbers that begin so: along an index of just this beginning; by number where those are few; all of them
    where they are fewer than ``FEW_CALLS``; else by what they begin with.
    """
    begins = number_begins(start)
    # The longest that it begins with: among the fewest calls.
    length = max((length for length in NUMBER_HEAD_LENGTHS if length <= len(start)), default=0)
    walked = (literal_column(number_head(length), String) == start[:length],) if length else ()
    if length == len(start):
        return [Branch(walked)]
    numbers = _numbers(session, start)
    if len(numbers) <= MOST_NUMBERS:
        return [Branch((CALL.c.remote_e164 == one,)) for one in numbers]
    few = select(func.count()).select_from(
        select(CALL.c.id).where(begins).limit(literal_column(str(FEW_CALLS))).subquery()
    )
    if session.execute(few, execution_options=PLANNED_ONCE).scalar_one() < FEW_CALLS:
        return [Branch((begins,), in_order=False)]
    return [Branch((*walked, checked(begins)))]


def _numbers(session: Session, start: str) -> list[Any]:
    """The first numbers that begin so, each found by a step of its own, however often it called."""
    found = (
        select(func.min(CALL.c.remote_e164).label("number")).where(number_begins(start)).cte("numbers", recursive=True)
    )
    # Of two lower bounds a planner might take the first one again.
    following = select(func.min(CALL.c.remote_e164)).where(
        CALL.c.remote_e164 > found.c.number, *number_begins_no_later(start)
    )
    step = select(following.correlate(found).scalar_subquery()).where(found.c.number.is_not(None))
    numbers = found.union_all(step)
    query = select(numbers.c.number).where(numbers.c.number.is_not(None)).limit(literal_column(str(MOST_NUMBERS + 1)))
    return list(session.execute(query, execution_options=PLANNED_ONCE).scalars())

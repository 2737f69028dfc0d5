"""What this module tells of whom a call is with, while it rings: see ``core.facts``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Executable,
    FromClause,
    Integer,
    String,
    Table,
    bindparam,
    case,
    func,
    literal,
    select,
    union,
)
from sqlalchemy.orm import Session

from app.core.asked import ASKED, about_many
from app.core.database import UTCDateTime
from app.core.facts import Fact, FactKind, Part, Subject, Word
from app.core.i18n import DEFAULT_TIMEZONE
from app.core.kernel import ModuleSetup
from app.modules.callcenter import accounts, seeing
from app.modules.callcenter.callback_models import Callback
from app.modules.callcenter.callbacks import OPEN
from app.modules.callcenter.domain.calls import Phase
from app.modules.callcenter.labels import labels
from app.modules.callcenter.stored import CALL

#: They are about an address as much as about calls.
VIEW = ("addresses.view", "callcenter.calls")
LAST_CALL = FactKind(
    "callcenter.last_call",
    _l("Last contact"),
    "phone",
    31,
    # Of whoever led it, on whatever line.
    (*VIEW, accounts.EVERYBODYS),
    words={"in": _l("Incoming call"), "out": _l("Outgoing call")},
    newest_of="last_contact",
)
CALLBACKS = FactKind(
    "callcenter.open_callbacks",
    _l("Open call-backs"),
    "phone-plus",
    40,
    (*VIEW, "callcenter.callbacks"),
    words={"due": _l("due %(time)s", time="{time}"), "overdue": _l("overdue since %(time)s", time="{time}")},
)
TODAY = FactKind("callcenter.calls_today", _l("Calls today"), "phone-call", 50, VIEW)
KINDS = (LAST_CALL, CALLBACKS, TODAY)
#: Calls of a day that are looked through: a machine that dials all day long shall not cost more.
MOST_COUNTED = 1000
TASK = cast(Table, Callback.__table__)
_PARTY = {"number": String, "address_id": Integer}


class _Conversation(NamedTuple):
    """The columns of a call that tell of a conversation."""

    id: int
    received_at: datetime
    direction: str | None
    user_id: int | None


class _Task(NamedTuple):
    """The columns of a call-back that tell of it, and that decide who sees it."""

    id: int
    party: str
    address_id: int | None
    due_at: datetime | None
    assigned_to: int | None
    created_by: int | None
    line_key: str | None
    kind: str


class _Today(NamedTuple):
    """The columns of a call that is counted, and that decide for whom."""

    remote_e164: str | None
    address_id: int | None
    received_at: datetime
    user_id: int | None
    answered_by: str
    line_key: str | None
    direction: str | None


def install(setup: ModuleSetup) -> None:
    """Contribute."""
    setup.facts(KINDS, find)


def find(session: Session, subjects: Sequence[Subject]) -> Mapping[Subject, Sequence[Fact]]:
    """Facts of numbers and addresses; three statements, however many they are."""
    found: dict[Subject, list[Fact]] = defaultdict(list)
    for subject, row in _last_calls(session, subjects).items():
        found[subject].append(_last_call(row))
    eyes = seeing.eyes()
    for subject, tasks in _open_callbacks(session, subjects).items():
        for seen, readers in eyes.of_callbacks(tasks):
            found[subject].append(_callbacks(seen, readers))
    for subject, calls in _calls_today(session, subjects).items():
        for count, readers in eyes.of_calls(calls):
            found[subject].append(Fact(TODAY.key, (count,), readers=readers))
    return found


# ------------------------------------------------------------------------------------------------------------- whether


def _parties(subjects: Iterable[Subject]) -> set[tuple[str | None, int | None]]:
    return {(subject.number, subject.address_id) for subject in subjects}


def _either(
    table: Table, number: ColumnElement[Any], address: ColumnElement[Any], asked: FromClause, *also: ColumnElement[bool]
) -> CompoundSelect[Any]:
    """The ids of rows of any of these numbers or addresses: by two indexes, never a scan."""
    return union(
        *(
            select(table.c.id).join_from(table, asked, is_with).where(*also)
            for is_with in (number == asked.c.number, address == asked.c.address_id)
        )
    )


def _is_of(subject: Subject, number: str | None, address_id: int | None) -> bool:
    return (subject.number is not None and number == subject.number) or (
        subject.address_id is not None and address_id == subject.address_id
    )


# -------------------------------------------------------------------------------------------------------- last contact


def _select_last_calls(asked: FromClause) -> Executable:
    """The last conversation before each call: with the address where it is known, else with the number."""

    def last(is_with: ColumnElement[bool]) -> Any:
        # Not "which ended": SQLite would take the index of phases, and look through all calls that ever were.
        over = CALL.c.phase.not_in([literal(phase.value) for phase in (Phase.RINGING, Phase.TALKING)])
        before = (CALL.c.received_at < asked.c.at, over, CALL.c.outcome == "accepted")
        newest = (CALL.c.received_at.desc(), CALL.c.id.desc())
        found = select(CALL.c.id).where(is_with, *before).order_by(*newest).limit(1)
        return found.correlate(asked).scalar_subquery()

    of_address = (asked.c.address_id.is_not(None), last(CALL.c.address_id == asked.c.address_id))
    found = case(of_address, else_=last(CALL.c.remote_e164 == asked.c.number))
    columns = (CALL.c[name] for name in _Conversation._fields)
    return select(asked.c.place, *columns).join_from(asked, CALL, CALL.c.id == found)


_LAST_CALLS = about_many(
    {"place": Integer, "number": String, "address_id": Integer, "at": UTCDateTime}, _select_last_calls
)


def _last_calls(session: Session, subjects: Sequence[Subject]) -> dict[Subject, _Conversation]:
    asked = [(place, one.number, one.address_id, one.at) for place, one in enumerate(subjects)]
    rows = _LAST_CALLS.rows(session, {ASKED: asked})
    return {subjects[place]: _Conversation(*row) for place, *row in rows}


def _last_call(row: _Conversation) -> Fact:
    name = labels().users.get(row.user_id, "") if row.user_id is not None else ""
    who: tuple[Part, ...] = (name,) if name else ()
    direction = Word("out" if row.direction == "out" else "in")
    return Fact(LAST_CALL.key, (*who, row.received_at, direction), "plain", f"/callcenter/calls/{row.id}")


# ---------------------------------------------------------------------------------------------------------- call-backs


def _select_callbacks(asked: FromClause) -> Executable:
    """The open tasks about each address or number, what is due first."""
    ids = _either(TASK, TASK.c.party, TASK.c.address_id, asked)
    due_first = (func.coalesce(TASK.c.due_at, TASK.c.wanted_at), TASK.c.id)
    columns = (TASK.c[name] for name in _Task._fields)
    # Not in the inner one: for that SQLite would take the index of states, and go through all that are open.
    return select(*columns).where(TASK.c.id.in_(ids), TASK.c.state == OPEN).order_by(*due_first)


_CALLBACKS = about_many(_PARTY, _select_callbacks)


def _open_callbacks(session: Session, subjects: Sequence[Subject]) -> dict[Subject, list[_Task]]:
    rows = [_Task._make(row) for row in _CALLBACKS.rows(session, {ASKED: _parties(subjects)})]
    found = {subject: [row for row in rows if _is_of(subject, row.party, row.address_id)] for subject in subjects}
    return {subject: tasks for subject, tasks in found.items() if tasks}


def _callbacks(tasks: Sequence[_Task], readers: frozenset[int] | None) -> Fact:
    dated = [(task.due_at, task) for task in tasks if task.due_at is not None]
    due, first = min(dated, key=lambda one: one[0]) if dated else (None, tasks[0])
    late = due is not None and due <= _now()
    parts: list[Part] = [len(tasks)]
    if due is not None:
        parts.append(Word("overdue" if late else "due", due))
    name = labels().users.get(first.assigned_to, "") if first.assigned_to is not None else ""
    if name:
        parts.append(name)
    path = f"/callcenter/callbacks/{first.id}"
    return Fact(CALLBACKS.key, tuple(parts), "warning" if late else "plain", path, readers)


# --------------------------------------------------------------------------------------------------------- calls today


def _select_calls_today(asked: FromClause) -> Executable:
    ids = _either(CALL, CALL.c.remote_e164, CALL.c.address_id, asked, CALL.c.received_at >= bindparam("since"))
    columns = (CALL.c[name] for name in _Today._fields)
    return select(*columns).where(CALL.c.id.in_(ids)).order_by(CALL.c.received_at.desc()).limit(MOST_COUNTED)


_CALLS_TODAY = about_many(_PARTY, _select_calls_today)


def _calls_today(session: Session, subjects: Sequence[Subject]) -> dict[Subject, list[_Today]]:
    """The calls with the number or the address since the day of each call began, itself among them.

    The day is the house's: one message goes to users of several zones.
    """
    begins = {subject: _midnight(subject.at) for subject in subjects}
    values = {ASKED: _parties(subjects), "since": min(begins.values())}
    rows = [_Today._make(row) for row in _CALLS_TODAY.rows(session, values)]
    return {
        subject: [
            row
            for row in rows
            if row.received_at >= begins[subject] and _is_of(subject, row.remote_e164, row.address_id)
        ]
        for subject in subjects
    }


def _midnight(moment: datetime) -> datetime:
    zone = ZoneInfo(DEFAULT_TIMEZONE)
    return datetime.combine(moment.astimezone(zone).date(), time(), zone)


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now

"""What this module tells of whom a call is with, while it rings: see ``core.facts``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.core.facts import Fact, FactKind, Part, Subject, Word
from app.core.i18n import DEFAULT_TIMEZONE
from app.core.kernel import ModuleSetup
from app.modules.callcenter import accounts, seeing
from app.modules.callcenter.callback_models import Callback
from app.modules.callcenter.callback_rights import DECIDING
from app.modules.callcenter.callbacks import OPEN
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


# -------------------------------------------------------------------------------------------------------- last contact


def _last_calls(session: Session, subjects: Sequence[Subject]) -> dict[Subject, Any]:
    """The last conversation before each call: with the address where it is known, else with the number."""
    parts = [
        select(
            literal(place).label("place"),
            select(CALL.c.id)
            .where(
                CALL.c.address_id == subject.address_id
                if subject.address_id is not None
                else CALL.c.remote_e164 == subject.number,
                CALL.c.received_at < subject.at,
                CALL.c.phase == "ended",
                CALL.c.outcome == "accepted",
            )
            .order_by(CALL.c.received_at.desc(), CALL.c.id.desc())
            .limit(1)
            .scalar_subquery()
            .label("call_id"),
        )
        for place, subject in enumerate(subjects)
    ]
    last = union_all(*parts).subquery()
    query = select(last.c.place, CALL.c.id, CALL.c.received_at, CALL.c.direction, CALL.c.user_id).join(
        CALL, CALL.c.id == last.c.call_id
    )
    return {subjects[row.place]: row for row in session.execute(query)}


def _last_call(row: Any) -> Fact:
    name = labels().users.get(row.user_id, "") if row.user_id is not None else ""
    who: tuple[Part, ...] = (name,) if name else ()
    direction = Word("out" if row.direction == "out" else "in")
    return Fact(LAST_CALL.key, (*who, row.received_at, direction), "plain", f"/callcenter/calls/{row.id}")


# ---------------------------------------------------------------------------------------------------------- call-backs


def _open_callbacks(session: Session, subjects: Sequence[Subject]) -> dict[Subject, list[Any]]:
    """The open tasks about each address or number, what is due first."""
    columns = (Callback.id, Callback.party, Callback.address_id, Callback.due_at, *DECIDING)
    query = (
        select(*columns)
        .where(Callback.state == OPEN, _either(Callback.party, Callback.address_id, subjects))
        .order_by(func.coalesce(Callback.due_at, Callback.wanted_at), Callback.id)
    )
    rows = list(session.execute(query))
    found = {subject: [row for row in rows if _is_of(subject, row.party, row.address_id)] for subject in subjects}
    return {subject: tasks for subject, tasks in found.items() if tasks}


def _callbacks(tasks: Sequence[Any], readers: frozenset[int] | None) -> Fact:
    due = min((task for task in tasks if task.due_at is not None), key=lambda task: task.due_at, default=None)
    first = due or tasks[0]
    late = due is not None and due.due_at <= _now()
    parts: list[Part] = [len(tasks)]
    if due is not None:
        parts.append(Word("overdue" if late else "due", due.due_at))
    name = labels().users.get(first.assigned_to, "") if first.assigned_to is not None else ""
    if name:
        parts.append(name)
    path = f"/callcenter/callbacks/{first.id}"
    return Fact(CALLBACKS.key, tuple(parts), "warning" if late else "plain", path, readers)


# --------------------------------------------------------------------------------------------------------- calls today


def _calls_today(session: Session, subjects: Sequence[Subject]) -> dict[Subject, list[Any]]:
    """The calls with the number or the address since the day of each call began, itself among them.

    The day is the house's: one message goes to users of several zones.
    """
    begins = {subject: _midnight(subject.at) for subject in subjects}
    since = min(begins.values())
    query = (
        select(CALL.c.remote_e164, CALL.c.address_id, CALL.c.received_at, *(CALL.c[name] for name in seeing.DECIDING))
        .where(CALL.c.received_at >= since, _either(CALL.c.remote_e164, CALL.c.address_id, subjects))
        .order_by(CALL.c.received_at.desc())
        .limit(MOST_COUNTED)
    )
    rows = list(session.execute(query))
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


# ------------------------------------------------------------------------------------------------------------- whether


def _either(number: Any, address: Any, subjects: Iterable[Subject]) -> ColumnElement[bool]:
    """Rows of any of these numbers or addresses: two indexes, never a scan."""
    return or_(
        number.in_(sorted({one.number for one in subjects if one.number is not None})),
        address.in_(sorted({one.address_id for one in subjects if one.address_id is not None})),
    )


def _is_of(subject: Subject, number: str | None, address_id: int | None) -> bool:
    return (subject.number is not None and number == subject.number) or (
        subject.address_id is not None and address_id == subject.address_id
    )


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now

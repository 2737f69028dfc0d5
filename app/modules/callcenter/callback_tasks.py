"""What people do with call-backs: list, take, give, plan, comment, finish and reopen them; make one for a colleague."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.database import looking, reading, transaction
from app.core.events import publish
from app.core.prepared import Prepared
from app.core.values import e164_of
from app.modules.addresses import api as addresses
from app.modules.callcenter.callback_models import Callback, CallbackCall
from app.modules.callcenter.callback_rights import DECIDING, concerns, is_concerned
from app.modules.callcenter.callbacks import DONE, OPEN, CallbacksChanged
from app.modules.callcenter.domain.visibility import Watcher
from app.modules.callcenter.home import classify
from app.modules.callcenter.stored import CALL
from app.modules.callcenter.visibility import viewer, visible, visible_to

Show = Literal["mine", "open", "done"]
TABLE = Callback.__table__
#: Open tasks on one page: who has more than that reads the oldest first, they are the ones that wait.
MOST_OPEN = 300
DONE_PER_PAGE = 50
#: Times of single misses that a row tells.
MOST_TIMES = 10
#: Every page tells how many there are.
_OPEN_TASKS = Prepared(select(*DECIDING, func.count().label("tasks")).where(Callback.state == OPEN).group_by(*DECIDING))


@dataclass(frozen=True, slots=True)
class Task:
    """A call-back as pages show it."""

    row: Mapping[str, Any]
    times: Sequence[datetime]
    """Of the misses, newest first."""
    shows_end: bool = False
    """Whether the reader may see the call that settled it."""
    messages: int = 0
    """How many of the misses ended on the voicemail: they are to be heard."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a person writes into a task. ``due_at`` aware."""

    number: str
    name: str = ""
    reason: str = ""
    comment: str = ""
    assigned_to: int | None = None
    due_at: datetime | None = None
    address_id: int | None = None
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class CallbackGiven:
    """Somebody gave a task to a colleague."""

    callback_id: int
    user_id: int
    by: int | None


class Changed(Exception):
    """Somebody else has changed the task meanwhile."""


def listed(show: Show, watcher: Watcher | None, before: int | None = None) -> tuple[list[Task], int | None]:
    """A user's tasks: open ones the oldest first, done ones the newest first; and where the next page begins."""
    with reading() as session:
        if show != "done":
            conditions = [Callback.state == OPEN, concerns(watcher), *([_mine(watcher)] if show == "mine" else [])]
            query = select(TABLE).where(*conditions).order_by(*_URGENCY).limit(MOST_OPEN)
            return _tasks(session, session.execute(query).mappings().all(), watcher), None
        query = select(TABLE).where(Callback.state == DONE, concerns(watcher))
        if before is not None:
            last = session.execute(select(Callback.done_at).where(Callback.id == before)).scalar_one_or_none()
            if last is not None:
                query = query.where(or_(Callback.done_at < last, and_(Callback.done_at == last, Callback.id < before)))
        query = query.order_by(Callback.done_at.desc(), Callback.id.desc()).limit(DONE_PER_PAGE + 1)
        rows = session.execute(query).mappings().all()
        shown = rows[:DONE_PER_PAGE]
        return _tasks(session, shown, watcher), (shown[-1]["id"] if len(rows) > DONE_PER_PAGE else None)


def find(callback_id: int, user_id: int) -> Task | None:
    """One task; None where there is none that this user may see."""
    watcher = viewer(user_id)
    with reading() as session:
        rows = session.execute(select(TABLE).where(Callback.id == callback_id, concerns(watcher))).mappings().all()
        return _tasks(session, rows, watcher)[0] if rows else None


def calls_of(callback_id: int, user_id: int) -> list[tuple[int, str, datetime]]:
    """The calls of a task that a user may see, oldest first: our number of it, ``missed`` or ``tried``, when."""
    with reading() as session:
        query = (
            select(CallbackCall.call_id, CallbackCall.deed, CallbackCall.at)
            .join(CALL, CALL.c.id == CallbackCall.call_id)
            .where(CallbackCall.callback_id == callback_id, visible_to(user_id))
            .order_by(CallbackCall.at, CallbackCall.call_id)
        )
        return [(call_id, deed, at) for call_id, deed, at in session.execute(query)]


def of_address(session: Session, address_id: int, user_id: int) -> list[Task]:
    """The open tasks about an address that a user may see."""
    watcher = viewer(user_id)
    open_here = [Callback.state == OPEN, Callback.address_id == address_id, concerns(watcher)]
    query = select(TABLE).where(*open_here).order_by(*_URGENCY).limit(MOST_OPEN)
    return _tasks(session, session.execute(query).mappings().all(), watcher)


def counts(watchers: Iterable[Watcher]) -> dict[int, tuple[int, int]]:
    """How many tasks are open for each of these users himself, and among all that he may see."""
    with looking() as connection:
        groups = _OPEN_TASKS.mappings(connection, {})
    found: dict[int, tuple[int, int]] = {}
    for watcher in watchers:
        seen = [row for row in groups if is_concerned(watcher, row)]
        mine = (row["tasks"] for row in seen if _is_mine(watcher, row["assigned_to"], row["line_key"]))
        found[watcher.user_id] = sum(mine), sum(row["tasks"] for row in seen)
    return found


# ------------------------------------------------------------------------------------------------------------- changing


def create(written: Written, by: int) -> int:
    """Make a task by hand; whom it is given to is told at once. Returns its number."""
    with transaction() as session:
        return enter(session, written, by)


def enter(session: Session, written: Written, by: int | None) -> int:
    """``create`` in a transaction that is open already."""
    now = _now()
    e164 = e164_of(classify(written.number))
    task = Callback(
        kind="manual",
        state=OPEN,
        number_raw=written.number,
        e164=e164,
        party=e164 or written.number,
        name=written.name or _name(session, written),
        reason=written.reason,
        comment=written.comment,
        assigned_to=written.assigned_to,
        due_at=written.due_at,
        address_id=written.address_id,
        contact_id=written.contact_id,
        wanted_at=now,
        created_at=now,
        created_by=by,
    )
    session.add(task)
    session.flush()
    _publish(session, task.id, written.assigned_to, by)
    return task.id


def rewrite(callback_id: int, version: int, values: Mapping[str, Any], by: int) -> None:
    """Change reason, comment, due time and assignee. Raises Changed when the task is another one than was shown."""
    with transaction() as session:
        row = _lock(session, callback_id)
        if row is None or row["version"] != version or not is_concerned(viewer(by), row):
            raise Changed
        more = {"reminded_at": None} if values["due_at"] != row["due_at"] else {}
        _set(session, [callback_id], {**values, **more})
        given = values["assigned_to"]
        _publish(session, callback_id, given if given != row["assigned_to"] else None, by)


def assign(callback_ids: Sequence[int], user_id: int | None, by: int) -> int:
    """Give open tasks to somebody (None: to nobody); how many there were."""
    return _each(callback_ids, OPEN, {"assigned_to": user_id}, by, given=user_id)


def finish(callback_ids: Sequence[int], by: int) -> int:
    """Mark open tasks as done; how many there were."""
    values = {"state": DONE, "open_party": None, "done_at": _now(), "done_by": by, "done_how": "by_hand"}
    return _each(callback_ids, OPEN, values, by)


def reopen(callback_ids: Sequence[int], by: int) -> int:
    """Open done tasks again; how many there were. From then on what is talked later settles them."""
    values = {
        "state": OPEN,
        "done_at": None,
        "done_by": None,
        "done_how": None,
        "done_call_id": None,
        "wanted_at": _now(),
        "reminded_at": None,
    }
    done = _each(callback_ids, DONE, values, by)
    for callback_id in callback_ids:
        _join_misses(callback_id)
    return done


def _join_misses(callback_id: int) -> None:
    """Let further misses of the number join a task that is open again, unless another one takes them already."""
    joined = (
        update(Callback)
        .where(Callback.id == callback_id, Callback.state == OPEN, Callback.kind == "missed")
        .values(open_party=Callback.party)
        .execution_options(synchronize_session=False)
    )
    try:
        with transaction() as session:
            session.execute(joined)
    except IntegrityError:
        pass  # a newer task of the number is open


def remind() -> list[tuple[int, int]]:
    """Open tasks that have become due, each once: their numbers and whose they are."""
    now = _now()
    with transaction() as session:
        due = and_(
            Callback.state == OPEN,
            Callback.due_at <= now,
            Callback.reminded_at.is_(None),
            Callback.assigned_to.is_not(None),
        )
        rows = session.execute(select(Callback.id, Callback.assigned_to).where(due).order_by(Callback.id))
        found = [(task, user) for task, user in rows if user is not None]
        if found:
            _set(session, [task for task, _user in found], {"reminded_at": now})
    return found


def _each(callback_ids: Sequence[int], state: str, values: Mapping[str, Any], by: int, given: int | None = None) -> int:
    done = 0
    with transaction() as session:
        # In one order, so that two who do this at once do not wait for each other.
        for callback_id in sorted(set(callback_ids)):
            row = _lock(session, callback_id)
            if row is None or row["state"] != state or not is_concerned(viewer(by), row):
                continue
            _set(session, [callback_id], values)
            done += 1
            _publish(session, callback_id, given if given != row["assigned_to"] else None, by)
    return done


def _set(session: Session, callback_ids: Sequence[int], values: Mapping[str, Any]) -> None:
    session.execute(
        update(Callback)
        .where(Callback.id.in_(callback_ids))
        .values(**values, version=Callback.version + 1)
        .execution_options(synchronize_session=False)
    )


def _publish(session: Session, callback_id: int, given: int | None, by: int | None) -> None:
    if CallbacksChanged() not in session.info.get("durchwahl.events", ()):
        publish(session, CallbacksChanged())
    if given is not None and given != by:
        publish(session, CallbackGiven(callback_id, given, by))


def _lock(session: Session, callback_id: int) -> Mapping[str, Any] | None:
    query = select(TABLE).where(Callback.id == callback_id).with_for_update()
    row = session.execute(query).mappings().one_or_none()
    return {str(name): value for name, value in row.items()} if row is not None else None


# -------------------------------------------------------------------------------------------------------------- reading

#: What is due comes first, then what waits longest.
_URGENCY = (
    func.coalesce(Callback.due_at, Callback.wanted_at),
    Callback.id,
)


def _mine(watcher: Watcher | None) -> ColumnElement[bool]:
    if watcher is None:
        return Callback.id.is_(None)
    return or_(
        Callback.assigned_to == watcher.user_id,
        and_(Callback.assigned_to.is_(None), Callback.line_key.in_(sorted(watcher.lines))),
    )


def _is_mine(watcher: Watcher, assigned_to: int | None, line_key: str | None) -> bool:
    return assigned_to == watcher.user_id or (assigned_to is None and line_key in watcher.lines)


def _tasks(session: Session, rows: Sequence[Mapping[Any, Any]], watcher: Watcher | None) -> list[Task]:
    ids = [row["id"] for row in rows]
    times: dict[int, list[datetime]] = {}
    messages: Counter[int] = Counter()
    query = (
        select(CallbackCall.callback_id, CallbackCall.at, CALL.c.outcome == "voicemail")
        .join(CALL, CALL.c.id == CallbackCall.call_id)
        .where(CallbackCall.callback_id.in_(ids), CallbackCall.deed == "missed")
        .order_by(CallbackCall.at.desc())
    )
    for callback_id, at, is_message in session.execute(query):
        times.setdefault(callback_id, []).append(at)
        messages[callback_id] += bool(is_message)
    ends = {row["done_call_id"] for row in rows if row["done_call_id"] is not None}
    query_ends = select(CALL.c.id).where(CALL.c.id.in_(ends), visible(watcher))
    shown = set(session.execute(query_ends).scalars()) if ends else set()
    return [
        Task(
            {str(name): value for name, value in row.items()},
            times.get(row["id"], [])[:MOST_TIMES],
            row["done_call_id"] in shown,
            messages[row["id"]],
        )
        for row in rows
    ]


def people(session: Session) -> list[tuple[int, str]]:
    """Whom a task can be given to: active users by name."""
    query = select(User.id, User.name).where(User.active).order_by(User.name, User.id)
    return [(user_id, name) for user_id, name in session.execute(query)]


def _name(session: Session, written: Written) -> str:
    return (addresses.address_name(session, written.address_id) or "") if written.address_id else ""


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now

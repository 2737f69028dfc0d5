"""The statements on the way of every notification, built and compiled once (see ``core.prepared``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import Column, Executable, Table, and_, bindparam, exists, insert, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core.database import NO_WAIT
from app.core.prepared import Prepared
from app.core.versions import Version
from app.modules.callcenter.models import CallEventRow, CallRow, Notification, PurgedCall

CALL = cast(Table, CallRow.__table__)
REPORT = cast(Table, CallEventRow.__table__)
NOTIFICATION = cast(Table, Notification.__table__)
PURGED = cast(Table, PurgedCall.__table__)


def _for_each(build: Callable[[Callable[[Table], Any]], Executable]) -> Mapping[str, Executable]:
    """By the name of the dialect, as each has its own INSERT … ON CONFLICT."""
    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


# ------------------------------------------------------------------------------------------------------- notifications

#: Raised by every change of the rules for incoming calls and of the block list.
CONTROL_VERSION = "callcenter.control"
_CONTROL_NOW = select(Version.value).where(Version.name == literal_column(f"'{CONTROL_VERSION}'")).scalar_subquery()
_EARLIER = NOTIFICATION.alias("earlier")
_FAILED = (
    select(literal_column("1"))
    .where(_EARLIER.c.state == literal_column("'failed'"), _EARLIER.c.next_attempt_at.is_not(None))
    .limit(literal_column("1"))
    .scalar_subquery()
)
_STORED = (NOTIFICATION.c.id, _CONTROL_NOW.label("control"), _FAILED.label("failed"))
INSERT_NOTIFICATION = Prepared(
    {
        "sqlite": insert(NOTIFICATION).returning(*_STORED),
        "postgresql": insert(NOTIFICATION).returning(*_STORED, NO_WAIT),
    }
)
"""Gives the new row's id, which rules hold at this moment, so that no call is decided by older ones, and whether any
notification failed and waits, so that whoever repeats it gets the same answer."""
LOCK_NOTIFICATION = Prepared(
    select(NOTIFICATION).where(NOTIFICATION.c.id == bindparam("this_notification")).with_for_update()
)
MARK_NOTIFICATION = Prepared(
    update(NOTIFICATION)
    .where(NOTIFICATION.c.id == bindparam("this_notification"), NOTIFICATION.c.state == bindparam("state_before"))
    .returning(NOTIFICATION.c.id)
)
"""Says what became of a notification; gives no row when its state is another one by now."""

# --------------------------------------------------------------------------------------------------------------- calls

#: On SQLite FOR UPDATE is left out: there the writer's lock holds already.
LOCK_CALL = Prepared(
    select(CALL)
    .where(CALL.c.connection == bindparam("this_connection"), CALL.c.external_id == bindparam("this_external_id"))
    .with_for_update()
)
LOCK_CALL_BY_ID = Prepared(select(CALL).where(CALL.c.id == bindparam("this_call")).with_for_update())
UPDATE_CALL = Prepared(update(CALL).where(CALL.c.id == bindparam("this_call")))


_NOT_PURGED = ~exists(select(PURGED.c.digest).where(PURGED.c.digest == bindparam("this_digest")))


def _given(column: Column[Any], prefix: str) -> Any:
    return bindparam(f"{prefix}_{column.name}", type_=column.type)


def _insert_call(insert_into: Callable[[Table], Any]) -> Executable:
    columns = [column for column in CALL.c if column.name != "id"]
    call = select(*(_given(column, "call") for column in columns)).where(_NOT_PURGED)
    statement = insert_into(CALL).from_select([column.name for column in columns], call, include_defaults=False)
    statement = statement.on_conflict_do_nothing(index_elements=["connection", "external_id"])
    return cast(Executable, statement.returning(CALL.c.id))


INSERT_CALL = Prepared(_for_each(_insert_call))
"""Gives the id of a new call, no row when there is one already or was one that is purged; parameters are its columns
behind ``call_``."""

# ------------------------------------------------------------------------------------------------------------- reports

_NOT_FOR_THE_FOLD = ("id", "call_id", "notification_id", "content", "listed")
SELECT_REPORTS = Prepared(
    select(*(column for column in REPORT.c if column.name not in _NOT_FOR_THE_FOLD)).where(
        REPORT.c.call_id == bindparam("this_call")
    )
)
_KEY = ["call_id", "kind", "peer", "outcome", "content"]


def _insert_report(insert_into: Callable[[Table], Any]) -> Executable:
    statement = insert_into(REPORT)
    new = statement.excluded
    earlier = or_(
        new.received_at < REPORT.c.received_at,
        and_(new.received_at == REPORT.c.received_at, new.notification_id < REPORT.c.notification_id),
    )
    statement = statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={"received_at": new.received_at, "notification_id": new.notification_id},
        where=earlier,
    )
    return cast(Executable, statement.returning(REPORT.c.id))


def _insert_assumed(insert_into: Callable[[Table], Any]) -> Executable:
    statement = insert_into(REPORT)
    found = statement.on_conflict_do_update(index_elements=_KEY, set_={"received_at": statement.excluded.received_at})
    return cast(Executable, found)


INSERT_REPORT = Prepared(_for_each(_insert_report))
"""Keeps the earliest of equal reports; gives no row when an equal, earlier one is there."""
INSERT_ASSUMED = Prepared(_for_each(_insert_assumed))
"""Keeps one assumed end a call, the latest."""

# ------------------------------------------------------------------------------------------------- a new call at once


def _file_new_call() -> Executable:
    mine = (
        select(NOTIFICATION.c.id)
        .where(NOTIFICATION.c.id == bindparam("this_notification"), NOTIFICATION.c.state == literal_column("'new'"))
        .with_for_update()
        .cte("mine")
    )
    columns = [column for column in CALL.c if column.name != "id"]
    call = select(*(_given(column, "call") for column in columns)).select_from(mine).where(_NOT_PURGED)
    inserted = (
        postgresql.insert(CALL)
        .from_select([column.name for column in columns], call, include_defaults=False)
        .on_conflict_do_nothing(index_elements=["connection", "external_id"])
        .returning(CALL.c.id)
        .cte("inserted")
    )
    columns = [column for column in REPORT.c if column.name not in ("id", "call_id")]
    report = select(inserted.c.id, *(_given(column, "report") for column in columns))
    reported = (
        postgresql.insert(REPORT)
        .from_select(["call_id", *(column.name for column in columns)], report, include_defaults=False)
        .cte("reported")
    )
    columns = [NOTIFICATION.c[name] for name in ("state", "event", "attempts", "answer")]
    done = (
        update(NOTIFICATION)
        .where(NOTIFICATION.c.id == bindparam("this_notification"))
        .values(call_id=inserted.c.id, **{column.name: _given(column, "done") for column in columns})
        .cte("done")
    )
    return select(inserted.c.id).add_cte(reported, done)


FILE_NEW_CALL = Prepared({"postgresql": _file_new_call()})
"""A notification that nobody has processed yet, its call and its report in one statement; parameters are the columns
behind ``call_``, ``report_`` and ``done_``. Gives the call's id; no row, and nothing is done, when there is one
already, when it is purged, or when the notification has been processed.
"""

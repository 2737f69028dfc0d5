"""Files reports under their call: insert on conflict, then lock; then fold all reports and store what they say.

Everything here happens in the caller's transaction. Selecting before inserting loses reports under concurrency
(measured: 18 of 30 bursts), so nothing that is selected before the row is there decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.events import publish
from app.modules.addresses import api as addresses
from app.modules.callcenter import (
    accounts,
    control,
    control_log,
    history,
    purged,
    recognition,
    statements,
    visibility,
)
from app.modules.callcenter.control import Waiting
from app.modules.callcenter.domain import calls
from app.modules.callcenter.domain.calls import Call, Limits, Phase
from app.modules.callcenter.domain.choices import by_hand
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, ProviderEvent
from app.modules.callcenter.events import CallChanged
from app.modules.callcenter.providers.base import REFUSALS, Decision, DecisionKind
from app.modules.callcenter.recognition import NOBODY
from app.modules.callcenter.statements import REPORT as REPORT
from app.modules.callcenter.stored import (
    StoredCall,
    assumed_values,
    folded_values,
    lock_call,
    lock_call_by_id,
    report_of,
    report_values,
)

#: What the telephone system's own list does not tell of a call.
_UNTOLD = {"waiting_seconds": None}


@dataclass(frozen=True, slots=True)
class Source:
    """The notification that a report came with, or the telephone system's own list where there was none."""

    notification_id: int | None
    connection: str
    provider: str
    received_at: datetime
    added_at: datetime | None = None
    """When a call that nobody had reported was added from the list."""
    asked: Waiting | None = None
    """The telephone system waits for what shall happen to the call; None where nobody waits, or there is no rule."""
    answered: str | None = None
    """What was answered before it could be processed (``control_log.given``); of a call that begins only."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a report."""

    call_id: int | None
    """None for a call that was purged."""
    news: bool
    """False for a repetition: another notification had told the same earlier."""
    decision: Decision


def file_report(session: Session, source: Source, event: ProviderEvent) -> Filed:
    """Store a report under its call and bring the call up to date."""
    values = report_values(event, source.connection)
    if source.answered is not None and event.kind is not EventKind.STARTED:
        source = replace(source, answered=None)
    # A call begins with STARTED, mostly. To look first spares others an insert in vain; it decides nothing.
    before = None if event.kind is EventKind.STARTED else lock_call(session, source.connection, event.call_id)
    if before is None:
        new = _insert_call(session, source, event.call_id, [report_of(values, source.received_at)])
        if new is not None:
            _insert_report(session, new.id, source, values)
            _keep_refusal(session, new)
            _tell(session, new, None)
            return Filed(new.id, True, _decision(source, event, new))
        before = lock_call(session, source.connection, event.call_id)
    if before is None:
        # Neither inserted nor there: it was purged. Whatever repeats its reports gets the answer that changes nothing.
        return Filed(None, False, Decision())
    if not _insert_report(session, before.id, source, values):
        return Filed(before.id, False, _decision(source, event, before))
    heard_at = source.received_at if source.notification_id is not None else None
    call = refold(session, before, heard_at, _answered(session, before, source))
    return Filed(before.id, True, _decision(source, event, call))


def file_new_call(session: Session, source: Source, event: ProviderEvent) -> StoredCall | None:
    """The first report of a call, and that its notification is processed, in one statement; PostgreSQL only.

    None, and nothing is done, when there is more to it: the call is there already, it is refused, or the notification
    is processed.
    """
    report = report_values(event, source.connection)
    call = _new_call(session, source, event.call_id, [report_of(report, source.received_at)])
    if call["phase"] == Phase.ENDED.value:
        return None
    kept = {"notification_id": source.notification_id, "received_at": source.received_at, **report}
    done = {"state": "processed", "event": event.kind.value, "attempts": 1, "answer": call["decision"]}
    values = {f"call_{name}": value for name, value in call.items()}
    values.update({f"report_{name}": value for name, value in kept.items()})
    values.update({f"done_{name}": value for name, value in done.items()})
    row = statements.FILE_NEW_CALL.row(
        session,
        {
            "this_notification": source.notification_id,
            "this_digest": purged.digest(source.connection, event.call_id),
            **values,
        },
    )
    if row is None:
        return None
    new = StoredCall(id=row[0], **call)
    _tell(session, new, None)
    return new


def add_call(
    session: Session, source: Source, external_id: str, told: Sequence[tuple[datetime, ProviderEvent]]
) -> int | None:
    """A call that is over, from the telephone system's own list: its id; None when it is there already, or was purged.

    ``told``: what the list says, as reports of their times.
    """
    reports = [(at, report_values(event, source.connection)) for at, event in told]
    new = _insert_call(session, source, external_id, [report_of(values, at) for at, values in reports])
    if new is None:
        return None
    for at, values in reports:
        _insert_report(session, new.id, replace(source, received_at=at), values)
    _tell(session, new, None)
    return new.id


def withdraw(session: Session, notification_id: int) -> set[int]:
    """Take back what a notification told before: it is about to be read again. Returns the calls concerned, locked."""
    concerned = select(REPORT.c.call_id).where(REPORT.c.notification_id == notification_id).distinct()
    call_ids = set(session.execute(concerned).scalars())
    # The calls first, as everybody locks them before their reports: two who wait for each other would both fail.
    for call_id in sorted(call_ids):
        lock_call_by_id(session, call_id)
    session.execute(delete(REPORT).where(REPORT.c.notification_id == notification_id))
    return call_ids


def close_if_stale(session: Session, call_id: int, now: datetime, limits: Limits) -> bool:
    """Assume the end of a call whose own is overdue; True when it was. A reported end replaces it later."""
    row = lock_call_by_id(session, call_id)
    reports = _reports(session, call_id)
    end = calls.provisional_end(calls.fold(reports), now, limits) if reports else None
    if row is None or end is None:
        return False
    values = {"call_id": call_id, "notification_id": None, **assumed_values(end)}
    statements.INSERT_ASSUMED.rows(session, values)
    refold(session, row)
    return True


def refold(
    session: Session,
    before: StoredCall,
    reported_at: datetime | None = None,
    also: Mapping[str, Any] | None = None,
) -> StoredCall:
    """Store what all reports of a locked call say, and ``also`` these columns; its version rises when that is news.

    ``reported_at``: when the notification came that is the reason to look again.

    Returns the call as it is now. A call none of whose reports is left stays as it was last known.
    """
    reports = _reports(session, before.id)
    if not reports:
        return before
    values, _matches = _columns(session, calls.fold(reports), before.connection, before)
    values.update(also or {})
    if all(getattr(before, name) == value for name, value in values.items()):
        return before
    values["version"] = before.version + 1
    statements.UPDATE_CALL.rows(session, {"this_call": before.id, **values})
    after = replace(before, **values)
    history.note(session, before, after, history.REPORT)
    visibility.keep_takers(session, after, before)
    _tell(session, after, before, reported_at)
    return after


def _columns(
    session: Session, call: Call, connection: str, before: StoredCall | None
) -> tuple[dict[str, Any], tuple[addresses.Match, ...]]:
    """The columns that the reports decide, for a new call all of them; and who has the number, where it was asked."""
    matches: tuple[addresses.Match, ...] = ()
    values = folded_values(call, connection)
    if before is not None and before.added_at is not None:
        values.update(_UNTOLD)
    e164 = values["remote_e164"]
    if before is None or (before.remote_e164 != e164 and before.assigned_by is None):
        chosen = by_hand(before.chosen) if before is not None else ()
        found = recognition.recognise(session, e164, chosen) if e164 else recognition.Recognised(dict(NOBODY), ())
        values.update(found.columns)
        matches = found.matches
    if before is None or before.user_id is None or before.peer != call.peer:
        # A later change of the accounts does not rewrite who took a call.
        values["user_id"] = accounts.user_of(session, call.peer)
    if before is None or before.decision is None:
        values["decision"] = DecisionKind.NOTHING.value
    return values, matches


def _tell(session: Session, after: StoredCall, before: StoredCall | None, reported_at: datetime | None = None) -> None:
    """After the commit to browsers; before it to the notes, which keep how long the call took."""
    ended = after.phase == Phase.ENDED.value and after.talk_seconds
    if ended and (before is None or before.talk_seconds != after.talk_seconds):
        addresses.set_note_duration(session, after.origin, ended)
    publish(session, CallChanged(after, before, reported_at))


def _reports(session: Session, call_id: int) -> list[CallEvent]:
    return [report_of(row) for row in statements.SELECT_REPORTS.mappings(session, {"this_call": call_id})]


def _decision(source: Source, event: ProviderEvent, call: StoredCall) -> Decision:
    """The answer to a report: only where a call begins something waits to be decided."""
    if event.kind is not EventKind.STARTED:
        return Decision()
    decided = control_log.decision_of(call)
    if decided.is_whole or source.asked is None:
        return decided
    # Of an answer after a failure the kind alone may be known: it was what holds for the line by itself.
    again = control.safe(source.asked)
    return again.decision if again is not None else Decision()


# ---------------------------------------------------------------------------------------------------------- inserting


def _insert_call(session: Session, source: Source, external_id: str, reports: Sequence[CallEvent]) -> StoredCall | None:
    """A new call as its reports tell it, None when there is one already."""
    values = _new_call(session, source, external_id, reports)
    given = {f"call_{name}": value for name, value in values.items()}
    row = statements.INSERT_CALL.row(session, {"this_digest": purged.digest(source.connection, external_id), **given})
    return StoredCall(id=row[0], **values) if row is not None else None


def _new_call(session: Session, source: Source, external_id: str, reports: Sequence[CallEvent]) -> dict[str, Any]:
    call = calls.fold(reports)
    values, matches = _columns(session, call, source.connection, None)
    decided = control.decided(source.asked, call, values, matches, source.received_at)
    if source.answered is not None and call.direction is Direction.IN:
        decided = control_log.given(source.answered)
    if decided is not None and decided.decision.kind in REFUSALS:
        # It rings nowhere: nothing is to be shown that somebody might want to take.
        values.update(folded_values(calls.fold([*reports, calls.refusal(call.received_at)]), source.connection))
    return {
        **values,
        **({"decision": decided.decision.kind.value} if decided is not None else {}),
        **(_UNTOLD if source.added_at is not None else {}),
        "connection": source.connection,
        "provider": source.provider,
        "external_id": external_id,
        "added_at": source.added_at,
        "version": 1,
        "anonymised_at": None,
        "control": control_log.text(decided) if decided is not None else None,
    }


def _answered(session: Session, before: StoredCall, source: Source) -> dict[str, Any]:
    """The columns of the answer that the beginning of a call got, where what followed was filed before it."""
    if source.answered is None or before.control is not None or before.direction == Direction.OUT.value:
        return {}
    given = control_log.given(source.answered)
    if given.decision.kind in REFUSALS:
        _insert_refusal(session, before.id, source.received_at)
    return {"decision": given.decision.kind.value, "control": control_log.text(given)}


def _keep_refusal(session: Session, call: StoredCall) -> None:
    """What we decided is a report of our own, so that whatever is told later is folded with it."""
    if control_log.was_refused(call):
        _insert_refusal(session, call.id, call.received_at)


def _insert_refusal(session: Session, call_id: int, at: datetime) -> None:
    values = assumed_values(calls.refusal(at))
    statements.INSERT_ASSUMED.rows(session, {"call_id": call_id, "notification_id": None, **values})


def _insert_report(session: Session, call_id: int, source: Source, values: Mapping[str, Any]) -> bool:
    """Keep the earliest of equal reports, so that the order in which they are read does not matter."""
    keys = {"call_id": call_id, "notification_id": source.notification_id, "received_at": source.received_at}
    listed = source.notification_id is None
    return statements.INSERT_REPORT.row(session, {**keys, **values, "listed": listed}) is not None

"""The inbox: every authentic notification is kept as it came, then understood, and may be understood again.

``receive`` commits the raw notification; from then on the PBX gets its 200. What cannot be stored goes another way:
see ``spooling``. ``process`` does the rest in a second transaction. What fails there stays in the inbox with its
reason; a job tries again, and ``flask callcenter replay`` reads everything anew. That is harmless, because a call is
the fold of its reports.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Select, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.database import database, reading, singly, storable, transaction, was_cut_off, write_ahead
from app.core.events import publish
from app.modules.callcenter import connection, control, control_kept, control_log, statements
from app.modules.callcenter.connection import Intake
from app.modules.callcenter.control import Waiting
from app.modules.callcenter.control_log import Logged
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION
from app.modules.callcenter.domain.events import EventKind
from app.modules.callcenter.events import TestHeard
from app.modules.callcenter.filing import Source, file_new_call, file_report, refold, withdraw
from app.modules.callcenter.providers.base import (
    Decision,
    Malformed,
    OwnTest,
    RawRequest,
    Unsupported,
)
from app.modules.callcenter.statements import NOTIFICATION as NOTIFICATION
from app.modules.callcenter.stored import lock_call_by_id

log = logging.getLogger(__name__)

#: Headers that a parser may need; no other is kept.
KEPT_HEADERS = ("content-type",)
MAX_QUERY = 2000
MAX_REASON = 300
#: When a failed notification is tried again; after the last time only by ``flask callcenter replay``.
RETRY_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
#: A notification that is still new after this was interrupted: the process ended, or the database went away.
INTERRUPTED_AFTER = timedelta(minutes=1)
REPLAY_PAGE = 500

NEW, PROCESSED, REPEATED, UNSUPPORTED, MALFORMED, FAILED = (
    "new",
    "processed",
    "repeated",
    "unsupported",
    "malformed",
    "failed",
)

#: The event of a notification that we sent ourselves to try the way.
TEST = "test"


class Overtaken(Exception):
    """Somebody else has processed the notification meanwhile."""


class CannotProcess(Exception):
    """The notification's provider is not there, or takes no notifications."""


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of a notification."""

    state: str
    decision: Decision
    on_disk: bool = True
    """False when no commit followed the one that stored it: then it must not be acknowledged."""
    notification_id: int | None = None
    """Its row, where it is not known to be on disk."""
    fault: str | None = None
    """What is wrong with a malformed one."""


@dataclass(frozen=True, slots=True)
class _Posted:
    """What has just been posted: somebody waits for the answer."""

    intake: Intake
    request: RawRequest
    asked: Waiting | None
    """None where no rule is in force."""
    answered: Logged | None
    """What was answered to the same request before it failed or waited."""

    def kept(self) -> Logged | None:
        """The answer to one that could not be processed."""
        return self.answered or control_kept.of_call(self.intake, self.request) or control.safe(self.asked)

    def text(self) -> str | None:
        """What was answered, as the column keeps it."""
        return control_log.text(self.answered) if self.answered is not None else None


def take(intake: Intake, request: RawRequest, waits: Logged | None = None) -> Processed:
    """T1 and T2 of what has just been posted. Raises what the database raises before the notification is stored.

    A connection that breaks off may have stored it nonetheless: then it lies there twice, and is one report.
    ``waits``: what was answered to the same request that waits in the spool.
    """
    began = time.perf_counter()
    try:
        row, rules, failed = receive(intake, request)
    except DBAPIError as error:
        if not was_cut_off(error):
            raise
        row, rules, failed = receive(intake, request)
    kept = waits or (control_kept.of_failed(intake, request, row["id"]) if failed else None)
    posted = _Posted(intake, request, control.waiting(intake, request, rules, began), kept)
    if database().is_sqlite:
        processed = process(row["id"], row, posted)
    else:
        processed = _process_new_call(posted, row["id"]) or process(row["id"], None, posted)
    return processed if processed.on_disk else replace(processed, notification_id=row["id"])


def receive(intake: Intake, request: RawRequest) -> tuple[Mapping[str, Any], int | None, bool]:
    """T1: store the notification and commit; returns its row, and what holds at that moment.

    That is the version of the rules for calls, and whether any notification failed and waits. Raises what the database
    raises.

    It is on disk with the next commit: of ``process``, which stores whatever comes of it, so before the answer.
    """
    values = {**told(intake, request), "state": NEW, "attempts": 0}
    notification_id, rules, failed, *_no_wait = write_ahead(statements.INSERT_NOTIFICATION, values)
    return {"id": notification_id, **values}, rules, failed is not None


def told(intake: Intake, request: RawRequest) -> dict[str, Any]:
    """What is kept of a request, by the names of its columns."""
    headers = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
    return {
        "connection": intake.connection,
        "provider": intake.provider.key,
        "received_at": request.received_at,
        "remote_addr": storable(request.remote_addr)[:64],
        "query": storable(request.query)[:MAX_QUERY],
        "headers": json.dumps(headers),
        "body": request.body,
    }


def process(
    notification_id: int,
    row: Mapping[str, Any] | None = None,
    posted: _Posted | None = None,
    *,
    over_a_new_connection: bool = False,
) -> Processed:
    """T2: bring the calls of a notification up to date. Never raises: a failure is stored with its reason.

    ``row`` as ``receive`` gave it spares reading it again; somebody else may have processed it since, which shows when
    it is to be marked: then everything is taken back, and the row is read and locked as it is. Where the connection
    breaks off it is tried once more, ``over_a_new_connection``. ``posted``: the telephone system waits for the answer;
    then even a failure has one.
    """
    try:
        with transaction() as session:
            row = row or _locked(session, notification_id)
            if row is None:
                raise CannotProcess("no such notification")
            return _process(session, row, posted)
    except Overtaken:
        return process(notification_id, None, posted)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is stored and tried again)
        if was_cut_off(error) and not over_a_new_connection:
            return process(notification_id, None, posted, over_a_new_connection=True)
        # The PBX has its 200 already in all but name, and whatever is wrong must not cost the notification.
        # Neither log nor reason name the message: it may quote the body.
        log.error("notification %s was not processed: %s", notification_id, type(error).__name__)
        given = posted.kept() if posted is not None else None
        decision = given.decision if given is not None else Decision()
        return Processed(FAILED, decision, on_disk=_mark_failed(notification_id, error, given))


def last_heard(key: str = FIRST_CONNECTION) -> Select[datetime]:
    """When the PBX behind this connection told something last; what we sent ourselves does not count."""
    ours = or_(NOTIFICATION.c.event.is_(None), NOTIFICATION.c.event != TEST)
    of_it = NOTIFICATION.c.connection == key
    return select(NOTIFICATION.c.received_at).where(of_it, ours).order_by(NOTIFICATION.c.received_at.desc()).limit(1)


def retry_due() -> dict[str, int]:
    """Process what failed and is due again, and what was interrupted; counts by state."""
    now = current_app.extensions["durchwahl"].clock.now()
    with reading() as session:
        failed = select(NOTIFICATION.c.id).where(NOTIFICATION.c.state == FAILED, NOTIFICATION.c.next_attempt_at <= now)
        interrupted = select(NOTIFICATION.c.id).where(
            NOTIFICATION.c.state == NEW, NOTIFICATION.c.received_at < now - INTERRUPTED_AFTER
        )
        due = [
            *session.execute(failed.order_by(NOTIFICATION.c.id).limit(REPLAY_PAGE)).scalars(),
            *session.execute(interrupted.order_by(NOTIFICATION.c.id).limit(REPLAY_PAGE)).scalars(),
        ]
    return _count(due)


def replay(*, failed_only: bool = False) -> dict[str, int]:
    """Process every stored notification again, or only what failed or was interrupted; counts by state."""
    counts: dict[str, int] = {}
    last = 0
    while True:
        query = select(NOTIFICATION.c.id).where(NOTIFICATION.c.id > last).order_by(NOTIFICATION.c.id).limit(REPLAY_PAGE)
        if failed_only:
            query = query.where(NOTIFICATION.c.state.in_((FAILED, NEW)))
        with reading() as session:
            page = list(session.execute(query).scalars())
        if not page:
            return counts
        last = page[-1]
        for state, count in _count(page).items():
            counts[state] = counts.get(state, 0) + count


def _count(notification_ids: list[int]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for notification_id in notification_ids:
        state = process(notification_id).state
        counts[state] = counts.get(state, 0) + 1
    return counts


def _process(session: Session, row: Mapping[str, Any], posted: _Posted | None) -> Processed:
    # Also of a connection that is not in use any more: what was authentic then is understood now.
    intake = connection.intake_for(row["connection"])
    if intake is None:
        raise CannotProcess("no provider")
    before = withdraw(session, row["id"]) if row["state"] != NEW else set()
    # What was answered before it failed or waited is what holds.
    late = row["state"] == FAILED or (row["state"] == NEW and row.get("spool_key"))
    answered = (posted.text() if posted is not None else None) or (row.get("answer") if late else None)
    asked = posted.asked if posted is not None else None
    source = Source(row["id"], row["connection"], row["provider"], row["received_at"], asked=asked, answered=answered)
    state, reason, event, call_id = PROCESSED, None, None, None
    decision = Decision()
    try:
        reports = sorted(intake.provider.parse(_request(row)), key=lambda report: report.call_id)
    except Malformed as error:
        state, reason, reports = MALFORMED, str(error), []
    except OwnTest as test:
        event, reports = TEST, []
        publish(session, TestHeard(test.token))
    except Unsupported as error:
        state, reason, reports = UNSUPPORTED, str(error), []
    filed = [file_report(session, source, report) for report in reports]
    if filed:
        call_id, decision, event = filed[0].call_id, filed[0].decision, reports[0].kind.value
        if not any(one.news for one in filed):
            state = REPEATED
    for left in sorted(before - {one.call_id for one in filed if one.news}):
        # Read differently than before: the calls that lost a report are folded without it.
        call = lock_call_by_id(session, left)
        if call is not None:
            refold(session, call, row["received_at"])
    values = {
        "state": state,
        "event": event,
        "reason": storable(reason)[:MAX_REASON] if reason else None,
        "attempts": row["attempts"] + 1,
        "next_attempt_at": None,
        "call_id": call_id,
        "answer": decision.kind.value,
    }
    mark = {"this_notification": row["id"], "state_before": row["state"], **values}
    if statements.MARK_NOTIFICATION.row(session, mark) is None:
        raise Overtaken
    return Processed(state, decision, fault=reason if state == MALFORMED else None)


def _process_new_call(posted: _Posted, notification_id: int) -> Processed | None:
    """T2 for a call that begins, in two exchanges with PostgreSQL instead of seven; None when ``process`` shall do it.

    That has the last word: whatever fails here it tries again, and it takes whatever was stored here as it is.
    """
    try:
        intake, request = posted.intake, posted.request
        (report,) = intake.provider.parse(request)
        if report.kind is not EventKind.STARTED:
            return None
        asked, answered = posted.asked, posted.text()
        source = Source(
            notification_id,
            intake.connection,
            intake.provider.key,
            request.received_at,
            asked=asked,
            answered=answered,
        )
        with singly() as session:
            call = file_new_call(session, source, report)
    except Exception as error:  # noqa: BLE001 (see above)
        log.info("notification %s takes the long way: %s", notification_id, type(error).__name__)
        return None
    if call is None:
        return None
    return Processed(PROCESSED, control_log.decision_of(call))


def _locked(session: Session, notification_id: int) -> Mapping[str, Any] | None:
    found = statements.LOCK_NOTIFICATION.mappings(session, {"this_notification": notification_id})
    return found[0] if found else None


def _request(row: Mapping[str, Any]) -> RawRequest:
    return RawRequest(
        method="POST",
        path="",
        query=row["query"],
        headers=json.loads(row["headers"]),
        body=bytes(row["body"]),
        remote_addr=row["remote_addr"],
        received_at=row["received_at"],
    )


def _mark_failed(notification_id: int, error: Exception, given: Logged | None) -> bool:
    """Store that it failed; False when not even that can be committed."""
    now = current_app.extensions["durchwahl"].clock.now()
    try:
        with transaction() as session:
            row = _locked(session, notification_id)
            if row is None:
                return False
            attempts = row["attempts"] + 1
            again = now + RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None
            session.execute(
                update(NOTIFICATION)
                .where(NOTIFICATION.c.id == notification_id)
                .values(
                    state=FAILED,
                    reason=type(error).__name__,
                    attempts=attempts,
                    next_attempt_at=again,
                    answer=row["answer"] or (control_log.text(given) if given is not None else None),
                )
            )
    except Exception as failure:  # noqa: BLE001 (the database is away: the notification stays new, the job finds it)
        log.error("notification %s stays new: %s", notification_id, type(failure).__name__)
        return False
    return True

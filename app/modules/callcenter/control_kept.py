"""What was answered to a request already: whoever repeats it gets the same answer, whatever failed in between.

The answer to a call that could be filed is kept with the call, and needs nothing of this. Here are the others: the
processing failed, or fails this time, or the database was or is away. Three places know them: the notifications that
failed and wait, the spool, and what this process answered last.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from app.core.database import looking
from app.core.kernel import ModuleSetup
from app.modules.callcenter import control_log
from app.modules.callcenter.connection import Intake
from app.modules.callcenter.control_log import SAFE, Logged
from app.modules.callcenter.domain.events import Direction, EventKind
from app.modules.callcenter.providers.base import Decision, RawRequest
from app.modules.callcenter.spool import Spool
from app.modules.callcenter.statements import CALL, NOTIFICATION

log = logging.getLogger(__name__)

#: Answers that a process remembers, and for how long: telephone systems repeat within seconds.
MOST = 1000
REMEMBERED = timedelta(minutes=10)
#: Of what failed or waits only so many are looked at, the newest first: a telephone system waits meanwhile.
MOST_LOOKED_AT = 200
_EXTENSION = "durchwahl.callcenter.answers"


@dataclass(slots=True)
class _Answers:
    """Of one process, the oldest first."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    given: dict[bytes, tuple[float, Logged]] = field(default_factory=dict)


def install(setup: ModuleSetup) -> None:
    """Have each process remember what it answered."""
    setup.kernel.app.extensions[_EXTENSION] = _Answers()


def remember(intake: Intake, request: RawRequest, decision: Decision) -> None:
    """Keep what is answered now; the first answer to a request stays."""
    answers, now, key = _answers(), request.received_at.timestamp(), _key(intake, request)
    with answers.lock:
        kept = answers.given.pop(key, None)
        if kept is None or kept[0] + REMEMBERED.total_seconds() < now:
            kept = now, Logged(SAFE, decision)
        answers.given[key] = kept
        while len(answers.given) > MOST:
            del answers.given[next(iter(answers.given))]


def remembered(intake: Intake, request: RawRequest) -> Logged | None:
    """What this process answered to the same request a short time ago."""
    kept = _answers().given.get(_key(intake, request))
    if kept is None or kept[0] + REMEMBERED.total_seconds() < request.received_at.timestamp():
        return None
    return kept[1]


def of_failed(intake: Intake, request: RawRequest, own: int) -> Logged | None:
    """What was answered to the same request that could not be processed yet. Never raises.

    ``own``: the row of this request. To be asked only when the database says that some failed: no other call pays.
    """
    rows = (
        select(NOTIFICATION.c.body, NOTIFICATION.c.query, NOTIFICATION.c.headers, NOTIFICATION.c.answer)
        .where(
            NOTIFICATION.c.state == "failed",
            NOTIFICATION.c.next_attempt_at.is_not(None),
            NOTIFICATION.c.connection == intake.connection,
            NOTIFICATION.c.id < own,
        )
        .order_by(NOTIFICATION.c.id.desc())
        .limit(MOST_LOOKED_AT)
    )
    try:
        with looking() as connection:
            found = [(bytes(row.body), row.query, row.headers, row.answer) for row in connection.execute(rows)]
        return _same(intake, request, found)
    except Exception as error:  # noqa: BLE001 (then it is decided anew: the call is not lost with what was kept)
        log.error("kept answers cannot be read: %s", type(error).__name__)
        return None


def of_spool(spool: Spool, intake: Intake, request: RawRequest) -> Logged | None:
    """What was answered to the same request that waits in the spool. Never raises."""
    try:
        if spool.is_empty():
            return None
        waiting = spool.newest(MOST_LOOKED_AT)
        mine = [one for one in waiting if one.connection == intake.connection]
        return _same(intake, request, [(one.body, one.query, one.headers, one.answer) for one in mine])
    except Exception as error:  # noqa: BLE001 (see above)
        log.error("kept answers of the spool cannot be read: %s", type(error).__name__)
        return None


def of_call(intake: Intake, request: RawRequest) -> Logged | None:
    """What was answered when the call was filed, for a repetition whose processing fails. Never raises."""
    call_id = _begins(intake, request)
    if call_id is None:
        return None
    kept = select(CALL.c.control, CALL.c.decision).where(
        CALL.c.connection == intake.connection, CALL.c.external_id == call_id
    )
    try:
        with looking() as connection:
            row = connection.execute(kept).first()
        return None if row is None else control_log.logged(row.control) or control_log.given(row.decision)
    except Exception as error:  # noqa: BLE001 (see above)
        log.error("a kept answer cannot be read: %s", type(error).__name__)
        return None


def _same(intake: Intake, request: RawRequest, kept: Iterable[tuple[bytes, str, str, str | None]]) -> Logged | None:
    """The earliest answer to the same call's beginning: the same bytes, or the same call as far as it can be read."""
    call_id, found = _begins(intake, request), None
    for body, query, headers, answer in kept:
        same = body == request.body and query == request.query
        if not same and call_id is not None:
            other = RawRequest(
                request.method, request.path, query, json.loads(headers), body, request.remote_addr, request.received_at
            )
            same = _begins(intake, other) == call_id
        if same:
            # Nothing is kept where no rule was in force: nothing is what was answered then.
            found = control_log.given(answer) if answer else Logged(SAFE, Decision())
    return found


def _begins(intake: Intake, request: RawRequest) -> str | None:
    """The call that begins with this request, and asks; None for any other, and for one that cannot be read."""
    try:
        (event,) = intake.provider.parse(request)
    except Exception:  # noqa: BLE001 (what cannot be read is compared byte by byte)
        return None
    asks = event.kind is EventKind.STARTED and event.direction is Direction.IN
    return event.call_id if asks else None


def _key(intake: Intake, request: RawRequest) -> bytes:
    about = f"{intake.connection}\n{request.query}\n".encode()
    return hashlib.blake2b(about + request.body, digest_size=16).digest()


def _answers() -> _Answers:
    found: _Answers = current_app.extensions[_EXTENSION]
    return found

"""Where the database cannot take a notification, the spool does; and from there it comes into the inbox.

What is written to the spool is acknowledged like what is stored. Every worker looks once a second whether something
waits, and one of them takes it in. A call is the fold of its reports, so it does not matter that what came later is
stored already.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.core import patience
from app.core.circuit import Circuit
from app.core.database import insert_or_ignore, is_unavailable, transaction
from app.core.kernel import ModuleSetup
from app.core.metrics import Family
from app.modules.callcenter import connection, control, control_kept, control_log, inbox
from app.modules.callcenter.connection import Intake
from app.modules.callcenter.inbox import NOTIFICATION, Processed
from app.modules.callcenter.models import Notification
from app.modules.callcenter.providers.base import Decision, RawRequest
from app.modules.callcenter.spool import Spool, Spooled, WorkedOff

log = logging.getLogger(__name__)

#: What became of a notification that waits, and of one that could not be kept at all.
SPOOLED, UNAVAILABLE = "spooled", "unavailable"
#: Seconds in which the database must have answered a notification.
ANSWERED_WITHIN = 8.0
#: A failure that took longer was waited for: for a while others need not wait for the next one.
SLOW_SECONDS = 1.0
#: So long nobody asks a database that was waited for in vain; longer with each further time, up to the second.
PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(seconds=10)
#: When what could not be taken in although the database is there is tried again.
AGAIN_AFTER = timedelta(minutes=1)
WAITING = Family(
    "durchwahl_notifications_waiting", "gauge", "Notifications in the spool, until the database takes them."
)
TAKEN_IN = Family("durchwahl_notifications_taken_in_total", "counter", "Notifications taken in from the spool.")
_EXTENSION = "durchwahl.callcenter.spooling"


@dataclass(slots=True)
class _Spooling:
    """Of one process."""

    spool: Spool
    circuit: Circuit = field(default_factory=lambda: Circuit(PAUSE, LONGEST_PAUSE))
    again_at: datetime | None = None
    told: bool = False
    """The log says already that notifications go to the spool."""


def install(setup: ModuleSetup) -> None:
    """Make the spool known, have each worker look after it, and count."""
    kernel = setup.kernel
    spool = Spool(kernel.config.data_dir / "spool", kernel.cipher)
    kernel.app.extensions[_EXTENSION] = _Spooling(spool)
    setup.watch(look)
    kernel.metrics.declare(TAKEN_IN)
    kernel.metrics.common_gauge(WAITING, lambda: {(): float(spool.waiting().count)})


def spool() -> Spool:
    """The spool of this installation."""
    return _ours().spool


def take(intake: Intake, request: RawRequest) -> Processed:
    """Store and process what has just been posted, or write it to the spool. Never raises.

    ``on_disk`` is False where not even that could be done: then it must not be acknowledged.
    """
    ours = _ours()
    stored_as, reason = None, "not asked"
    waits = control_kept.of_spool(ours.spool, intake, request)
    if not ours.circuit.wait(_now()):
        began = time.monotonic()
        try:
            processed = inbox.take(intake, request, waits)
            if processed.on_disk:
                ours.circuit.succeeded()
                control_kept.remember(intake, request, processed.decision)
                return processed
            stored_as, reason = processed.notification_id, "nothing could be committed after it"
        except Exception as error:  # noqa: BLE001 (whatever keeps it out of the database must not cost it)
            reason = type(error).__name__
        if time.monotonic() - began > SLOW_SECONDS:
            ours.circuit.failed(_now())
    given = waits or control_kept.remembered(intake, request) or control.without_database(intake, request)
    answer = control_log.text(given) if given is not None else None
    try:
        ours.spool.append(Spooled(**inbox.told(intake, request), answer=answer, stored_as=stored_as))
    except OSError as error:
        log.error("a notification was neither stored (%s) nor written to the spool: %s", reason, type(error).__name__)
        return Processed(UNAVAILABLE, Decision(), on_disk=False)
    log.log(logging.DEBUG if ours.told else logging.WARNING, "notifications go to the spool: %s", reason)
    ours.told = True
    return Processed(SPOOLED, given.decision if given is not None else Decision())


def look() -> None:
    """Take in what waits, if the database is there again.

    Besides, this keeps in memory what authenticates and answers notifications: a worker that has not needed it yet
    could take none while the database is away.
    """
    with patience.at_most(ANSWERED_WITHIN):
        connection.keep_ready()
        control.keep_ready()
    ours = _ours()
    now = _now()
    if ours.spool.is_empty() or (ours.again_at and now < ours.again_at and not ours.spool.has_news()):
        return
    if ours.circuit.wait(now):
        return
    began = time.monotonic()
    try:
        done = take_in()
    except Exception as error:
        if not _is_away(error):
            raise
        if time.monotonic() - began > SLOW_SECONDS:
            ours.circuit.failed(_now())
        return
    ours.circuit.succeeded()
    ours.again_at = _now() + AGAIN_AFTER if done.left else None


def take_in() -> WorkedOff:
    """Take in what waits now. Raises what the database raises while it is away; then everything waits on."""
    ours = _ours()
    done = ours.spool.work_off(_take_in, _is_away)
    if done.taken:
        current_app.extensions["durchwahl"].metrics.count(TAKEN_IN, by=done.taken)
        log.warning("%d notifications were taken in from the spool", done.taken)
        ours.told = False
    for number, why in (
        (done.unreadable, "cannot be read: they were written under another SECRET_KEY"),
        (done.refused, "were refused by the database"),
        (done.torn, "were not written to their end, and never acknowledged"),
    ):
        if number:
            log.error("%d notifications of the spool %s", number, why)
    return done


def _take_in(notification: Spooled) -> None:
    """T1 and T2. A second time, after somebody was killed in between, changes nothing."""
    with patience.at_most(ANSWERED_WITHIN):
        with transaction() as session:
            if not _is_known(session, notification):
                values = {
                    "connection": notification.connection,
                    "provider": notification.provider,
                    "received_at": notification.received_at,
                    "remote_addr": notification.remote_addr,
                    "query": notification.query,
                    "headers": notification.headers,
                    "body": notification.body,
                    "state": inbox.NEW,
                    "attempts": 0,
                    "answer": notification.answer,
                    "spool_key": notification.key,
                }
                insert_or_ignore(session, Notification, values)
            found = select(NOTIFICATION.c.id, NOTIFICATION.c.state).where(NOTIFICATION.c.spool_key == notification.key)
            notification_id, state = session.execute(found).one()
        if state == inbox.NEW:
            inbox.process(notification_id)


def _is_known(session: Session, notification: Spooled) -> bool:
    """Whether its row was on disk after all; then that is it."""
    if notification.stored_as is None:
        return False
    mine = update(NOTIFICATION).where(
        NOTIFICATION.c.id == notification.stored_as,
        # After a crash another one may have its number.
        NOTIFICATION.c.received_at == notification.received_at,
        NOTIFICATION.c.body == notification.body,
        NOTIFICATION.c.spool_key.is_(None),
    )
    marked = session.execute(
        mine.values(spool_key=notification.key, answer=notification.answer).returning(NOTIFICATION.c.id)
    )
    return marked.first() is not None


def _is_away(error: Exception) -> bool:
    return is_unavailable(error) or isinstance(error, PoolTimeout)


def _ours() -> _Spooling:
    found: _Spooling = current_app.extensions[_EXTENSION]
    return found


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now

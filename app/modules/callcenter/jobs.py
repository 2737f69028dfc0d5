"""Work that returns: calls without an end, notifications that failed, too many refusals."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from app.core.database import reading, transaction
from app.core.kernel import ModuleSetup
from app.modules.callcenter import (
    comparing,
    configuring,
    connection,
    connections,
    gaps,
    inbox,
    refusals,
    webhook_secrets,
)
from app.modules.callcenter.comparing import CannotCompare
from app.modules.callcenter.domain.calls import Limits
from app.modules.callcenter.filing import close_if_stale
from app.modules.callcenter.stored import CALL

log = logging.getLogger(__name__)

CLOSE_EVERY_SECONDS = 15
RETRY_EVERY_SECONDS = 15
PRUNE_EVERY_SECONDS = 3600
GAPS_EVERY_SECONDS = 60


def install(setup: ModuleSetup) -> None:
    """Register the jobs."""
    comparing.install(setup.kernel.app, setup.kernel.clock.now())
    setup.job("close_stale", CLOSE_EVERY_SECONDS, close_stale)
    setup.job("retry", RETRY_EVERY_SECONDS, retry)
    setup.job("prune_refusals", PRUNE_EVERY_SECONDS, refusals.prune)
    setup.job("forget_old_secret", PRUNE_EVERY_SECONDS, forget_old_secret)
    setup.job("fill_gaps", GAPS_EVERY_SECONDS, fill_gaps, long=True)


def close_stale() -> None:
    """Assume the end of calls that ring or talk longer than the settings allow."""
    chosen = connection.settings()
    limits = Limits(timedelta(minutes=chosen.ringing_minutes), timedelta(hours=chosen.talking_hours))
    now = _now()
    with reading() as session:
        query = select(CALL.c.id).where(
            CALL.c.phase.in_(("ringing", "talking")), CALL.c.received_at <= now - min(limits.ringing, limits.talking)
        )
        overdue = list(session.execute(query.order_by(CALL.c.id)).scalars())
    for call_id in overdue:
        # One transaction a call, so that notifications are not held up.
        with transaction() as session:
            close_if_stale(session, call_id, now, limits)


def fill_gaps() -> None:
    """Add what the telephone system lists and nobody reported, where it is time to look."""
    silent: set[str] = set()
    for key, day in comparing.due_now():
        if key in silent:
            continue
        try:
            gaps.fill(day, key)
        except CannotCompare as error:
            log.warning("the list of %s at %s could not be compared: %s", day, key, error.code)
            silent.add(key)


def forget_old_secret() -> None:
    """Remove shared secrets that were replaced and whose time is over."""
    for one in connections.listed():
        chosen = connection.own_settings(one.key)
        if chosen.old_shared_secret is not None and webhook_secrets.old_until(chosen, _now()) is None:
            configuring.end_old_secret(connection=one.key)


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now


def retry() -> None:
    """Process again what failed and is due, and what was interrupted."""
    inbox.retry_due()

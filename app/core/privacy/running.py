"""Lets go what is older than an administrator wants: one run at a time, in batches, taken up again where it broke off.

A run may end at any moment: each batch is a transaction of its own, and what is done is not met again. The lease is
renewed with every batch; who loses it stops.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from app.core.database import insert_or_ignore, reading, transaction
from app.core.privacy.kinds import FOR_EVER, RetentionKind
from app.core.privacy.models import RetentionRun
from app.core.privacy.unhurried import let_others_write

NAME = "retention"
#: A run that was killed is taken up again after this.
LEASE = timedelta(minutes=3)
#: The job looks so often whether the day's run is due, or one was broken off.
LOOK_SECONDS = 300
DAILY = timedelta(days=1)


class Busy(Exception):
    """Another run is under way."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run."""

    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]
    under_way: bool


def days_of(kind: RetentionKind) -> int:
    """For how many days it is kept; ``FOR_EVER`` for no end."""
    found: int = getattr(_kernel().settings.load(kind.settings), kind.field)
    return found


def preview(days: Mapping[str, int] | None = None) -> dict[str, int]:
    """How many of each kind would go today, with these days by key where they differ from what is set."""
    counts: dict[str, int] = {}
    with reading() as session:
        for kind in _kernel().privacy.kinds:
            chosen = (days or {}).get(kind.key, days_of(kind))
            counts[kind.key] = 0 if chosen == FOR_EVER else kind.count(session, _until(chosen))
    return counts


def run() -> dict[str, int]:
    """Let go what is too old, of every kind; returns how many. Raises Busy while another run is under way."""
    holder = _claim()
    counts: dict[str, int] = {}
    for kind in _kernel().privacy.kinds:
        days = days_of(kind)
        if days == FOR_EVER:
            continue
        for some in kind.apply(_until(days)):
            counts[kind.key] = counts.get(kind.key, 0) + some
            if not _renew(holder, counts) or _kernel().jobs.stopping:
                _give_back(holder)
                return counts
            let_others_write()
    with transaction() as session:
        now = _kernel().clock.now()
        values = {"finished_at": now, "lease_until": now, "counts": json.dumps(counts)}
        session.execute(update(RetentionRun).where(RetentionRun.holder == holder).values(values))
    return counts


def run_when_due() -> None:
    """What the job does: the day's run, or the rest of one that was broken off."""
    last = last_run()
    now = _kernel().clock.now()
    if last is not None and (last.under_way or (last.finished_at is not None and last.started_at > now - DAILY)):
        return
    try:
        run()
    except Busy:
        # Somebody has begun it meanwhile.
        return


def last_run() -> LastRun | None:
    """The run that was begun last."""
    with reading() as session:
        row = session.execute(select(RetentionRun)).scalar_one_or_none()
    if row is None or row.started_at is None:
        return None
    under_way = row.finished_at is None and row.lease_until > _kernel().clock.now()
    return LastRun(row.started_at, row.finished_at, json.loads(row.counts), under_way)


def _claim() -> str:
    now, holder = _kernel().clock.now(), secrets.token_hex(16)
    row = {"name": NAME, "lease_until": now, "holder": "", "started_at": None, "finished_at": None, "counts": "{}"}
    taken = {"holder": holder, "lease_until": now + LEASE, "started_at": now, "finished_at": None, "counts": "{}"}
    with transaction() as session:
        insert_or_ignore(session, RetentionRun, row, ["name"])
        free = update(RetentionRun).where(RetentionRun.name == NAME, RetentionRun.lease_until <= now)
        claimed: Any = session.execute(free.values(taken))
        if not claimed.rowcount:
            raise Busy
    return holder


def _renew(holder: str, counts: Mapping[str, int]) -> bool:
    values = {"lease_until": _kernel().clock.now() + LEASE, "counts": json.dumps(counts)}
    with transaction() as session:
        kept: Any = session.execute(update(RetentionRun).where(RetentionRun.holder == holder).values(values))
        return bool(kept.rowcount)


def _give_back(holder: str) -> None:
    with transaction() as session:
        given = update(RetentionRun).where(RetentionRun.holder == holder)
        session.execute(given.values(lease_until=_kernel().clock.now()))


def _until(days: int) -> datetime:
    until: datetime = _kernel().clock.now() - timedelta(days=days)
    return until


def _kernel() -> Any:
    return current_app.extensions["durchwahl"]

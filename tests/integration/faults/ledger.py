"""Compares what was acknowledged with inbox, calls, journal and statistics."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from flask import Flask
from sqlalchemy import select

from app.core.accounts import personal, service
from app.core.database import reading, transaction
from app.modules.callcenter import inbox, jobs, journal, spooling, statistics
from app.modules.callcenter.domain.statistics import Figures
from app.modules.callcenter.filing import REPORT
from app.modules.callcenter.journal_filters import Filters
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from app.modules.callcenter.stored import CALL
from tests.conftest import PASSWORD
from tests.integration.callcenter.phone_system import EVERYTHING, all_calls, notifications
from tests.wire import seconds_until

KINDS = {"IncomingCall": "started", "CallAccepted": "answered", "HungUp": "ended"}
EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def prepare(app: Flask, secret: str) -> int:
    """Set the secret, and make a user who sees every call: ``watcher`` with PASSWORD. Returns the user's id."""
    with app.app_context():
        with transaction() as session:
            settings = app.extensions["durchwahl"].settings
            settings.save(session, ConnectionSettings, {"shared_secret": secret}, part=FIRST_CONNECTION)
            # No end is assumed while a slow machine is at it.
            settings.save(session, CallcenterSettings, {"ringing_minutes": 600})
        user_id = service.create_user("watcher", PASSWORD, "administrator")
        personal.save(user_id, {("callcenter", "scope"): "all"})
    return user_id


def recover(app: Flask) -> None:
    """What the job does a minute later: process what was interrupted. Then nothing is left to be done."""
    take_in()
    app.extensions["durchwahl"].clock.at = datetime.now(UTC) + inbox.INTERRUPTED_AFTER + timedelta(seconds=5)
    jobs.retry()
    states = Counter(row["state"] for row in notifications())
    assert set(states) <= {inbox.PROCESSED, inbox.REPEATED}, states


def take_in() -> None:
    """Wait until nothing waits in the spool; a running server may be at it already."""
    seconds_until(lambda: not spooling.take_in().elsewhere and spooling.spool().is_empty(), at_most=60)


def agrees(viewer: int, acknowledged: Counter[bytes]) -> None:
    """Every acknowledged notification is in the inbox and in its call, once; journal and statistics say the same."""
    take_in()
    kept = Counter(row["body"] for row in notifications())
    lost = acknowledged - kept
    assert not lost, f"{lost.total()} acknowledged notifications are not in the inbox"
    kinds: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for body in kept:
        values = {name: value for name, (value,) in parse_qs(body.decode()).items()}
        kinds[values["call_id"]][KINDS[values["event"]]] = values
    calls = {call.external_id: call for call in all_calls()}
    assert set(calls) == set(kinds)
    assert len(all_calls()) == len(kinds), "a call is there twice"
    assert _reports() == Counter((call, kind) for call, found in kinds.items() for kind in found)
    expected = Counter[str]()
    for external_id, found in kinds.items():
        call, end = calls[external_id], found.get("ended")
        phase = "ended" if end else "talking" if "answered" in found else "ringing"
        missed = end is not None and end["type"] == "missed"
        assert (call.phase, call.missed, call.provisional) == (phase, missed, False)
        if end:
            expected.update(calls=1, missed=missed, answered=not missed, seconds=int(end["duration"]))
    assert _in_the_journal(viewer) == sorted(call.id for call in calls.values())
    figures = sum((bucket.figures for bucket in statistics.buckets(*EVER, seen_by=EVERYTHING)), Figures())
    assert (figures.incoming, figures.missed, figures.answered, figures.talk_seconds) == (
        expected["calls"],
        expected["missed"],
        expected["answered"],
        expected["seconds"],
    )


def _reports() -> Counter[tuple[str, str]]:
    with reading() as session:
        query = select(CALL.c.external_id, REPORT.c.kind).join(CALL, CALL.c.id == REPORT.c.call_id)
        rows: list[Any] = list(session.execute(query))
        assert len(rows) == len(list(session.execute(select(REPORT.c.id)))), "a report without a call"
    return Counter((external_id, kind) for external_id, kind in rows)


def _in_the_journal(viewer: int) -> list[int]:
    found: list[int] = []
    before: int | None = None
    while True:
        page = journal.page(Filters(), before, 200, viewer=viewer)
        found += [entry.call.id for entry in page.entries]
        before = page.before
        if before is None:
            return sorted(found)

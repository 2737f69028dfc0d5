"""The journal: past and present calls as pages list them.

Everybody finds here the calls that he may see, and no others (``visibility``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.core.database import reading
from app.core.phones import Origin, search_key
from app.modules.addresses import api as addresses
from app.modules.addresses.api import NoteSummary
from app.modules.callcenter import history, home
from app.modules.callcenter.domain.visibility import Watcher
from app.modules.callcenter.filing import REPORT
from app.modules.callcenter.history import Change
from app.modules.callcenter.labels import labels
from app.modules.callcenter.shown import Shown, shown
from app.modules.callcenter.snapshots import (
    choice_of,
    colleague_of,
    line_of,
    origin_of,
    paths_of,
    remote_of,
    user_of,
)
from app.modules.callcenter.storable import Storable, storable
from app.modules.callcenter.stored import CALL, StoredCall, number_begins, stored
from app.modules.callcenter.visibility import not_dialled, visible, visible_to

PER_PAGE = 50
#: Calls behind the bell.
IN_BELL = 10
#: Missed calls that the bell counts.
COUNTED = timedelta(hours=24)
MOST_COUNTED = 200
#: Addresses whose names fit a search; more would say nothing.
MOST_FOUND = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the journal is narrowed to."""

    direction: str = ""
    """``in``, ``out`` or ""."""
    missed: bool = False
    search: str = ""
    """Part of a name, or the beginning of a number."""

    @property
    def any(self) -> bool:
        """Whether something is narrowed at all."""
        return bool(self.direction or self.missed or self.search)


@dataclass(frozen=True, slots=True)
class Entry:
    """A call as a page shows it."""

    call: StoredCall
    remote: Mapping[str, Any]
    who: Shown
    """The far party, as the reader sees it."""
    choice: Mapping[str, Any] | None
    """Who chose him among several matches, and for whom."""
    line: Mapping[str, Any] | None
    user: Mapping[str, Any] | None
    origin: Origin | None
    """Where a stranger's number comes from."""
    colleague: Mapping[str, str] | None
    """Who of the house the far party is."""
    paths: Mapping[str, str | None]
    notes: Sequence[NoteSummary]

    @property
    def certainty(self) -> str:
        """What may be claimed of the far party."""
        return self.who.certainty

    @property
    def storable(self) -> Storable | None:
        """What of its number can be stored with an address."""
        return storable(self.call)

    @property
    def matches(self) -> Sequence[Mapping[str, Any]]:
        """Who it may be."""
        return self.who.matches


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the journal. ``before``: what the next, older page begins after; None on the last."""

    entries: list[Entry]
    before: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """A line of a call's history."""

    kind: str
    outcome: str
    peer: str
    received_at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A call with all that was reported of it, and with the names that it showed."""

    entry: Entry
    reports: list[Report]
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Missed:
    """A missed call, as far as it matters whose bell counts it."""

    id: int
    line_key: str | None

    def concerns(self, watcher: Watcher) -> bool:
        """Whether it was the user's to take."""
        return watcher.allowed and (watcher.scope == "all" or self.line_key in watcher.seen_lines)


def page(filters: Filters, before: int | None = None, per_page: int = PER_PAGE, *, viewer: int) -> Page:
    """The journal from a call on, newest first, as ``viewer`` sees it."""
    with reading() as session:
        query = select(CALL).where(visible_to(viewer), *_conditions(session, filters))
        if before is not None:
            last = session.execute(select(CALL.c.received_at).where(CALL.c.id == before)).scalar_one_or_none()
            if last is not None:
                query = query.where(
                    or_(CALL.c.received_at < last, and_(CALL.c.received_at == last, CALL.c.id < before))
                )
        query = query.order_by(CALL.c.received_at.desc(), CALL.c.id.desc()).limit(per_page + 1)
        rows = [stored(row) for row in session.execute(query).mappings()]
        listed = rows[:per_page]
        return Page(_entries(session, listed, viewer), listed[-1].id if len(rows) > per_page else None)


def latest(watcher: Watcher) -> list[Entry]:
    """The last calls that were this user's to notice: what is behind the bell."""
    # What colleagues dial is theirs, also for those who may see it.
    mine = or_(CALL.c.user_id == watcher.user_id, not_dialled())
    query = (
        select(CALL).where(visible(watcher), mine).order_by(CALL.c.received_at.desc(), CALL.c.id.desc()).limit(IN_BELL)
    )
    with reading() as session:
        return _entries(session, [stored(row) for row in session.execute(query).mappings()], watcher.user_id)


def find(call_id: int, viewer: int) -> Found | None:
    """A call with its history; None where there is none, or none that the user may see."""
    with reading() as session:
        query = select(CALL).where(CALL.c.id == call_id, visible_to(viewer))
        row = session.execute(query).mappings().one_or_none()
        if row is None:
            return None
        reports = session.execute(
            select(REPORT.c.kind, REPORT.c.outcome, REPORT.c.peer, REPORT.c.received_at, REPORT.c.provisional)
            .where(REPORT.c.call_id == call_id)
            .order_by(REPORT.c.received_at, REPORT.c.id)
        )
        return Found(
            _entries(session, [stored(row)], viewer)[0],
            [Report(*report) for report in reports],
            history.changes(session, call_id, viewer),
        )


def recently_missed() -> list[Missed]:
    """The missed calls that bells count, newest first."""
    since = current_app.extensions["durchwahl"].clock.now() - COUNTED
    query = (
        select(CALL.c.id, CALL.c.line_key)
        .where(CALL.c.phase == "ended", CALL.c.received_at > since, CALL.c.missed)
        .order_by(CALL.c.received_at.desc(), CALL.c.id.desc())
        .limit(MOST_COUNTED)
    )
    with reading() as session:
        return [Missed(call_id, line_key) for call_id, line_key in session.execute(query)]


def _conditions(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.direction in ("in", "out"):
        conditions.append(CALL.c.direction == filters.direction)
    if filters.missed:
        conditions.append(CALL.c.missed)
    text = filters.search.strip()
    if text:
        found = [hit.id for hit in addresses.search(session, text, limit=MOST_FOUND)]
        either: list[ColumnElement[bool]] = [CALL.c.address_id.in_(found)]
        either += [number_begins(start) for start in search_key(text, home.region())]
        conditions.append(or_(*either))
    return conditions


def _entries(session: Session, rows: Iterable[StoredCall], viewer: int) -> list[Entry]:
    seen = [(row, shown(row, viewer)) for row in rows]
    notes = addresses.notes_of_origins(session, [row.origin for row, _who in seen])
    known = labels()
    return [
        Entry(
            call=row,
            remote=remote_of(row),
            who=who,
            choice=choice_of(who, known),
            line=line_of(row, known),
            user=user_of(row, known),
            origin=origin_of(row, who),
            colleague=colleague_of(row, known),
            paths=paths_of(row, who),
            notes=notes.get(row.origin, ()),
        )
        for row, who in seen
    ]

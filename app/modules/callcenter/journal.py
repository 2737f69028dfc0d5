"""The journal: past and present calls as pages list them.

Everybody finds here the calls that he may see, and no others (``visibility``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from app.core.database import reading
from app.core.phones import Origin
from app.core.planning import PLANNED_ONCE
from app.core.prepared import Prepared
from app.modules.addresses import api as addresses
from app.modules.addresses.api import NoteSummary
from app.modules.callcenter import accounts, history
from app.modules.callcenter.domain.visibility import Watcher
from app.modules.callcenter.filing import REPORT
from app.modules.callcenter.history import Change
from app.modules.callcenter.journal_filters import Filters as Filters
from app.modules.callcenter.journal_filters import Wanted, conditions_of, wanted
from app.modules.callcenter.journal_walks import Place, page_of, place_of
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
from app.modules.callcenter.stored import CALL, StoredCall, stored
from app.modules.callcenter.visibility import not_dialled, visible, visible_to

PER_PAGE = 50
#: Calls behind the bell.
IN_BELL = 10
#: Missed calls that the bell counts.
COUNTED = timedelta(hours=24)
MOST_COUNTED = 200
#: Calls going on that stand above the list; nobody has more telephones than these.
MOST_RUNNING = 100
#: Every page of a user with a telephone asks for them.
_MISSED = Prepared(
    select(CALL.c.id, CALL.c.line_key)
    .where(CALL.c.phase == "ended", CALL.c.received_at > bindparam("since"), CALL.c.missed)
    .order_by(CALL.c.received_at.desc(), CALL.c.id.desc())
    .limit(MOST_COUNTED)
)


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
    storable: Storable | None
    """What of its number can be stored with an address."""
    paths: Mapping[str, str | None]
    notes: Sequence[NoteSummary]

    @property
    def certainty(self) -> str:
        """What may be claimed of the far party."""
        return self.who.certainty

    @property
    def matches(self) -> Sequence[Mapping[str, Any]]:
        """Who it may be."""
        return self.who.matches


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the journal, newest first.

    ``before``: behind which call the next, older page begins; ``after``: before which the newer one ends. None where
    there is none.
    """

    entries: list[Entry]
    before: int | None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A line of a call's history."""

    kind: str
    outcome: str
    peer: str
    received_at: datetime
    provisional: bool
    listed: bool


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


def page(
    filters: Filters, before: int | None = None, per_page: int = PER_PAGE, *, viewer: int, after: int | None = None
) -> Page:
    """A page of the calls that fit and that ``viewer`` may see: the newest, or those older than the call ``before``,
    or those next newer than the call ``after``. Calls that come meanwhile shift no page but the newest.
    """
    edge = before if before is not None else after
    newer = before is None and after is not None
    with reading() as session:
        question = wanted(session, filters, accounts.watcher(viewer))
        place = place_of(session, question, edge, filters, newer=newer) if edge is not None else None
        if place is None:
            edge, newer = None, False
        rows = _nearest(session, question, filters, per_page + 1, place, newer=newer)
        if not rows and edge is not None and not newer and not _is_there(session, edge):
            edge = None
            rows = _nearest(session, question, filters, per_page + 1, None, newer=newer)
        if newer and len(rows) <= per_page:
            return page(filters, None, per_page, viewer=viewer)
        listed, more = rows[:per_page], len(rows) > per_page
        if newer:
            listed.reverse()
            more = True
        return Page(
            _entries(session, listed, viewer),
            listed[-1].id if more else None,
            listed[0].id if edge is not None and listed else None,
        )


def _nearest(
    session: Session, question: Wanted, filters: Filters, most: int, place: Place | None, *, newer: bool
) -> list[StoredCall]:
    if question.branches is None:
        return []
    query = page_of(question, most, place, newer=newer, period=filters)
    # The columns are in the order of the fields: read by their names, a page of rows would take as long as finding it.
    options = PLANNED_ONCE if question.in_order else {}
    rows = [StoredCall(*row) for row in session.execute(query, execution_options=options).all()]
    return sorted(rows, key=lambda row: (row.received_at, row.id), reverse=not newer)


def running(filters: Filters, viewer: int) -> list[Entry]:
    """The calls going on that fit and that the user may see, newest first."""
    under_way = CALL.c.phase.in_(("ringing", "talking"))
    return _those(filters, viewer, under_way, MOST_RUNNING)


def those(filters: Filters, viewer: int, call_ids: Sequence[int]) -> list[Entry]:
    """Which of these calls fit and may be seen by the user, newest first."""
    return _those(filters, viewer, CALL.c.id.in_(call_ids), len(call_ids)) if call_ids else []


def _those(filters: Filters, viewer: int, which: ColumnElement[bool], most: int) -> list[Entry]:
    with reading() as session:
        fit = conditions_of(wanted(session, filters, accounts.watcher(viewer)), filters)
        query = select(CALL).where(which, fit).order_by(CALL.c.received_at.desc(), CALL.c.id.desc()).limit(most)
        return _entries(session, [stored(row) for row in session.execute(query).mappings()], viewer)


def _is_there(session: Session, call_id: int) -> bool:
    return session.execute(select(CALL.c.id).where(CALL.c.id == call_id)).first() is not None


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
            select(
                REPORT.c.kind,
                REPORT.c.outcome,
                REPORT.c.peer,
                REPORT.c.received_at,
                REPORT.c.provisional,
                REPORT.c.listed,
            )
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
    with reading() as session:
        return [Missed(call_id, line_key) for call_id, line_key in _MISSED.rows(session, {"since": since})]


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
            storable=storable(row),
            paths=paths_of(row, who),
            notes=notes.get(row.origin, ()),
        )
        for row, who in seen
    ]

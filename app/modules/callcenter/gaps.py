"""Fills gaps: calls that the telephone system lists and nobody reported are added, missing ends are completed.

A day's list is compared with the calls that are known (``domain.gaps``). What is missing is added and marked; a call
whose end never came gets it from the list; what was added and is reported after all is withdrawn; where it is not
clear a person decides. To do it again changes nothing more.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.database import insert_or_ignore, reading, transaction
from app.core.values import Withheld, e164_of
from app.modules.addresses import api as addresses
from app.modules.callcenter import callbacks, comparing, connections, purged
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, belonging
from app.modules.callcenter.domain.calls import Phase
from app.modules.callcenter.domain.events import Direction, EventKind, Outcome, ProviderEvent
from app.modules.callcenter.domain.gaps import NEAR, Entry, Heard, Work, work_for
from app.modules.callcenter.filing import Source, add_call, file_report
from app.modules.callcenter.gap_models import DoubtfulEntry
from app.modules.callcenter.home import classify
from app.modules.callcenter.providers.base import PastCall
from app.modules.callcenter.stored import CALL, StoredCall, line_key, stored

log = logging.getLogger(__name__)

#: A call that goes on may be listed already; after so long its end should have been reported.
UNDER_WAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of a day's comparison."""

    listed: int
    added: int
    completed: int
    withdrawn: int
    doubtful: int
    """Entries that are left for a person now, those of earlier times among them."""


def fill(day: date, connection: str = FIRST_CONNECTION, *, by_hand: bool = False) -> Filled:
    """Compare a connection's list of a day and do what it demands. Raises CannotCompare.

    ``by_hand``: somebody waits for it, so the system is asked although it failed lately.
    """
    listed = comparing.ask(day, connection, by_hand=by_hand)
    entries = _entries(listed, connection)
    with reading() as session:
        known = _known(session, day, connection)
    work = work_for(
        entries,
        [_heard(row) for row in known.values() if row.added_at is None],
        [_heard(row) for row in known.values() if row.added_at is not None],
    )
    keys = _keys(entries)
    added = sum(_add(connection, listed[entry.place], keys[entry.place]) for entry in work.add)
    completed = sum(_complete(known[call_id], listed[entry.place]) for call_id, entry in work.reported.items())
    withdrawn = _withdraw([known[call_id] for call_id in work.withdraw])
    _keep_doubts(connection, day, work, listed, keys)
    filled = Filled(len(listed), added, completed, withdrawn, open_doubts(day, connection))
    comparing.remember(day, filled, connection)
    if added or completed or withdrawn:
        log.info("of %s %d calls were added, %d completed, %d withdrawn", day, added, completed, withdrawn)
    return filled


def bounds(day: date) -> tuple[datetime, datetime]:
    """When a day of the telephone system begins and ends."""
    begin = datetime.combine(day, time(), comparing.ZONE)
    return begin, datetime.combine(day + timedelta(days=1), time(), comparing.ZONE)


def open_doubts(day: date | None = None, connection: str | None = None) -> int:
    """Entries that wait for a person's decision, of one day and connection or of all."""
    query = select(func.count()).select_from(DoubtfulEntry).where(DoubtfulEntry.state == "open")
    if day is not None:
        query = query.where(DoubtfulEntry.day == day)
    if connection is not None:
        query = query.where(DoubtfulEntry.connection == connection)
    with reading() as session:
        return session.execute(query).scalar_one()


def decide(entry_id: int, by: int, *, add: bool) -> bool | None:
    """Add a doubtful entry as a call, or drop it; False when somebody has decided before, None where there is none."""
    now = _now()
    with transaction() as session:
        entry = session.get(DoubtfulEntry, entry_id, with_for_update=True)
        if entry is None:
            return None
        if entry.state != "open":
            return False
        entry.state, entry.decided_by, entry.decided_at = ("added" if add else "dropped"), by, now
        if add:
            _file(session, entry.connection, _past(entry), entry.key, now)
    return True


# ------------------------------------------------------------------------------------------------------------ comparing


def _entries(listed: Sequence[PastCall], connection: str) -> list[Entry]:
    return [
        Entry(
            call.received_at,
            call.direction,
            _compared_by(call.remote),
            _line(connection, call.line),
            call.outcome,
            call.talk_seconds,
            call.masked,
            place,
        )
        for place, call in enumerate(listed)
    ]


def _line(connection: str, raw: str | None) -> str | None:
    """What the line is compared by: its key among those of all connections."""
    key = line_key(classify(raw)) if raw is not None else None
    return belonging(connection, key) if key is not None else None


def _compared_by(raw: str | None) -> str | None:
    """What a far party is compared by; None where it is hidden."""
    party = classify(raw)
    return None if isinstance(party, Withheld) else e164_of(party) or party.raw


def _heard(row: StoredCall) -> Heard:
    remote = None if row.remote_kind in (None, "withheld") else row.remote_e164 or row.remote_raw
    told = row.phase == Phase.ENDED.value and not row.provisional
    direction = Direction(row.direction) if row.direction else None
    return Heard(
        row.id,
        row.received_at,
        direction,
        remote,
        row.line_key,
        row.talk_seconds if told else None,
        row.anonymised_at is not None,
    )


def _known(session: Session, day: date, connection: str) -> dict[int, StoredCall]:
    begin, end = bounds(day)
    query = select(CALL).where(
        CALL.c.connection == connection, CALL.c.received_at >= begin - NEAR, CALL.c.received_at < end + NEAR
    )
    return {row["id"]: stored(row) for row in session.execute(query).mappings()}


def _keys(entries: Iterable[Entry]) -> dict[int, str]:
    """What each entry is recognised by, however often its list is read: by place."""
    counted: Counter[str] = Counter()
    keys: dict[int, str] = {}
    for entry in entries:
        told = "|".join([entry.at.isoformat(), entry.direction.value, entry.remote or "", entry.line or ""])
        counted[told] += 1
        keys[entry.place] = "list:" + hashlib.sha256(f"{told}|{counted[told]}".encode()).hexdigest()[:40]
    return keys


# ----------------------------------------------------------------------------------------------------------- doing it


def _add(connection: str, call: PastCall, key: str) -> bool:
    # One transaction a call, so that notifications are not held up.
    with transaction() as session:
        return _file(session, connection, call, key, _now())


def _file(session: Session, connection: str, call: PastCall, key: str, now: datetime) -> bool:
    kind = connections.connection(connection).provider
    source = Source(None, connection, kind, call.received_at, added_at=now)
    told = [
        (call.received_at, _event(connection, call, key, EventKind.STARTED)),
        (_end_of(call), _event(connection, call, key, EventKind.ENDED)),
    ]
    return add_call(session, source, key, told) is not None


def _complete(row: StoredCall, call: PastCall) -> bool:
    """Give a call the end that was never reported; True when it had none."""
    if row.anonymised_at is not None:
        # The list would bring back whom it was with.
        return False
    now = _now()
    # A list that tells how long somebody talked tells of a talk that is over.
    over = row.received_at < now - UNDER_WAY or (call.talk_seconds > 0 and _end_of(call) <= now)
    if not (row.provisional or (row.phase != Phase.ENDED.value and over)):
        return False
    source = Source(None, row.connection, row.provider, max(_end_of(call), row.answered_at or row.received_at))
    with transaction() as session:
        return file_report(session, source, _event(row.connection, call, row.external_id, EventKind.ENDED)).news


def _withdraw(rows: Sequence[StoredCall]) -> int:
    """Remove calls that were added and have been reported after all, unless somebody has worked with them."""
    with reading() as session:
        noted = addresses.notes_of_origins(session, [row.origin for row in rows])
    doubled = [row for row in rows if row.assigned_by is None and not row.chosen and row.origin not in noted]
    for row in doubled:
        callbacks.withdraw_miss(row.id)
    return purged.purge([row.id for row in doubled]) if doubled else 0


def _keep_doubts(connection: str, day: date, work: Work, listed: Sequence[PastCall], keys: Mapping[int, str]) -> None:
    """Store what a person is to decide; what has cleared itself up meanwhile is not asked any more."""
    asked = {keys[entry.place]: (entry, doubt) for entry, doubt in work.ask}
    with transaction() as session:
        cleared = delete(DoubtfulEntry).where(
            DoubtfulEntry.connection == connection,
            DoubtfulEntry.day == day,
            DoubtfulEntry.state == "open",
            DoubtfulEntry.key.not_in(list(asked)),
        )
        session.execute(cleared)
        for key, (entry, doubt) in asked.items():
            call = listed[entry.place]
            values = {
                "connection": connection,
                "day": day,
                "key": key,
                "at": call.received_at,
                "direction": call.direction.value,
                "remote": call.remote,
                "line": call.line,
                "outcome": call.outcome.value,
                "talk_seconds": call.talk_seconds,
                "account": call.account,
                "doubt": doubt.value,
                "state": "open",
            }
            insert_or_ignore(session, DoubtfulEntry, values, ["connection", "key"])


def _event(connection: str, call: PastCall, external_id: str, kind: EventKind) -> ProviderEvent:
    ended = kind is EventKind.ENDED
    return ProviderEvent(
        external_id,
        kind,
        call.direction,
        call.remote if call.remote is not None else "anonymous",
        call.line,
        peer=comparing.account_of(call.account, connection),
        outcome=call.outcome if ended else None,
        talk_seconds=call.talk_seconds if ended else None,
    )


def _end_of(call: PastCall) -> datetime:
    return call.received_at + timedelta(seconds=call.talk_seconds)


def _past(entry: DoubtfulEntry) -> PastCall:
    return PastCall(
        entry.at,
        entry.remote,
        entry.line,
        Outcome(entry.outcome),
        entry.talk_seconds,
        Direction(entry.direction),
        entry.account,
    )


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now

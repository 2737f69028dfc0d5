"""Later knowledge: who a call is with is looked at again when numbers, names or remembered choices change.

What is on a screen at once, in the process that made the change. The other calls of the last days by a job, a few a
transaction, so that no notification waits for it; which numbers it has to look at is kept in a table. Calls that
somebody assigned by hand stay as they are, and every name that was shown stays in the history of its call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.core.kernel import Kernel, ModuleSetup
from app.core.phones import MAX_DURCHWAHL_DIGITS
from app.modules.addresses.api import NumbersChanged
from app.modules.callcenter import history, recognition
from app.modules.callcenter.cards import CARDS_VERSION
from app.modules.callcenter.current import MOST_CURRENT, current
from app.modules.callcenter.domain.choices import by_hand
from app.modules.callcenter.events import RememberedChanged
from app.modules.callcenter.models import Rematch
from app.modules.callcenter.stored import CALL, StoredCall, lock_call_by_id, number_begins, stored

REMATCH = cast(Table, Rematch.__table__)
#: How far back names are mended. A month of the journal is what people still look through for whom to call back. What
#: is older is a record of what was shown; to rewrite years of it for each new number would keep the job busy for hours.
RECENT = timedelta(days=30)
#: Calls that one transaction changes at most: it holds their locks, on SQLite everybody's, for some milliseconds.
BATCH = 20
#: Calls that one run of the job looks at, so that the other jobs have their turn within a second or two.
MOST_PER_RUN = 500
#: Seconds between two batches, in which notifications that wait go first: SQLite's lock is given to whoever waits.
PAUSE_SECONDS = 0.005
EVERY_SECONDS = 2
#: Of more numbers and stems at once it is looked first whether there is any call.
FEW = 10
#: Numbers and stems that one query asks for.
ASKED_AT_ONCE = 200
#: A call that arrives while somebody saves its number may miss the change, and the change the call. So each is looked
#: at once more when both have surely ended.
SECOND_LOOK_AFTER = timedelta(seconds=30)
SECOND_LOOK_UNTIL = timedelta(seconds=150)
SECOND_LOOK_EVERY_SECONDS = 60
MOST_IN_A_SECOND_LOOK = 1000
#: In the table of what is to be looked at: all calls.
EVERYTHING = ("", True)


def install(setup: ModuleSetup) -> None:
    """Listen to what changes who a call is with, and register the jobs."""
    setup.on(NumbersChanged, _on_numbers)
    setup.on(RememberedChanged, _on_remembered)
    setup.job("rematch", EVERY_SECONDS, work_off)
    setup.job("second_look", SECOND_LOOK_EVERY_SECONDS, second_look)


def _on_numbers(event: NumbersChanged) -> None:
    look_again(event.e164s, event.stems, history.NUMBERS, event.by)


def _on_remembered(event: RememberedChanged) -> None:
    look_again({event.number}, (), history.REMEMBERED, event.by)


def look_again(e164s: Iterable[str], stems: Iterable[str], cause: str, by: int | None) -> None:
    """Look at the calls of these numbers, and of all behind these stems: at once, or soon."""
    at_once: set[int] = set()
    for meant in _in_parts(e164s, stems):
        found = _newest(meant)
        at_once.update(call_id for call_id, on_screen in found if on_screen)
        if len(found) > MOST_CURRENT or not all(on_screen for _id, on_screen in found):
            _queue(meant, cause, by)
    changed = [call_id for call_id in sorted(at_once) if recognition.rematch(call_id, cause, by)]
    kernel = _kernel()
    if changed and not kernel.realtime.open_sockets:
        # A command, whose messages reach nobody: the servers' processes are to tell their browsers.
        with transaction() as session:
            kernel.versions.bump(session, CARDS_VERSION)


def look_at_everything() -> None:
    """Have the job look at all calls of the last days: for changes that nobody listened to."""
    _queue([EVERYTHING], history.NUMBERS, None)


# -------------------------------------------------------------------------------------------------------------- the job


def work_off() -> None:
    """Look at calls that wait for it, the longest waiting numbers first."""
    left = MOST_PER_RUN
    while left > 0:
        with reading() as session:
            entry = session.execute(select(REMATCH).order_by(REMATCH.c.queued_at, REMATCH.c.id).limit(1)).mappings()
            row = entry.one_or_none()
        if row is None:
            return
        left -= _work_off(row, left)


def second_look() -> None:
    """Look once more at the calls that came a minute or two ago."""
    now = _now()
    came = and_(CALL.c.received_at > now - SECOND_LOOK_UNTIL, CALL.c.received_at <= now - SECOND_LOOK_AFTER)
    after = 0
    for _ in range(MOST_IN_A_SECOND_LOOK // BATCH):
        rows = _page(came, after)
        _look_at(rows, history.NUMBERS, None)
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def _work_off(entry: Mapping[Any, Any], most: int) -> int:
    """Look at the calls of one entry, about ``most`` of them; returns how many that were, at least 1."""
    after, done = entry["after_id"], 0
    condition = and_(CALL.c.received_at > _now() - RECENT, _of([(entry["number"], entry["is_stem"])]))
    # Whoever queues the number anew meanwhile gives the entry another time: then it is not ours to end.
    this = and_(REMATCH.c.id == entry["id"], REMATCH.c.queued_at == entry["queued_at"])
    while done < most:
        rows = _page(condition, after)
        _look_at(rows, entry["cause"], entry["user_id"])
        done += len(rows)
        if len(rows) < BATCH:
            with transaction() as session:
                session.execute(delete(REMATCH).where(this))
            return max(1, done)
        after = rows[-1].id
        _kernel().realtime.socketio.sleep(PAUSE_SECONDS)
    with transaction() as session:
        session.execute(update(REMATCH).where(this).values(after_id=after))
    return done


def _page(condition: ColumnElement[bool], after: int) -> list[StoredCall]:
    query = select(CALL).where(
        condition, CALL.c.id > after, CALL.c.remote_e164.is_not(None), CALL.c.assigned_by.is_(None)
    )
    with reading() as session:
        return [stored(row) for row in session.execute(query.order_by(CALL.c.id).limit(BATCH)).mappings()]


def _look_at(rows: Sequence[StoredCall], cause: str, by: int | None) -> None:
    """Look without a lock, which mostly finds nothing new; then again at those that show somebody else."""
    with reading() as session:
        others = [row.id for row in rows if _is_another(session, row)]
    if not others:
        return
    with transaction() as session:
        for call_id in others:
            before = lock_call_by_id(session, call_id)
            if before is not None:
                recognition.look_again(session, before, cause, by)


def _is_another(session: Session, row: StoredCall) -> bool:
    values = recognition.recognise(session, str(row.remote_e164), by_hand(row.chosen)).columns
    return any(getattr(row, name) != value for name, value in values.items())


# ------------------------------------------------------------------------------------------------------------- numbers

Meant = Sequence[tuple[str, bool]]
"""Numbers, and stems (True)."""


def _in_parts(e164s: Iterable[str], stems: Iterable[str]) -> Iterator[Meant]:
    meant = [*((number, False) for number in sorted(e164s)), *((stem, True) for stem in sorted(stems))]
    for start in range(0, len(meant), ASKED_AT_ONCE):
        yield meant[start : start + ASKED_AT_ONCE]


def _newest(meant: Meant) -> Sequence[tuple[int, bool]]:
    """The newest calls that are meant, of the last days, and which of them are on screens."""
    now = _now()
    recent = (CALL.c.received_at > now - RECENT, CALL.c.assigned_by.is_(None))
    with reading() as session:
        # An import asks for hundreds, again and again, and often before the first call ever came.
        if len(meant) > FEW and session.execute(select(CALL.c.id).where(*recent).limit(1)).first() is None:
            return []
        found = select(CALL.c.id, current(now)).where(*recent, _of(meant)).order_by(CALL.c.id.desc())
        rows = session.execute(found.limit(MOST_CURRENT + 1))
        return [(call_id, bool(on_screen)) for call_id, on_screen in rows]


def _of(meant: Meant) -> ColumnElement[bool]:
    """Calls of these numbers and behind these stems: equality and ranges of one index."""
    if EVERYTHING in meant:
        return CALL.c.remote_e164.is_not(None)
    either: list[ColumnElement[bool]] = [_behind(number) for number, is_stem in meant if is_stem]
    numbers = [number for number, is_stem in meant if not is_stem]
    if numbers:
        either.append(CALL.c.remote_e164.in_(numbers))
    return or_(*either)


def _behind(stem: str) -> ColumnElement[bool]:
    return and_(number_begins(stem), func.length(CALL.c.remote_e164) <= len(stem) + MAX_DURCHWAHL_DIGITS)


def _queue(meant: Meant, cause: str, by: int | None) -> None:
    now = _now()
    values = [
        {"number": number, "is_stem": is_stem, "cause": cause, "user_id": by, "queued_at": now, "after_id": 0}
        for number, is_stem in meant
    ]
    with transaction() as session:
        insert_into: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        statement = insert_into(REMATCH)
        again = {name: statement.excluded[name] for name in ("cause", "user_id", "queued_at", "after_id")}
        session.execute(statement.on_conflict_do_update(index_elements=["number", "is_stem"], set_=again), values)


def _kernel() -> Kernel:
    kernel: Kernel = current_app.extensions["durchwahl"]
    return kernel


def _now() -> datetime:
    return _kernel().clock.now()

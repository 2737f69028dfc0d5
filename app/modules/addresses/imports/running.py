"""Works on the imports that are queued: one check and one import at a time in the whole installation.

A short job looks for them and works on each in a thread of its own. Whoever works has a lease in the import's row and
renews it with every batch, in the batch's transaction: a worker that was thought dead and is not stores nothing more.
When a worker ends, orderly or not, another goes on with the row after the last one that is stored.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from app.core.database import is_unavailable, reading, transaction
from app.core.events import publish
from app.core.kernel import Kernel
from app.modules.addresses.imports.events import ImportChanged
from app.modules.addresses.imports.files import StoredFile, remove_file
from app.modules.addresses.imports.messages import send
from app.modules.addresses.imports.states import AT_WORK, ENDED, OVER
from app.modules.addresses.imports.stored import FAILURE, IMPORT, failure_values, load, totals_text
from app.modules.addresses.transfer.importing import Failure, Plan, Totals, run_import

log = logging.getLogger(__name__)
#: A worker that dies gives its import back after this.
LEASE = timedelta(seconds=20)
RENEW_SECONDS = 4.0
#: Begun so often without storing anything, an import is given up: it may be what ends the workers.
MOST_ATTEMPTS = 5
#: Seconds between two messages to browsers.
TELL_SECONDS = 0.3
#: Seconds after a batch in which others may write: a ringing call waits for one batch, not for two.
PAUSE_SECONDS = 0.003


class Ended(Exception):
    """Somebody wants the import to end."""


class Lost(Exception):
    """Another worker has the import, or this one is stopping and gives it back."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An import that this worker has."""

    import_id: int
    worker: str
    state: str


def work() -> None:
    """Begin whatever is queued and free. Part of the job, every second."""
    for state in AT_WORK:
        claim = _claim(state)
        if claim is not None:
            _kernel().jobs.apart(_work_on, claim)


def _work_on(claim: Claim) -> None:
    _Worker(claim).run()


def _claim(state: str) -> Claim | None:
    now = _now()
    free = or_(IMPORT.c.leased_until.is_(None), IMPORT.c.leased_until <= now)
    waiting = select(IMPORT.c.id, IMPORT.c.leased_until).where(IMPORT.c.state == state)
    with reading() as session:
        rows = session.execute(waiting.order_by(IMPORT.c.queued_at, IMPORT.c.id)).all()
    # The first in the queue, when nobody works on any of them.
    if not rows or any(row.leased_until is not None and row.leased_until > now for row in rows):
        return None
    worker = secrets.token_hex(16)
    with transaction() as session:
        values = {"worker": worker, "leased_until": now + LEASE, "attempts": IMPORT.c.attempts + 1}
        mine = (IMPORT.c.id == rows[0].id, IMPORT.c.state == state, free)
        found = session.execute(update(IMPORT).where(*mine).values(**values).returning(IMPORT.c.id)).first()
        if found is None:
            return None
        publish(session, ImportChanged(rows[0].id))
    return Claim(rows[0].id, worker, state)


class _Worker:
    """Works on one import; also its observer."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.kernel = _kernel()
        self.dry_run = claim.state == "checking"
        self.totals = Totals()
        self._mine = (IMPORT.c.id == claim.import_id, IMPORT.c.worker == claim.worker)
        self._renewed_at = time.monotonic()
        self._told_at = 0.0
        self._began_at = time.monotonic()
        self._began_with = 0

    def run(self) -> None:
        stored = load(self.claim.import_id)
        planned = stored.plan
        if planned is None:
            raise ValueError("an import is loaded with its plan")
        plan = Plan(StoredFile(stored.id), planned.format, planned.assignment, planned.options)
        try:
            self._begin(stored.totals)
            run_import(plan, self, by=stored.started_by_id, dry_run=self.dry_run, totals=self.totals)
        except Ended:
            self._end(ENDED[self.claim.state])
        except Lost:
            self._give_back()
        except Exception as error:
            if is_unavailable(error):
                # The lease ends by itself; whoever has the database back first goes on.
                log.warning("import %s interrupted: the database is away", stored.id)
                return
            log.exception("import %s failed", stored.id)
            self._end("failed")
        else:
            self._end("checked" if self.dry_run else "done")

    def _begin(self, totals: Totals) -> None:
        if self.dry_run:
            # What a trial run has made is in no database: it begins anew.
            with transaction() as session:
                session.execute(update(IMPORT).where(*self._mine).values(totals="{}"))
                session.execute(delete(FAILURE).where(FAILURE.c.import_id == self.claim.import_id))
        else:
            self.totals = totals
        self._began_with = self.totals.done
        with reading() as session:
            row = session.execute(select(IMPORT.c.attempts, IMPORT.c.ending).where(*self._mine)).one_or_none()
        if row is None:
            raise Lost
        if row.ending:
            raise Ended
        if row.attempts > MOST_ATTEMPTS:
            raise RuntimeError(f"begun {row.attempts} times without storing anything")

    # ----------------------------------------------------------------------------------------------- the observer

    def begin(self, session: Session) -> None:
        """The lease is renewed in the batch's transaction; who has lost it, or is to end, stores nothing of it."""
        self._renew(session)

    def store(self, session: Session, totals: Totals, failures: Sequence[Failure]) -> None:
        """How far it has come and what was refused is committed with the batch."""
        values = {"totals": totals_text(totals), "seconds_left": self._seconds_left(totals), "attempts": 0}
        session.execute(update(IMPORT).where(*self._mine).values(**values))
        if failures:
            rows = [failure_values(self.claim.import_id, failure) for failure in failures]
            session.execute(insert(FAILURE), rows)

    def progressed(self, totals: Totals, failures: Sequence[Failure]) -> None:
        """Tell the browsers, not too often; then let others write."""
        self.totals = totals
        now = time.monotonic()
        if now - self._told_at >= TELL_SECONDS:
            self._told_at = now
            told = {"id": self.claim.import_id, "state": self.claim.state, **asdict(totals)}
            send({**told, "seconds_left": self._seconds_left(totals)})
        self.kernel.realtime.socketio.sleep(PAUSE_SECONDS)

    def pause(self) -> None:
        """Let others have the processor; keep the lease while a long file is only read."""
        self.kernel.realtime.socketio.sleep(0)
        if time.monotonic() - self._renewed_at >= RENEW_SECONDS:
            with transaction() as session:
                self._renew(session)

    def _renew(self, session: Session) -> None:
        if self.kernel.jobs.stopping:
            raise Lost
        statement = update(IMPORT).where(*self._mine).values(leased_until=_now() + LEASE).returning(IMPORT.c.ending)
        row = session.execute(statement).first()
        if row is None:
            raise Lost
        if row.ending:
            raise Ended
        self._renewed_at = time.monotonic()

    def _seconds_left(self, totals: Totals) -> int | None:
        done = totals.done - self._began_with
        if done <= 0:
            return None
        return round((time.monotonic() - self._began_at) / done * (totals.total - totals.done))

    # -------------------------------------------------------------------------------------------------- its end

    def _end(self, state: str) -> None:
        over = state in OVER
        with transaction() as session:
            values: dict[str, Any] = {"state": state, "worker": None, "leased_until": None, "seconds_left": None}
            values |= {"ending": False, "ended_at": _now() if over else None}
            if session.execute(update(IMPORT).where(*self._mine).values(**values).returning(IMPORT.c.id)).first():
                publish(session, ImportChanged(self.claim.import_id))
        if state in ("done", "cancelled"):
            remove_file(self.claim.import_id)

    def _give_back(self) -> None:
        with transaction() as session:
            session.execute(update(IMPORT).where(*self._mine).values(worker=None, leased_until=None, attempts=0))


def _kernel() -> Kernel:
    kernel: Kernel = current_app.extensions["durchwahl"]
    return kernel


def _now() -> datetime:
    return _kernel().clock.now()

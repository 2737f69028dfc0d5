"""Work that returns: each job has a period and, in the database, a lease, so that it runs once among all workers.

The thread is started by the server's worker (``gunicorn.conf.py``), never by ``create_app``. ``flask jobs run-once``
runs every job now, whatever its period.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from sqlalchemy import Executable, String, Table, Text, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.core import logs
from app.core.clock import Clock
from app.core.database import Base, Database, UTCDateTime, is_unavailable
from app.core.metrics import Family, Metrics
from app.core.prepared import Prepared

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)
#: A worker that died in a job gives it back after this.
LEASE = timedelta(minutes=5)
#: Seconds between two looks at the versions, and at what jobs are due.
LOOK_SECONDS = 0.8
JOBS_SECONDS = 1.0
RUNS = Family("durchwahl_job_runs_total", "counter", "Runs of jobs by name and result.", ("job", "result"))


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work and its period."""

    name: str
    every_seconds: float
    run: Callable[[], None]
    long: bool = False
    """It may take minutes, so the short ones do not wait for it. It keeps a lease of its own where it takes longer
    than ``LEASE``."""


class JobState(Base):
    """When a job may run again, and how it last ended."""

    __tablename__ = "core_job"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_run_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)


STATE = cast(Table, JobState.__table__)
_WHEN = Prepared(select(STATE.c.name, STATE.c.next_run_at))


def _claim(insert_into: Callable[[Table], Any], *, whatever_its_time: bool) -> Executable:
    statement = insert_into(STATE)
    due = None if whatever_its_time else STATE.c.next_run_at <= bindparam("now", type_=STATE.c.next_run_at.type)
    # Whoever changes the row has the job; the others get none.
    claimed = statement.on_conflict_do_update(
        index_elements=["name"], set_={"next_run_at": statement.excluded.next_run_at}, where=due
    )
    return cast(Executable, claimed.returning(STATE.c.name))


_CLAIM = {
    everything: Prepared(
        {
            "sqlite": _claim(sqlite.insert, whatever_its_time=everything),
            "postgresql": _claim(postgresql.insert, whatever_its_time=everything),
        }
    )
    for everything in (False, True)
}
_DONE = Prepared(update(STATE).where(STATE.c.name == bindparam("this_job")))


class Jobs:
    """The jobs of this application."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics) -> None:
        metrics.declare(RUNS)
        self.metrics = metrics
        self.database = database
        self.clock = clock
        self.jobs: dict[str, Job] = {}
        self.stopping = False
        """The worker ends: what takes long stops where it can be taken up again."""
        self._watches: list[Callable[[], None]] = []
        self._spawn: Callable[[Callable[[], None]], object] = lambda work: work()

    def in_background(self, spawn: Callable[[Callable[[], None]], object]) -> None:
        """From now on ``apart`` runs work with ``spawn``, in a thread of its own."""
        self._spawn = spawn

    def apart(self, work: Callable[..., None], *arguments: object) -> None:
        """Run work that may take hours: beside the jobs in a server's worker, at once in a command.

        It keeps a lease of its own. What it raises is logged.
        """
        app = current_app._get_current_object()  # type: ignore[attr-defined] # the proxy's own

        def run() -> None:
            with app.app_context(), logs.belonging_to("run"):
                try:
                    work(*arguments)
                except Exception:
                    log.exception("%s failed", work.__name__)

        self._spawn(run)

    def add(self, job: Job) -> None:
        """Register a job. Raises ValueError when the name is taken."""
        if job.name in self.jobs:
            raise ValueError(f"job {job.name} exists already")
        self.jobs[job.name] = job

    def watch(self, look: Callable[[], None]) -> None:
        """Have every worker call ``look`` about every second, without a lease: it asks the database for nothing unless
        there is something to do.
        """
        self._watches.append(look)

    def run_watches(self) -> None:
        """Call each of them once. Raises what one raises."""
        for look in self._watches:
            look()

    def run_due(self, *, everything: bool = False) -> list[str]:
        """Run what is due (or everything), one after the other; returns the names of those that ran."""
        if everything:
            self.run_watches()
        return self._run_each(self.jobs.values(), everything)

    def run_due_short(self) -> list[str]:
        """Run what is due and short."""
        return self._run_each([job for job in self.jobs.values() if not job.long], False)

    def run_due_long(self) -> list[str]:
        """Run what is due and may take minutes."""
        return self._run_each([job for job in self.jobs.values() if job.long], False)

    def _run_each(self, jobs: Iterable[Job], everything: bool) -> list[str]:
        meant = jobs if everything else self._due(jobs)
        return [job.name for job in meant if self._claim(job, everything) and self._run(job)]

    def _due(self, jobs: Iterable[Job]) -> list[Job]:
        """Those whose time has come, asked at once: this is asked every second beside whatever waits for an answer."""
        now = self.clock.now()
        with self.database.looking() as connection:
            when = {row[0]: row[1] for row in _WHEN.rows(connection, {})}
        return [job for job in jobs if job.name not in when or when[job.name] <= now]

    def _claim(self, job: Job, everything: bool) -> bool:
        now = self.clock.now()
        values = {"name": job.name, "next_run_at": now + LEASE, **({} if everything else {"now": now})}
        return bool(self.database.write_alone(_CLAIM[everything], values))

    def _run(self, job: Job) -> bool:
        with logs.belonging_to("run"):
            return self._run_once(job)

    def _run_once(self, job: Job) -> bool:
        error: str | None = None
        try:
            job.run()
        except Exception as failure:
            # One job that fails must not keep the others from running; the reason is kept for the administrator.
            log.exception("job %s failed", job.name)
            error = f"{type(failure).__name__}: {failure}"[:500]
        self.metrics.count(RUNS, job.name, "failed" if error else "done")
        now = self.clock.now()
        again = now + timedelta(seconds=job.every_seconds)
        values = {"this_job": job.name, "next_run_at": again, "last_run_at": now, "last_error": error}
        self.database.write_alone(_DONE, values)
        return True


def start_ticker(app: Flask, stopping: Callable[[], bool] = lambda: False) -> None:
    """Start the worker's own threads: one compares versions and sweeps sockets every second, one calls what modules
    watch, two run the jobs.

    Four, because a job may wait for the telephone system's API while changes must be noticed within two seconds, and
    a long one must not keep calls open that should be closed. When ``stopping`` says so, all sockets are closed, so
    that the worker need not wait for them.
    """
    kernel = app.extensions["durchwahl"]
    socketio = kernel.realtime.socketio

    def look() -> None:
        kernel.versions.check(max_age=0.5)
        kernel.realtime.sweep()
        if stopping():
            kernel.jobs.stopping = True
            kernel.realtime.close_all()
        kernel.figures.write()

    def repeat(work: Callable[[], object], seconds: float) -> None:
        away = False
        while True:
            socketio.sleep(seconds)
            with app.app_context():
                try:
                    work()
                    away = False
                except Exception as error:
                    # The next round tries again; the database may be away for long, which is worth one line.
                    if not away:
                        log.warning(
                            "%s failed: %s", work.__name__, type(error).__name__, exc_info=not is_unavailable(error)
                        )
                    away = True

    kernel.jobs.in_background(socketio.start_background_task)
    socketio.start_background_task(repeat, look, LOOK_SECONDS)
    socketio.start_background_task(repeat, kernel.jobs.run_watches, LOOK_SECONDS)
    socketio.start_background_task(repeat, kernel.jobs.run_due_short, JOBS_SECONDS)
    socketio.start_background_task(repeat, kernel.jobs.run_due_long, JOBS_SECONDS)

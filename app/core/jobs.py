"""Work that returns: each job has a period and, in the database, a lease, so that it runs once among all workers.

The thread is started by the server's worker (``gunicorn.conf.py``), never by ``create_app``. ``flask jobs run-once``
runs every job now, whatever its period.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, Text, true, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import Clock
from app.core.database import Base, Database, UTCDateTime, insert_or_ignore

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)
#: A worker that died in a job gives it back after this.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work and its period."""

    name: str
    every_seconds: float
    run: Callable[[], None]


class JobState(Base):
    """When a job may run again, and how it last ended."""

    __tablename__ = "core_job"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_run_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)


class Jobs:
    """The jobs of this application."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.jobs: dict[str, Job] = {}

    def add(self, job: Job) -> None:
        """Register a job. Raises ValueError when the name is taken."""
        if job.name in self.jobs:
            raise ValueError(f"job {job.name} exists already")
        self.jobs[job.name] = job

    def run_due(self, *, everything: bool = False) -> list[str]:
        """Run what is due (or everything), one after the other; returns the names of those that ran."""
        return [job.name for job in self.jobs.values() if self._claim(job, everything) and self._run(job)]

    def _claim(self, job: Job, everything: bool) -> bool:
        now = self.clock.now()
        with self.database.reading() as session:
            state = session.get(JobState, job.name)
        if state is not None and state.next_run_at > now and not everything:
            return False
        with self.database.transaction() as session:
            insert_or_ignore(
                session,
                JobState,
                {"name": job.name, "next_run_at": now, "last_run_at": None, "last_error": None},
                ["name"],
            )
            # Whoever changes the row has the job; the others see a count of 0.
            claimed: Any = session.execute(
                update(JobState)
                .where(JobState.name == job.name, true() if everything else JobState.next_run_at <= now)
                .values(next_run_at=now + LEASE)
            )
            return bool(claimed.rowcount)

    def _run(self, job: Job) -> bool:
        error: str | None = None
        try:
            job.run()
        except Exception as failure:
            # One job that fails must not keep the others from running; the reason is kept for the administrator.
            log.exception("job %s failed", job.name)
            error = f"{type(failure).__name__}: {failure}"[:500]
        now = self.clock.now()
        with self.database.transaction() as session:
            session.execute(
                update(JobState)
                .where(JobState.name == job.name)
                .values(next_run_at=now + timedelta(seconds=job.every_seconds), last_run_at=now, last_error=error)
            )
        return True


def start_ticker(app: Flask) -> None:
    """Start the worker's own thread: versions every second, then the jobs that are due."""
    kernel = app.extensions["durchwahl"]
    socketio = kernel.realtime.socketio

    def tick() -> None:
        while True:
            socketio.sleep(1.0)
            with app.app_context():
                try:
                    kernel.versions.check(max_age=0.5)
                    kernel.realtime.sweep()
                    kernel.jobs.run_due()
                except Exception as error:  # noqa: BLE001 (the database may be away; the next tick tries again)
                    log.warning("tick failed: %s", type(error).__name__)

    socketio.start_background_task(tick)

"""What core looks at: database, disk, backups, jobs, Redis, sockets, the address."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app, request
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from redis import Redis, RedisError
from sqlalchemy import select, text

from app.core.commands.structure import outdated
from app.core.database import reading
from app.core.health import Health, Level, Light, Section
from app.core.i18n import show_datetime
from app.core.jobs import LEASE, JobState
from app.core.message_queue import SECONDS

#: Free bytes in DATA_DIR below which it is time to do something, and below which writes are about to fail.
FEW_BYTES, TOO_FEW_BYTES = 2 * 1024**3, 256 * 1024**2
#: A backup is due every night.
BACKUP_OLD = timedelta(hours=36)
#: Sockets that are open, of those that may be: from here on it gets tight.
MANY_SOCKETS = 0.9
#: Seconds by which the clocks of two machines may differ.
CLOCKS_DIFFER = 2.0
#: Milliseconds in which the simplest question to the database should be answered.
SLOW_MS = 100.0


def install(health: Health) -> None:
    """Register core's sections."""
    for title, check in (
        (_l("Database"), database),
        (_l("Disk"), disk),
        (_l("Work in the background"), jobs),
        (_l("Live connections"), connections),
        (_l("Address"), address),
    ):
        health.add(Section(title, check, lambda: True))


def database() -> Iterator[Light]:
    """Whether it answers, at which version, and whether its clock is ours."""
    kernel = current_app.extensions["durchwahl"]
    started = time.perf_counter()
    with reading() as session:
        if kernel.database.is_sqlite:
            told = session.execute(text("SELECT sqlite_version()")).scalar_one()
            kind, now = f"SQLite {told}", None
        else:
            told = str(session.execute(text("SHOW server_version")).scalar_one())
            kind, now = f"PostgreSQL {told.split()[0]}", session.execute(text("SELECT clock_timestamp()")).scalar_one()
    took = (time.perf_counter() - started) * 1000
    level: Level = "warning" if took > SLOW_MS else "ok"
    milliseconds = format_decimal(round(took, 1))
    yield Light(level, _("%(kind)s answers within %(ms)s ms.", kind=kind, ms=milliseconds))
    if outdated() is not None:
        yield Light("error", _("The database is not at this version: run `flask db upgrade`."))
    if now is not None and abs((now - kernel.clock.now()).total_seconds()) > CLOCKS_DIFFER:
        yield Light(
            "warning", _("The clocks of this server and of the database differ. Please let both be set by NTP.")
        )


def disk() -> Iterator[Light]:
    """Whether there is room, and how old the newest backup is."""
    config = current_app.extensions["durchwahl"].config
    free = shutil.disk_usage(config.data_dir).free
    level: Level = "error" if free < TOO_FEW_BYTES else "warning" if free < FEW_BYTES else "ok"
    yield Light(level, _("%(size)s GB are free where the data lie.", size=format_decimal(round(free / 1e9, 1))))
    if config.is_sqlite:
        yield _backup(config.data_dir / "backups")


def _backup(folder: Path) -> Light:
    ages = [path.stat().st_mtime for path in folder.glob("*.db")] if folder.is_dir() else []
    if not ages:
        return Light("warning", _("There is no backup yet: run `flask backup create` every night."))
    at = datetime.fromtimestamp(max(ages), UTC)
    now = current_app.extensions["durchwahl"].clock.now()
    level: Level = "warning" if now - at > BACKUP_OLD else "ok"
    return Light(level, _("The newest backup is of %(at)s.", at=show_datetime(at)))


def jobs() -> Iterator[Light]:
    """Which failed last time, and whether they run at all."""
    kernel = current_app.extensions["durchwahl"]
    now = kernel.clock.now()
    with reading() as session:
        rows = {row.name: row for row in session.execute(select(JobState)).scalars() if row.name in kernel.jobs.jobs}
    failed = [row for row in rows.values() if row.last_error]
    # A job that runs holds its lease; one whose time has passed by more than that is run by nobody.
    late = [row for row in rows.values() if now - row.next_run_at > LEASE]
    for row in failed:
        yield Light("error", _("“%(name)s” failed: %(error)s", name=row.name, error=row.last_error))
    if late or not rows:
        yield Light("error", _("Nobody runs the jobs: is the server started by gunicorn with its configuration file?"))
    elif not failed:
        count = len(kernel.jobs.jobs)
        yield Light("ok", _("All %(count)s jobs run, and none has failed.", count=count))


def connections() -> Iterator[Light]:
    """Open browsers of this worker, and Redis between several."""
    kernel = current_app.extensions["durchwahl"]
    held, most = kernel.realtime.open_sockets, kernel.config.max_sockets
    level: Level = "warning" if held > most * MANY_SOCKETS else "ok"
    yield Light(level, _("%(held)s of at most %(most)s browsers are connected to this worker.", held=held, most=most))
    url = kernel.config.redis_url
    if url is None:
        return
    try:
        with Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as redis:
            redis.ping()
    except RedisError:
        yield Light("error", _("Redis does not answer: the workers do not hear of each other until it does."))
    else:
        yield Light("ok", _("Redis answers: the workers hear of each other."))


def address() -> Iterator[Light]:
    """Whether others reach us under the address that we believe to have."""
    config = current_app.extensions["durchwahl"].config
    if config.public_url is None:
        yield Light("warning", _("PUBLIC_URL is not set: the address for notifications is a guess."))
    elif urlsplit(config.public_url).scheme != "https":
        yield Light("warning", _("PUBLIC_URL is without https: passwords and names of callers can be read on the way."))
    elif not request.is_secure:
        yield Light("error", _("This page came without https although PUBLIC_URL has it: set PROXY_HOPS."))
    else:
        yield Light("ok", _("Reached under %(url)s.", url=config.public_url))

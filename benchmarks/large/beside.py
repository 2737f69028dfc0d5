"""How long a telephone system waits for its answer while addresses are imported, beside the same without an import.

The server runs as in production, and imports as somebody has it do from the page: in its own process.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from app.core.accounts.models import User
from app.core.database import transaction
from app.modules.addresses.imports import services
from app.modules.addresses.imports.files import Received
from app.modules.addresses.imports.states import AT_WORK, NotNow
from app.modules.addresses.imports.stored import load
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from benchmarks.callers import SECRET, TWO, WEBHOOK, notification, signed, unknown_callers
from benchmarks.large.plan import Plan
from benchmarks.large.subjects import Subject
from benchmarks.population import RINGING_MINUTES, user_rows
from benchmarks.servers import BenchmarkFailed, gunicorn
from tests.services import free_port

QUIET, DURING = "quiet", "during"
#: Seconds from one notification to the next: many for a house, and far from what a server takes.
PACE = 0.1
WARM_UP = 10
#: Seconds for an answer; for the check of the file, which is no part of what is measured; for the end of an import.
ANSWER_SECONDS, CHECK_SECONDS, END_SECONDS = 60.0, 1800.0, 120.0
USER = 1


def measure(subject: Subject, file: Path, plan: Plan) -> dict[str, Any]:
    """Times in ms until the answer: ``quiet``, half before and half after the import; ``during`` an import of the file,
    for ``plan.beside_seconds`` at most, with the rows that were stored meanwhile. Raises BenchmarkFailed.
    """  # fmt: skip
    with subject.app.app_context():
        import_id = _bring(subject, file)
        env = {**subject.env, "PORT": str(free_port())}
        with gunicorn("gunicorn.conf.py", "wsgi:app", env, "/login") as server:
            post = poster(server.port)
            _posted(post, WARM_UP)
            quiet = _posted(post, plan.beside // 2)
            services.check(import_id, USER)
            if _wait(import_id, CHECK_SECONDS) != "checked":
                raise BenchmarkFailed(f"the file could not be checked: {load(import_id).state}")
            services.start(import_id, USER, load(import_id).version)
            began = time.monotonic()
            during = _posted(post, 1)
            while load(import_id).state in AT_WORK and time.monotonic() - began < plan.beside_seconds:
                during += _posted(post, 1)
            rows, seconds = load(import_id).totals.done, time.monotonic() - began
            _end(import_id)
            quiet += _posted(post, plan.beside // 2)
    return {QUIET: quiet, DURING: during, "rows": rows, "seconds": round(seconds, 1)}


def _bring(subject: Subject, file: Path) -> int:
    """A user, the secret of the notifications, and his file; returns the id of its import."""
    kernel = subject.app.extensions["durchwahl"]
    with transaction() as session:
        session.execute(insert(User), list(user_rows(USER, datetime.now(UTC))))
        kernel.settings.save(session, CallcenterSettings, {"ringing_minutes": RINGING_MINUTES})
        kernel.settings.save(session, ConnectionSettings, {"shared_secret": SECRET}, part=FIRST_CONNECTION)
    with file.open("rb") as content:
        return services.receive(Received(content), file.name, USER)


def poster(port: int) -> Callable[[], float]:
    """Posts that a stranger calls, on a connection of its own; gives the ms until the answer."""
    callers, calls = unknown_callers(), count(1)

    def post() -> float:
        body = notification(next(callers), TWO, f"beside-{next(calls)}")
        begun = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", WEBHOOK, body, signed(body))
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != 200:
            raise BenchmarkFailed(f"a notification was answered with {status}")
        return round((time.perf_counter() - begun) * 1000, 3)

    return post


def _posted(post: Callable[[], float], times: int) -> list[float]:
    found = []
    for _ in range(times):
        found.append(post())
        time.sleep(PACE)
    return found


def _end(import_id: int) -> None:
    if load(import_id).state in AT_WORK:
        try:
            services.cancel(import_id)
        except NotNow:
            pass  # over in this moment
    _wait(import_id, END_SECONDS)


def _wait(import_id: int, seconds: float) -> str:
    """The state when nothing works on the import any more."""
    deadline = time.monotonic() + seconds
    while (state := load(import_id).state) in AT_WORK:
        if time.monotonic() > deadline:
            raise BenchmarkFailed(f"the import does not end: {state}")
        time.sleep(PACE)
    return state

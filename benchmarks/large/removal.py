"""What it takes to tell a person what is stored of him, and to remove him, with many addresses and calls beside him.

Within this process: time, memory, and how long a transaction that writes lasts. Then by the server as it runs in
production, while notifications come: how long the telephone system waits meanwhile.
"""

from __future__ import annotations

import http.client
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import event, func, insert, select

from app.core.accounts import service
from app.core.accounts.models import ADMINISTRATOR, User
from app.core.database import reading, transaction
from app.core.privacy import persons, removing
from app.core.privacy.models import RemovalRow
from app.core.realtime import SESSION_KEY
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from benchmarks.callers import SECRET
from benchmarks.large import beside
from benchmarks.large.importing import resident_mib
from benchmarks.large.long_known import put_in
from benchmarks.large.plan import Plan
from benchmarks.large.subjects import Subject
from benchmarks.population import RINGING_MINUTES, user_rows
from benchmarks.servers import BenchmarkFailed, Server, gunicorn
from tests.services import free_port

PREVIEW, EXPORT, REMOVAL = STEPS = ("preview", "export", "removal")
QUIET = "quiet"
#: Seconds between two looks at the memory, and at whether a removal is over; for the removal in all.
LOOK, END_SECONDS = 0.02, 300.0
ANSWER_SECONDS = 120.0
_WRITES = ("INSERT", "UPDATE", "DELETE")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def measure(subject: Subject, plan: Plan, now: datetime) -> dict[str, Any]:
    """Persons by how many calls they have, and notifications beside the last of them. Raises BenchmarkFailed."""
    with subject.app.app_context():
        found: dict[str, Any] = {"persons": {}}
        for calls_each in plan.removal_persons:
            key = put_in(calls_each, now)
            found["persons"][str(calls_each)] = _here(subject, key)
        found["beside"] = _beside(subject, plan, put_in(plan.removal_persons[-1], now))
    return found


# ----------------------------------------------------------------------------------------------------- in this process


def _here(subject: Subject, key: str) -> dict[str, Any]:
    packed: list[bytes | None] = []
    with _Memory() as memory:
        begun = time.perf_counter()
        seen = removing.preview(key)
        preview = time.perf_counter()
        with subject.app.test_request_context():
            packed.append(persons.export(key, _officer(), "Officer"))
        exported = time.perf_counter()
        if seen is None or not packed[0] or not removing.order(seen.removal, secrets.token_hex(8), "Officer"):
            raise BenchmarkFailed(f"{key} cannot be removed")
        with _writes(subject) as writes:
            ordered = time.perf_counter()
            if not removing.work_off():
                raise BenchmarkFailed(f"the removal of {key} waits for something")
            removed = time.perf_counter()
    return {
        PREVIEW: round(preview - begun, 3),
        EXPORT: round(exported - preview, 3),
        REMOVAL: round(removed - ordered, 3),
        "bytes": len(packed[0]),
        "memory_mib": round(memory.rise, 1),
        "writes_ms": [round(one, 2) for one in sorted(writes, reverse=True)[:100]],
        "writes": len(writes),
    }


class _Memory:
    """Looks on how far the memory of this process rises."""

    def __init__(self) -> None:
        self.begun = self.most = resident_mib()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def rise(self) -> float:
        """In MiB."""
        return self.most - self.begun

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK):
            self.most = max(self.most, resident_mib())


@contextmanager
def _writes(subject: Subject) -> Iterator[list[float]]:
    """How long each transaction holds what it has written, in ms: on SQLite all others from writing."""
    took: list[float] = []
    engine = subject.database.engine

    def begins(connection: Any) -> None:
        if connection.get_execution_options().get("writing"):
            connection.info["since"] = time.perf_counter()

    def says(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().startswith(_WRITES):
            connection.info.setdefault("since", time.perf_counter())

    def ends(_connection: Any, record: Any) -> None:
        since = record.info.pop("since", None)
        if since is not None:
            took.append((time.perf_counter() - since) * 1000)

    heard: list[tuple[Any, str, Callable[..., None]]] = [
        (engine, "begin", begins),
        (engine, "before_cursor_execute", says),
        (engine.pool, "checkin", ends),
    ]
    for target, name, hear in heard:
        event.listen(target, name, hear)
    try:
        yield took
    finally:
        for target, name, hear in heard:
            event.remove(target, name, hear)


def _officer() -> int:
    """An administrator."""
    with transaction() as session:
        known = session.execute(select(User.id).where(User.username == "officer")).scalar_one_or_none()
        if known is not None:
            return known
        new = (session.execute(select(func.max(User.id))).scalar_one() or 0) + 1
        row = {**next(user_rows(1, datetime.now().astimezone())), "id": new, "role": ADMINISTRATOR}
        session.execute(insert(User).values({**row, "username": "officer", "username_key": "officer"}))
        return new


# ----------------------------------------------------------------------------------------------------- by the server


def _beside(subject: Subject, plan: Plan, key: str) -> dict[str, Any]:
    kernel = subject.app.extensions["durchwahl"]
    with transaction() as session:
        kernel.settings.save(session, CallcenterSettings, {"ringing_minutes": RINGING_MINUTES})
        kernel.settings.save(session, ConnectionSettings, {"shared_secret": SECRET}, part=FIRST_CONNECTION)
    cookie = _cookie(subject.app)
    env = {**subject.env, "PORT": str(free_port())}
    with gunicorn("gunicorn.conf.py", "wsgi:app", env, "/login") as server, _Notifications(server.port) as coming:
        coming.wait_for(beside.WARM_UP)
        before = server.memory_kib() / 1024
        coming.phase = QUIET
        coming.wait_for(plan.removal_quiet)
        officer = _Browser(server, cookie)
        seconds: dict[str, float] = {}
        for step, work in ((PREVIEW, officer.preview), (EXPORT, officer.export), (REMOVAL, officer.remove)):
            coming.phase = step
            begun = time.perf_counter()
            work(key)
            seconds[step] = round(time.perf_counter() - begun, 3)
        coming.phase = ""
    return {"waited": coming.took, "seconds": seconds, "server_mib": [round(before), round(officer.most_mib)]}


def _cookie(app: Flask) -> str:
    serializer: Any = app.session_interface
    signed: str = serializer.get_signing_serializer(app).dumps({SESSION_KEY: service.start_session(_officer())})
    return f"durchwahl={signed}"


class _Notifications:
    """Come at a steady pace, whatever else is done: how long each waited for its answer, by what was done then."""

    def __init__(self, port: int) -> None:
        self.phase = ""
        self.took: dict[str, list[float]] = {QUIET: [], **{step: [] for step in STEPS}}
        self.count = 0
        self._post = beside.poster(port)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.failure: Exception | None = None

    def __enter__(self) -> _Notifications:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more have been answered. Raises what one raised."""
        wanted = self.count + more
        while self.count < wanted:
            if self.failure is not None:
                raise self.failure
            time.sleep(LOOK)

    def _run(self) -> None:
        while not self._over.wait(beside.PACE):
            phase = self.phase
            try:
                took = self._post()
            except (BenchmarkFailed, OSError) as failure:
                self.failure = failure
                return
            if phase:
                self.took[phase].append(took)
            self.count += 1


class _Browser:
    """The data-protection officer's."""

    def __init__(self, server: Server, cookie: str) -> None:
        self._server, self._cookie = server, cookie
        self.most_mib = 0.0
        self._token = ""
        self._token = self._found(_TOKEN, self._ask("GET", "/privacy/persons"))

    def preview(self, key: str) -> None:
        page = self._ask("POST", "/privacy/persons/removal", key=key)
        self._submission = self._found(re.compile(r'name="submission" value="(\w+)"'), page)

    def export(self, key: str) -> None:
        if not self._ask("POST", "/privacy/persons/export", key=key).startswith(b"PK"):
            raise BenchmarkFailed("the file about a person is none")

    def remove(self, key: str) -> None:
        self._ask("POST", "/privacy/persons/remove", key=key, submission=self._submission, confirmed="1")
        query = select(func.count()).select_from(RemovalRow).where(RemovalRow.finished_at.is_(None))
        deadline = time.monotonic() + END_SECONDS
        while True:
            self._look()
            with reading() as session:
                if not session.execute(query).scalar_one():
                    return
            if time.monotonic() > deadline:
                raise BenchmarkFailed("the removal does not end")
            time.sleep(LOOK)

    def _ask(self, method: str, path: str, **form: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=ANSWER_SECONDS)
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urlencode({**form, "csrf_token": self._token}), headers)
            answer = connection.getresponse()
            body = answer.read()
            if given := answer.getheader("Set-Cookie"):
                self._cookie = given.partition(";")[0]
        finally:
            connection.close()
        if answer.status not in (200, 302):
            raise BenchmarkFailed(f"{path} was answered with {answer.status}")
        self._look()
        return body

    def _look(self) -> None:
        self.most_mib = max(self.most_mib, self._server.memory_kib() / 1024)

    @staticmethod
    def _found(pattern: re.Pattern[str], page: bytes) -> str:
        found = pattern.search(page.decode())
        if found is None:
            raise BenchmarkFailed(f"the page has no {pattern.pattern}")
        return found[1]

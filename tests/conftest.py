"""Fixtures of all levels.

The database of a test is built by the migrations, once a run; each test works in an outer transaction that is
rolled back. Tests of concurrency take ``own_app``, which has a database of its own and really commits.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask, g
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy.pool import QueuePool

from app import create_app
from app.core.accounts import service, throttle
from app.core.clock import FixedClock
from app.core.database import Database
from app.core.http import HttpClient, HttpError, HttpFault, HttpResponse
from config import Config
from tests.services import postgres_server

hypothesis_settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True)
hypothesis_settings.load_profile("ci")

# The real parameters take a tenth of a second a log-in on purpose; a test run has thousands.
service._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

NOW = datetime(2026, 11, 23, 10, 10, 16, tzinfo=UTC)
PASSWORD = "correct horse battery"
_names = itertools.count(1)
#: What was to run in the background, of whatever application.
BACKGROUND: list[Callable[[], None]] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Nothing leaves this machine: names are not resolved, only loopback is reached."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family in (socket.AF_INET, socket.AF_INET6) and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {host}")
        real(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign, assignment] # that is the point
    yield
    socket.socket.connect = real  # type: ignore[method-assign] # back again


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--database"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a private PostgreSQL, without a database's name, ending in a slash."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with postgres_server() as url:
        yield url


def make_config(database_url: str, data_dir: Path, **more: Any) -> Config:
    values: dict[str, Any] = {
        "secret_key": "test-key-" + "0123456789abcdef" * 3,
        "database_url": database_url,
        "redis_url": None,
        "data_dir": data_dir,
        "host": "127.0.0.1",
        "port": 8000,
        "max_sockets": 20,
        "public_url": None,
        "proxy_hops": 0,
        "log_level": "WARNING",
        "workers": 1,
        "allowed_hosts": (),
    }
    return Config(**{**values, **more})


def migrate(url: str) -> None:
    from alembic import command

    from app.core.commands.structure import alembic_config

    command.upgrade(alembic_config(url), "head")


def create_postgres_database(server: str, name: str, template: str = "template0") -> str:
    """A new database on the private server; returns its SQLAlchemy address."""
    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server.replace("postgresql://", "postgresql+psycopg://") + name


class Databases:
    """Makes migrated databases: one by the migrations, the others as copies of it."""

    def __init__(self, kind: str, folder: Path, server: str | None) -> None:
        self.kind = kind
        self.folder = folder
        self.server = server
        self.prefix = f"dw_{os.getpid()}"
        self.template = self._empty(f"{self.prefix}_template")
        migrate(self.template)

    def _empty(self, name: str) -> str:
        if self.server is None:
            return f"sqlite:///{self.folder / name}.db"
        return create_postgres_database(self.server, name)

    def copy(self) -> str:
        name = f"{self.prefix}_{next(_names)}"
        if self.server is not None:
            return create_postgres_database(self.server, name, f"{self.prefix}_template")
        shutil.copyfile(self.folder / f"{self.prefix}_template.db", self.folder / f"{name}.db")
        return f"sqlite:///{self.folder / name}.db"


@pytest.fixture(scope="session")
def databases(
    database_kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Databases:
    server = request.getfixturevalue("postgres_url") if database_kind == "postgresql" else None
    return Databases(database_kind, tmp_path_factory.mktemp("databases"), server)


class FakeHttp:
    """The outgoing HTTP client of tests: records requests, answers from a script, never connects."""

    Error = HttpError  # see HttpClient

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answers: list[HttpResponse | HttpError | Callable[[dict[str, Any]], HttpResponse]] = []

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.answers.append(HttpResponse(status, headers or {}, body))

    def fail(self, fault: HttpFault) -> None:
        self.answers.append(HttpError(fault, "scripted"))

    def request(
        self, method: str, url: str, *, headers: Any = None, params: Any = None, json: Any = None, body: Any = None
    ) -> HttpResponse:
        sent = {"method": method, "url": url, "headers": headers, "params": params, "json": json, "body": body}
        self.requests.append(sent)
        if not self.answers:
            raise HttpError(HttpFault.NOT_SENT, "nothing scripted")
        answer = self.answers.pop(0)
        if isinstance(answer, HttpError):
            raise answer
        return answer(sent) if callable(answer) else answer


@pytest.fixture(scope="session")
def _application(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = build_app(databases.copy(), tmp_path_factory.mktemp("data"))
    yield app
    app.extensions["durchwahl"].database.dispose()


def build_app(url: str, data_dir: Path, http: HttpClient | None = None, **config: Any) -> Flask:
    app = create_app(make_config(url, data_dir, **config), clock=FixedClock(NOW), http=http or FakeHttp())
    app.testing = True
    # Nothing runs beside a test by itself: see the fixture ``background``.
    app.extensions["durchwahl"].realtime.in_background = BACKGROUND.append
    app.extensions["durchwahl"].realtime.sleep = lambda _seconds: None
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def forget_the_last_request() -> None:
        # The tests' application context spans several requests; a request must find nothing of the one before.
        for name in list(g):
            g.pop(name)

    app.before_request_funcs.setdefault(None, []).insert(0, forget_the_last_request)
    return app


@pytest.fixture
def app(_application: Flask) -> Iterator[Flask]:
    """The application inside an outer transaction, with an application context pushed."""
    BACKGROUND.clear()
    kernel = _application.extensions["durchwahl"]
    kernel.clock.at = NOW
    kernel.http.requests.clear()
    kernel.http.answers.clear()
    _forget(kernel)
    with kernel.database.rolled_back(), _application.app_context():
        yield _application
        run_background()
        _close_sockets(_application)
    _forget(kernel)


def _close_sockets(app: Flask) -> None:
    """What a test left open would be told what happens in the next."""
    for key, client in list(SocketIOTestClient.clients.items()):
        if client.app is app:
            del SocketIOTestClient.clients[key]
            if client.is_connected():
                client.disconnect()


def _forget(kernel: Any) -> None:
    """What is kept in memory belongs to rows that the rollback takes away."""
    kernel.versions._seen = None
    kernel.versions._checked_at = -1000.0
    kernel.settings.forget()
    kernel.states.forget()
    kernel.app.extensions["durchwahl.callcenter.connections"].forget()
    throttle.install(kernel.app)


@pytest.fixture
def own_app(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """An application with a database of its own that really commits: for threads and restarts."""
    app = build_app(databases.copy(), tmp_path)
    yield app
    database = app.extensions["durchwahl"].database
    wait_for_connections(database)
    database.dispose()


def wait_for_connections(database: Database) -> None:
    """Return when no thread holds a connection any more, at most half a minute later.

    One that is given back to a pool that was disposed of is left open, and Python complains in a later test.
    """
    end = time.monotonic() + 30
    pools = [engine.pool for engine in database.engines if isinstance(engine.pool, QueuePool)]
    while any(pool.checkedout() for pool in pools) and time.monotonic() < end:
        time.sleep(0.01)


@pytest.fixture
def kernel(app: Flask) -> Any:
    return app.extensions["durchwahl"]


@pytest.fixture
def background(app: Flask) -> Callable[[], None]:
    """``background()`` runs what was to run beside the test, until nothing is left."""
    return run_background


def run_background() -> None:
    while BACKGROUND:
        BACKGROUND.pop(0)()


@pytest.fixture
def clock(kernel: Any) -> FixedClock:
    found: FixedClock = kernel.clock
    return found


@pytest.fixture
def http(kernel: Any) -> FakeHttp:
    found: FakeHttp = kernel.http
    return found


@pytest.fixture
def make_user(app: Flask) -> Callable[..., int]:
    """``make_user("anna", role="staff")`` → id. The password is PASSWORD."""

    def make(username: str = "", role: str = "staff", **more: Any) -> int:
        return service.create_user(username or f"user{next(_names)}", PASSWORD, role, **more)

    return make


@pytest.fixture
def client_for(app: Flask, make_user: Callable[..., int]) -> Callable[..., FlaskClient]:
    """``client_for("anna", role="staff")``: a new test client that is logged in as that (new) user."""

    def make(username: str = "", role: str = "staff", **more: Any) -> FlaskClient:
        user_id = make_user(username, role, **more)
        return logged_in_client(app, user_id)

    return make


def logged_in_client(app: Flask, user_id: int) -> FlaskClient:
    client = app.test_client()
    session_id = service.start_session(user_id)
    with client.session_transaction() as cookie:
        cookie["sid"] = session_id
    return client


def csrf_of(client: FlaskClient, path: str = "/") -> str:
    """A valid CSRF token from a page of this client."""
    import re

    page = client.get(path, follow_redirects=True).get_data(as_text=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found, f"no CSRF token on {path}"
    return found.group(1)


@pytest.fixture
def admin(client_for: Callable[..., FlaskClient]) -> FlaskClient:
    return client_for("admin", role="administrator")


@pytest.fixture
def staff(client_for: Callable[..., FlaskClient]) -> FlaskClient:
    return client_for("staff", role="staff")

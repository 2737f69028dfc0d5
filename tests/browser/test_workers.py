"""Two workers on PostgreSQL under gevent, connected by Redis: what one does holds in the other."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from redis import Redis

from app.core.demo import DEMO_PASSWORD
from tests.browser.stack import SECRET, Stack
from tests.services import end_all_connections, postgres_for_tests, redis_server
from tests.wire import (
    PROMISED_SECONDS,
    WEBHOOK,
    LiveSocket,
    Person,
    Refused,
    incoming,
    process_of,
    seconds_until,
    signed,
)


class Cluster:
    """The server with its two workers, and ways to talk to one of them."""

    def __init__(self, stack: Stack, redis_url: str, database: str) -> None:
        self.stack = stack
        self.redis_url = redis_url
        self.database = database
        seconds_until(lambda: len(stack.workers) == 2)
        self.workers = sorted(stack.workers)

    @contextlib.contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """Meanwhile the other worker is asleep, so whoever connects is this one's."""
        others = [pid for pid in self.workers if pid != worker]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)

    def socket(self, person: Person, worker: int) -> LiveSocket:
        with self.only(worker):
            socket = person.socket()
        assert process_of(socket.local_port, self.stack.port, self.workers) == worker
        return socket

    def notify(self, worker: int, call: str, secret: str = SECRET) -> int:
        """Have this worker take a notification; the status of its answer."""
        body, headers = signed(secret, **incoming(call))
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=20)) as connection:
            with self.only(worker):
                connection.connect()
                seconds_until(lambda: self.holder(connection) == worker, every=0.01)
            # From here on both are awake: the message must reach the other one's browsers.
            connection.request("POST", WEBHOOK, body, {**headers, "Connection": "close"})
            return connection.getresponse().status

    def comes_to(self, worker: int, call: str, status: int) -> None:
        """Wait until this worker answers so, no longer than is promised."""
        seconds_until(lambda: self.notify(worker, call) == status, at_most=PROMISED_SECONDS)

    def holder(self, connection: http.client.HTTPConnection) -> int | None:
        assert connection.sock is not None
        return process_of(connection.sock.getsockname()[1], self.stack.port, self.workers)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("workers")
    with postgres_for_tests() as prefix, redis_server() as redis_url:
        name = f"workers_{os.getpid()}"
        with psycopg.connect(prefix + "postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        stack = Stack(folder, DATABASE_URL=prefix + name, REDIS_URL=redis_url, WEB_CONCURRENCY="2")
        stack.prepare()
        stack.start_server()
        yield Cluster(stack, redis_url, prefix + name)
        stack.stop()


@pytest.fixture
def opened() -> Iterator[contextlib.ExitStack]:
    """Closes at the end whatever was opened."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def person(cluster: Cluster, opened: contextlib.ExitStack) -> Callable[..., Person]:
    def log_in(username: str, password: str = DEMO_PASSWORD) -> Person:
        return opened.enter_context(contextlib.closing(Person(cluster.stack.url, username, password)))

    return log_in


def _one_socket_a_worker(cluster: Cluster, opened: contextlib.ExitStack, person: Person) -> list[LiveSocket]:
    return [opened.enter_context(contextlib.closing(cluster.socket(person, worker))) for worker in cluster.workers]


def _is_told(socket: LiveSocket, *, active: bool) -> None:
    """The browser hears in time whether the telephone is there at all."""
    end = time.monotonic() + PROMISED_SECONDS
    while socket.next("calls", end - time.monotonic())["active"] is not active:
        pass


def test_a_call_that_either_worker_takes_reaches_the_browsers_of_both(
    cluster: Cluster, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    sockets = _one_socket_a_worker(cluster, opened, person("anna"))
    shown = set()
    for worker in cluster.workers:
        assert cluster.notify(worker, f"taken by {worker}") == 200
        told = [socket.next("call") for socket in sockets]
        assert told[0]["id"] == told[1]["id"]
        assert told[0]["phase"] == "ringing"
        shown.add(told[0]["id"])
    assert len(shown) == 2


def test_a_repeated_notification_is_one_call_whichever_worker_takes_it(
    cluster: Cluster, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    first, second = _one_socket_a_worker(cluster, opened, person("ben"))
    before = len(first.ask("calls")["calls"])
    assert [cluster.notify(worker, "repeated") for worker in cluster.workers] == [200, 200]
    assert len(first.ask("calls")["calls"]) == len(second.ask("calls")["calls"]) == before + 1


def test_a_log_out_at_one_worker_closes_the_socket_at_the_other(
    cluster: Cluster, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    clara = person("clara")
    sockets = _one_socket_a_worker(cluster, opened, clara)
    clara.close()  # or the request goes over a kept connection to whichever worker holds that
    with cluster.only(cluster.workers[0]):
        clara.post("/logout")
    for socket in sockets:
        assert socket.seconds_until_closed() < PROMISED_SECONDS
    with pytest.raises(Refused, match="not_logged_in"):
        clara.socket()


def test_a_user_who_is_deactivated_by_a_command_loses_the_sockets_at_both_workers(
    cluster: Cluster, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    cluster.stack.flask("users", "create", "dora", "--role", "staff", "--password-stdin", given="a long passphrase\n")
    sockets = _one_socket_a_worker(cluster, opened, person("dora", "a long passphrase"))
    cluster.stack.flask("users", "deactivate", "dora")
    for socket in sockets:
        assert socket.seconds_until_closed() < PROMISED_SECONDS


def test_a_new_secret_holds_in_both_workers(cluster: Cluster) -> None:
    new = "another-shared-secret"
    cluster.stack.flask("callcenter", "placetel", "configure", "--shared-secret", new)
    end = time.monotonic() + PROMISED_SECONDS
    waiting = set(cluster.workers)
    while waiting:
        waiting -= {worker for worker in waiting if cluster.notify(worker, "new secret", new) == 200}
        assert not waiting or time.monotonic() < end
    assert [cluster.notify(worker, "old secret", SECRET) for worker in cluster.workers] == [403, 403]
    cluster.stack.flask("callcenter", "placetel", "configure", "--shared-secret", SECRET)
    for worker in cluster.workers:
        cluster.comes_to(worker, "old secret", 200)


def test_a_deactivated_module_is_gone_in_both_workers(
    cluster: Cluster, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    sockets = _one_socket_a_worker(cluster, opened, person("anna"))
    with cluster.only(cluster.workers[1]):
        answer = person("admin").post("/appstore/callcenter/switch", active="0")
    assert answer.status_code == 302
    assert cluster.notify(cluster.workers[1], "module gone here at once") == 404
    for socket in sockets:
        _is_told(socket, active=False)
    cluster.comes_to(cluster.workers[0], "module gone there soon", 404)
    cluster.stack.flask("modules", "activate", "callcenter")
    for socket in sockets:
        _is_told(socket, active=True)


def test_a_job_runs_in_one_of_the_workers(cluster: Cluster) -> None:
    with psycopg.connect(cluster.database, autocommit=True) as connection:

        def ran(job: str) -> Any:
            query = "SELECT last_run_at FROM core_job WHERE name = %s AND next_run_at > now()"
            return connection.execute(query, [job]).fetchone()

        (job,) = connection.execute("SELECT name FROM core_job ORDER BY name LIMIT 1").fetchone() or ("",)
        before = ran(job)
        connection.execute("UPDATE core_job SET next_run_at = now() - interval '1 hour' WHERE name = %s", [job])
        seconds_until(lambda: ran(job) not in (None, before), at_most=PROMISED_SECONDS)


def test_a_redis_that_hangs_delays_one_webhook_and_then_the_browsers_ask_anew(
    cluster: Cluster, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    anna = person("anna")
    here, there = _one_socket_a_worker(cluster, opened, anna)
    with contextlib.closing(Redis.from_url(cluster.redis_url)) as redis:
        redis.execute_command("CLIENT", "PAUSE", "7000", "ALL")
        started = time.monotonic()
        assert cluster.notify(cluster.workers[0], "redis hangs") == 200
        assert time.monotonic() - started < 6
        started = time.monotonic()
        assert cluster.notify(cluster.workers[0], "redis still hangs") == 200
        assert time.monotonic() - started < 1.8  # it was not tried again, which takes two seconds
        told = [here.next("call")["id"], here.next("call")["id"]]
    # The other worker heard of neither. Its browsers are sent away, so that they ask when they come back.
    there.seconds_until_closed()
    back = opened.enter_context(contextlib.closing(cluster.socket(anna, cluster.workers[1])))
    assert set(told) <= {call["id"] for call in back.ask("calls")["calls"]}
    assert here.is_open()
    assert cluster.notify(cluster.workers[0], "redis is back") == 200
    assert back.next("call")["id"] == here.next("call")["id"]


def test_after_an_interruption_of_redis_the_browsers_ask_anew(
    cluster: Cluster, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    anna = person("anna")
    sockets = _one_socket_a_worker(cluster, opened, anna)
    with contextlib.closing(Redis.from_url(cluster.redis_url)) as redis:
        assert redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub") == 2
    for socket in sockets:
        socket.seconds_until_closed()
    sockets = _one_socket_a_worker(cluster, opened, anna)
    assert cluster.notify(cluster.workers[0], "after the interruption") == 200
    told = [socket.next("call")["id"] for socket in sockets]
    assert told[0] == told[1]


def test_a_database_that_is_away_costs_no_notification_and_is_found_again(
    cluster: Cluster, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    anna = person("anna")
    # Each has been asked once, so that it knows the secret.
    assert [cluster.notify(worker, "forged", "another secret") for worker in cluster.workers] == [403, 403]
    sockets = _one_socket_a_worker(cluster, opened, anna)
    server, _slash, name = cluster.database.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:

        def switch(allowed: bool) -> None:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {allowed}')
            if not allowed:
                end_all_connections(cluster.database)

        switch(allowed=False)
        try:
            started = time.monotonic()
            assert [cluster.notify(worker, f"it waits {worker}") for worker in cluster.workers] == [200, 200]
            assert anna.get("/addresses/").status_code == 503
            assert time.monotonic() - started < 5
        finally:
            switch(allowed=True)
    # Either worker's comes out of the spool once, and to everybody.
    told = [{socket.next("call")["id"] for _ in cluster.workers} for socket in sockets]
    assert len(told[0]) == 2
    assert told[0] == told[1]
    assert anna.is_logged_in()


def test_the_figures_are_those_of_both_workers(cluster: Cluster) -> None:
    """Whichever is asked, and each at most a second behind what the other has just done."""
    name = 'durchwahl_notifications_total{provider="placetel",result="refused"}'

    def told(worker: int) -> float:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", cluster.stack.port, timeout=20)) as connection:
            with cluster.only(worker):
                connection.connect()
                seconds_until(lambda: cluster.holder(connection) == worker, every=0.01)
            connection.request("GET", "/metrics", headers={"Connection": "close"})
            text = connection.getresponse().read().decode()
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))

    # What was counted before this test has been written for long, once both say the same.
    seconds_until(lambda: told(cluster.workers[0]) == told(cluster.workers[1]))
    before = told(cluster.workers[0])
    for worker in cluster.workers:
        for _repeated in range(3):
            assert cluster.notify(worker, "counted", secret="a wrong one") == 403
    for worker in cluster.workers:
        seconds_until(lambda asked=worker: told(asked) == before + 6)


def test_the_workers_end_within_five_seconds_with_open_sockets(
    cluster: Cluster, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    sockets = _one_socket_a_worker(cluster, opened, person("anna"))
    assert cluster.stack.stop_server(signal.SIGTERM) < 5
    assert all(socket.is_cut() for socket in sockets)

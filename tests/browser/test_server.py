"""The real server on SQLite: full, stopped, killed, and changed by another process."""

from __future__ import annotations

import contextlib
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser
from websocket import WebSocketBadStatusException

from app.core.demo import DEMO_PASSWORD
from app.core.sockets import SPARE
from tests.browser.conftest import People
from tests.browser.stack import SECRET, Stack
from tests.wire import PROMISED_SECONDS, LiveSocket, Person, Refused, incoming, notify, seconds_until

LIMIT = 6
#: A change made by a command is promised to take effect so soon.


@pytest.fixture(scope="module")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("server") / "data"
    shutil.copytree(prepared, folder)
    running = Stack(folder, MAX_SOCKETS=str(LIMIT))
    running.start_server()
    yield running
    running.stop()


@pytest.fixture
def opened() -> Iterator[contextlib.ExitStack]:
    """Closes at the end whatever was opened."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def person(server: Stack, opened: contextlib.ExitStack) -> Callable[..., Person]:
    def log_in(username: str, password: str = DEMO_PASSWORD) -> Person:
        return opened.enter_context(contextlib.closing(Person(server.url, username, password)))

    return log_in


def _guests(server: Stack, opened: contextlib.ExitStack) -> int:
    """How many connections that never log in the server takes beside those."""
    for number in range(100):
        try:
            opened.enter_context(contextlib.closing(LiveSocket(server.url, joining=False)))
        except WebSocketBadStatusException:
            return number
    return 100


def _timed_call(server: Stack, call: str) -> float:
    started = time.monotonic()
    assert notify(server.url, SECRET, **incoming(call)).status_code == 200
    return time.monotonic() - started


def test_sockets_are_not_compressed_though_browsers_offer_it(
    server: Stack, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    offered = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    socket = LiveSocket(server.url, person("anna").cookie, offered=offered)
    opened.enter_context(contextlib.closing(socket))
    assert "sec-websocket-extensions" not in {name.lower() for name in socket.ws.getheaders() or {}}


def test_a_webhook_is_answered_at_once_while_every_place_for_a_socket_is_taken(
    server: Stack, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    anna = person("anna")
    sockets = [opened.enter_context(contextlib.closing(anna.socket())) for _ in range(LIMIT)]
    with pytest.raises(Refused, match="too_many_sockets"):
        anna.socket()
    assert SPARE - 1 <= _guests(server, opened) <= SPARE
    assert _timed_call(server, "full house") < PROMISED_SECONDS
    assert all(socket.next("call")["phase"] == "ringing" for socket in sockets)
    started = time.monotonic()
    assert anna.get("/account/settings").status_code == 200
    assert time.monotonic() - started < PROMISED_SECONDS


def test_a_user_who_is_deactivated_by_a_command_is_out_within_two_seconds(
    server: Stack, person: Callable[..., Person], opened: contextlib.ExitStack
) -> None:
    server.flask("users", "create", "dora", "--role", "staff", "--password-stdin", given="a long passphrase\n")
    dora = person("dora", "a long passphrase")
    socket = opened.enter_context(contextlib.closing(dora.socket()))
    server.flask("users", "deactivate", "dora")
    assert socket.seconds_until_closed() < PROMISED_SECONDS
    assert not dora.is_logged_in()
    with pytest.raises(Refused, match="not_logged_in"):
        dora.socket()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_within_five_seconds_with_open_sockets(
    server: Stack, person: Callable[..., Person], opened: contextlib.ExitStack, number: int
) -> None:
    anna = person("anna")
    socket = opened.enter_context(contextlib.closing(anna.socket()))
    opened.enter_context(contextlib.closing(anna.socket()))
    assert server.stop_server(number) < 5
    assert socket.is_cut()
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=1)
    server.start_server()
    assert anna.is_logged_in()


def test_a_page_connects_again_after_the_server_was_killed(server: Stack, chromium: Browser) -> None:
    people = People(chromium, server)
    page = people("anna", own_login=True)
    admitted: list[str] = []

    def hear(frame: str | bytes) -> None:
        if str(frame).startswith("40"):
            admitted.append(str(frame))

    page.on("websocket", lambda socket: socket.on("framereceived", hear))

    def times_admitted() -> int:
        page.wait_for_timeout(50)
        return len(admitted)

    page.reload()
    seconds_until(lambda: times_admitted() == 1)
    server.stop_server(signal.SIGKILL)
    server.start_server()
    # The browser tries again every five seconds at the latest.
    seconds_until(lambda: times_admitted() == 2, at_most=10)
    page.context.close()
    assert not people.complaints

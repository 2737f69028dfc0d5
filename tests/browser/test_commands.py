"""Commands take effect in a running server within two seconds."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from app.core.demo import DEMO_PASSWORD
from tests.browser.stack import ANNAS_LINE, SECRET, Stack
from tests.wire import PROMISED_SECONDS, LiveSocket, Person, incoming, notify, seconds_until


@pytest.fixture(scope="module")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("commands") / "data"
    shutil.copytree(prepared, folder)
    running = Stack(folder)
    running.start_server()
    yield running
    running.stop()


class Calls:
    """Reads a call by the word that ``incoming`` made its id of."""

    def __init__(self, server: Stack) -> None:
        self.server = server
        self.token = server.flask("tokens", "create", "admin", "--name", "journal", "--scope", "read").split()[-1]

    def __call__(self, call: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        address = f"{self.server.url}/api/v1/calls?call_id={incoming(call)['call_id']}"
        (found,) = requests.get(address, headers=headers, timeout=5).json()["items"]
        return dict(found)


@pytest.fixture(scope="module")
def calls(server: Stack) -> Calls:
    return Calls(server)


@pytest.fixture
def anna(server: Stack) -> Iterator[Person]:
    with contextlib.closing(Person(server.url, "anna", DEMO_PASSWORD)) as person:
        yield person


def _only_my_lines(person: Person) -> None:
    form = {"name": "N. N.", "email": "", "language": "de", "timezone": "Europe/Berlin", "theme": "auto"}
    choices = {"callcenter.notifications": "y", "callcenter.scope": "lines"}
    assert person.post("/account/settings", **form, **choices).status_code == 302


def _rings(calls: Calls, socket: LiveSocket, call: str) -> bool:
    """Whether a new call to the line that was Anna's shows on this socket."""
    assert notify(calls.server.url, SECRET, **incoming(call, line=ANNAS_LINE)).status_code == 200
    return calls(call)["id"] in [shown["id"] for shown in socket.ask("calls")["calls"]]


def _notified(server: Stack, secret: str, call: str) -> int:
    return notify(server.url, secret, **incoming(call)).status_code


def test_a_deactivated_module_is_gone_and_comes_back_whole(server: Stack, anna: Person, calls: Calls) -> None:
    assert _notified(server, SECRET, "before") == 200
    with contextlib.closing(anna.socket()) as socket:
        server.flask("modules", "deactivate", "callcenter")
        seconds_until(lambda: _notified(server, SECRET, "meanwhile") == 404, at_most=PROMISED_SECONDS)
        assert anna.get("/callcenter/calls").status_code == 404
        assert "/callcenter/" not in anna.get("/addresses/").text
        assert socket.next("calls")["active"] is False
        server.flask("modules", "activate", "callcenter")
        seconds_until(lambda: _notified(server, SECRET, "after") == 200, at_most=PROMISED_SECONDS)
    assert calls("before")["phase"] == calls("after")["phase"] == "ringing"


def test_a_new_shared_secret_holds_and_the_old_one_does_not(server: Stack) -> None:
    new = "a-new-shared-secret"
    assert _notified(server, SECRET, "old secret") == 200
    server.flask("callcenter", "placetel", "configure", "--shared-secret", new)
    seconds_until(lambda: _notified(server, new, "new secret") == 200, at_most=PROMISED_SECONDS)
    assert _notified(server, SECRET, "old secret again") == 403
    server.flask("callcenter", "placetel", "configure", "--shared-secret-stdin", given=SECRET + "\n")
    seconds_until(lambda: _notified(server, SECRET, "old secret back") == 200, at_most=PROMISED_SECONDS)


def test_a_revoked_token_is_worth_nothing(server: Stack) -> None:
    token = server.flask("tokens", "create", "anna", "--name", "test").split()[-1]

    def status() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{server.url}/api/v1/addresses?limit=1", headers=headers, timeout=5).status_code

    assert status() == 200
    row = next(line for line in server.flask("tokens", "list").splitlines() if "\ttest\t" in line)
    server.flask("tokens", "revoke", row.split("\t")[0])
    seconds_until(lambda: status() == 401, at_most=PROMISED_SECONDS)


def test_a_line_that_a_command_gives_to_somebody_else_rings_there(server: Stack, anna: Person, calls: Calls) -> None:
    lines = server.data_dir / "new-lines.txt"
    with (
        contextlib.closing(Person(server.url, "ben", DEMO_PASSWORD)) as ben,
        contextlib.closing(anna.socket()) as annas,
        contextlib.closing(ben.socket()) as bens,
    ):
        for person in (anna, ben):
            _only_my_lines(person)
        assert _rings(calls, annas, "anna's line")
        assert not _rings(calls, bens, "still anna's line")
        lines.write_text(f"{ANNAS_LINE}:ben\n", "utf-8")
        server.flask("callcenter", "placetel", "configure", "--lines-file", str(lines))
        seconds_until(lambda: _rings(calls, bens, f"ben's line {time.monotonic()}"), at_most=PROMISED_SECONDS)
        assert not _rings(calls, annas, "no longer anna's line")

"""An update: systemd holds the port (deploy/systemd/durchwahl.socket), so that nobody is refused meanwhile."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.stack import ROOT, SECRET, STOP_SECONDS, Stack
from tests.wire import WEBHOOK, incoming, seconds_until, signed

#: What systemd does with a socket: it is descriptor 3, and the environment says whose.
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
NEXT_SECONDS = 60


class Held:
    """A listening socket that outlives the server, and the server on it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(512)
        self.port: int = self.socket.getsockname()[1]
        self.server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server; does not wait for it."""
        number = self.socket.fileno()
        with self.stack.log.open("ab") as log:
            self.server = subprocess.Popen(
                [sys.executable, "-c", AS_SYSTEMD, str(number), "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
                cwd=ROOT,
                env=self.stack.env,
                pass_fds=[number],
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """End the server as systemd does."""
        assert self.server is not None
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(STOP_SECONDS)

    def post(self, call: str) -> int:
        """One notification on a connection of its own; the status of its answer."""
        body, headers = signed(SECRET, **incoming(call))
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=NEXT_SECONDS)) as connection:
            connection.request("POST", WEBHOOK, body, {**headers, "Connection": "close"})
            return connection.getresponse().status


@pytest.fixture
def held(prepared: Path, tmp_path: Path, simulator_port: int) -> Iterator[Held]:
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    running = Held(Stack(folder, simulator_port=simulator_port))
    running.start()
    yield running
    running.stop()
    running.socket.close()


def test_a_restart_refuses_no_notification(held: Held) -> None:
    assert held.post("before") == 200
    told: list[tuple[str, int | str]] = []
    enough = threading.Event()

    def telephone_system() -> None:
        count = 0
        while not enough.is_set():
            count += 1
            call = f"call-{count}"
            try:
                told.append((call, held.post(call)))
            except OSError as error:
                told.append((call, type(error).__name__))

    sender = threading.Thread(target=telephone_system)
    sender.start()
    for _ in range(2):
        already = len(told)
        seconds_until(lambda already=already: len(told) > already + 5, at_most=NEXT_SECONDS)
        held.stop()
        held.start()
    already = len(told)
    seconds_until(lambda: len(told) > already + 5, at_most=NEXT_SECONDS)
    enough.set()
    sender.join(NEXT_SECONDS)
    assert [one for one in told if one[1] != 200] == []
    assert len(told) > 15


def test_the_pause_is_as_long_as_the_start(held: Held) -> None:
    """Whoever connects while no server runs waits for the next one."""
    held.post("before")
    held.stop()
    answer: list[int] = []
    waiting = threading.Thread(target=lambda: answer.append(held.post("meanwhile")))
    waiting.start()
    time.sleep(0.5)
    assert answer == []
    held.start()
    waiting.join(NEXT_SECONDS)
    assert answer == [200]

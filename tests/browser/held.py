"""A port that is held while the server behind it ends and starts again, as deploy/systemd/durchwahl.socket holds it."""

from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import subprocess
import sys

from tests.browser.stack import ROOT, SECRET, Stack, kill_whole
from tests.wire import WEBHOOK, incoming, signed

#: What systemd does with a socket: it is descriptor 3, and the environment says whose.
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
NEXT_SECONDS = 60
#: For what is under way at a stop. The server's own two seconds are few where the machine is busy with other things.
GRACE_SECONDS = 60


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
                env={**self.stack.env, "GUNICORN_CMD_ARGS": f"--graceful-timeout={GRACE_SECONDS}"},
                pass_fds=[number],
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """End the server as systemd does."""
        assert self.server is not None
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(GRACE_SECONDS + NEXT_SECONDS)

    def kill(self) -> None:
        """End the server and its workers in the middle of whatever they do."""
        assert self.server is not None
        kill_whole(self.server)

    def post(self, call: str) -> int:
        """One notification on a connection of its own; the status of its answer."""
        body, headers = signed(SECRET, **incoming(call))
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=NEXT_SECONDS)) as connection:
            connection.request("POST", WEBHOOK, body, {**headers, "Connection": "close"})
            return connection.getresponse().status

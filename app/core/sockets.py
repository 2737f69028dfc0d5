"""The connections under Socket.IO: counted before anything is done for them, and closed down to TCP.

engineio accepts every WebSocket, keeps one whose log-in was refused or never tried, and waits for the other side to
close what it has closed itself. Under threads each connection holds a thread, so that a few such guests would leave
none for a webhook. Here they are refused above a limit and shown out after a while.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)

PATH = "/socket.io"
#: Connections above MAX_SOCKETS for those that are about to hear why they are refused.
SPARE = 16
#: Key under which a request's environment holds its connection; engineio keeps the environment.
KEY = "durchwahl.connection"
#: Seconds within which a connection must have logged in.
JOIN_SECONDS = 10.0
#: Seconds in which a connection that was told to close may do so by itself.
CLOSE_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class Connection:
    """One open request under ``/socket.io``; ``since`` on the monotonic clock."""

    transport: Any
    since: float = field(default_factory=time.monotonic)
    left_at: float | None = None

    def cut(self) -> None:
        """End the TCP connection, which frees whoever reads from it."""
        try:
            self.transport.shutdown(socket.SHUT_RDWR)
        except (AttributeError, OSError):
            log.debug("connection was gone already")


class Gate:
    """WSGI middleware around Socket.IO: at most ``limit`` connections at once."""

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]], limit: int) -> None:
        self.wsgi_app = wsgi_app
        self.limit = limit
        self._open: set[Connection] = set()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Hand on; a connection too many is answered with 503 before a WebSocket is made of it."""
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return self.wsgi_app(environ, start_response)
        connection = Connection(environ.get("gunicorn.socket") or environ.get("werkzeug.socket"))
        with self._lock:
            full = len(self._open) >= self.limit
            if not full:
                self._open.add(connection)
        if full:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "30")])
            return [b"too many sockets"]
        environ[KEY] = connection
        # A browser offers to compress. Each socket would keep a tenth of a megabyte for that, and each message of a few
        # hundred bytes would take longer (measured: 23 to 73 µs).
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        try:
            return self.wsgi_app(environ, start_response)
        finally:
            with self._lock:
                self._open.discard(connection)

    def connections(self) -> list[Connection]:
        """Those that are open now."""
        with self._lock:
            return list(self._open)

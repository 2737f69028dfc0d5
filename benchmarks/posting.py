"""Posts notifications as a telephone system does, each on a connection of its own, from the measuring event loop."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

from benchmarks.wire import WireError, answer_status

#: Seconds until a connection must stand; on loopback it does at once unless nobody accepts.
CONNECT_SECONDS = 5.0
#: What stands for the status where there was no answer.
NO_ANSWER = 0


class Post:
    """A request under way: ``sent_at`` (perf_counter, before the connection was opened) and the answer to come."""

    def __init__(self, loop: asyncio.AbstractEventLoop, port: int, request: bytes) -> None:
        self.answered_at = 0.0
        self.status: asyncio.Future[int] = loop.create_future()
        self._loop = loop
        self._received = b""
        self.sent_at = time.perf_counter()
        try:
            # Plain calls: on loopback they return at once, and the event loop's own would cost more than they do.
            self._socket = socket.create_connection(("127.0.0.1", port), CONNECT_SECONDS)
            self._socket.sendall(request)
        except OSError:
            self._finish(NO_ANSWER)
            return
        self._socket.setblocking(False)
        loop.add_reader(self._socket, self._read)

    def _read(self) -> None:
        now = time.perf_counter()
        try:
            data = self._socket.recv(65536)
            self._received += data
            status = answer_status(self._received)
        except (OSError, WireError):
            data, status = b"", None
        if status is None and data:
            return
        self.answered_at = now
        self.close()
        self._finish(status or NO_ANSWER)

    def close(self) -> None:
        """Give up the connection."""
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _finish(self, status: int) -> None:
        if not self.status.done():
            self.status.set_result(status)


Poster = Callable[[bytes], Post]


def poster(port: int) -> Poster:
    """Posts whole requests to this port of loopback, from the running event loop."""
    loop = asyncio.get_running_loop()
    return lambda request: Post(loop, port, request)

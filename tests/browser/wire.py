"""The network between browser and server, as a test wants it: a TCP proxy that cuts, refuses and slows."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

_CHUNK = 65536


class Wire:
    """Passes connections on to a port of this machine. ``url`` is what the browser opens instead of the server's."""

    def __init__(self, target_port: int) -> None:
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._whole = True
        self._seconds = 0.0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection and refuse new ones."""
        with self._lock:
            self._whole = False
            ends = list(self._ends)
        for end in ends:
            _end(end)

    def mend(self) -> None:
        """Let connections through again."""
        with self._lock:
            self._whole = True

    def slow(self, seconds: float) -> None:
        """Hold back whatever passes, in either direction, for so long."""
        self._seconds = seconds

    def close(self) -> None:
        """Cut, for good."""
        self.cut()
        _end(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near:
            try:
                far = socket.create_connection(self._target, timeout=10)
            except OSError:
                return
            far.settimeout(None)
            with far, self._counted(near, far) as whole:
                if whole:
                    back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
                    back.start()
                    self._pump(near, far)
                    back.join()

    @contextlib.contextmanager
    def _counted(self, *ends: socket.socket) -> Iterator[bool]:
        """Whether the wire is whole; while it is, ``cut`` knows of these ends."""
        with self._lock:
            whole = self._whole
            if whole:
                self._ends.update(ends)
        try:
            yield whole
        finally:
            with self._lock:
                self._ends.difference_update(ends)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        """Pass bytes on until either side ends; then end both."""
        try:
            while data := source.recv(_CHUNK):
                time.sleep(self._seconds)
                sink.sendall(data)
        except OSError:
            pass  # cut
        _end(source)
        _end(sink)


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)

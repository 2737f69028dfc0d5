"""A browser that asks anew whenever its connection was closed, as static/js does."""

from __future__ import annotations

import contextlib
import time

import websocket

from tests.wire import LiveSocket, Person, Refused, seconds_until

BROKEN = (websocket.WebSocketException, OSError, Refused, AssertionError)
#: Seconds in which everything must be as before, on a busy machine too.
PATIENT = 120.0


class Screen:
    """What one person's browser knows of calls."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.socket: LiveSocket | None = person.socket()

    def waits_for(self, call: int) -> None:
        """Wait until the browser knows the call, however it learns of it. Raises TimeoutError."""
        seconds_until(lambda: self._asks_for(call), at_most=PATIENT)

    def hears(self, call: int, seconds: float) -> bool:
        """Whether the call is told to it without its asking."""
        end = time.monotonic() + seconds
        try:
            while self.socket is not None:
                if self.socket.next("call", end - time.monotonic())["id"] == call:
                    return True
        except TimeoutError:
            return False
        except BROKEN:
            self.close()
        return False

    def _asks_for(self, call: int) -> bool:
        try:
            if self.socket is None:
                self.socket = self.person.socket()
            return call in {one["id"] for one in self.socket.ask("calls")["calls"]}
        except BROKEN:
            self.close()
            return False

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self.socket is not None:
            with contextlib.suppress(websocket.WebSocketException, OSError):
                self.socket.close()
        self.socket = None

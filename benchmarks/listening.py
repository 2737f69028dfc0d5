"""Many browsers in one process: each keeps a Socket.IO connection open and notes when a call message arrived."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.wire import (
    CLOSE,
    ENGINE_IO_PONG,
    PING,
    PONG,
    SOCKET_IO_CONNECT,
    TEXT,
    FrameReader,
    Packet,
    WireError,
    caller_of,
    client_frame,
    packet_of,
)

#: Seconds in which a browser must be connected.
CONNECT_SECONDS = 30.0
#: Browsers that connect at the same time.
CONNECTING = 50

Arrived = Callable[[int, bytes, float], None]
"""Takes the user's place from 1, the caller's number and the time (perf_counter) of a call message."""


class Listener(asyncio.Protocol):
    """One browser of one user."""

    def __init__(self, user: int, upgrade: bytes, arrived: Arrived) -> None:
        self.user = user
        self.connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost = False
        self._upgrade = upgrade
        self._arrived = arrived
        self._head: bytes | None = b""
        self._frames = FrameReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._upgrade)

    def data_received(self, data: bytes) -> None:
        """Note the time first, then see what it is."""
        now = time.perf_counter()
        try:
            if self._head is not None:
                data = self._after_head(self._head + data)
            for opcode, payload in self._frames.feed(data):
                self._take(opcode, payload, now)
        except WireError as error:
            self._fail(error)

    def connection_lost(self, _error: Exception | None) -> None:
        """A server never closes a socket during a measurement."""
        self.lost = True
        self._fail(WireError("the server closed the connection"))

    def close(self) -> None:
        """Leave as a browser does that is closed."""
        if self._transport is not None:
            self._transport.close()

    def _after_head(self, data: bytes) -> bytes:
        head, separator, rest = data.partition(b"\r\n\r\n")
        if not separator:
            self._head = data
            return b""
        if not head.startswith(b"HTTP/1.1 101"):
            raise WireError(f"no WebSocket: {head[:60]!r}")
        self._head = None
        return rest

    def _take(self, opcode: int, payload: bytes, now: float) -> None:
        if opcode == TEXT:
            packet = packet_of(payload)
            if packet is Packet.CALL:
                self._arrived(self.user, caller_of(payload), now)
            elif packet is Packet.PING:
                self._send(client_frame(ENGINE_IO_PONG))
            elif packet is Packet.OPEN:
                self._send(client_frame(SOCKET_IO_CONNECT))
            elif packet is Packet.CONNECTED and not self.connected.done():
                self.connected.set_result(None)
            elif packet is Packet.REFUSED:
                self._fail(WireError(f"refused: {payload[:80]!r}"))
        elif opcode == PING:
            self._send(client_frame(payload, PONG))
        elif opcode == CLOSE:
            self.close()

    def _send(self, frame: bytes) -> None:
        if self._transport is not None:
            self._transport.write(frame)

    def _fail(self, error: WireError) -> None:
        if not self.connected.done():
            self.connected.set_exception(error)
        self.close()


async def connect(port: int, users: Sequence[int], upgrade: Callable[[int], bytes], arrived: Arrived) -> list[Listener]:
    """Open one browser for each user. Raises WireError, or TimeoutError when one is not connected in time."""
    loop = asyncio.get_running_loop()
    places = asyncio.Semaphore(CONNECTING)

    async def one(user: int) -> Listener:
        async with places, asyncio.timeout(CONNECT_SECONDS):
            listener = Listener(user, upgrade(user), arrived)
            await loop.create_connection(lambda: listener, "127.0.0.1", port)
            await listener.connected
            return listener

    return list(await asyncio.gather(*(one(user) for user in users)))


@dataclass(slots=True)
class Expected:
    """A notification on its way to the browsers of the first ``receivers`` users."""

    receivers: int
    missing: int
    everywhere: asyncio.Future[float]
    """The time when the last of them had it."""
    first_at: float = 0.0
    refused: bool = False
    """Whether its webhook was not answered with 200: the telephone system knows then, and nothing was promised."""

    def refuse(self) -> None:
        """Nobody waits for its messages, and none that is missing is lost."""
        self.refused = True
        self.everywhere.cancel()


class Desk:
    """Where the browsers report what arrived; knows what is still missing."""

    def __init__(self) -> None:
        self.expected: dict[bytes, Expected] = {}
        self._given_up: dict[bytes, int] = {}
        self.strangers = 0
        """Messages that nobody waited for, or that came to a user whom the call does not concern."""

    def expect(self, caller: str, receivers: int) -> Expected:
        """From now on the call message of this caller is waited for, at the first ``receivers`` users."""
        expected = Expected(receivers, receivers, asyncio.get_running_loop().create_future())
        self.expected[caller.encode()] = expected
        return expected

    def arrived(self, user: int, caller: bytes, now: float) -> None:
        """A browser has a message."""
        expected = self.expected.get(caller)
        if expected is None and user <= self._given_up.get(caller, 0):
            return  # too late: counted as missing already
        if expected is None or user > expected.receivers:
            self.strangers += 1
            return
        expected.first_at = expected.first_at or now
        expected.missing -= 1
        if expected.missing == 0:
            del self.expected[caller]
            if not expected.everywhere.done():
                expected.everywhere.set_result(now)

    def give_up(self) -> int:
        """Stop waiting; returns how many notifications had not arrived everywhere.

        What comes of them later is late, and nothing that came to somebody whom it does not concern.
        """
        lost = len(self.expected)
        self._given_up.update({caller: expected.receivers for caller, expected in self.expected.items()})
        for expected in self.expected.values():
            expected.everywhere.cancel()
        self.expected.clear()
        return lost

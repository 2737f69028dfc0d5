"""Browsers of the measurements, against a server that says a few frames."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from benchmarks.listening import Desk, Listener, connect
from benchmarks.wire import WireError, upgrade_request
from tests.unit.benchmarks.test_wire import server_frame

CALLER = "+493023125100"
CALL = server_frame(b'42["call",{"remote":{"e164":"' + CALLER.encode() + b'"}}]')
Scene = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Upgrade, open, and the answer to the connection of the namespace."""
    await reader.readuntil(b"\r\n\r\n")
    # The first frame comes with the head, as servers may send it.
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + server_frame(b'0{"sid":"a"}'))
    assert unmasked(await reader.readexactly(8)) == b"40"
    writer.write(server_frame(b'40{"sid":"b"}'))


def unmasked(frame: bytes) -> bytes:
    return bytes(byte ^ frame[2 + index % 4] for index, byte in enumerate(frame[6:]))


def against(scene: Scene, users: int, then: Callable[[list[Listener], Desk], Awaitable[None]]) -> None:
    """Connect so many users to a server that plays the scene with each, then do ``then``."""

    async def run() -> None:
        desk = Desk()
        server = await asyncio.start_server(scene, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        listeners: list[Listener] = []
        try:
            listeners = await connect(port, range(1, users + 1), lambda _user: upgrade_request(port, {}), desk.arrived)
            await asyncio.wait_for(then(listeners, desk), 5)
        finally:
            for listener in listeners:
                listener.close()
            server.close()
            # The server's side ends when it sees the other one go.
            await asyncio.sleep(0.02)

    asyncio.run(run())


def test_a_message_is_there_when_the_last_of_those_concerned_has_it() -> None:
    go = asyncio.Event()

    async def scene(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await welcome(reader, writer)
        await go.wait()
        writer.write(CALL)
        await reader.read()
        writer.close()

    async def then(_listeners: list[Listener], desk: Desk) -> None:
        expected = desk.expect(CALLER, 2)
        assert not expected.everywhere.done()
        go.set()
        arrived_at = await expected.everywhere
        assert 0 < expected.first_at <= arrived_at
        assert desk.give_up() == 0

    against(scene, 2, then)


def test_a_message_to_somebody_whom_it_does_not_concern_is_counted() -> None:
    async def scene(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await welcome(reader, writer)
        writer.write(CALL)
        await reader.read()
        writer.close()

    async def then(_listeners: list[Listener], desk: Desk) -> None:
        while desk.strangers < 3:
            await asyncio.sleep(0.005)

    against(scene, 3, then)


def test_what_never_arrives_is_lost() -> None:
    async def run() -> None:
        desk = Desk()
        expected = desk.expect(CALLER, 2)
        desk.arrived(1, CALLER.encode(), 1.0)
        assert desk.give_up() == 1
        assert expected.everywhere.cancelled()

    asyncio.run(run())


def test_what_arrives_too_late_is_lost_and_came_to_no_stranger() -> None:
    async def run() -> None:
        desk = Desk()
        desk.expect(CALLER, 2)
        assert desk.give_up() == 1
        desk.arrived(2, CALLER.encode(), 1.0)
        assert desk.strangers == 0
        desk.arrived(3, CALLER.encode(), 1.0)
        assert desk.strangers == 1

    asyncio.run(run())


def test_a_ping_is_answered() -> None:
    pongs: list[bytes] = []

    async def scene(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await welcome(reader, writer)
        writer.write(server_frame(b"2"))
        pongs.append(unmasked(await reader.readexactly(7)))
        await reader.read()
        writer.close()

    async def then(_listeners: list[Listener], _desk: Desk) -> None:
        while not pongs:
            await asyncio.sleep(0.005)

    against(scene, 1, then)
    assert pongs == [b"3"]


def test_a_refusal_is_told_at_once() -> None:
    async def scene(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + server_frame(b'44{"message":"not_logged_in"}'))
        await reader.read()
        writer.close()

    async def then(_listeners: list[Listener], _desk: Desk) -> None:
        raise AssertionError("nobody is connected")

    with pytest.raises(WireError, match="not_logged_in"):
        against(scene, 1, then)

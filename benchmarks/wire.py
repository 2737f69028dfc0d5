"""The least of HTTP, WebSocket and Socket.IO that a measuring client needs; bytes in, bytes out.

A thousand ordinary clients would need a thousand threads, and their work would be measured with the server's. This one
only looks at the first bytes of a message. WebSocket: RFC 6455; Engine.IO 4 and Socket.IO 5: their protocol documents.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from enum import Enum

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_FINAL = 0x80
_MASKED = 0x80
#: Connects to the main namespace of Socket.IO.
SOCKET_IO_CONNECT = b"40"
ENGINE_IO_PONG = b"3"
_CALLER = re.compile(rb'"e164":"(\+[0-9]+)"')


class WireError(Exception):
    """The server said something that this client does not understand."""


class Packet(Enum):
    """What a text message of the server is."""

    OPEN = "open"
    PING = "ping"
    CONNECTED = "connected"
    REFUSED = "refused"
    CALL = "call"
    OTHER = "other"


_STARTS = (
    # The most frequent one first.
    (b'42["call",', Packet.CALL),
    (b"2", Packet.PING),
    (b"40", Packet.CONNECTED),
    (b"44", Packet.REFUSED),
    (b"0", Packet.OPEN),
)


def upgrade_request(port: int, headers: Mapping[str, str], query: str = "") -> bytes:
    """The request that opens a Socket.IO connection over WebSocket at once, without polling before."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"GET /socket.io/?EIO=4&transport=websocket{query} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n{more}\r\n"
    ).encode()


def post_request(port: int, target: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A POST on a connection of its own, as a telephone system sends it."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n"
    ).encode() + body


def answer_status(data: bytes) -> int | None:
    """The status of an HTTP answer once it is complete with its body, None before. Raises WireError."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return None
    length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
    status = re.match(rb"HTTP/1\.[01] ([0-9]{3}) ?", head)
    if status is None or length is None:
        raise WireError(f"not an answer: {head[:80]!r}")
    return int(status[1]) if len(body) >= int(length[1]) else None


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A masked frame from the client; payloads up to 125 bytes."""
    if len(payload) > 125:
        raise ValueError("longer than a measuring client ever says")
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes((_FINAL | opcode, _MASKED | len(payload))) + mask + masked


class FrameReader:
    """Cuts the server's bytes into frames, however they arrive."""

    def __init__(self) -> None:
        self._waiting = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The frames that are complete now, as (opcode, payload). Raises WireError."""
        if self._waiting:
            data = self._waiting + data
        frames = []
        start = 0
        while (frame := _frame_at(data, start)) is not None:
            opcode, payload, start = frame
            frames.append((opcode, payload))
        self._waiting = data[start:]
        return frames


def _frame_at(data: bytes, start: int) -> tuple[int, bytes, int] | None:
    """Opcode, payload and end of the frame that begins at ``start``; None while it is incomplete."""
    if len(data) < start + 2:
        return None
    first, length = data[start], data[start + 1]
    if not first & _FINAL or first & 0x70 or length & _MASKED:
        raise WireError(f"fragment, extension or mask: {data[start : start + 2].hex()}")
    start += 2
    if length >= 126:
        size = 2 if length == 126 else 8
        if len(data) < start + size:
            return None
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    end = start + length
    return (first & 0x0F, data[start:end], end) if len(data) >= end else None


def packet_of(payload: bytes) -> Packet:
    """What this text message is."""
    for start, packet in _STARTS:
        if payload.startswith(start):
            return packet
    return Packet.OTHER


def caller_of(payload: bytes) -> bytes:
    """The caller's number (E.164) in a call message: tells which notification it belongs to. Raises WireError."""
    found = _CALLER.search(payload)
    if found is None:
        raise WireError("a call message without the caller's number")
    return found[1]

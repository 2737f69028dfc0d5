"""The measuring client's share of HTTP, WebSocket and Socket.IO."""

from __future__ import annotations

import json

import pytest

from benchmarks.wire import (
    CLOSE,
    ENGINE_IO_PONG,
    PING,
    TEXT,
    FrameReader,
    Packet,
    WireError,
    answer_status,
    caller_of,
    client_frame,
    packet_of,
    post_request,
    upgrade_request,
)


def server_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """As RFC 6455 has it, written a second time and not by the code under test."""
    if len(payload) < 126:
        return bytes((0x80 | opcode, len(payload))) + payload
    if len(payload) < 65536:
        return bytes((0x80 | opcode, 126)) + len(payload).to_bytes(2, "big") + payload
    return bytes((0x80 | opcode, 127)) + len(payload).to_bytes(8, "big") + payload


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536])
def test_a_frame_of_any_length_is_read(length: int) -> None:
    assert FrameReader().feed(server_frame(b"x" * length)) == [(TEXT, b"x" * length)]


def test_frames_that_arrive_together_are_read_in_order() -> None:
    data = server_frame(b"2") + server_frame(b"", PING) + server_frame(b"\x03\xe8", CLOSE)
    assert FrameReader().feed(data) == [(TEXT, b"2"), (PING, b""), (CLOSE, b"\x03\xe8")]


def test_frames_that_arrive_byte_by_byte_are_read_once_each() -> None:
    reader = FrameReader()
    data = server_frame(b"a" * 200) + server_frame(b"b")
    found = [frame for byte in data for frame in reader.feed(bytes((byte,)))]
    assert found == [(TEXT, b"a" * 200), (TEXT, b"b")]


@pytest.mark.parametrize("first", [0x01, 0xC1])
def test_a_fragment_and_a_compressed_frame_are_refused(first: int) -> None:
    with pytest.raises(WireError):
        FrameReader().feed(bytes((first, 1)) + b"x")


def test_a_frame_of_the_client_is_masked_and_says_what_it_should() -> None:
    frame = client_frame(ENGINE_IO_PONG)
    assert frame[0] == 0x81
    assert frame[1] == 0x80 | len(ENGINE_IO_PONG)
    mask, masked = frame[2:6], frame[6:]
    assert bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked)) == ENGINE_IO_PONG


def test_a_frame_of_the_client_is_short() -> None:
    with pytest.raises(ValueError, match="longer"):
        client_frame(b"x" * 126)


@pytest.mark.parametrize(
    ("payload", "packet"),
    [
        (b'0{"sid":"a","pingInterval":25000}', Packet.OPEN),
        (b"2", Packet.PING),
        (b'40{"sid":"b"}', Packet.CONNECTED),
        (b'44{"message":"not_logged_in"}', Packet.REFUSED),
        (b'42["call",{"id":1}]', Packet.CALL),
        (b'42["calls",{"calls":[]}]', Packet.OTHER),
        (b"6", Packet.OTHER),
    ],
)
def test_packets_are_told_apart(payload: bytes, packet: Packet) -> None:
    assert packet_of(payload) is packet


def test_a_call_message_tells_its_caller() -> None:
    call = {"id": 7, "remote": {"display": "030 23125100", "kind": "dialable", "e164": "+493023125100"}, "line": None}
    message = b'42["call",' + json.dumps(call, separators=(",", ":")).encode() + b"]"
    assert caller_of(message) == b"+493023125100"


def test_a_call_message_without_a_caller_is_refused() -> None:
    with pytest.raises(WireError):
        caller_of(b'42["call",{"remote":{"e164":null}}]')


def test_an_answer_counts_once_it_is_whole() -> None:
    answer = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 11\r\n\r\n<Response/>"
    assert answer_status(answer[:10]) is None
    assert answer_status(answer[:-1]) is None
    assert answer_status(answer) == 200
    assert answer_status(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n") == 503


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(WireError):
        answer_status(b"+PONG\r\n\r\n")


def test_requests_end_where_http_wants_it() -> None:
    post = post_request(8000, "/webhook?a=b", b"from=1", {"X-Signature": "ab"})
    head, _, body = post.partition(b"\r\n\r\n")
    assert body == b"from=1"
    assert head.split(b"\r\n")[0] == b"POST /webhook?a=b HTTP/1.1"
    assert {b"Content-Length: 6", b"X-Signature: ab", b"Connection: close"} <= set(head.split(b"\r\n"))
    upgrade = upgrade_request(8000, {"Cookie": "a=b"})
    assert upgrade.startswith(b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n")
    assert upgrade.endswith(b"\r\nCookie: a=b\r\n\r\n")

"""How a greenlet waits for PostgreSQL: others run meanwhile, and no longer than is allowed."""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterator

import gevent
import psycopg
import pytest

from app.core import cooperation

READ, WRITE, BOTH = 1, 2, 3
Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def answer_of(ours: socket.socket, signs: int) -> Generator[int, int, bytes]:
    """As psycopg reads an answer: it asks to be told when there is more, until it has so many signs."""
    read = b""
    while len(read) < signs:
        assert (yield READ) == READ
        read += ours.recv(1)
    return read


def in_greenlet(
    asking: Generator[int, int, bytes], ours: socket.socket, seconds: float | None = 5.0
) -> gevent.Greenlet:
    return gevent.spawn(cooperation.wait, asking, ours.fileno(), seconds)


def test_what_needs_no_waiting_is_answered_at_once(ends: Ends) -> None:
    assert cooperation.wait(answer_of(ends[0], 0), ends[0].fileno(), None) == b""


@pytest.mark.parametrize("seconds", [None, 5.0])
def test_others_run_while_one_waits(ends: Ends, seconds: float | None) -> None:
    ours, theirs = ends
    waiting = in_greenlet(answer_of(ours, 2), ours, seconds)
    gevent.sleep(0.01)
    assert not waiting.ready()
    for sign in (b"a", b"b"):
        theirs.send(sign)
        gevent.sleep(0.01)
    assert waiting.get(timeout=5) == b"ab"


def test_who_may_read_or_write_is_told_which(ends: Ends) -> None:
    def writes_first() -> Generator[int, int, bytes]:
        assert (yield BOTH) == WRITE
        ends[1].send(b"a")
        assert (yield BOTH) == BOTH
        assert (yield WRITE) == WRITE
        return ends[0].recv(1)

    assert in_greenlet(writes_first(), ends[0]).get(timeout=5) == b"a"


def test_the_limit_is_one_for_all_looks_together(ends: Ends) -> None:
    ours, theirs = ends

    def trickle() -> None:
        while True:
            theirs.send(b"a")
            gevent.sleep(0.02)

    trickling = gevent.spawn(trickle)
    with pytest.raises(psycopg.OperationalError, match="has not answered in time"):
        in_greenlet(answer_of(ours, 1_000), ours, 0.2).get(timeout=5)
    trickling.kill()


def test_what_fails_in_between_is_raised(ends: Ends) -> None:
    def breaks() -> Generator[int, int, bytes]:
        yield READ
        raise psycopg.OperationalError("the server has ended")

    waiting = in_greenlet(breaks(), ends[0])
    ends[1].close()
    with pytest.raises(psycopg.OperationalError, match="has ended"):
        waiting.get(timeout=5)


def test_outside_of_a_worker_with_greenlets_nothing_is_asked_of_them() -> None:
    assert not cooperation.is_asked_for()

"""Calls under load: they ring, are seen, and are hung up; and the nginx in front of two instances."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs

import pytest

from benchmarks.callers import TWO
from benchmarks.delivery import Pipeline, Series, steadily
from benchmarks.listening import Desk, Expected
from benchmarks.load.driving import Calls, _lost
from benchmarks.load.serving import without_tls
from benchmarks.posting import Post
from tests.browser.proxy import site

CALLERS = ("+493023125000001", "+493023125000002", "+493023125000003")


class Telephone:
    """Takes what is posted; everything is on every screen at once, unless it is told otherwise."""

    def __init__(self, rings: float = 0.0) -> None:
        self.desk = Desk()
        self.events: list[tuple[str, str]] = []
        pipeline = Pipeline("bare", 0, "/webhook", self._post, self.desk, iter(CALLERS))
        self.calls = Calls(pipeline, TWO, 2, rings)
        self.is_heard = True

    def _post(self, request: bytes) -> Post:
        fields = parse_qs(request.partition(b"\r\n\r\n")[2].decode())
        self.events.append((fields["event"][0], fields["call_id"][0]))
        return cast(Post, None)

    def next(self) -> Expected:
        _, expected = self.calls.next()
        if self.is_heard:
            caller = next(iter(self.desk.expected))
            for user in (1, 2):
                self.desk.arrived(user, caller, 1.0)
        return expected


def in_a_loop(scene: Any) -> None:
    async def run() -> None:
        scene()

    asyncio.run(run())


def test_calls_ring_and_are_hung_up_in_turns() -> None:
    def scene() -> None:
        telephone = Telephone()
        for _ in range(4):
            telephone.next()
        kinds, ids = zip(*telephone.events, strict=True)
        assert kinds == ("IncomingCall", "HungUp", "IncomingCall", "HungUp")
        assert ids[0] == ids[1] != ids[2] == ids[3]
        assert telephone.desk.give_up() == telephone.desk.strangers == 0

    in_a_loop(scene)


@pytest.mark.parametrize(("rings", "is_heard"), [(3600.0, True), (0.0, False)])
def test_nobody_hangs_up_before_his_time_or_before_he_is_on_the_screens(rings: float, is_heard: bool) -> None:
    def scene() -> None:
        telephone = Telephone(rings)
        telephone.is_heard = is_heard
        for _ in range(3):
            telephone.next()
        assert [kind for kind, _ in telephone.events] == ["IncomingCall"] * 3

    in_a_loop(scene)


def test_a_call_whose_message_was_lost_is_left_alone() -> None:
    def scene() -> None:
        telephone = Telephone()
        telephone.is_heard = False
        telephone.next()
        assert telephone.desk.give_up() == 1
        telephone.is_heard = True
        telephone.next()
        telephone.next()
        assert [kind for kind, _ in telephone.events] == ["IncomingCall"] * 3

    in_a_loop(scene)


def test_the_shipped_site_can_be_had_without_tls(tmp_path: Path) -> None:
    text = without_tls(site([8001, 8002], 8080, 8443, tmp_path), 8443)
    assert text.count("listen 127.0.0.1:8443") == 2
    assert not re.search(r"^\s*(ssl_|listen .*ssl)", text, re.MULTILINE)
    for port in (8001, 8002):
        assert f"server 127.0.0.1:{port};" in text


def test_what_was_sent_in_several_blocks_counts_as_one() -> None:
    both = Series(sending=1.0, seconds=2.0, answered=[1.0])
    both.add(Series(sending=2.0, seconds=3.0, answered=[2.0], failed=1))
    assert (both.sending, both.seconds, both.answered, both.failed) == (3.0, 5.0, [1.0, 2.0], 1)


def test_a_steady_pace_that_gets_no_answer_counts_each_as_failed() -> None:
    async def run() -> Series:
        desk = Desk()

        def send() -> tuple[Post, Expected]:
            # Port 0 takes no connection.
            return Post(asyncio.get_running_loop(), 0, b""), desk.expect(CALLERS[0], 1)

        return await steadily(send, 1, 100.0, 0.01)

    series = asyncio.run(run())
    assert (series.failed, series.answered, series.delivered) == (1, [], [])


def test_a_message_is_lost_only_where_its_webhook_was_accepted() -> None:
    async def run() -> tuple[int, int]:
        telephone = Telephone()

        def send(status: int) -> tuple[Post, Expected]:
            post, expected = telephone.calls.next()
            answered = cast(
                Post, SimpleNamespace(status=asyncio.get_running_loop().create_future(), close=lambda: None)
            )
            answered.status.set_result(status)
            answered.sent_at = answered.answered_at = 1.0
            assert post is None
            return answered, expected

        turns = iter((503, 200))
        series = await steadily(lambda: send(next(turns)), 2, 1000.0, 0.01)
        return series.failed, _lost(telephone.desk)

    assert asyncio.run(run()) == (1, 2), "one was refused; the other one's two browsers have heard nothing"

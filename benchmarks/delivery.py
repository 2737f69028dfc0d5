"""How long a notification takes to the browsers, and how many of them a server takes."""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.callers import notification, signed
from benchmarks.listening import Desk, Expected
from benchmarks.posting import Post, Poster
from benchmarks.wire import post_request

#: Seconds after which a message that has not come is lost.
PATIENCE = 10.0
OK = 200
_call_ids = itertools.count(1)

Send = Callable[[], tuple[Post, Expected]]
"""Sends one notification."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A server under measurement."""

    name: str
    port: int
    target: str
    """Path and query that notifications are posted to."""
    post: Poster
    desk: Desk
    callers: Iterator[str]


@dataclass(slots=True)
class Series:
    """What a run of notifications came to. Times in ms, from before the connection was opened."""

    delivered: list[float] = field(default_factory=list)
    """Until the last of the browsers concerned had the message."""
    answered: list[float] = field(default_factory=list)
    """Until the telephone system had its answer."""
    lost: int = 0
    """Messages that did not arrive everywhere within PATIENCE."""
    failed: int = 0
    """Notifications that were not answered with 200."""
    seconds: float = 0.0
    """From the first to the last answer; for the rate."""
    sending: float = 0.0
    """From the first to the last notification that was sent; longer than planned where the sender is too slow."""
    server_cpu: float = 0.0
    """Processor time of the server meanwhile, in seconds. Says more than times do where others use the machine."""

    def add(self, other: Series) -> None:
        """Take in another block of the same measurement."""
        self.delivered += other.delivered
        self.answered += other.answered
        self.lost += other.lost
        self.failed += other.failed
        self.seconds += other.seconds
        self.sending += other.sending
        self.server_cpu += other.server_cpu


async def one_at_a_time(pipeline: Pipeline, line: str, receivers: int, count: int) -> Series:
    """The next notification when the one before is answered and has arrived."""
    series = Series()
    with undisturbed():
        for _ in range(count):
            post, expected = _send(pipeline, line, receivers)
            await _note(post, expected, series)
    series.lost += pipeline.desk.give_up()
    return series


async def at_rate(pipeline: Pipeline, line: str, receivers: int, count: int, per_second: float) -> Series:
    """Notifications at a steady pace, whether or not those before have arrived."""
    with undisturbed():
        series = await steadily(lambda: _send(pipeline, line, receivers), count, per_second)
    series.lost += pipeline.desk.give_up()
    return series


async def steadily(send: Send, count: int, per_second: float, patience: float = PATIENCE) -> Series:
    """The same with whatever ``send`` sends, each waited for so long. What has not come then stays expected."""
    series = Series()
    notes = []
    posts = []
    start = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, start + number / per_second - time.perf_counter()))
        post, expected = send()
        posts.append(post)
        notes.append(asyncio.create_task(_note(post, expected, series, patience)))
    series.sending = time.perf_counter() - start
    await asyncio.gather(*notes)
    series.seconds = max((post.answered_at for post in posts if post.answered_at), default=start) - start
    return series


async def flood(pipeline: Pipeline, line: str, receivers: int, senders: int, seconds: float) -> Series:
    """So many senders, each of which posts again as soon as it is answered, for some seconds."""
    series = Series()
    waiting: list[tuple[Post, Expected]] = []

    async def send_again_and_again() -> None:
        while time.perf_counter() < end:
            post, expected = _send(pipeline, line, receivers)
            status = await _status(post)
            if status == OK:
                series.answered.append((post.answered_at - post.sent_at) * 1000)
                waiting.append((post, expected))
            else:
                series.failed += 1

    with undisturbed():
        start = time.perf_counter()
        end = start + seconds
        await asyncio.gather(*(send_again_and_again() for _ in range(senders)))
        series.seconds = time.perf_counter() - start
        await asyncio.wait({expected.everywhere for _, expected in waiting}, timeout=PATIENCE)
    for post, expected in waiting:
        if expected.everywhere.done():
            series.delivered.append((expected.everywhere.result() - post.sent_at) * 1000)
    series.lost += pipeline.desk.give_up()
    return series


def _send(pipeline: Pipeline, line: str, receivers: int) -> tuple[Post, Expected]:
    caller = next(pipeline.callers)
    return post_notification(pipeline, caller, notification(caller, line, new_call_id(pipeline)), receivers)


def new_call_id(pipeline: Pipeline) -> str:
    """One that no call of this run has had."""
    return f"{pipeline.name}-{next(_call_ids)}"


def post_notification(pipeline: Pipeline, caller: str, body: bytes, receivers: int) -> tuple[Post, Expected]:
    """Send this notification, of which the browsers of the first ``receivers`` users shall hear."""
    request = post_request(pipeline.port, pipeline.target, body, signed(body))
    expected = pipeline.desk.expect(caller, receivers)
    return pipeline.post(request), expected


async def _note(post: Post, expected: Expected, series: Series, patience: float = PATIENCE) -> None:
    """Wait for answer and message. What does not come stays expected and is counted at the end of the run."""
    if await _status(post, patience) == OK:
        series.answered.append((post.answered_at - post.sent_at) * 1000)
    else:
        series.failed += 1
        expected.refuse()
        return
    done, _ = await asyncio.wait({expected.everywhere}, timeout=patience)
    if done:
        series.delivered.append((expected.everywhere.result() - post.sent_at) * 1000)


async def _status(post: Post, patience: float = PATIENCE) -> int:
    done, _ = await asyncio.wait({post.status}, timeout=patience)
    if not done:
        post.close()
        return 0
    return post.status.result()


@contextmanager
def undisturbed() -> Iterator[None]:
    """No garbage collection of this process while it measures another."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

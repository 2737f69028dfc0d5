"""A telephone system that tells a thousand things from eight connections, and writes down what it is answered."""

from __future__ import annotations

import contextlib
import http.client
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from tests.integration.callcenter.phone_system import ANNA, CUSTOMER, LINE, call_id
from tests.wire import WEBHOOK, seconds_until, signed

CONNECTIONS = 8
NOTIFICATIONS = 1000
#: Seconds that a telephone system waits for an answer here; a server that starts meanwhile takes some of them.
ANSWER_SECONDS = 240.0
#: Seconds in which a flood must be over, restarts and a busy machine included.
FLOOD_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request."""

    body: bytes
    status: int | None
    """None where the connection was refused or broke off."""
    seconds: float


def told(seed: int, number: int = NOTIFICATIONS) -> list[dict[str, str]]:
    """So many notifications in mixed order: calls that were taken or missed, and every fifth one a second time."""
    order = random.Random(seed)
    events: list[dict[str, str]] = []
    while len(events) < number * 4 // 5:
        events += _taken() if len(events) % 2 else _missed()
    events = events[: number * 4 // 5]
    events += order.sample(events, number - len(events))
    order.shuffle(events)
    return events


def _taken() -> list[dict[str, str]]:
    common = {"call_id": call_id(), "from": CUSTOMER, "to": LINE, "direction": "in"}
    return [
        {"event": "IncomingCall", **common},
        {"event": "CallAccepted", "peer": ANNA, **common},
        {"event": "HungUp", "type": "accepted", "duration": "42", **common},
    ]


def _missed() -> list[dict[str, str]]:
    common = {"call_id": call_id(), "from": CUSTOMER, "to": LINE, "direction": "in"}
    return [{"event": "IncomingCall", **common}, {"event": "HungUp", "type": "missed", "duration": "0", **common}]


class Flood:
    """Posts notifications from eight connections at once.

    ``repeating``: what got no 200 is posted again until it does. Else everything is posted once, as Placetel does.
    Whoever is answered 503 waits until ``clear`` is set, so that an outage costs one notification a connection.
    """

    def __init__(self, port: int, secret: str, events: list[dict[str, str]], *, repeating: bool = False) -> None:
        self.port = port
        self.repeating = repeating
        self.answers: list[Answer] = []
        self.clear = threading.Event()
        self.clear.set()
        self._secret = secret
        self._waiting = deque(events)
        self._end = 0.0
        self._enough = False

    @contextlib.contextmanager
    def beside(self) -> Iterator[Flood]:
        """Run it beside the block, and wait at its end until everything was posted."""
        self._end = time.monotonic() + FLOOD_SECONDS
        senders = [threading.Thread(target=self._send_all) for _ in range(CONNECTIONS)]
        for sender in senders:
            sender.start()
        try:
            yield self
            for sender in senders:
                sender.join(self._end - time.monotonic())
            assert not any(sender.is_alive() for sender in senders), f"{len(self._waiting)} are left"
        finally:
            self._enough = True
            self.clear.set()
            for sender in senders:
                sender.join(ANSWER_SECONDS)

    def wait_for(self, number: int) -> None:
        """Wait until so many requests have been answered or cut off."""
        seconds_until(lambda: len(self.answers) >= number, at_most=FLOOD_SECONDS, every=0.002)

    def by_status(self) -> Counter[int | None]:
        """How many requests were answered how."""
        return Counter(answer.status for answer in list(self.answers))

    def acknowledged(self) -> Counter[bytes]:
        """How often each notification was answered 200."""
        return Counter(answer.body for answer in self.answers if answer.status == 200)

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)

    def _send_all(self) -> None:
        while not self._enough:
            try:
                event = self._waiting.popleft()
            except IndexError:
                return
            while self._send(event) != 200 and self.repeating and not self._enough:
                time.sleep(0.1)

    def _send(self, event: dict[str, str]) -> int | None:
        body, headers = signed(self._secret, **event)
        began = time.monotonic()
        status: int | None = None
        connection = self._connection()
        # Whatever breaks a connection off: no answer, and nothing is promised.
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("POST", WEBHOOK, body, {**headers, "Connection": "close"})
            status = connection.getresponse().status
        self.answers.append(Answer(body, status, time.monotonic() - began))
        if status == 503:
            self.clear.wait(FLOOD_SECONDS)
        return status

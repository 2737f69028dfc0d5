"""Redis between the workers: what one emits reaches the browsers of all.

Two things differ from Socket.IO's own class. A Redis that is away costs a webhook two seconds at most, not a TCP
time-out. And after an interruption the browsers of this process ask for the current state, because nothing is sent
again that was missed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from socketio import RedisManager

log = logging.getLogger(__name__)
#: Channel in Redis; all instances of one installation share it.
CHANNEL = "durchwahl"
#: Seconds for connecting to Redis, and for handing it a message.
SECONDS = 2.0
#: Seconds after a failed attempt during which no other one delays a request.
PAUSE_SECONDS = 5.0
#: Seconds between attempts to listen again.
RETRY_SECONDS = 1.0


class MessageQueue(RedisManager):
    """Publishes and listens; ``on_gap`` is called when it listens again after an interruption."""

    def __init__(self, url: str, on_gap: Callable[[], None]) -> None:
        super().__init__(url, channel=CHANNEL, redis_options={"socket_connect_timeout": SECONDS})
        self._on_gap = on_gap
        self._publisher = Redis.from_url(
            url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=Retry(NoBackoff(), 0)
        )
        self._away_until = 0.0

    def _publish(self, data: Any) -> None:
        """What others miss meanwhile they fetch when they listen again."""
        if time.monotonic() < self._away_until:
            return
        try:
            self._publisher.publish(self.channel, self.json.dumps(data))
        except RedisError as error:
            self._away_until = time.monotonic() + PAUSE_SECONDS
            log.error("Redis cannot be reached (%s): other workers miss messages", type(error).__name__)

    def _redis_listen_with_retries(self) -> Iterator[Any]:
        """Socket.IO's own waits up to a minute before it tries again."""
        interrupted = False
        while True:
            try:
                self._redis_connect()
                self.pubsub.subscribe(self.channel)
                if interrupted:
                    log.warning("Redis answers again")
                    self._on_gap()
                interrupted = False
                yield from self.pubsub.listen()
            except (RedisError, OSError) as error:
                if not interrupted:
                    log.error("Redis cannot be heard (%s)", type(error).__name__)
                interrupted = True
                time.sleep(RETRY_SECONDS)

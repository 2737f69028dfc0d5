"""Redis between the workers: what one emits reaches the browsers of all.

Two things differ from Socket.IO's own class. A Redis that is away delays one webhook by two seconds at most, and no
other. And nothing is sent again that was missed, so after an interruption the browsers ask for the current state.
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
#: Seconds between attempts to reach it again.
RETRY_SECONDS = 1.0
#: Begins a message that says: whoever sends this could not send for a while. The sender's id follows.
GAP = b"gap:"


class MessageQueue(RedisManager):
    """Publishes and listens; ``on_gap`` is called once messages of others may have been missed."""

    def __init__(self, url: str, on_gap: Callable[[], None]) -> None:
        super().__init__(url, channel=CHANNEL, redis_options={"socket_connect_timeout": SECONDS})
        self._on_gap = on_gap
        self._publisher = Redis.from_url(
            url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=Retry(NoBackoff(), 0)
        )
        self._missing = False
        self._gap = GAP + self.host_id.encode()

    def _publish(self, data: Any) -> None:
        """Nothing is tried while others are missing messages: they will be told to ask for all."""
        if self._missing:
            return
        try:
            self._publisher.publish(self.channel, self.json.dumps(data))
        except RedisError as error:
            log.error("Redis cannot be reached (%s): other workers miss messages", type(error).__name__)
            self._missing = True
            self.server.start_background_task(self._announce_gap)

    def _announce_gap(self) -> None:
        while self._missing:
            self.server.sleep(RETRY_SECONDS)
            # Sending goes on before the announcement, or what comes between the two would be missed as well.
            self._missing = False
            try:
                self._publisher.publish(self.channel, self._gap)
            except RedisError:
                self._missing = True
        log.warning("Redis can be reached again")

    def _listen(self) -> Iterator[Any]:
        for data in super()._listen():
            if not data.startswith(GAP):
                yield data
            elif data != self._gap:
                self._on_gap()

    def _redis_listen_with_retries(self) -> Iterator[Any]:
        """Socket.IO's own waits up to a minute before it tries again."""
        interrupted = False
        while True:
            try:
                self._redis_connect()
                self.pubsub.subscribe(self.channel)
                if interrupted:
                    log.warning("Redis can be heard again")
                    self._on_gap()
                interrupted = False
                yield from self.pubsub.listen()
            except (RedisError, OSError) as error:
                if not interrupted:
                    log.error("Redis cannot be heard (%s)", type(error).__name__)
                interrupted = True
                time.sleep(RETRY_SECONDS)

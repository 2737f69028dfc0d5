"""How a greenlet waits for PostgreSQL.

psycopg asks ``poll()``, which gevent replaces by a general one: for each exchange it makes a poll object, an event and
a timer, looks once without waiting, and wakes ten times a second for Ctrl-C. Here it is a watcher of the event loop and
nothing else: a notification waits three times at least.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")


def is_asked_for() -> bool:
    """Whether what runs here are greenlets: the server has replaced the sockets of this process."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("socket"))


def wait(asking: Generator[int, int, T], file: int, seconds: float | None) -> T:
    """Bring an exchange of psycopg's to its end, other greenlets running meanwhile; in a worker of gevent's only.

    Raises psycopg.OperationalError after so many seconds; then the connection is in the middle of something.
    """
    try:
        return _waited_for(asking, next(asking), file, seconds)
    except StopIteration as end:
        answer: T = end.value
        return answer


def _waited_for(asking: Generator[int, int, T], wanted: int, file: int, seconds: float | None) -> T:
    from gevent import get_hub
    from gevent.hub import Waiter

    hub = get_hub()
    waiter: Any = Waiter(hub)
    limit = hub.loop.timer(seconds) if seconds is not None else None
    try:
        if limit is not None:
            limit.start(waiter.switch, 0)
        while True:
            # What psycopg waits for and is told, 1 to read and 2 to write, are the numbers of the event loop.
            watcher = hub.loop.io(file, int(wanted))
            # What is under way comes before what begins.
            watcher.priority = hub.loop.MAXPRI
            try:
                watcher.start(waiter.switch, pass_events=True)
                ready = waiter.get()
            finally:
                watcher.stop()
                watcher.close()
            if not ready:
                raise psycopg.OperationalError("the database has not answered in time")
            wanted = asking.send(ready)
    finally:
        if limit is not None:
            limit.stop()
            limit.close()

"""How long the database is waited for, where somebody cannot wait for ever.

A database that refuses is noticed at once. One whose machine hangs, or that somebody else has locked, is waited for,
and neither libpq nor the server ends that: the server is what hangs. So the waiting itself is limited, here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg._preparing import PrepareManager
from sqlalchemy import Engine, event

from app.core import cooperation


@dataclass(slots=True)
class _Limit:
    """Until when, on the monotonic clock; None once it holds no more, also for work that was begun beside it."""

    until: float | None


_limit: ContextVar[_Limit | None] = ContextVar("patience", default=None)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """In this block the database is waited for so long in all; then whatever waits for it raises OperationalError.

    The connection that was waited for is given up: what it was asked may be done nonetheless. Within another such block
    the earlier end counts.
    """
    outer = left()
    limit = _Limit(time.monotonic() + (seconds if outer is None else min(seconds, outer)))
    token = _limit.set(limit)
    try:
        yield
    finally:
        limit.until = None
        _limit.reset(token)


def left() -> float | None:
    """Seconds that may still be waited, 0 at least; None without a limit."""
    limit = _limit.get()
    if limit is None or limit.until is None:
        return None
    return max(0.0, limit.until - time.monotonic())


class _Patient(psycopg.Connection[Any]):
    """A connection that waits for its server no longer than is allowed."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """See psycopg.Connection. Closes the connection when time is over: it is in the middle of something."""
        seconds = left()
        try:
            if timeout is None:
                return self._wait(gen, interval, seconds)
            return super().wait(gen, interval, timeout if seconds is None else min(seconds, timeout))
        except psycopg.OperationalError:
            if left() == 0:
                self.pgconn.finish()
            raise

    def _wait(self, gen: Any, interval: float, seconds: float | None) -> Any:
        return super().wait(gen, interval, seconds)

    def _rollback_gen(self) -> Any:
        """Keeps what is prepared, which the server keeps as well. psycopg forgets it, as tables may be gone that were
        made since; we make none. Since whatever reads ends so, nothing would ever stay prepared.
        """
        kept, self._prepared = self._prepared, PrepareManager()
        try:
            yield from super()._rollback_gen()
        finally:
            self._prepared = kept


class _PatientInGreenlets(_Patient):
    """The same where waiting lets other greenlets run."""

    def _wait(self, gen: Any, interval: float, seconds: float | None) -> Any:
        return cooperation.wait(gen, self.pgconn.socket, seconds)


def limit_connections(engine: Engine) -> None:
    """Have the connections of an engine, and connecting, obey ``at_most``; for PostgreSQL."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, given: Any, named: dict[str, Any]) -> Any:
        seconds = left()
        if seconds is not None:
            if not seconds:
                raise psycopg.OperationalError("no time is left to connect")
            # Whole seconds, two at least, for libpq.
            named = {**named, "connect_timeout": min(named["connect_timeout"], math.ceil(seconds))}
        kind = _PatientInGreenlets if cooperation.is_asked_for() else _Patient
        return kind.connect(*given, **named)

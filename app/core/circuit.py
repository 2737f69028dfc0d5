"""Stops asking another system that does not answer, longer with each failure, and asks it less often than it allows."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta


class Circuit:
    """One system. Closed: it may be asked. Open after a failure: nobody asks until the pause is over, then one tries.

    ``pause`` after the first failure, twice as long after each further one in a row, up to ``longest``. A system that
    says itself how long to wait is not asked before. Kept in the memory of a process.
    """

    def __init__(self, pause: timedelta, longest: timedelta) -> None:
        self.pause = pause
        self.longest = longest
        self._lock = threading.Lock()
        self._failures = 0
        self._until: datetime | None = None
        self._span = timedelta()

    def wait(self, now: datetime) -> timedelta:
        """How long nobody should ask; zero when it may be asked, and then the others wait for what comes of it."""
        with self._lock:
            if self._until is None:
                return timedelta()
            # A clock that was set back must not close the way for longer than was meant.
            self._until = min(self._until, now + self._span)
            left = self._until - now
            if left > timedelta():
                return left
            self._open(now, self.pause)
            return timedelta()

    def failed(self, now: datetime, at_least: timedelta = timedelta()) -> None:
        """It did not answer, or said that it is asked too often: then after ``at_least`` at the earliest."""
        with self._lock:
            doubled = self.pause * 2 ** min(self._failures, 20)
            self._failures += 1
            self._open(now, max(min(doubled, self.longest), at_least))

    def succeeded(self) -> None:
        """It answered."""
        with self._lock:
            self._failures = 0
            self._until = None

    def _open(self, now: datetime, span: timedelta) -> None:
        self._until, self._span = now + span, span

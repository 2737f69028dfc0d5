"""What a run may take: its time, and the disk. What does not fit is left out, said, and missing on the page by name."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: On the disk for an address with its numbers, contacts and entries, in one database: measured, and half as much again.
BYTES_PER_ADDRESS = 6_000
#: The same for a call.
BYTES_PER_CALL = 3_000
#: Stays free for whatever else the machine does.
SPARE_BYTES = 2_000_000_000


@dataclass(slots=True)
class Limits:
    """The limits of one run. ``say`` is told what is left out."""

    seconds: float
    databases: int
    say: Callable[[str], None]
    free_bytes: Callable[[], int] = lambda: shutil.disk_usage(tempfile.gettempdir()).free
    clock: Callable[[], float] = time.monotonic
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.clock()

    def allow(self, what: str, addresses: int = 0, calls: int = 0) -> bool:
        """Whether something may still begin that stores so much in each database."""
        if self.clock() - self._begun > self.seconds:
            self.say(f"left out, the time is over: {what}")
            return False
        needed = self.databases * (addresses * BYTES_PER_ADDRESS + calls * BYTES_PER_CALL) + SPARE_BYTES
        free = self.free_bytes()
        if free < needed:
            self.say(f"left out, {needed / 1e9:.1f} GB are needed on the disk and {free / 1e9:.1f} GB are free: {what}")
            return False
        return True

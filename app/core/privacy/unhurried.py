"""Long work on a person's data beside whoever telephones: others have the processor, and SQLite's lock, in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from flask import current_app

#: Things that are done in one go: some milliseconds.
AT_ONCE = 100
#: Seconds between two batches that write, in which notifications that wait go first: SQLite's lock is given to whoever
#: waits.
PAUSE_SECONDS = 0.005
Thing = TypeVar("Thing")


def unhurried(things: Iterable[Thing], at_once: int = AT_ONCE) -> Iterator[Thing]:
    """The same, with a moment for others after every so many: greenlets have the processor until they wait."""
    for place, thing in enumerate(things, 1):
        yield thing
        if place % at_once == 0:
            breathe()


def breathe() -> None:
    """Let others have the processor."""
    current_app.extensions["durchwahl"].realtime.sleep(0)


def let_others_write() -> None:
    """Between two batches."""
    current_app.extensions["durchwahl"].realtime.sleep(PAUSE_SECONDS)

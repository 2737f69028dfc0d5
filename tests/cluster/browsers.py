"""Browsers that stay connected all the time: whoever is cut off connects anew and asks, as static/js does."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Iterator

from tests.postgresql.screen import BROKEN
from tests.wire import LiveSocket, Person

#: Seconds between two looks at whether the test is over.
LOOK = 5.0
#: Phases of calls that stay on the screen.
UNDER_WAY = frozenset({"ringing", "talking"})


class Browser(threading.Thread):
    """One tab: what it shows of calls, learnt from the answer to its question and from what it is told."""

    def __init__(self, person: Person) -> None:
        super().__init__(daemon=True)
        self.person = person
        self.connections = 0
        self.asked = threading.Event()
        """Set while it is connected and has the answer to its question."""
        self._shown: dict[int, tuple[int, str]] = {}
        self._enough = threading.Event()

    @property
    def shown(self) -> dict[int, str]:
        """The calls under way and their phases."""
        return {call: phase for call, (_version, phase) in list(self._shown.items()) if phase in UNDER_WAY}

    def run(self) -> None:
        while not self._enough.is_set():
            with contextlib.suppress(*BROKEN), contextlib.closing(self.person.socket()) as socket:
                self._listen(socket)
            self.asked.clear()
            # As browsers do, so that not all of them come back at the same moment.
            self._enough.wait(random.uniform(0.2, 1.5))

    def end(self) -> None:
        """Close the connection at the next look."""
        self._enough.set()

    def _listen(self, socket: LiveSocket) -> None:
        self.connections += 1
        heard: dict[int, tuple[int, str]] = {}
        socket.send("calls")
        while not self._enough.is_set():
            try:
                event, said = socket.next_of_all(LOOK)
            except TimeoutError:
                continue
            if event == "":
                # What is not in the answer is not current, unless it was told since the question.
                told = {call["id"]: (call["version"], call["phase"]) for call in said["calls"]}
                self._shown = {call: max(pair) for call, pair in _both(told, heard).items()}
                self.asked.set()
            elif event == "call" and "phase" in said:
                heard[said["id"]] = max((said["version"], said["phase"]), heard.get(said["id"], (0, "")))
                self._shown[said["id"]] = max(heard[said["id"]], self._shown.get(said["id"], (0, "")))


def _both(
    one: dict[int, tuple[int, str]], other: dict[int, tuple[int, str]]
) -> dict[int, tuple[tuple[int, str], tuple[int, str]]]:
    nothing = (0, "")
    return {call: (one.get(call, nothing), other.get(call, nothing)) for call in {*one, *other}}


@contextlib.contextmanager
def open_for(people: list[Person], tabs: int) -> Iterator[list[Browser]]:
    """So many tabs for each person, until the block ends."""
    browsers = [Browser(person) for person in people for _tab in range(tabs)]
    for browser in browsers:
        browser.start()
    try:
        yield browsers
    finally:
        for browser in browsers:
            browser.end()
        for browser in browsers:
            browser.join(4 * LOOK)

"""Times that were measured in many short rounds, and what of them other load of the machine disturbs least.

What others do at the same time makes a round longer, never shorter, and all ways take turns within each: so the
rounds of the quietest quarter are looked at, for every way alike. Processor time is the other look at the same: it
does not count what others had of the processor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

#: The round that this share of all rounds does not exceed stands for all.
QUIETEST = 0.25
#: Gives the processor time in ms that was used so far.
Clock = Callable[[], float]


@dataclass(slots=True)
class Rounds:
    """What one way took: each single time in ms, by rounds, and the processor time of one time in each round."""

    ms: list[list[float]] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def add(self, work: Callable[[Any], object], things: Sequence[Any], clock: Clock) -> None:
        """A round: the work with each thing."""
        times = []
        used = clock()
        for thing in things:
            start = time.perf_counter()
            work(thing)
            times.append(round((time.perf_counter() - start) * 1000, 4))
        self.cpu_ms.append(round((clock() - used) / len(things), 4))
        self.ms.append(times)

    def figures(self) -> dict[str, Any]:
        """For the file of figures."""
        return {"ms": self.ms, "cpu_ms": self.cpu_ms}


def typical(figures: dict[str, Any]) -> float:
    """The median of a quiet round, in ms: a quarter of all rounds had a smaller one."""
    return quiet([median(times) for times in figures["ms"]])


def quiet(times: Sequence[float]) -> float:
    """The same of single times: a quarter of them were smaller."""
    return sorted(times)[int((len(times) - 1) * QUIETEST)]


def quickest(times: Sequence[Sequence[float]]) -> list[float]:
    """Of things that were each done several times, far apart, the time that was disturbed least."""
    return [min(of_one) for of_one in times]


def processor(figures: dict[str, Any]) -> float:
    """Processor time in ms, of program and database: the median of all rounds."""
    return float(median(figures["cpu_ms"]))


def every(figures: dict[str, Any]) -> list[float]:
    """All single times in ms."""
    return [one for times in figures["ms"] for one in times]


def clock_with(process: int | None) -> Clock:
    """Processor time of this thread, and of another process that works for it."""
    if process is None:
        return lambda: time.thread_time() * 1000
    return lambda: time.thread_time() * 1000 + spent_ms(process)


def spent_ms(process: int) -> float:
    """Processor time of a process of one thread, to the nanosecond, as Linux's scheduler counts it."""
    return int(Path(f"/proc/{process}/schedstat").read_text("ascii").split()[0]) / 1e6

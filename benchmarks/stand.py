"""One server under measurement with its browsers, and the measurements on one database."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.callers import TWO as LINE_OF_TWO
from benchmarks.callers import line_to_all
from benchmarks.delivery import Pipeline, Series, at_rate, flood, one_at_a_time
from benchmarks.listening import Listener, connect
from benchmarks.plan import ALL, FEW, PER_SECOND, SINGLY, STEADILY, TWO, Plan
from benchmarks.servers import BenchmarkFailed, Server, cpu_seconds

#: Notifications that are sent then, and not counted.
AFTER_CONNECTING = 5


@dataclass(slots=True)
class Stand:
    """A server, the browsers connected to it, and how it is spoken to."""

    pipeline: Pipeline
    server: Server
    upgrade: Callable[[int], bytes]
    """The request by which the browser of a user connects."""
    listeners: list[Listener] = field(default_factory=list)
    came_back: int = 0
    """Browsers that lost their connection and were connected again."""

    @property
    def name(self) -> str:
        """Of the pipeline."""
        return self.pipeline.name

    async def connect_up_to(self, level: int) -> float:
        """So many users are connected from now on, the first ones; returns the seconds that their connecting took."""
        if len(self.listeners) > level:
            for listener in self.listeners[level:]:
                listener.close()
            del self.listeners[level:]
        start = time.perf_counter()
        users = range(len(self.listeners) + 1, level + 1)
        self.listeners += await connect(self.server.port, users, self.upgrade, self.pipeline.desk.arrived)
        return time.perf_counter() - start

    async def check(self) -> None:
        """Nobody got what was not for him, else BenchmarkFailed. A browser that lost its connection comes back.

        What it missed meanwhile was counted as missing by the measurement.
        """
        if self.pipeline.desk.strangers:
            raise BenchmarkFailed(f"{self.name}: {self.pipeline.desk.strangers} messages came to the wrong browser")
        gone = [place for place, listener in enumerate(self.listeners) if listener.lost]
        users = [place + 1 for place in gone]
        back = await connect(self.server.port, users, self.upgrade, self.pipeline.desk.arrived)
        for place, listener in zip(gone, back, strict=True):
            self.listeners[place] = listener
        self.came_back += len(gone)


@dataclass(slots=True)
class Cell:
    """One measurement: so many connected, such an audience, such a pace; by pipeline."""

    connected: int
    audience: str
    pace: str
    series: dict[str, Series]


@dataclass(slots=True)
class Flood:
    """As many notifications as so many senders get answered."""

    senders: int
    pipeline: str
    series: Series
    server_cores: float
    """Processor time of the server per second."""
    client_cores: float
    """The same of the measuring process: near 1 it would be the limit itself."""


@dataclass(slots=True)
class Delivery:
    """All that was measured on one database with running servers."""

    cells: list[Cell] = field(default_factory=list)
    floods: list[Flood] = field(default_factory=list)
    memory_kib: dict[str, dict[int, int]] = field(default_factory=dict)
    """Pipeline → connected → resident memory of its workers."""
    connect_seconds: dict[str, dict[int, float]] = field(default_factory=dict)
    """Pipeline → level → seconds that the browsers took which were connected to reach it."""


async def measure(stands: list[Stand], plan: Plan, say: Callable[[str], None]) -> Delivery:
    """Everything, from few browsers to many, then few again."""
    result = Delivery(
        memory_kib={stand.name: {} for stand in stands}, connect_seconds={stand.name: {} for stand in stands}
    )
    await _connect(stands, 1, plan)
    for stand in stands:
        await one_at_a_time(stand.pipeline, LINE_OF_TWO, 1, plan.warm_up)
    for level in plan.levels:
        seconds = await _connect(stands, level, plan)
        for stand in stands:
            result.connect_seconds[stand.name][level] = seconds[stand.name]
            result.memory_kib[stand.name][level] = stand.server.memory_kib()
        say(f"{level} connected")
        await _cells(stands, level, TWO, plan, result)
        if level in plan.levels_to_all:
            await _cells(stands, level, ALL, plan, result)
    # Few again: what the machine did meanwhile must not be taken for the price of many users.
    await _connect(stands, FEW, plan)
    say(f"{FEW} connected once more")
    await _cells(stands, FEW, TWO, plan, result)
    await _connect(stands, plan.flood_level, plan)
    for senders in plan.senders:
        say(f"{senders} senders")
        for stand in stands:
            result.floods.append(await _flood(stand, senders, plan))
    for stand in stands:
        say(f"{stand.name}: {stand.came_back} browsers lost their connection and came back")
    return result


async def _connect(stands: list[Stand], level: int, plan: Plan) -> dict[str, float]:
    """So many users are connected, and the servers have settled; returns the seconds it took by pipeline."""
    seconds = {}
    for stand in stands:
        seconds[stand.name] = await stand.connect_up_to(level)
        await stand.check()
    await asyncio.sleep(plan.settle)
    for stand in stands:
        await one_at_a_time(stand.pipeline, LINE_OF_TWO, min(2, level), AFTER_CONNECTING)
    return seconds


async def _cells(stands: list[Stand], level: int, audience: str, plan: Plan, result: Delivery) -> None:
    """Both paces; the pipelines take turns, so that a disturbance of the machine meets both."""
    line = LINE_OF_TWO if audience == TWO else line_to_all(level)
    receivers = min(2, level) if audience == TWO else level
    for pace in (SINGLY, STEADILY):
        cell = _cell(result, level, audience, pace, stands)
        for _ in range(plan.rounds):
            for stand in stands:
                cpu = stand.server.cpu_seconds()
                if pace == SINGLY:
                    count = plan.singly_two if audience == TWO else plan.singly_all
                    series = await one_at_a_time(stand.pipeline, line, receivers, count)
                else:
                    series = await at_rate(stand.pipeline, line, receivers, plan.steadily, PER_SECOND)
                series.server_cpu = stand.server.cpu_seconds() - cpu
                await stand.check()
                cell.series[stand.name].add(series)


def _cell(result: Delivery, level: int, audience: str, pace: str, stands: list[Stand]) -> Cell:
    for cell in result.cells:
        if (cell.connected, cell.audience, cell.pace) == (level, audience, pace):
            return cell
    cell = Cell(level, audience, pace, {stand.name: Series() for stand in stands})
    result.cells.append(cell)
    return cell


async def _flood(stand: Stand, senders: int, plan: Plan) -> Flood:
    server, client = stand.server.cpu_seconds(), cpu_seconds(os.getpid())
    series = await flood(stand.pipeline, LINE_OF_TWO, min(2, plan.flood_level), senders, plan.flood_seconds)
    await stand.check()
    server, client = stand.server.cpu_seconds() - server, cpu_seconds(os.getpid()) - client
    return Flood(senders, stand.name, series, server / series.seconds, client / series.seconds)

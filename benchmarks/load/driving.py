"""Offers notifications at a rate and measures what comes of them: one step of a climb, or a long soak."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.callers import hang_up, notification
from benchmarks.delivery import Pipeline, Series, new_call_id, post_notification, steadily, undisturbed
from benchmarks.listening import Desk, Expected, Listener, connect
from benchmarks.load.plan import Plan
from benchmarks.load.rules import spread
from benchmarks.load.serving import VISITORS, Instances
from benchmarks.posting import Post
from benchmarks.servers import cpu_seconds, open_files, resident_kib
from benchmarks.stand import Stand

#: Seconds after which an answer or a message counts as lost. A saturated server is slow, and has lost nothing yet.
PATIENCE = 45.0


@dataclass(slots=True)
class Calls:
    """What happens at the telephone system: calls ring at one line, and their callers hang up after a while."""

    pipeline: Pipeline
    line: str
    receivers: int
    rings: float
    _ringing: deque[tuple[float, str, str, Expected]] = field(default_factory=deque)
    _turn: itertools.count[int] = field(default_factory=itertools.count)

    def next(self) -> tuple[Post, Expected]:
        """Report a new call and the end of one in turns. Nobody hangs up whose call is not on the screens yet."""
        if next(self._turn) % 2 and (ended := self._over()):
            caller, call_id = ended
            return post_notification(self.pipeline, caller, hang_up(caller, self.line, call_id), self.receivers)
        caller, call_id = next(self.pipeline.callers), new_call_id(self.pipeline)
        sent = post_notification(self.pipeline, caller, notification(caller, self.line, call_id), self.receivers)
        self._ringing.append((time.perf_counter() + self.rings, caller, call_id, sent[1]))
        return sent

    def _over(self) -> tuple[str, str] | None:
        while self._ringing and self._ringing[0][3].everywhere.cancelled():
            self._ringing.popleft()  # its message was lost, which is counted
        if not self._ringing:
            return None
        until, caller, call_id, expected = self._ringing[0]
        if until > time.perf_counter() or not expected.everywhere.done():
            return None
        self._ringing.popleft()
        return caller, call_id


def look(instances: Instances) -> dict[str, dict[str, int]]:
    """Memory and open files of each process now."""
    return {
        name: {"memory_kib": resident_kib(pid), "files": open_files(pid)} for name, pid in instances.processes().items()
    }


async def step(stand: Stand, instances: Instances, calls: Calls, rate: float, seconds: float) -> dict[str, Any]:
    """Offer this rate for so many seconds; returns what is kept of it, as JSON can hold it."""
    spent, driver, machine = _spent(instances), cpu_seconds(os.getpid()), _busy()
    begun = time.perf_counter()
    with undisturbed():
        series = await steadily(calls.next, max(1, round(rate * seconds)), rate, PATIENCE)
    elapsed = time.perf_counter() - begun
    spent, driver = _spent(instances) - spent, cpu_seconds(os.getpid()) - driver
    found = {
        "offered": rate,
        **_kept(series, calls),
        "lost": _lost(stand.pipeline.desk),
        "server_cpu_ms": round(spent / max(1, len(series.answered)) * 1000, 2),
        "server_cores": round(spent / elapsed, 2),
        "driver_cores": round(driver / elapsed, 2),
        "machine_cores": round((_busy() - machine) / elapsed, 2),
        "processes": look(instances),
    }
    await stand.check()
    return found


def _kept(series: Series, calls: Calls) -> dict[str, Any]:
    sent = len(series.answered) + series.failed
    span = max(series.seconds, series.sending) or 1.0
    return {
        "sent": sent,
        "sent_per_second": round((sent - 1) / series.sending, 1) if sent > 1 and series.sending else float(sent),
        "achieved": round(len(series.answered) / span, 1),
        "messages_per_second": round(len(series.delivered) * calls.receivers / span, 1),
        "answered_ms": spread(series.answered),
        "delivered_ms": spread(series.delivered),
        "failed": series.failed,
    }


def _lost(desk: Desk) -> int:
    """Messages of accepted notifications that never came; nobody waits for them any more."""
    lost = sum(expected.missing for expected in desk.expected.values() if not expected.refused)
    desk.give_up()
    return lost


def _spent(instances: Instances) -> float:
    return instances.cpu_seconds()


def _busy() -> float:
    """Seconds for which the machine's cores have worked for anybody, all together."""
    fields = Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _wait, irq, softirq = map(int, fields[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


async def soak(
    stand: Stand, instances: Instances, concerned: Calls, everybody: Calls, plan: Plan, seconds: float
) -> dict[str, Any]:
    """The same load for a long time, while browsers come and go; returns what is kept of it."""
    to_few, to_all = Series(), Series()
    visitors = Visitors(stand, plan)
    begun = time.perf_counter()
    spent = _spent(instances)
    looks: list[dict[str, Any]] = [{"at": 0.0, "processes": look(instances)}]
    while (at := time.perf_counter() - begun) < seconds:
        span = min(plan.sample_seconds, seconds - at)
        few, many, _ = await asyncio.gather(
            steadily(concerned.next, max(1, round(plan.soak_rate * span)), plan.soak_rate, PATIENCE),
            steadily(everybody.next, max(1, round(plan.soak_all_rate * span)), plan.soak_all_rate, PATIENCE),
            visitors.come(span),
        )
        to_few.add(few)
        to_all.add(many)
        looks.append({"at": round(time.perf_counter() - begun, 1), "processes": look(instances)})
        await stand.check()
    visitors.leave()
    answered = len(to_few.answered) + len(to_all.answered)
    return {
        "seconds": round(time.perf_counter() - begun, 1),
        "rate": plan.soak_rate,
        "visits": visitors.visits,
        "concerned": _kept(to_few, concerned),
        "all": _kept(to_all, everybody),
        "lost": _lost(stand.pipeline.desk),
        "server_cpu_ms": round((_spent(instances) - spent) / max(1, answered) * 1000, 2),
        "came_back": stand.came_back,
        "looks": looks,
    }


class Visitors:
    """Browsers that come and go during a soak: what a server keeps of them would show in its memory and files."""

    def __init__(self, stand: Stand, plan: Plan) -> None:
        self.visits = 0
        self._stand = stand
        self._plan = plan
        self._first = len(stand.listeners) + 1
        self._here: list[list[Listener]] = []

    async def come(self, seconds: float) -> None:
        """Those of so many seconds, one after the other; those of the time before the last one leave."""
        if len(self._here) > 1:
            self._close(self._here.pop(0))
        self._here.append([])
        count = min(VISITORS // 2, round(seconds * self._plan.visits_per_second))
        for _ in range(count):
            user = self._first + self.visits % VISITORS
            self._here[-1] += await connect(self._stand.server.port, [user], self._stand.upgrade, _ignored)
            self.visits += 1
            await asyncio.sleep(seconds / (count + 1))

    def leave(self) -> None:
        """All of them."""
        for group in self._here:
            self._close(group)

    def _close(self, group: list[Listener]) -> None:
        for listener in group:
            listener.close()


def _ignored(_user: int, _caller: bytes, _now: float) -> None:
    """What visitors hear is not measured: they may come too late for a call to all."""

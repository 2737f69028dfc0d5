"""All that is measured of one installation: rates that rise until it is saturated, then a soak; beside the bare one."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks import machine
from benchmarks.callers import TWO as LINE_OF_TWO
from benchmarks.callers import known_callers, line_to_all
from benchmarks.delivery import Pipeline, one_at_a_time
from benchmarks.listening import Desk
from benchmarks.load.driving import Calls, look, soak, step
from benchmarks.load.plan import CLIMBS, PARTS, SOAK, Installation, Plan
from benchmarks.load.rules import is_driver_full, next_rate, saturation
from benchmarks.load.serving import TARGETS, Instances, Running
from benchmarks.plan import ALL, TWO
from benchmarks.posting import poster
from benchmarks.results import DURCHWAHL
from benchmarks.stand import Stand
from benchmarks.wire import upgrade_request

#: Calls that concern the first two users, and those that concern all connected.
AUDIENCES = (TWO, ALL)
Left = Callable[[], float]
"""Seconds that the run may still take."""


@dataclass(slots=True)
class Climber:
    """One pipeline under load."""

    stand: Stand
    instances: Instances
    calls: dict[str, Calls]


async def measure(
    installation: Installation,
    plan: Plan,
    running: Running,
    left: Left,
    say: Callable[[str], None],
    parts: Collection[str] = PARTS,
) -> dict[str, Any]:
    """These parts; what would begin after the time is left out. Raises BenchmarkFailed, WireError or TimeoutError."""
    made = machine.describe()
    climbers = {
        name: _climber(name, instances, installation, plan, running.cookies)
        for name, instances in running.by_name.items()
    }
    found: dict[str, Any] = {
        "kind": installation.kind,
        "instances": installation.instances,
        "connected": installation.connected,
        "pipelines": {name: {"begin": look(one.instances), "climbs": {}} for name, one in climbers.items()},
    }
    for name, climber in climbers.items():
        seconds = await climber.stand.connect_up_to(installation.connected)
        say(f"  {name}: {installation.connected} connected in {seconds:.1f} s")
        found["pipelines"][name]["connect_seconds"] = round(seconds, 1)
    await asyncio.sleep(plan.settle)
    for name, climber in climbers.items():
        await one_at_a_time(climber.stand.pipeline, LINE_OF_TWO, 2, plan.warm_up)
        found["pipelines"][name]["connected"] = look(climber.instances)
    for audience in AUDIENCES if CLIMBS in parts else ():
        climbed = await _climb(climbers, audience, plan, left, say)
        for name, steps in climbed.items():
            found["pipelines"][name]["climbs"][audience] = steps
    if installation.soaks and SOAK in parts:
        for name, soaked in (await _soak(climbers, plan, left, say)).items():
            found["pipelines"][name]["soak"] = soaked
    for climber in climbers.values():
        for listener in climber.stand.listeners:
            listener.close()
    made["load_after"] = round(os.getloadavg()[0], 2)
    has_soak = any("soak" in one for one in found["pipelines"].values())
    return {**found, "made": made, **({"soaked": made} if has_soak else {})}


def _climber(name: str, instances: Instances, installation: Installation, plan: Plan, cookies: list[str]) -> Climber:
    def upgrade(user: int) -> bytes:
        if name == DURCHWAHL:
            return upgrade_request(instances.port, {"Cookie": f"durchwahl={cookies[user - 1]}"})
        return upgrade_request(instances.port, {}, f"&user={user}")

    callers = known_callers(plan.addresses)
    pipeline = Pipeline(name, instances.port, TARGETS[name], poster(instances.port), Desk(), callers)
    lines = {TWO: (LINE_OF_TWO, 2), ALL: (line_to_all(installation.connected), installation.connected)}
    calls = {audience: Calls(pipeline, *lines[audience], plan.rings) for audience in AUDIENCES}
    return Climber(Stand(pipeline, instances, upgrade), instances, calls)


async def _climb(
    climbers: Mapping[str, Climber], audience: str, plan: Plan, left: Left, say: Callable[[str], None]
) -> dict[str, list[dict[str, Any]]]:
    """Both take turns at each rate as long as both stand it; then the other one goes on alone."""
    climbed: dict[str, list[dict[str, Any]]] = {name: [] for name in climbers}
    open_ = list(climbers)
    while open_:
        for name in list(open_):
            done = [(one["offered"], bool(saturation(one))) for one in climbed[name]]
            rate = next_rate(done, plan)
            if rate is None or left() <= 0:
                open_.remove(name)
                continue
            climber = climbers[name]
            found = await step(climber.stand, climber.instances, climber.calls[audience], rate, plan.step_seconds)
            climbed[name].append(found)
            say(f"  {name}, to {audience}, {rate:g}/s: {_words(found)}")
    return climbed


def _words(found: Mapping[str, Any]) -> str:
    reasons = saturation(found)
    delivered = found["delivered_ms"]
    times = f"p99 on the screen {delivered['p99']:.0f} ms" if delivered else "nothing arrived"
    full = ", the measuring program is the limit" if is_driver_full(found) else ""
    return f"{times}{', saturated: ' + '; '.join(reasons) if reasons else ''}{full}"


async def _soak(
    climbers: Mapping[str, Climber], plan: Plan, left: Left, say: Callable[[str], None]
) -> dict[str, dict[str, Any]]:
    """Both at the same time; nothing where there is no time for three looks."""
    seconds = min(plan.soak_seconds, left())
    if seconds < 3 * plan.sample_seconds:
        say("  no time is left for the soak")
        return {}
    say(f"  soaking for {seconds:.0f} s")
    # What is there by now stays: a full collection of this process must not delay what it measures.
    gc.collect()
    gc.freeze()
    try:
        found = await asyncio.gather(
            *(
                soak(one.stand, one.instances, one.calls[TWO], one.calls[ALL], plan, seconds)
                for one in climbers.values()
            )
        )
    finally:
        gc.unfreeze()
    return dict(zip(climbers, found, strict=True))

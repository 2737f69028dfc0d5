"""When a server is saturated, which rate is tried next, and whether memory and open files stay level. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median
from typing import Any

from benchmarks.load.plan import Plan
from benchmarks.summary import percentile

#: The 99th percentile of the answer, and that of the way to the screen, may be so long.
TOO_SLOW_MS = 1000.0
#: A server that answers a smaller share of what is offered falls behind.
KEEPS_UP = 0.95
#: Cores that the measuring program, which uses one, may take before it is the limit itself.
DRIVER_FULL = 0.85
#: What is called level: at most so much growth in a minute, for each process.
MEMORY_KIB_PER_MINUTE, FILES_PER_MINUTE = 512.0, 0.5
#: The beginning of a soak that counts as warming up, as its share and in seconds at most.
WARM_UP_SHARE, WARM_UP_SECONDS = 0.34, 180.0
#: With fewer looks than this nothing is said about growth, nor when they stretch over less than a minute.
ENOUGH_LOOKS, ENOUGH_SECONDS = 6, 60.0


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """What is kept of measured times in ms; None for none at all."""
    if not values:
        return None
    found = {f"p{percent}": round(percentile(values, percent), 2) for percent in (50, 95, 99)}
    return {"n": len(values), **found, "max": round(max(values), 2)}


def saturation(step: Mapping[str, Any]) -> list[str]:
    """Why this step is more than the server takes, in words; [] where it is not."""
    reasons = []
    if step["achieved"] < KEEPS_UP * step["offered"]:
        reasons.append(f"{step['achieved']:.1f}/s answered")
    for name, words in (("answered_ms", "answer"), ("delivered_ms", "way to the screen")):
        found = step[name]
        if found is None:
            reasons.append(f"{words}: none")
        elif found["p99"] > TOO_SLOW_MS:
            reasons.append(f"{words}: p99 {found['p99'] / 1000:.1f} s")
    if step["failed"]:
        reasons.append(f"{step['failed']} not accepted")
    if step["lost"]:
        reasons.append(f"{step['lost']} messages lost")
    return reasons


def is_driver_full(step: Mapping[str, Any]) -> bool:
    """Whether the measuring program was the limit: then the step says little about the server."""
    return bool(step["driver_cores"] > DRIVER_FULL or step["sent_per_second"] < KEEPS_UP * step["offered"])


def next_rate(done: Sequence[tuple[float, bool]], plan: Plan) -> float | None:
    """The rate to offer next, by those that were offered and whether each was too much; None when all is known."""
    if not done:
        return plan.first_rate
    last, too_much = done[-1]
    if too_much and all(saturated for _, saturated in done):
        lower = _rounded(last / 2)
        return lower if lower >= plan.lowest_rate and len(done) < plan.steps else None
    if too_much or last < plan.first_rate or len(done) >= plan.steps:
        return None
    return _rounded(last * plan.growth)


def _rounded(rate: float) -> float:
    """Whole numbers, where that changes little."""
    return float(round(rate)) if rate >= 10 else round(rate, 1)


def joined(before: Mapping[str, Any] | None, found: dict[str, Any]) -> dict[str, Any] | None:
    """What is kept of an installation: what was measured now, and of the earlier figures the part that was not.

    ``made`` says when and on what the climbs were measured, ``soaked`` the same of the soak. None where nothing is
    known of the climbs: a soak alone says too little.
    """
    pipelines = found["pipelines"]
    if all(any(one["climbs"].values()) for one in pipelines.values()):
        if before is not None and "soaked" not in found and "soaked" in before:
            soaks = {name: {**one, "soak": before["pipelines"][name]["soak"]} for name, one in pipelines.items()}
            return {**found, "pipelines": soaks, "soaked": before["soaked"]}
        return found
    if before is None or "soaked" not in found:
        return None
    soaks = {name: {**one, "soak": pipelines[name]["soak"]} for name, one in before["pipelines"].items()}
    return {**before, "pipelines": soaks, "soaked": found["soaked"]}


def held(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The step with the highest rate that was not too much; None where each was."""
    good = [step for step in steps if not saturation(step)]
    return max(good, key=lambda step: float(step["offered"]), default=None)


def slope_per_minute(looks: Sequence[tuple[float, float]]) -> float | None:
    """How much a value grows in a minute, by (second, value): the median of all slopes between two looks.

    One jump, or one garbage collection, changes it little (Theil-Sen). None for looks at fewer than two times.
    """
    slopes = [(b - a) / (then - now) for (now, a), (then, b) in combinations(looks, 2) if then != now]
    return median(slopes) * 60 if slopes else None


def warmed_up(looks: Sequence[Mapping[str, Any]], seconds: float) -> list[Mapping[str, Any]]:
    """The looks after the beginning of a soak of so many seconds; each has its second under ``at``."""
    begin = min(seconds * WARM_UP_SHARE, WARM_UP_SECONDS)
    return [look for look in looks if look["at"] >= begin]


def growth(looks: Sequence[Mapping[str, Any]], seconds: float) -> dict[str, dict[str, Any]]:
    """By process: growth of memory and open files in a minute, and whether both are level.

    ``level`` is None where the soak was too short to tell.
    """
    counted = warmed_up(looks, seconds)
    found = {}
    for name in counted[0]["processes"] if counted else ():
        slopes = {}
        for value in ("memory_kib", "files"):
            series = [(float(look["at"]), float(look["processes"][name][value])) for look in counted]
            slopes[value] = slope_per_minute(series)
        found[name] = {**slopes, "level": _is_level(slopes, counted)}
    return found


def _is_level(slopes: Mapping[str, float | None], counted: Sequence[Mapping[str, Any]]) -> bool | None:
    memory, files = slopes["memory_kib"], slopes["files"]
    if memory is None or files is None or len(counted) < ENOUGH_LOOKS:
        return None
    if counted[-1]["at"] - counted[0]["at"] < ENOUGH_SECONDS:
        return None
    return memory <= MEMORY_KIB_PER_MINUTE and files <= FILES_PER_MINUTE

"""When a server is saturated, which rate comes next, and whether memory and open files stay level."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load import rules
from benchmarks.load.plan import FULL

QUICK_TIMES = {"n": 100, "p50": 5.0, "p95": 8.0, "p99": 10.0, "max": 12.0}
SLOW_TIMES = {**QUICK_TIMES, "p99": 1000.1}


def step(**changes: Any) -> dict[str, Any]:
    """One that the server stood."""
    found = {
        "offered": 20.0,
        "achieved": 20.0,
        "sent_per_second": 20.0,
        "answered_ms": QUICK_TIMES,
        "delivered_ms": QUICK_TIMES,
        "failed": 0,
        "lost": 0,
        "driver_cores": 0.2,
    }
    return {**found, **changes}


def climb(stands: float) -> list[tuple[float, bool]]:
    """The rates that are tried on a server that stands so much, and whether each was too much."""
    done: list[tuple[float, bool]] = []
    while (rate := rules.next_rate(done, FULL)) is not None:
        done.append((rate, rate > stands))
    return done


def looks(*processes: tuple[float, float], seconds: float = 10.0) -> list[dict[str, Any]]:
    """Looks at one process, so many seconds apart: memory in KiB and open files."""
    return [
        {"at": place * seconds, "processes": {"instance 1": {"memory_kib": memory, "files": files}}}
        for place, (memory, files) in enumerate(processes)
    ]


def test_a_step_that_keeps_up_in_time_is_not_saturated() -> None:
    assert rules.saturation(step()) == []
    assert rules.saturation(step(achieved=19.0)) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"achieved": 18.9}, "18.9/s answered"),
        ({"answered_ms": SLOW_TIMES}, "answer: p99 1.0 s"),
        ({"delivered_ms": SLOW_TIMES}, "way to the screen: p99 1.0 s"),
        ({"delivered_ms": None}, "way to the screen: none"),
        ({"failed": 2}, "2 not accepted"),
        ({"lost": 3}, "3 messages lost"),
    ],
)
def test_a_step_that_falls_behind_is_slow_or_loses_something_is_saturated(changes: dict[str, Any], reason: str) -> None:
    assert rules.saturation(step(**changes)) == [reason]


def test_the_measuring_program_is_the_limit_when_its_core_is_full_or_it_sends_too_late() -> None:
    assert not rules.is_driver_full(step())
    assert rules.is_driver_full(step(driver_cores=0.9))
    assert rules.is_driver_full(step(sent_per_second=18.0))


def test_rates_rise_by_half_until_one_is_too_much() -> None:
    assert climb(100.0) == [(20, False), (30, False), (45, False), (68, False), (102, True)]


def test_where_the_first_rate_is_too_much_it_is_halved_until_one_holds() -> None:
    assert climb(6.0) == [(20, True), (10, True), (5, False)]
    assert [rate for rate, _ in climb(0.0)] == [20, 10, 5, 2.5, 1.2]


@given(st.floats(0, 1e6))
def test_a_climb_ends_and_tries_no_rate_twice(stands: float) -> None:
    rates = [rate for rate, _ in climb(stands)]
    assert len(set(rates)) == len(rates) <= FULL.steps


def test_a_climb_has_at_most_as_many_steps_as_the_plan_allows() -> None:
    assert rules.next_rate([(20, False), (30, False)], replace(FULL, steps=2)) is None


def test_the_most_that_held_is_the_highest_rate_that_was_not_too_much() -> None:
    steps = [step(offered=20.0), step(offered=30.0, achieved=30.0), step(offered=45.0, achieved=30.0)]
    found = rules.held(steps)
    assert found is not None
    assert found["offered"] == 30
    assert rules.held([step(lost=1)]) is None


def test_a_spread_holds_measured_times() -> None:
    assert rules.spread([]) is None
    times = [float(ms) for ms in range(1, 201)]
    assert rules.spread(times) == {"n": 200, "p50": 100.0, "p95": 190.0, "p99": 198.0, "max": 200.0}


@given(st.floats(-1000, 1000), st.floats(0, 1e6), st.integers(2, 30))
def test_the_slope_of_a_straight_line_is_its_own(each_second: float, begin: float, count: int) -> None:
    line = [(5.0 * place, begin + each_second * 5.0 * place) for place in range(count)]
    assert rules.slope_per_minute(line) == pytest.approx(each_second * 60, abs=1e-3)


def test_one_jump_makes_no_slope() -> None:
    jump = [(10.0 * place, 100.0 if place == 7 else 50.0) for place in range(20)]
    assert rules.slope_per_minute(jump) == 0
    assert rules.slope_per_minute([(1.0, 5.0)]) is None


def test_the_beginning_of_a_soak_does_not_count() -> None:
    found = looks(*((float(place), 10.0) for place in range(61)))
    assert rules.warmed_up(found, 600.0)[0]["at"] == 180
    assert rules.warmed_up(found, 90.0)[0]["at"] == 40


def test_memory_and_files_that_rise_at_first_only_are_level() -> None:
    found = looks(*((min(1000.0 * place, 20_000.0), 300.0) for place in range(61)))
    grown = rules.growth(found, 600.0)["instance 1"]
    assert grown["level"] is True
    assert grown["files"] == 0


@pytest.mark.parametrize(("memory", "files"), [(100.0, 0.0), (0.0, 0.1)])
def test_what_grows_steadily_is_not_level(memory: float, files: float) -> None:
    found = looks(*((50_000 + memory * place, 300 + files * place) for place in range(61)))
    grown = rules.growth(found, 600.0)["instance 1"]
    assert grown["memory_kib"] == pytest.approx(memory * 6)
    assert grown["files"] == pytest.approx(files * 6)
    assert grown["level"] is False


def test_a_short_soak_tells_nothing() -> None:
    assert rules.growth(looks(*[(1.0, 1.0)] * 6), 60.0)["instance 1"]["level"] is None
    assert rules.growth([], 60.0) == {}


def measured(*, steps: tuple[int, ...] = (), soak: str = "", made: str = "now") -> dict[str, Any]:
    """An installation of which only these parts were measured."""
    one: dict[str, Any] = {"climbs": {"two": list(steps)} if steps else {}, **({"soak": soak} if soak else {})}
    return {"pipelines": {"durchwahl": one, "bare": dict(one)}, "made": made, **({"soaked": made} if soak else {})}


BEFORE = measured(steps=(1,), soak="old", made="then")


@pytest.mark.parametrize(
    ("before", "found", "kept"),
    [
        (None, measured(steps=(2,), soak="new"), ([2], "new", "now", "now")),
        (BEFORE, measured(steps=(2,), soak="new"), ([2], "new", "now", "now")),
        (BEFORE, measured(steps=(2,)), ([2], "old", "now", "then")),
        (BEFORE, measured(soak="new"), ([1], "new", "then", "now")),
        (measured(steps=(1,), made="then"), measured(soak="new"), ([1], "new", "then", "now")),
        (measured(steps=(1,), made="then"), measured(steps=(2,)), ([2], None, "now", None)),
    ],
)
def test_a_part_that_is_measured_anew_leaves_the_other_one(
    before: dict[str, Any] | None, found: dict[str, Any], kept: tuple[list[int], str | None, str, str | None]
) -> None:
    joined = rules.joined(before, found)
    assert joined is not None
    for pipeline in joined["pipelines"].values():
        assert (pipeline["climbs"]["two"], pipeline.get("soak"), joined["made"], joined.get("soaked")) == kept


@pytest.mark.parametrize(("before", "found"), [(None, measured(soak="new")), (BEFORE, measured()), (None, measured())])
def test_a_soak_without_climbs_and_a_run_without_anything_are_not_kept(
    before: dict[str, Any] | None, found: dict[str, Any]
) -> None:
    assert rules.joined(before, found) is None

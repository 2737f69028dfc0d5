"""Times in rounds: how they are taken, and which of them stands for all."""

from __future__ import annotations

import os

from benchmarks.large.rounds import Rounds, clock_with, every, processor, quickest, quiet, typical


def test_a_round_keeps_each_time_and_the_processor_time_of_one() -> None:
    ticks = iter((10.0, 16.0))
    seen: list[str] = []
    rounds = Rounds()
    rounds.add(seen.append, ("a", "b", "c"), lambda: next(ticks))
    assert seen == ["a", "b", "c"]
    assert len(rounds.ms) == 1
    assert len(rounds.ms[0]) == 3
    assert rounds.cpu_ms == [2.0]
    assert rounds.figures() == {"ms": rounds.ms, "cpu_ms": [2.0]}


def test_a_quiet_round_stands_for_all_whatever_disturbed_the_others() -> None:
    quiet = [[1.0, 1.2, 9.0], [1.1, 1.3, 1.4]]
    disturbed = [[50.0, 60.0, 70.0], [5.0, 6.0, 7.0], [80.0, 90.0, 95.0]]
    assert typical({"ms": [*disturbed, *quiet]}) == 1.3
    assert typical({"ms": [[2.0, 3.0, 4.0]]}) == 3.0


def test_the_quickest_of_several_times_of_the_same_counts() -> None:
    assert quickest([[3.0, 1.0], [2.0, 5.0]]) == [1.0, 2.0]
    assert quiet([5.0, 9.0, 4.0, 80.0, 70.0]) == 5.0


def test_processor_time_is_the_median_of_all_rounds() -> None:
    assert processor({"cpu_ms": [3.0, 1.0, 2.0]}) == 2.0


def test_all_times_can_be_looked_at() -> None:
    assert every({"ms": [[1.0], [3.0, 2.0]]}) == [1.0, 3.0, 2.0]


def test_the_clock_goes_on_while_the_processor_works_here_and_in_the_other_process() -> None:
    for clock in (clock_with(None), clock_with(os.getpid())):
        before = clock()
        assert sum(range(200_000)) > 0
        assert clock() > before

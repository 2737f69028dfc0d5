"""Median and percentiles."""

from __future__ import annotations

import random

import pytest

from benchmarks.summary import Summary, percentile, summarise


def test_a_summary_of_known_values() -> None:
    values = [float(value) for value in range(1, 201)]
    random.Random(1).shuffle(values)
    assert summarise(values) == Summary(n=200, min=1.0, median=100.5, p99=198.0, max=200.0)


def test_of_few_values_the_99th_percentile_is_the_largest() -> None:
    assert percentile([3.0, 1.0, 2.0], 99) == 3.0
    assert percentile([3.0], 99) == 3.0


def test_a_percentile_is_always_a_value_that_was_measured() -> None:
    values = [1.0, 10.0, 100.0, 1000.0]
    assert [percentile(values, percent) for percent in (1, 25, 26, 50, 75, 76, 100)] == [1, 1, 10, 10, 100, 1000, 1000]


def test_nothing_has_no_summary() -> None:
    assert summarise([]) is None
    with pytest.raises(ValueError, match="no values"):
        percentile([], 99)

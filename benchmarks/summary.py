"""Median, 99th percentile and their like of measured times."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """Of ``n`` values, in their unit."""

    n: int
    min: float
    median: float
    p99: float
    max: float


def summarise(values: Sequence[float]) -> Summary | None:
    """None for no values at all."""
    if not values:
        return None
    return Summary(len(values), min(values), statistics.median(values), percentile(values, 99), max(values))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed (nearest rank): always one that was measured.

    With fewer than 100 values the 99th percentile is the largest. Raises ValueError for no values.
    """
    if not values:
        raise ValueError("no values")
    rank = max(1, math.ceil(len(values) * percent / 100))
    return sorted(values)[rank - 1]

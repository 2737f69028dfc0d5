"""Figures of this process for Prometheus: counters, histograms, and gauges that are read when somebody asks.

Counting takes a microsecond and no input or output, since it stands on a notification's way. The figures of several
workers are added in ``metrics_files``. The text format is Prometheus' own, version 0.0.4.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Seconds, from a notification that is taken in without a wait to one that the telephone system gives up on.
BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

#: A sample's name and its labels, in the order in which they are written.
Key = tuple[str, tuple[tuple[str, str], ...]]
Samples = dict[Key, float]


@dataclass(frozen=True, slots=True)
class Family:
    """What is counted under one name. ``labels`` name what it is counted by: few values each, never a number."""

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    help: str
    labels: tuple[str, ...] = ()


class Metrics:
    """The families of an application and this process's figures. May be used by several threads at once."""

    def __init__(self) -> None:
        self.families: dict[str, Family] = {}
        self._lock = threading.Lock()
        self._counts: dict[tuple[Family, tuple[str, ...]], float] = {}
        self._observed: dict[tuple[Family, tuple[str, ...]], list[float]] = {}
        self._read: dict[str, Callable[[], Mapping[tuple[str, ...], float]]] = {}
        self._common: dict[str, Callable[[], Mapping[tuple[str, ...], float]]] = {}

    def declare(self, *families: Family) -> None:
        """Name what will be counted, so that it is told from the start. Raises ValueError for a name that is taken."""
        for family in families:
            if family.name in self.families:
                raise ValueError(f"{family.name} is counted already")
            self.families[family.name] = family
            if not family.labels and family.kind == "counter":
                self._counts[family, ()] = 0.0
            if not family.labels and family.kind == "histogram":
                self._observed[family, ()] = _nothing()

    def gauge(self, family: Family, read: Callable[[], Mapping[tuple[str, ...], float]]) -> None:
        """Have ``read`` asked for the present values by their labels; it must not wait for anything."""
        self.declare(family)
        self._read[family.name] = read

    def common_gauge(self, family: Family, read: Callable[[], Mapping[tuple[str, ...], float]]) -> None:
        """The same for a value that all workers see alike, so that it is told once and not added."""
        self.declare(family)
        self._common[family.name] = read

    def count(self, family: Family, *labels: str, by: float = 1.0) -> None:
        """One more, or ``by`` more."""
        with self._lock:
            key = family, labels
            self._counts[key] = self._counts.get(key, 0.0) + by

    def observe(self, family: Family, seconds: float, *labels: str) -> None:
        """Something took so long."""
        with self._lock:
            known = self._observed.get((family, labels))
            if known is None:
                known = self._observed[family, labels] = _nothing()
            known[bisect_left(BUCKETS, seconds)] += 1
            known[-1] += seconds

    def samples(self) -> Samples:
        """The figures of this process as they are now."""
        with self._lock:
            counts = dict(self._counts)
            observed = {key: list(values) for key, values in self._observed.items()}
        found: Samples = {}
        for (family, labels), value in counts.items():
            found[family.name, _pairs(family, labels)] = value
        for (family, labels), values in observed.items():
            pairs, total = _pairs(family, labels), 0.0
            for bound, number in zip((*map(_number, BUCKETS), "+Inf"), values, strict=False):
                total += number
                found[f"{family.name}_bucket", (*pairs, ("le", bound))] = total
            found[f"{family.name}_sum", pairs] = values[-1]
            found[f"{family.name}_count", pairs] = total
        return found | self._values(self._read)

    def common(self) -> Samples:
        """What all workers see alike, as it is now."""
        return self._values(self._common)

    def _values(self, gauges: Mapping[str, Callable[[], Mapping[tuple[str, ...], float]]]) -> Samples:
        return {
            (name, _pairs(self.families[name], labels)): value
            for name, read in gauges.items()
            for labels, value in read().items()
        }

    def lasting(self, samples: Samples) -> Samples:
        """Without the gauges: what stays true of a process that has ended."""
        return {key: value for key, value in samples.items() if key[0] not in self._read}

    def text(self, samples: Samples) -> str:
        """Samples in Prometheus' text format."""
        by_family: dict[str, list[str]] = {name: [] for name in self.families}
        for (name, pairs), value in samples.items():
            owner = next((one for one in (name, name.rpartition("_")[0]) if one in by_family), None)
            if owner is not None:
                written = ",".join(f'{label}="{_escaped(text)}"' for label, text in pairs)
                by_family[owner].append(
                    f"{name}{{{written}}} {_number(value)}" if written else f"{name} {_number(value)}"
                )
        lines: list[str] = []
        for name, family in self.families.items():
            lines += [f"# HELP {name} {family.help}", f"# TYPE {name} {family.kind}", *by_family[name]]
        return "\n".join(lines) + "\n"


def added(several: Iterable[Samples]) -> Samples:
    """The sum of several processes' figures."""
    total: Samples = {}
    for one in several:
        for key, value in one.items():
            total[key] = total.get(key, 0.0) + value
    return total


def _nothing() -> list[float]:
    """A count for each bucket and the one above them all, and the sum of seconds."""
    return [0.0] * (len(BUCKETS) + 2)


def _pairs(family: Family, labels: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(family.labels, labels, strict=True))


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

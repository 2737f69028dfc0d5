"""Whether an aim is met, and the page that says so."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import aims, report
from benchmarks.lookup import CALLERS, WAYS
from benchmarks.plan import ALL, QUICK, SINGLY, STEADILY, TWO

MACHINE = {
    "commit": "abc",
    "date": "2026-11-23T10:10+00:00",
    "processor": "x",
    "cores": 2,
    "memory_gib": 8.0,
    "system": "Linux",
    "python": "3.11",
    "packages": {"Flask": "3"},
    "disk_sync_ms": 0.2,
    "load_before": 0.1,
    "load_after": 0.2,
    "minutes": 12.0,
}


def run_of(median: float, *, lost: int = 0) -> dict[str, Any]:
    times = [median - 0.5, median, median + 0.5]
    return {"delivered_ms": times, "answered_ms": times, "lost": lost, "failed": 0, "server_cpu_s": 0.01}


def cell(connected: int, pace: str, bare: float, ours: float, *, audience: str = TWO, lost: int = 0) -> dict[str, Any]:
    return {
        "connected": connected,
        "audience": audience,
        "pace": pace,
        "bare": run_of(bare),
        "durchwahl": run_of(ours, lost=lost),
    }


def measured(*cells: dict[str, Any]) -> dict[str, Any]:
    flood = {"senders": 1, "per_second": 100.0, "server_cores": 0.9, "client_cores": 0.2}
    summary = {"n": 3, "min": 1.0, "median": 2.0, "p99": 3.0, "max": 3.0}
    return {
        "cells": list(cells),
        "floods": [{**flood, "pipeline": name, **run_of(2.0)} for name in ("bare", "durchwahl")],
        "memory_kib": {name: {"1": 100_000, "1000": 199_900} for name in ("bare", "durchwahl")},
        "connect_seconds": {name: {"1": 0.1, "1000": 2.0} for name in ("bare", "durchwahl")},
        "lookup": {caller: dict.fromkeys(WAYS, summary) for caller in CALLERS},
    }


def verdicts(*cells: dict[str, Any]) -> dict[str, bool]:
    return {verdict["aim"]: verdict["met"] for verdict in aims.judge({"sqlite": measured(*cells)})}


def test_twice_the_bare_median_is_met_and_more_is_not() -> None:
    judged = verdicts(
        cell(10, SINGLY, 2.0, 4.0),
        cell(1000, SINGLY, 2.0, 4.0),
        cell(10, STEADILY, 2.0, 4.1),
        cell(1000, STEADILY, 2.0, 4.0),
    )
    assert judged["SQLite, one at a time, to two concerned: at most 2 × the bare pipeline's median"]
    assert not judged["SQLite, 20/s, to two concerned: at most 2 × the bare pipeline's median"]


def test_a_thousand_users_may_cost_noise_and_no_more() -> None:
    judged = verdicts(
        cell(10, SINGLY, 2.0, 3.0),
        cell(1000, SINGLY, 2.0, 3.2),
        cell(10, STEADILY, 2.0, 3.0),
        cell(1000, STEADILY, 2.0, 3.4),
    )
    start = "to two concerned: not slower with 1000 connected users than with 10"
    assert judged[f"SQLite, one at a time, {start}"]
    assert not judged[f"SQLite, 20/s, {start}"]


def test_one_lost_message_is_an_aim_not_met() -> None:
    aim = "SQLite: every accepted notification reaches every browser concerned, and no other"
    assert verdicts(cell(10, SINGLY, 2.0, 3.0))[aim]
    assert not verdicts(cell(10, SINGLY, 2.0, 3.0, lost=1))[aim]


def test_where_nothing_arrived_no_aim_is_met() -> None:
    nothing = cell(10, SINGLY, 2.0, 3.0)
    nothing["durchwahl"]["delivered_ms"] = []
    assert not verdicts(nothing)["SQLite, one at a time, to two concerned: at most 2 × the bare pipeline's median"]


def test_the_page_has_every_part_and_says_what_is_not_met() -> None:
    databases = {
        "sqlite": measured(cell(10, SINGLY, 2.0, 3.0), cell(1000, SINGLY, 2.0, 3.0)),
        "postgresql": measured(cell(10, SINGLY, 2.0, 5.0), cell(10, SINGLY, 2.0, 3.0, audience=ALL)),
    }
    result = {
        "machine": MACHINE,
        "plan": report.plain(QUICK),
        "databases": databases,
        "aims": aims.judge(databases),
    }
    page = report.page(result)
    for part in ("Aims", "SQLite", "PostgreSQL", "Webhooks per second", "Memory per connected user", "Look-up"):
        assert part in page
    assert "at worst 2.50 × (10 connected) | ✗ not met" in page
    assert "at worst 1.50 × (1000 connected) | ✓ met" in page
    assert "100 KiB" in page


@pytest.mark.parametrize(
    ("plain", "decided", "met"), [(4.0, 5.0, True), (4.0, 12.0, True), (4.0, 12.1, False), (8.0, 15.1, False)]
)
def test_a_decision_is_as_quick_as_promised_or_not(plain: float, decided: float, met: bool) -> None:
    found = {"plain_ms": [plain] * 100, "decided_ms": [decided] * 100, "failed": 0}
    (judged,) = aims._decided_at_once("SQLite", {"deciding": found})
    assert judged["met"] is met
    assert not aims._decided_at_once("SQLite", {"deciding": {**found, "failed": 1}})[0]["met"]
    assert not aims._decided_at_once("SQLite", {"deciding": {**found, "plain_ms": []}})[0]["met"]
    assert aims._decided_at_once("SQLite", {}) == []

"""The measured figures in the form in which they are kept, and how they are read from it."""

from __future__ import annotations

from typing import Any

from benchmarks.delivery import Series
from benchmarks.stand import Delivery
from benchmarks.summary import Summary, summarise

DURCHWAHL, BARE = "durchwahl", "bare"


def as_raw(delivery: Delivery) -> dict[str, Any]:
    """Every single time in ms, to three places, so that a reader may reckon for himself."""
    return {
        "cells": [
            {
                "connected": cell.connected,
                "audience": cell.audience,
                "pace": cell.pace,
                **{name: _raw(series) for name, series in cell.series.items()},
            }
            for cell in delivery.cells
        ],
        "floods": [
            {
                "senders": one.senders,
                "pipeline": one.pipeline,
                "per_second": round(len(one.series.answered) / one.series.seconds, 1),
                "server_cores": round(one.server_cores, 2),
                "client_cores": round(one.client_cores, 2),
                **_raw(one.series),
            }
            for one in delivery.floods
        ],
        "memory_kib": _with_text_keys(delivery.memory_kib),
        "connect_seconds": _with_text_keys(delivery.connect_seconds),
    }


def summary_of(measured: dict[str, Any]) -> Summary | None:
    """Of the times until the message had arrived; None when none did."""
    return summarise(measured["delivered_ms"])


def cpu_ms_of(measured: dict[str, Any]) -> float | None:
    """Processor time of the server for each notification."""
    count = len(measured["answered_ms"])
    return measured["server_cpu_s"] / count * 1000 if count else None


def missing_in(measured: dict[str, Any]) -> int:
    """Messages that never arrived and notifications that were not accepted."""
    return int(measured["lost"]) + int(measured["failed"])


def kib_per_user(memory: dict[str, int]) -> float | None:
    """Memory that one more connected user takes, from the smallest level to the largest."""
    levels = sorted(map(int, memory))
    fewest, most = levels[0], levels[-1]
    return (memory[str(most)] - memory[str(fewest)]) / (most - fewest) if most > fewest else None


def _raw(series: Series) -> dict[str, Any]:
    return {
        "delivered_ms": [round(value, 3) for value in series.delivered],
        "answered_ms": [round(value, 3) for value in series.answered],
        "lost": series.lost,
        "failed": series.failed,
        "server_cpu_s": round(series.server_cpu, 2),
    }


def _with_text_keys(table: dict[str, dict[int, Any]]) -> dict[str, dict[str, Any]]:
    """JSON has no other keys."""
    return {name: {str(level): value for level, value in row.items()} for name, row in table.items()}

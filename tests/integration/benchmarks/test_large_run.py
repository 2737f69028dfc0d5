"""The whole measurement once, with a few addresses: it runs, writes its part, and leaves the other's alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import sections
from benchmarks.large.__main__ import main
from benchmarks.large.plan import PARTS, QUICK


def test_a_quick_run_measures_every_part_and_can_be_resumed_by_parts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sections.write_page(tmp_path, sections.BENCH, "The way of a call.")
    sections.write_figures(tmp_path, {"cells": []})
    chosen = ["--quick", "--database", "sqlite", "--output", str(tmp_path)]

    assert main([*chosen, "--sizes", "120", "80", "--only", "lookup", "search", "lists", "journal"]) == 0
    assert set(sections.read_figures(tmp_path)["large"]) == {"lookup", "search", "lists", "journal"}

    assert main([*chosen, "--only", "import", "beside", "removal"]) == 0
    figures = sections.read_figures(tmp_path)
    assert set(figures["large"]) == set(PARTS)
    assert figures["cells"] == []
    assert list(figures["large"]["lookup"]["sizes"]) == ["80", "120"]
    assert figures["large"]["search"]["aimed_at"] in (80, 120)
    imported = figures["large"]["import"]["databases"]["sqlite"]["import"]
    assert (imported["created"], imported["failed"]) == (QUICK.import_rows, 0)
    assert len(figures["large"]["beside"]["databases"]["sqlite"]["quiet"]) == QUICK.beside
    removed = figures["large"]["removal"]["databases"]["sqlite"]
    assert list(removed["persons"]) == [str(calls) for calls in QUICK.removal_persons]
    assert all(his["writes"] >= len(his["writes_ms"]) > 0 for his in removed["persons"].values())
    assert len(removed["beside"]["waited"]["quiet"]) >= QUICK.removal_quiet
    page = (tmp_path / sections.PAGE).read_text("utf-8")
    assert "The way of a call." in page
    assert "### The journal with 300 calls" in page
    assert (tmp_path / "performance-lookup-known.svg").exists()
    said = capsys.readouterr().err
    assert "SQLite, import: at most 3 ×" in said

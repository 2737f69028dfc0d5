"""Each command writes its own part of the page and leaves the other's alone."""

from __future__ import annotations

from pathlib import Path

from benchmarks import sections
from benchmarks.sections import BENCH, BENCH_LARGE, with_part


def test_a_new_part_stands_beside_the_other_in_their_order() -> None:
    page = with_part(with_part("", BENCH_LARGE, "many"), BENCH, "a call")
    assert page.index("a call") < page.index("many")
    assert page.startswith("# Performance\n")


def test_a_part_takes_the_place_of_its_older_self_and_of_nothing_else() -> None:
    page = with_part(with_part("", BENCH, "a call"), BENCH_LARGE, "many")
    again = with_part(page, BENCH, "another call")
    assert "a call\n" not in again
    assert "another call" in again
    assert "many" in again
    assert with_part(again, BENCH, "another call") == again


def test_a_text_with_backslashes_stays_as_it_is() -> None:
    page = with_part("", BENCH, r"a \1 call")
    assert r"a \1 call" in with_part(page, BENCH_LARGE, "many")


def test_the_page_in_the_repository_has_its_parts() -> None:
    page = (Path(__file__).parents[3] / "docs" / sections.PAGE).read_text("utf-8")
    assert page == with_part(page, BENCH, page.split(f"{BENCH}: begin -->")[1].split(f"<!-- {BENCH}: end")[0])


def test_figures_come_back_as_they_were_kept(tmp_path: Path) -> None:
    assert sections.read_figures(tmp_path) == {}
    figures = {"cells": [{"connected": 1}], "large": {"lookup": {"find_by_number": [0.1, 0.2]}}}
    sections.write_figures(tmp_path, figures)
    assert sections.read_figures(tmp_path) == figures

"""The pages about security and faults name tests; each must be there, and no requirement may be forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
#: Requirements of levels 1 and 2 in each chapter of the ASVS 5.0.
ROWS = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}


def rows(text: str) -> list[tuple[str, str]]:
    return [(number, state.strip()) for number, _words, state in ROW.findall(text)]


def missing_tests(text: str) -> list[str]:
    """Tests that the page names and that nobody wrote."""
    there: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        there.update(re.findall(r"^\s*(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE))
    return sorted(set(re.findall(r"`(test_\w+)`", text)) - there)


def unclear(state: str) -> bool:
    """Whether a row says neither which test shows it, nor why it does not apply, nor what is open."""
    if state.startswith("test: "):
        return "`test_" not in state
    return not re.match(r"(n/a|open): \S", state)


@pytest.mark.parametrize("name", ["security.md", "administration.md", "input.md", "permissions.md", "data-classes.md"])
def test_every_test_that_a_page_names_is_there(name: str) -> None:
    assert missing_tests((PAGE.parent / name).read_text("utf-8")) == []


def test_every_requirement_of_both_levels_is_told_once_and_clearly() -> None:
    found = rows(PAGE.read_text("utf-8"))
    numbers = [number for number, _state in found]
    assert len(numbers) == len(set(numbers))
    counted = {chapter: sum(number.startswith(f"V{chapter}.") for number in numbers) for chapter in ROWS}
    assert counted == ROWS
    assert [number for number, state in found if unclear(state)] == []


def test_no_line_of_the_tables_is_overlooked() -> None:
    text = PAGE.read_text("utf-8")
    assert len(re.findall(r"^\| V\d", text, re.MULTILINE)) == len(rows(text))


def attacks(text: str) -> list[list[str]]:
    """The cells of the table of attacks."""
    table = text.partition("## Each attack")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def unshown(rows: list[list[str]]) -> list[str]:
    """Attacks that no test shows, or of which nobody says what comes of them."""
    return [row[0] for row in rows if len(row) != 3 or not row[1] or not re.fullmatch(r"(`test_\w+`(, |$))+", row[2])]


def test_each_attack_has_tests_that_show_what_comes_of_it() -> None:
    found = attacks(PAGE.read_text("utf-8"))
    assert len(found) > 30
    assert len({row[0] for row in found}) == len(found)
    assert unshown(found) == []


@pytest.mark.parametrize("row", [["a", "b", ""], ["a", "", "`test_a`"], ["a", "b", "looked at"], ["a", "b"]])
def test_the_check_of_an_attack_sees(row: list[str]) -> None:
    assert unshown([row]) == ["a"]


@pytest.mark.parametrize("state", ["", "test: yes", "n/a", "n/a: ", "open", "met", "test `test_a`"])
def test_the_check_of_a_row_sees(state: str) -> None:
    assert unclear(state)


def test_the_check_of_names_sees_a_test_that_is_not_there() -> None:
    assert missing_tests("| V1.1.1 | x | test: `test_that_nobody_wrote` |") == ["test_that_nobody_wrote"]

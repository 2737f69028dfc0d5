"""docs/numbers.md says what is true: its tables are run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.core.phones import LINE_TYPES, classify, dialable_target, origin, read_number, read_numbers
from app.core.values import Dialable
from tests.unit.core.test_phones_notations import HOME_CODES, caller_forms

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "numbers.md").read_text("utf-8")


def _rows(*heading: str) -> list[list[str]]:
    """The cells of every table with this heading."""
    rows: list[list[str]] = []
    for table in re.split(r"\n\n+", TEXT):
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
        if lines[0] == list(heading):
            rows += lines[2:]
    return rows


def _written(cell: str) -> str:
    return cell.strip("`")


@pytest.mark.parametrize("row", _rows("written", "country", "E.164", "what it shows"), ids=lambda row: row[0])
def test_a_notation_is_read_as_documented(row: list[str]) -> None:
    reading = read_number(_written(row[0]), row[1])
    assert (reading.e164, reading.problem) == (row[2], None)
    assert dialable_target(_written(row[0]), row[1]) == Dialable(_written(row[0]), row[2])


@pytest.mark.parametrize("row", _rows("written", "country", "E.164", "what it shows"), ids=lambda row: row[0])
@pytest.mark.parametrize("region", HOME_CODES)
def test_a_caller_with_that_number_is_known_in_all_forms(row: list[str], region: str) -> None:
    for sent in caller_forms(row[2], region):
        assert classify(sent, region) == Dialable(sent, row[2])


@pytest.mark.parametrize("row", _rows("written", "country", "numbers"), ids=lambda row: row[0])
def test_several_numbers_are_found_as_documented(row: list[str]) -> None:
    found = [reading.e164 for reading in read_numbers(_written(row[0]), row[1])]
    assert found == row[2].split(", ")
    assert read_number(_written(row[0]), row[1]).problem == "several"


@pytest.mark.parametrize("row", _rows("written", "country", "numbers"), ids=lambda row: row[0])
@pytest.mark.parametrize("region", HOME_CODES)
def test_a_caller_with_each_of_several_numbers_is_known_in_all_forms(row: list[str], region: str) -> None:
    for e164 in row[2].split(", "):
        for sent in caller_forms(e164, region):
            assert classify(sent, region) == Dialable(sent, e164)


@pytest.mark.parametrize("row", _rows("written", "country", "problem"), ids=lambda row: row[0])
def test_what_cannot_be_read_is_explained_as_documented(row: list[str]) -> None:
    reading = read_number(_written(row[0]), row[1])
    assert (reading.raw, reading.e164, reading.problem) == (_written(row[0]), None, row[2])


@pytest.mark.parametrize("row", _rows("sent", "is"), ids=lambda row: row[0])
def test_what_a_telephone_system_sends_is_classified_as_documented(row: list[str]) -> None:
    assert classify(_written(row[0])).kind == row[1]


@pytest.mark.parametrize("row", _rows("number", "where", "in English", "kind"), ids=lambda row: row[0])
def test_where_a_number_comes_from_is_told_as_documented(row: list[str]) -> None:
    found = origin(classify(_written(row[0])))
    assert found is not None
    assert [found.where("de") or "–", found.where("en") or "–", found.line_type] == row[1:]


def test_every_kind_of_line_is_documented() -> None:
    kinds = re.search(r"^- Kinds: (.*?)\.$", TEXT, re.MULTILINE | re.DOTALL)
    assert kinds is not None
    assert set(re.findall(r"[a-z_]{4,}", re.sub(r"\(.*?\)", "", kinds[1], flags=re.DOTALL))) == set(LINE_TYPES)


def test_the_tables_are_found() -> None:
    assert len(_rows("written", "country", "E.164", "what it shows")) > 70
    assert len(_rows("written", "country", "numbers")) == 17
    assert len(_rows("written", "country", "problem")) == 18
    assert len(_rows("sent", "is")) == 20
    assert len(_rows("number", "where", "in English", "kind")) == 12

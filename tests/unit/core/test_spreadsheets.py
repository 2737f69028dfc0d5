from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.spreadsheets import SEPARATORS, as_typed, csv_line, harmless

SIGNS = st.text(st.sampled_from("'=+-@\t\r\n ;,\"aä0"), max_size=8) | st.text(max_size=20)


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+49 221 47100", "-57", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "'=1", "''@x", "\tharmless"],
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe_in_front(formula: str) -> None:
    assert harmless(formula) == f"'{formula}"
    assert as_typed(f"'{formula}") == formula


@pytest.mark.parametrize("text", ["", "Rheinwerk", "0221 4710-0", "a=b", "'s Hertogenbosch", "1 - 2", "'", "''"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == as_typed(text) == text


def test_a_formula_behind_the_separator_of_another_program_is_within_quotes() -> None:
    assert csv_line(["a;=cmd", "b,=cmd", "c\t=cmd"], ",") == '"a;=cmd","b,=cmd","c\t=cmd"\r\n'


@given(SIGNS)
def test_every_text_comes_back_as_it_went(text: str) -> None:
    assert as_typed(harmless(text)) == text


@given(SIGNS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not harmless(text).lstrip().startswith(("=", "+", "-", "@"))
    assert not harmless(text).startswith(("\t", "\r", "\n"))


@given(st.lists(SIGNS, min_size=1, max_size=5), st.sampled_from(sorted(SEPARATORS.values())))
def test_a_line_is_read_back_cell_by_cell(cells: list[str], separator: str) -> None:
    read = list(csv.reader(io.StringIO(csv_line(cells, separator), newline=""), delimiter=separator))
    if cells == [""]:
        assert read == [[]]
    else:
        assert [[as_typed(cell) for cell in row] for row in read] == [cells]

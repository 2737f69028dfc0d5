from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.phones import index_needles, index_token


def finds(typed: str, e164: str, region: str = "DE") -> bool:
    token = index_token(e164, "")
    needles = index_needles(typed, region)
    return any(token.startswith(digits) if begins else digits in token for digits, begins in needles)


@pytest.mark.parametrize(
    "typed",
    ["0221 4710", "+49 221 4710", "0049 221", "+49 (0) 221 4710-12", "(0221) 47", "221 4710", "4710-12", "71012",
     "49221", "+49", "02214710123", "＋49 221 4710"],
)  # fmt: skip
def test_a_number_is_found_by_any_part_in_any_spelling(typed: str) -> None:
    assert finds(typed, "+492214710123")


@pytest.mark.parametrize("typed", ["0222", "+43", "+49 4710", "0043", "+49 221 4710 1234", "4710124"])
def test_another_part_does_not_find_it(typed: str) -> None:
    assert not finds(typed, "+492214710123")


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("0662 123", "+43662123456"),
        ("+43 662", "+43662123456"),
        ("02 1234", "+390212345678"),
        ("+39 02 12", "+390212345678"),
        ("212 555", "+12125550100"),
        ("+1 212", "+12125550100"),
        ("4366", "+43662123456"),
    ],
)
def test_numbers_of_other_countries_are_found_as_they_are_written_there(typed: str, e164: str) -> None:
    assert finds(typed, e164)


@pytest.mark.parametrize("typed", ["", "müller", "12", "0", "*21#", "max@rheinwerk", "4a5"])
def test_what_is_no_part_of_a_number_looks_for_none(typed: str) -> None:
    assert index_needles(typed) == ()


def test_of_an_unread_number_the_digits_are_kept() -> None:
    assert index_token(None, "beim Pförtner, 4710 521") == "4710521"
    assert index_token(None, "Zimmer 12") == ""
    assert len(index_token(None, "0221 4710 12 " * 20)) == 30


@given(st.text(max_size=100))
def test_any_text_is_taken(text: str) -> None:
    assert index_token(None, text).isdigit() or index_token(None, text) == ""
    assert all(digits.isdigit() for digits, _begins in index_needles(text))


@given(st.integers(0, 999), st.integers(0, 9), st.integers(3, 12))
def test_every_part_of_a_national_number_finds_it(line: int, start: int, length: int) -> None:
    national = f"02214710{line:03}"
    part = national[start : start + length]
    assert len(part) < 3 or finds(part, f"+49{national[1:]}") or part.startswith("00")

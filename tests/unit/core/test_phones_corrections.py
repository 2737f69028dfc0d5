"""How a written number may be mended. What comes back is read as one number for certain, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.phones import read_number, with_area_code, with_digits, without_remark

NUMBERS = st.sampled_from(
    [
        "0221 4710123",
        "0221/4710-123",
        "+49 (0) 221 4710-0",
        "(0221) 4710 123",
        "0171 3920012",
        "+44 20 7946 0123 ext. 12",
    ]
)
REMARKS = st.sampled_from(
    [
        "Zimmer 12",
        "Herr Meier",
        "ab 14 Uhr",
        "(nur vormittags)",
        "Frau Müller, Einkauf",
        "9-17 Uhr",
        "[Lager]",
        "Raum B 5",
    ]
)


@pytest.mark.parametrize(
    ("raw", "number", "remark"),
    [
        ("0221 4710123 Zimmer 12", "0221 4710123", "Zimmer 12"),
        ("0221 4710123 (ab 14 Uhr)", "0221 4710123", "ab 14 Uhr"),
        ("(ab 14 Uhr) 0221 4710123", "0221 4710123", "ab 14 Uhr"),
        ("Herr Meier 0221/4710-123", "0221/4710-123", "Herr Meier"),
        ("Büro Köln: 0221 4710123 (Frau Müller)", "0221 4710123", "Büro Köln, Frau Müller"),
        ("0221 4710123; nur vormittags", "0221 4710123", "nur vormittags"),
        ("2. OG (0221) 4710123", "(0221) 4710123", "2. OG"),
    ],
)
def test_a_remark_is_set_apart_from_the_number(raw: str, number: str, remark: str) -> None:
    assert without_remark(raw, "DE") == (number, remark)


@pytest.mark.parametrize(
    "raw",
    [
        "0221 4710123",
        "0221 – 4710 – 123",
        "+49 (0) 221 4710123",
        "Tel +49 (0) 221 4710123",
        "Tel.: 0221 4710123",
        "0221 4710123 privat",
        "0221 4710-0 Zentrale",
        "0221 1234-0 DW 12",
        "+44 20 7946 0123 ext. 12",
        "0800 FLOWERS",
        "1. 0221 4710123",
        "siehe Visitenkarte",
        "0221 4710123 oder 0171 3920012",
        "",
    ],
)
def test_usual_words_and_what_belongs_to_the_number_are_no_remark(raw: str) -> None:
    assert without_remark(raw, "DE") is None


@given(NUMBERS, REMARKS, st.booleans())
def test_without_its_remark_a_number_is_the_same_and_the_remark_is_whole(
    number: str, remark: str, in_front: bool
) -> None:
    raw = f"{remark} {number}" if in_front else f"{number} {remark}"
    whole = read_number(raw, "DE")
    apart = without_remark(raw, "DE")
    if apart is None:
        assert whole.e164 is None, "what is read has its remark set apart"
        return
    alone = read_number(apart[0], "DE")
    assert (alone.e164, alone.extension, alone.stem) == (whole.e164, whole.extension, whole.stem)
    assert sorted(re.findall(r"\w", raw)) == sorted(re.findall(r"\w", " ".join(apart)))


@given(st.text(max_size=60), st.sampled_from(["DE", "AT", "CH", "XX"]))
def test_any_text_is_mended_into_a_number_or_not_at_all(raw: str, region: str) -> None:
    apart = without_remark(raw, region)
    if apart is not None:
        assert read_number(apart[0], region).e164 == read_number(raw, region).e164
    written = with_digits(raw, region)
    if written is not None:
        assert read_number(written, region).e164 is not None
    local = with_area_code(raw, "+492214710500", region)
    if local is not None:
        assert (read_number(local, region).e164 or "").startswith("+49221")


@pytest.mark.parametrize(
    ("raw", "neighbour", "region", "written"),
    [
        ("4710-123", "+492214710500", "DE", "0221 4710-123"),
        ("23125 100", "+493023125123", "DE", "030 23125 100"),
        ("23125 100", "+493023125123", "AT", "+49 30 23125 100"),
        ("23125 100", "+4915735990000", "DE", None),  # a mobile number has no area code
        ("030 23125100", "+492214710500", "DE", None),  # needs none
        ("12", "+492214710500", "DE", None),
        ("siehe unten", "+492214710500", "DE", None),
    ],
)
def test_a_local_number_gets_the_area_code_of_a_neighbour(
    raw: str, neighbour: str, region: str, written: str | None
) -> None:
    assert with_area_code(raw, neighbour, region) == written


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("O221 4710123", "0221 4710123"),
        ("0221 471O123", "0221 4710123"),
        ("0I71 39200l2", "0171 3920012"),
        ("0221 4710123", None),
        ("siehe Otto 12", None),
        ("D 0221 4710123", None),
        ("0800 FLOWERS", None),
    ],
)
def test_letters_that_look_like_digits_are_read_as_such_where_a_number_results(raw: str, written: str | None) -> None:
    assert with_digits(raw, "DE") == written

"""What is to be said of a stored number, and the correction that is proposed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.phones import PROBLEMS, read_number
from app.modules.addresses.findings import FINDINGS, Around, finding_of, propose, split, written_in
from app.modules.addresses.records import NumberInput

COLOGNE = Around(own=frozenset(["+492214710611"]), near=("+492214710611", "+491713920012"))


def _finding(raw: str, country: str = "DE") -> str | None:
    return finding_of(raw, read_number(raw, country), country)


def _proposed(raw: str, country: str = "DE", around: Around = COLOGNE) -> tuple[list[str], str] | None:
    found = propose(NumberInput(raw), country, around)
    return ([number.raw for number in found.numbers], found.reason) if found else None


@pytest.mark.parametrize(
    ("raw", "finding"),
    [
        ("0221 4710123", None),
        ("Tel.: 0221 4710123", None),
        ("siehe Visitenkarte", "unreadable"),
        ("23", "unreadable"),
        ("0221 12345678901234567", "unreadable"),
        ("0221 4710123 / 0171 3920012", "several"),
        ("471000", "doubtful"),
        ("41446681800", "doubtful"),
        ("0123456789", "doubtful"),
        ("0221 471O123", "doubtful"),
        ("0221 4710123 Zimmer 12", "remark"),
    ],
)
def test_a_number_gets_the_finding_that_fits(raw: str, finding: str | None) -> None:
    assert _finding(raw) == finding


@given(st.text(max_size=80))
def test_whatever_is_typed_has_a_finding_unless_it_is_a_number(raw: str) -> None:
    reading = read_number(raw, "DE")
    finding = finding_of(raw, reading, "DE")
    assert finding in (*FINDINGS, None)
    assert reading.problem in (*PROBLEMS, None)
    if reading.e164 is None:
        assert finding is not None


@given(st.text(st.sampled_from("0123456789 +-/()OIl.,;aTelFx"), max_size=40), st.sampled_from(["DE", "AT", "CH", "IT"]))
def test_every_proposed_number_is_read_as_one_for_certain(raw: str, country: str) -> None:
    found = propose(NumberInput(raw), country, COLOGNE)
    if found is not None:
        assert all(read_number(number.raw, country).e164 for number in found.numbers)
        assert found.numbers or found.reason == "stored_already"
        again = [propose(number, country) for number in found.numbers]
        assert all(one is None or one.numbers != found.numbers for one in again), "a proposal leads somewhere"


@pytest.mark.parametrize(
    ("raw", "proposed"),
    [
        ("0221 4710123 / 0171 3920012", (["0221 4710123", "0171 3920012"], "split")),
        ("0221 4710-0 oder -57", (["0221 4710-0", "0221 471057"], "split")),
        ("030 23125 610 oder 611", (["030 23125 610", "030 23125611"], "suggestion")),
        ("0221 4710 123 oder 124, 125", (["0221 4710 123", "0221 4710124", "0221 4710125"], "suggestion")),
        ("0171 3920012 oder 13", None),
        ("0221 4710123 oder 0221", None),
        ("4710-123", (["0221 4710-123"], "area_code")),
        ("41446681800", (["04144 6681800"], "suggestion")),
        ("0221 471O123", (["0221 4710123"], "digits")),
        ("0221 4710123 Zimmer 12", (["0221 4710123"], "remark")),
        ("0221 4710611 oder 0221 4710123", (["0221 4710123"], "split")),
        ("0221 4710611 oder 0221 4710-611", ([], "stored_already")),
        ("0221 4710123 / 0221 4710-123", (["0221 4710123"], "split")),
        ("siehe Visitenkarte", None),
        ("0123456789", None),
        ("0221 4710123 oder 23", None),
        ("0221 4710123", None),
    ],
)
def test_a_correction_is_proposed_where_one_is_clear(raw: str, proposed: tuple[list[str], str] | None) -> None:
    assert _proposed(raw) == proposed


def test_an_area_code_is_proposed_only_where_all_neighbours_have_the_same() -> None:
    both = Around(near=("+492214710500", "+493023125100"))
    found = _proposed("4710-123", around=both)
    assert found is None or found[1] != "area_code"


@pytest.mark.parametrize(
    ("raw", "rows"),
    [
        ("Tel. 0221 4710-0, Fax -99", [("0221 4710-0", "phone", ""), ("0221 471099", "fax", "")]),
        ("0221 4710-0 (Tel), 0221 4710-99 (Fax)", [("0221 4710-0", "phone", ""), ("0221 4710-99", "fax", "")]),
        ("0221 4710-0, Fax 0221 4710-99", [("0221 4710-0", "phone", ""), ("0221 4710-99", "fax", "")]),
        (
            "Büro 0221 4710123 oder Handy 0171 3920012 privat",
            [("0221 4710123", "phone", "Büro"), ("0171 3920012", "mobile", "privat")],
        ),
        ("0221 4710123 oder 23", []),
    ],
)
def test_what_is_said_beside_a_number_becomes_its_kind_and_label(raw: str, rows: list[tuple[str, str, str]]) -> None:
    assert [(one.raw, one.kind, one.label) for one in split(NumberInput(raw), "DE")] == rows


def test_a_label_that_was_there_stays_and_only_the_first_number_stays_a_switchboard() -> None:
    numbers = split(NumberInput("0221 4710 / 0221 4710123", "phone", "Lager", True), "DE")
    assert [(one.label, one.switchboard) for one in numbers] == [("Lager", True), ("Lager", False)]


def test_a_remark_joins_the_label_unless_it_stands_there_or_is_too_long() -> None:
    def label(raw: str, before: str) -> str | None:
        found = propose(NumberInput(raw, label=before), "DE")
        return found.numbers[0].label if found else None

    assert label("0221 4710123 Zimmer 12", "Büro") == "Büro, Zimmer 12"
    assert label("0221 4710123 Zimmer 12", "Büro, Zimmer 12") == "Büro, Zimmer 12"
    assert label("0221 4710123 Zimmer 12", "x" * 95) is None


@pytest.mark.parametrize("country", ["DE", "AT", "CH", "IT", "GB"])
@pytest.mark.parametrize("e164", ["+492214710123", "+43158858", "+41446681800", "+390669812345", "+442079460123"])
def test_a_number_is_written_so_that_its_country_reads_it_back(e164: str, country: str) -> None:
    assert read_number(written_in(e164, country), country).e164 == e164

"""Fields in which people put more than one number."""

from __future__ import annotations

import pytest

from app.core.phones import dialable_target, read_number, read_numbers
from app.core.values import Unverified

A = "+492214710123"
B = "+491713920012"

SEVERAL: list[tuple[str, list[str | None]]] = [
    ("0221 4710123 / 0171 3920012", [A, B]),
    ("0221 4710123/0171 3920012", [A, B]),
    ("0221/4710123/0171/3920012", [A, B]),
    ("0221/4710123 0171/3920012", [A, B]),
    ("0221 4710123 // 0171 3920012", [A, B]),
    ("0221-4710123 0171-3920012", [A, B]),
    ("0221 4710123 - 0171 3920012", [A, B]),
    ("0221 4710123 (0171 3920012)", [A, B]),
    ("0221 4710123 (privat 0171 3920012)", [A, B]),
    ("0221 4710123, 0171 3920012", [A, B]),
    ("0221 4710123; 0171 3920012", [A, B]),
    ("0221 4710123 | 0171 3920012", [A, B]),
    ("0221 4710123\n0171 3920012", [A, B]),
    ("0221 4710123\r\n0171 3920012", [A, B]),
    ("0221 4710123 oder 0171 3920012", [A, B]),
    ("0221 4710123 od. 0171 3920012", [A, B]),
    ("0221 4710123 und 0171 3920012", [A, B]),
    ("0221 4710123 u. 0171 3920012", [A, B]),
    ("0221 4710123 & 0171 3920012", [A, B]),
    ("0221 4710123 bzw. 0171 3920012", [A, B]),
    ("0221 4710123 or 0171 3920012", [A, B]),
    ("Tel. 0221 4710123 Mobil 0171 3920012", [A, B]),
    ("Tel.: 0221 4710123, mobil: 0171 3920012 (ab 14 Uhr)", [A, B]),
    ("Tel. 1: 0221 4710123 Tel. 2: 0171 3920012", [A, B]),
    ("1) 0221 4710123 2) 0171 3920012", [A, B]),
    ("+49 221 4710123 +49 171 3920012", [A, B]),
    ("+492214710123+491713920012", [A, B]),
    ("0221 4710123 +49 (0)171 3920012", [A, B]),
    ("0049 221 4710123 / 0049 171 3920012", [A, B]),
    ("0221 4710123 / 0171 3920012 / 030 23125 000", [A, B, "+493023125000"]),
    ("0221 4710-0 oder -57", ["+4922147100", "+49221471057"]),
    ("0221 4710-0 / -57", ["+4922147100", "+49221471057"]),
    ("0221 4710-0/-57", ["+4922147100", "+49221471057"]),
    ("0221 4710-0/57", ["+4922147100", "+49221471057"]),
    ("0221 4710-0, -57", ["+4922147100", "+49221471057"]),
    ("0221 4710-0 od. - 57", ["+4922147100", "+49221471057"]),
    ("0221 4710-0, Fax -57", ["+4922147100", "+49221471057"]),
    ("Tel. 0221 4710-0 Fax: -57", ["+4922147100", "+49221471057"]),
    ("0221 4710-0 Fax 57", ["+4922147100", "+49221471057"]),
    ("(0221) 4710-10, -11 oder -12", ["+49221471010", "+49221471011", "+49221471012"]),
    ("0221 4710-10/11/12", ["+49221471010", "+49221471011", "+49221471012"]),
    ("0221 1234-0 DW 12/13", ["+49221123412", "+49221123413"]),
    ("0221 1234-0 DW 12 oder 13", ["+49221123412", "+49221123413"]),
    ("0221 471000 oder 471099", ["+49221471000", "+49221471099"]),
    ("0221 / 471000 / 471099", ["+49221471000", "+49221471099"]),
    ("0221 471000, 471099", ["+49221471000", "+49221471099"]),
    ("0221 4710-0, 4711-0", ["+4922147100", "+4922147110"]),
    ("01 58858-0 oder -12", ["+49158858", None]),
    ("+44 20 7946 0123 ext. 12, +44 20 7946 0456", ["+442079460123", "+442079460456"]),
]


@pytest.mark.parametrize(("written", "expected"), [row for row in SEVERAL if None not in row[1]])
def test_every_number_of_a_field_is_read(written: str, expected: list[str]) -> None:
    assert [reading.e164 for reading in read_numbers(written)] == expected


@pytest.mark.parametrize(("written", "expected"), SEVERAL)
def test_several_numbers_are_never_glued_into_one(written: str, expected: list[str]) -> None:
    assert read_number(written).e164 is None
    assert isinstance(dialable_target(written), Unverified)


def test_each_reading_quotes_what_was_typed() -> None:
    readings = read_numbers("Tel.\u00a0(０２２１) 4710–0 / –57, mobil: 0171/3920012 (privat)")
    assert [reading.raw for reading in readings] == ["(０２２１) 4710–0", "–57", "0171/3920012"]


def test_an_empty_field_holds_no_number() -> None:
    assert read_numbers("") == ()
    assert read_numbers(" \u00a0\t") == ()


def test_a_part_that_cannot_be_read_is_reported_beside_the_others() -> None:
    first, second = read_numbers("0221 4710123, 12")
    assert (first.e164, first.problem) == (A, None)
    assert (second.e164, second.problem) == (None, "too_short")


@pytest.mark.parametrize(
    "written",
    [
        "0221 471010/11",  # 471010 and 471011, or one number
        "0221/471010/11",  # the same
        "0221 4710/123",
        "0221-4710 oder -57",  # the dash follows the area code: what would -57 replace?
        "2919-0 oder -57",  # no area code
        "0221 4710-0 12",
        "0221 4710-10 oder 4711",  # a Durchwahl of four digits, or a local number
    ],
)
def test_what_may_mean_two_subscribers_is_not_read_as_one(written: str) -> None:
    readings = read_numbers(written)
    assert any(reading.e164 is None for reading in readings)
    assert "+49221471057" not in [reading.e164 for reading in readings]
    assert read_number(written).e164 is None


def test_the_switchboard_among_several_is_marked() -> None:
    switchboard, direct, mobile = read_numbers("Zentrale 0221 4710-0 oder -57, Mobil 0171 3920012")
    assert (switchboard.is_switchboard, switchboard.stem) == (True, "+492214710")
    assert (direct.is_switchboard, mobile.is_switchboard) == (False, False)


def test_the_same_number_in_two_notations_is_named_twice() -> None:
    assert {reading.e164 for reading in read_numbers("0221 4710123 / +49 221 4710123")} == {A}


@pytest.mark.parametrize("part", ["0221 471000/", "0221 4710 0", "0 ", "0221 4710 DW 1/", "(a", "ab 14 ", "1 ", "+"])
def test_a_long_field_is_read_in_bounded_time(part: str) -> None:
    written = (part * 250)[:250]
    assert all(reading.e164 is None or reading.e164.startswith("+") for reading in read_numbers(written))

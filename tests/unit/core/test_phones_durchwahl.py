"""The Durchwahl and the switchboard: what is part of a number, what is dialled afterwards, what a stem is."""

from __future__ import annotations

import pytest

from app.core.phones import read_number, read_numbers

DURCHWAHL = [
    ("0221 29191-999", "+4922129191999"),
    ("0221 4710-57", "+49221471057"),
    ("0221/4710-57", "+49221471057"),
    ("+49 221 4710-57", "+49221471057"),
    ("0221 1234-0 DW 12", "+49221123412"),
    ("0221 1234-0 Durchwahl 12", "+49221123412"),
    ("0221 1234-0 (DW 12)", "+49221123412"),
    ("0221 1234-0 (Durchwahl -12)", "+49221123412"),
    ("0221 1234-0 App. 12", "+49221123412"),
    ("0221 1234-0 Nst. 12", "+49221123412"),
    ("0221 1234-0 Nebenstelle: 12", "+49221123412"),
    ("0221 1234-0 ext. 12", "+49221123412"),
    ("0221 1234-0 x12", "+49221123412"),
    ("0221 1234-0 #12", "+49221123412"),
    ("0221 1234-0 -12", "+49221123412"),
    ("0221 1234-0 - 12", "+49221123412"),
    ("0221 1234-0-12", "+49221123412"),
    ("0221 1234 DW 12", "+49221123412"),
    ("0221 1234 DW-12", "+49221123412"),
    ("+49 (0)221 1234-0 DW 12", "+49221123412"),
]


@pytest.mark.parametrize(("written", "e164"), DURCHWAHL)
def test_a_german_durchwahl_is_part_of_the_number(written: str, e164: str) -> None:
    reading = read_number(written)
    assert (reading.e164, reading.extension, reading.problem) == (e164, None, None)
    assert not reading.is_switchboard


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("01 58858-12", "+4315885812"),
        ("01 58858-0 DW 12", "+4315885812"),
        ("01/58858 DW 12", "+4315885812"),
        ("01 58858 Kl. 12", "+4315885812"),
        ("+43 1 58858 Klappe 12", "+4315885812"),
        ("(01) 58858-0-12", "+4315885812"),
        ("0043 (0)1 58858-12", "+4315885812"),
    ],
)
def test_an_austrian_durchwahl_is_part_of_the_number(written: str, e164: str) -> None:
    assert read_number(written, "AT").e164 == e164
    reading = read_number(written, "AT")
    assert (reading.extension, reading.problem) == (None, None)


@pytest.mark.parametrize(
    ("written", "region", "e164", "extension"),
    [
        ("+44 20 7946 0123 ext. 12", "DE", "+442079460123", "12"),
        ("+44 20 7946 0123 ext 12", "DE", "+442079460123", "12"),
        ("020 7946 0123 x12", "GB", "+442079460123", "12"),
        ("020 7946 0123 x 12", "GB", "+442079460123", "12"),
        ("020 7946 0123 #12", "GB", "+442079460123", "12"),
        ("020 7946 0123 extension 1234", "GB", "+442079460123", "1234"),
        ("tel:+44-20-7946-0123;ext=12", "DE", "+442079460123", "12"),
        ("+41 44 668 18 00 DW 12", "DE", "+41446681800", "12"),
        ("+33 1 99 00 12 34 poste 12", "DE", "+33199001234", "12"),
        ("0171 3920012 x 5", "DE", "+491713920012", "5"),
    ],
)
def test_elsewhere_an_extension_is_kept_beside_the_number(written: str, region: str, e164: str, extension: str) -> None:
    reading = read_number(written, region)
    assert (reading.e164, reading.extension, reading.problem) == (e164, extension, None)


@pytest.mark.parametrize(
    ("written", "region", "e164", "stem"),
    [
        ("0221 4710-0", "DE", "+4922147100", "+492214710"),
        ("0221/4710 - 0", "DE", "+4922147100", "+492214710"),
        ("0221 4710 – 0", "DE", "+4922147100", "+492214710"),
        ("0221 4710 0", "DE", "+4922147100", "+492214710"),
        ("0221/4710/0", "DE", "+4922147100", "+492214710"),
        ("+49 221 4710-0", "AT", "+4922147100", "+492214710"),
        ("Zentrale 0221 4710-0", "DE", "+4922147100", "+492214710"),
        ("Zentrale: 0221 47100", "DE", "+4922147100", "+492214710"),
        ("0221 47100 (Zentrale)", "DE", "+4922147100", "+492214710"),
        ("0221 47100 Zentrale", "DE", "+4922147100", "+492214710"),
        ("01 58858-0", "AT", "+431588580", "+43158858"),
        ("0221 47-0", "DE", "+49221470", "+4922147"),
        ("Zentrale 0221 4711", "DE", "+492214711", None),
    ],
)
def test_a_switchboard_is_recognised_with_its_stem(
    written: str, region: str, e164: str | None, stem: str | None
) -> None:
    reading = read_number(written, region)
    assert (reading.e164, reading.stem) == (e164, stem)
    assert reading.is_switchboard is (e164 is not None)


def test_a_stem_of_one_digit_would_swallow_strangers() -> None:
    assert read_number("04532 1234-0").stem == "+4945321234"
    assert read_number("03382 1-0").stem is None


@pytest.mark.parametrize(
    "written", ["0171 39200-0", "+41 44 668 18-0", "020 7946 012-0", "0221 47100", "0800 123456-0"]
)
def test_a_final_zero_alone_makes_no_switchboard(written: str) -> None:
    assert not read_number(written).is_switchboard
    assert read_number(written).stem is None


@pytest.mark.parametrize(
    ("written", "problem", "suggestion"),
    [
        ("0221 47100 DW 12", "ambiguous", "+49221471012"),  # 4710-12 or 47100-12
        ("0221 4710-0 12", "ambiguous", "+49221471012"),
        ("0221 4710123 DW 12", "ambiguous", "+49221471012312"),  # behind a number of full length
        ("0221 4710-123 DW 124", "ambiguous", "+492214710123124"),
        ("0221 4710123 12", "ambiguous", "+492214710123"),
        ("0221 4710123 (12)", "ambiguous", "+49221471012312"),
        ("0221 4710123 2", "ambiguous", "+4922147101232"),
        ("0221 4710-10 - 19", "ambiguous", "+4922147101019"),
        ("0221 4710-0 8-12", "ambiguous", "+4922147100"),
        ("0221 4710-xx", "unreadable", None),
        ("0221 4710-...", "unreadable", None),
    ],
)
def test_a_durchwahl_that_is_not_certain_is_only_suggested(written: str, problem: str, suggestion: str | None) -> None:
    reading = read_number(written)
    assert (reading.e164, reading.problem, reading.suggestion) == (None, problem, suggestion)


@pytest.mark.parametrize("written", ["0221 1234-12 DW 12", "0221 1234-12 (Durchwahl 12)", "0221 1234-12 (App. 12)"])
def test_a_durchwahl_that_is_named_twice_is_one(written: str) -> None:
    assert read_number(written).e164 == "+49221123412"


@pytest.mark.parametrize(
    "written", ["Zentrale 0221 4710-0, Durchwahl 57", "0221 4710-0 (Zentrale) DW 57", "Zentrale: 0221 47100 DW 57"]
)
def test_a_switchboard_that_is_named_as_such_keeps_its_own_number(written: str) -> None:
    switchboard, direct = read_numbers(written)
    assert (switchboard.e164, switchboard.is_switchboard, switchboard.stem) == ("+4922147100", True, "+492214710")
    assert (direct.e164, direct.is_switchboard, direct.stem) == ("+49221471057", False, None)


@pytest.mark.parametrize("written", ["0221 4710-57 (Zentrale -0)", "0221 4710-57, Zentrale: -0"])
def test_the_switchboard_may_be_named_behind_a_durchwahl(written: str) -> None:
    direct, switchboard = read_numbers(written)
    assert (direct.e164, direct.is_switchboard) == ("+49221471057", False)
    assert (switchboard.e164, switchboard.stem) == ("+4922147100", "+492214710")


def test_words_mark_the_number_that_they_stand_beside() -> None:
    switchboard, mobile = read_numbers("0221 4710-0 Zentrale 0171 3920012")
    assert (switchboard.is_switchboard, mobile.is_switchboard) == (True, False)
    mobile, switchboard = read_numbers("0171 3920012 Zentrale 0221 4710-0")
    assert (mobile.is_switchboard, switchboard.is_switchboard) == (False, True)

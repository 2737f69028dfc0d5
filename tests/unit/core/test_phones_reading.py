"""How one number is read, notation by notation."""

from __future__ import annotations

import pytest

from app.core.phones import PROBLEMS, classify, dialable_target, read_number
from app.core.values import Dialable

KOELN = "+492214710123"
KOELN_WRITTEN = [
    "02214710123",
    "0221 4710123",
    "0221 4710 123",
    "0221 / 4710 123",
    "0221/4710123",
    "0221/4710/123",
    "0221\\4710123",
    "0221-4710-123",
    "0221 – 4710 – 123",
    "0221—4710‒123",
    "0221−4710‑123",
    "0221.4710.123",
    "0221·4710·123",
    "(0221) 4710123",
    "(0221)4710-123",
    "[0221] 4710123",
    "( 0221 ) 4710 - 123",
    "+49 221 4710123",
    "+492214710123",
    "+49 (0) 221 4710123",
    "+49(0)2214710123",
    "+49 (0)221/4710-123",
    "+49 [0] 221 4710123",
    "+49 0221 4710123",
    "+49-0-221-4710123",
    "+49.221.4710.123",
    "+49/221/4710123",
    "(+49) 221 4710123",
    "(+49)(0)221 4710123",
    "+ 49 221 4710123",
    "++49 221 4710123",
    "0049 221 4710123",
    "00492214710123",
    "00 49 221 4710123",
    "(0049) 221 4710123",
    "0049(0)221 4710123",
    "+0049 221 4710123",
    "00+49 221 4710123",
    "49 221 4710123",
    "492214710123",
    "49 (0)221 4710123",
    "2214710123",
    "2214710123.0",
    "0221\u00a04710\u00a0123",
    "0221\u202f4710\u2009123",
    "\u200e+49 221 4710123\u202c",
    "0221\u200b4710123",
    "\u202a0221 4710123\u202c",
    "0221\u00ad4710123",
    "０２２１　４７１０１２３",
    "＋４９（０）２２１４７１０－１２３",
    "٠٢٢١ ٤٧١٠١٢٣",
    "  0221 4710123\t",
    "'0221 4710123",
    '"0221 4710123"',
    "0221 47’10’123",
    "0221 , 4710123",
    "tel:+49-221-4710-123",
    "tel:+492214710123",
    "callto:+492214710123",
    "Tel. 0221 4710123",
    "Tel.: 0221 4710123",
    "Telefon (0221) 4710123",
    "T 0221 4710123",
    "☎ 0221 4710123",
    "📞0221 4710123",
    "Büro: 0221 4710123",
    "0221 4710123 (Büro)",
    "0221 4710123 (ab 14 Uhr)",
    "0221 4710123 ab 14 Uhr",
    "0221 4710123 (Mo-Fr 9-17 Uhr)",
    "0221 4710123, 8:00-16:30 Uhr",
    "0221 4710123 Mo-Fr 8-12",
    "Mo-Fr 8-12 0221 4710123",
    "0221 4710123 24h",
    "0221 4710123 seit 01.02.2024",
    "0221 4710123 Frau Beispiel",
    "0221 4710123 Zimmer 12",
    "Raum 7, 0221 4710123",
    "1. 0221 4710123",
    "Tel. 1: 0221 4710123",
]


@pytest.mark.parametrize("written", KOELN_WRITTEN)
def test_one_number_is_read_in_every_notation(written: str) -> None:
    reading = read_number(written)
    assert (reading.e164, reading.problem, reading.raw) == (KOELN, None, written)


@pytest.mark.parametrize("written", KOELN_WRITTEN)
def test_the_same_notations_can_be_dialled(written: str) -> None:
    assert dialable_target(written) == Dialable(written, KOELN)


@pytest.mark.parametrize("written", [written for written in KOELN_WRITTEN if written != "2214710123"])
def test_the_same_notations_are_known_when_a_telephone_system_sends_them(written: str) -> None:
    assert classify(written) == Dialable(written, KOELN)


@pytest.mark.parametrize(
    ("written", "region", "e164"),
    [
        ("+39 06 698 12345", "DE", "+390669812345"),
        ("+39 (0)6 698 12345", "DE", "+390669812345"),
        ("0039 06 69812345", "DE", "+390669812345"),
        ("06 69812345", "IT", "+390669812345"),
        ("+39 (0)335 1234567", "DE", "+393351234567"),
        ("+353 (0)1 234 5678", "DE", "+35312345678"),
        ("+353 01 234 5678", "DE", "+35312345678"),
        ("(01) 234 5678", "IE", "+35312345678"),
        ("+44 (0)20 7946 0123", "DE", "+442079460123"),
        ("+44 020 7946 0123", "DE", "+442079460123"),
        ("044 668 18 00", "CH", "+41446681800"),
        ("044'668'18'00", "CH", "+41446681800"),
        ("+41 (0)44 668 18 00", "DE", "+41446681800"),
        ("41 44 668 18 00", "DE", "+41446681800"),
        ("41 (0)44 668 18 00", "DE", "+41446681800"),
        ("01 58858 12", "AT", "+4315885812"),
        ("0660 1234567", "AT", "+436601234567"),
        ("912 345 678", "ES", "+34912345678"),
        ("01 99 00 12 34", "FR", "+33199001234"),
        ("+33 (0)1.99.00.12.34", "DE", "+33199001234"),
        ("32 12 34 56", "DK", "+4532123456"),
        ("020 123 4567", "NL", "+31201234567"),
        ("06 1 234 5678", "HU", "+3612345678"),
        ("1 234 5678", "HU", "+3612345678"),
        ("212 555 0123", "US", "+12125550123"),
    ],
)
def test_the_national_form_follows_the_country(written: str, region: str, e164: str) -> None:
    assert read_number(written, region).e164 == e164
    assert read_number(written, region.lower()).e164 == e164


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("0800 FLOWERS", "+498003569377"),
        ("0800-FLOWERS", "+498003569377"),
        ("+49 800 FLOWERS", "+498003569377"),
        ("0800 4710 AUTO", "+4980047102886"),
        ("0800 Flowers (kostenlos)", "+498003569377"),
    ],
)
def test_vanity_letters_are_digits_in_service_numbers(written: str, e164: str) -> None:
    assert read_number(written).e164 == e164


@pytest.mark.parametrize("written", ["0221 BUERO", "0221 Museum", "FLOWERS", "0171 HALLOWELT"])
def test_words_are_no_digits_anywhere_else(written: str) -> None:
    assert read_number(written).e164 is None


@pytest.mark.parametrize(
    "written",
    [
        *(f"0221 4710 {number:03}" for number in (0, 1, 57, 500, 999)),
        *(f"030 23125 {number:03}" for number in (0, 110, 112, 999)),
        *(f"069 90009 {number:03}" for number in (0, 500, 999)),
        *(f"040 66969 {number:03}" for number in (0, 500, 999)),
        *(f"089 99998 {number:03}" for number in (0, 500, 999)),
        *(f"0171 39200 {number:02}" for number in (0, 12, 99)),
        *(f"0176 040690 {number:02}" for number in (0, 12, 99)),
        *(f"+44 20 7946 0{number:03}" for number in (0, 123, 999)),
    ],
)
def test_numbers_reserved_for_fiction_are_read_and_dialled(written: str) -> None:
    reading = read_number(written)
    assert reading.e164 is not None
    assert reading.problem is None
    assert dialable_target(written) == Dialable(written, reading.e164)


@pytest.mark.parametrize(
    ("written", "problem", "suggestion"),
    [
        ("", "empty", None),
        ("   ", "empty", None),
        ("siehe Visitenkarte", "unreadable", None),
        ("info@beispiel.example", "unreadable", None),
        ("*21#", "unreadable", None),
        ("*21*02214710123#", "unreadable", None),
        ("#31#02214710123", "unreadable", None),
        ("23", "too_short", None),
        ("110", "too_short", None),
        ("47100", "too_short", None),
        ("0221 4", "too_short", None),
        ("+4923", "too_short", None),
        ("0221 12345678901234567", "too_long", None),
        ("471000", "no_area_code", "+49471000"),
        ("29191-999", "no_area_code", "+4929191999"),
        ("0123456789", "invalid", None),
        ("+49 123456789", "invalid", None),
        ("+999 12345678", "invalid", None),
        ("41446681800", "ambiguous", "+4941446681800"),
        ("17604069012", "ambiguous", "+4917604069012"),
        ("0221 47100 DW 12", "ambiguous", "+49221471012"),
        ("0221 4710-0 12", "ambiguous", "+49221471012"),
        ("0221 471010/11", "ambiguous", "+4922147101011"),
        ("0221 4710123 / 0171 3920012", "several", None),
        ("0221 4710-0 oder -57", "several", None),
        ("x" * 251, "unreadable", None),
    ],
)
def test_what_cannot_be_read_is_kept_and_explained(written: str, problem: str, suggestion: str | None) -> None:
    reading = read_number(written)
    assert (reading.raw, reading.e164, reading.problem) == (written, None, problem)
    assert reading.suggestion == suggestion
    assert problem in PROBLEMS


def test_a_country_without_a_numbering_plan_reads_international_numbers_only() -> None:
    assert read_number("+49 221 4710123", "AQ").e164 == KOELN
    assert read_number("0221 4710123", "AQ").problem == "no_country"
    assert read_number("0221 4710123", "").problem == "no_country"


def test_koeln_is_not_vienna_and_munich_not_berlin() -> None:
    assert read_number("0221 4710123", "DE").e164 != read_number("0221 4710123", "AT").e164
    assert read_number("089 99998 123").e164 != read_number("030 99998 123").e164
    assert read_number("01 4710123", "AT").e164 != read_number("0221 4710123", "DE").e164


def test_an_old_local_number_is_never_completed() -> None:
    for local in ("4710123", "23125 000", "66969-000", "9999 8123", "58858123"):
        assert read_number(local).e164 is None, local


def test_a_german_mobile_number_may_have_lost_its_zero() -> None:
    assert read_number("171 3920012").e164 == "+491713920012"
    assert read_number("1713920012").e164 == "+491713920012"
    assert read_number("176 04069012").e164 == "+4917604069012"


def test_an_email_address_beside_a_number_is_passed_over() -> None:
    assert read_number("0221 4710123 info@beispiel.example").e164 == KOELN
    assert read_number("info47@beispiel.example; 0221 4710123").e164 == KOELN


def test_premium_numbers_are_read_as_such() -> None:
    assert read_number("0900 1234567").e164 == "+499001234567"


def test_the_newest_mobile_blocks_are_read_before_the_metadata_knows_them() -> None:
    assert read_number("01534 0123456").e164 == "+4915340123456"
    assert read_number("01534 012345").e164 is None


@pytest.mark.parametrize(
    ("text", "region"), [("Raum 12 123456000", "PL"), ("12 123456000", "DE"), ("12 123456000", "PL")]
)
def test_a_first_group_that_ends_within_an_area_code_is_no_country_code(text: str, region: str) -> None:
    assert read_number(text, region).e164 is None


@pytest.mark.parametrize("text", ["1 212 345 6000", "1 2123456000", "12123456000", "1212 345 6000", "1-212-345-6000"])
@pytest.mark.parametrize("region", ["DE", "PL"])
def test_a_country_code_without_its_plus_is_read_where_groups_allow_it(text: str, region: str) -> None:
    assert read_number(text, region).e164 == "+12123456000"

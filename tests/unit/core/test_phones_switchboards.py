"""Switchboards: what lies behind one, who is never taken for it, and how a Durchwahl is written down."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.phones import (
    MAX_DURCHWAHL_DIGITS,
    MIN_STEM_DIGITS,
    extension_behind,
    may_be_switchboard,
    prefixes_for_switchboard,
    read_number,
    with_country_code,
    written_for_all,
)
from tests.unit.core.test_phones_properties import REGIONS, Subscriber, subscribers


@pytest.mark.parametrize(
    ("stem", "number", "extension"),
    [
        ("+492214710", "+49221471057", "57"),
        ("+492214710", "+4922147100", "0"),
        ("+492214710", "+492214710", ""),
        ("+492214710", "+49221471012345", "12345"),
        ("+4930227", "+493022732112", "32112"),  # three digits of its own and a Durchwahl of five
        ("+4922812", "+49228123456", "3456"),
        ("+43158858", "+4315885812", "12"),
        ("+4314000", "+431400082345", "82345"),
        ("+4351234", "+4351234567", "567"),
    ],
)
def test_a_number_behind_a_switchboard_has_a_durchwahl(stem: str, number: str, extension: str) -> None:
    assert extension_behind(stem, number) == extension


@pytest.mark.parametrize(
    ("stem", "number"),
    [
        ("+4922147", "+492214710123"),  # a subscriber of seven digits is no Durchwahl of '0221 47-0'
        ("+4922812", "+492281234567"),
        ("+492214710", "+492214710123456"),  # six digits
        ("+498921", "+4989210"),  # too short a stem
        ("+492214710", "+49221471157"),
        ("+492214710", "+4922147"),
        ("", "+49221471057"),
        ("+492214710", ""),
    ],
)
def test_a_stranger_is_behind_no_switchboard(stem: str, number: str) -> None:
    assert extension_behind(stem, number) is None


@given(st.text("0123456789", min_size=7, max_size=7))
@example("4710123")
def test_no_subscriber_of_a_large_town_is_taken_for_a_company_with_two_digits(local: str) -> None:
    for area in ("221", "211", "711"):
        assert extension_behind(f"+49{area}{local[:2]}", f"+49{area}{local}") is None


@given(subscribers())
def test_what_lies_behind_a_stem_is_one_of_the_stems_asked_for(subscriber: Subscriber) -> None:
    e164 = subscriber.e164
    for length in range(1, len(e164) + 1):
        extension = extension_behind(e164[:length], e164)
        if extension is not None:
            assert e164[:length] in prefixes_for_switchboard(e164)
            assert length > MIN_STEM_DIGITS
            assert len(extension) <= MAX_DURCHWAHL_DIGITS


@pytest.mark.parametrize("number", ["+492214710", "+431588580", "+43512340", "+41446681800", "+390669812345"])
def test_a_landline_number_may_be_a_switchboard(number: str) -> None:
    assert may_be_switchboard(number)


@pytest.mark.parametrize(
    "number", ["+491713920010", "+4915123456789", "+436761234567", "+498001234560", "+41791234567"]
)
def test_a_mobile_or_free_number_never_is_one(number: str) -> None:
    assert not may_be_switchboard(number)
    assert read_number(f"{number} Zentrale").stem is None


@pytest.mark.parametrize(
    ("number", "stem", "written"),
    [
        ("+49221471057", "", "+49 221 471057"),
        ("+49221471057", "+492214710", "+49 221 4710-57"),
        ("+4922147100", "+492214710", "+49 221 47100"),  # not '4710-0': that is a switchboard
        ("+492214710", "+492214710", "+49 221 4710"),
        ("+4315885812", "+43158858", "+43 1 58858-12"),
        ("+491713920010", "", "+49 171 3920010"),
        ("+390669812345", "", "+39 06 6981 2345"),
        ("+49221471057", "+4930", "+49 221 471057"),
    ],
)
def test_a_number_is_written_as_every_country_reads_it(number: str, stem: str, written: str) -> None:
    assert written_for_all(number, stem) == written


@given(subscribers(), st.sampled_from([*REGIONS, "US", "BR", "ZZ"]), st.integers(0, 6))
def test_a_number_written_for_all_is_read_alike_everywhere_and_is_nobodys_switchboard(
    subscriber: Subscriber, elsewhere: str, length: int
) -> None:
    e164 = subscriber.e164
    for stem in ("", e164[: len(e164) - length]):
        reading = read_number(written_for_all(e164, stem), elsewhere)
        assert (reading.e164, reading.is_switchboard, reading.problem) == (e164, False, None)


@pytest.mark.parametrize("text", ["", "0221 4710", "+", "anonymous"])
def test_only_a_number_can_be_written(text: str) -> None:
    with pytest.raises(ValueError):
        written_for_all(text)


@pytest.mark.parametrize(
    ("sent", "region", "written"),
    [
        ("0123456789", "DE", "+49 123456789"),
        (" 0123456789 ", "DE", "+49 123456789"),
        ("0123456789", "AT", "+43 123456789"),
        ("0012345678901234567", "DE", ""),
        ("123456789", "DE", ""),
        ("+49123456789", "DE", ""),
        ("0", "DE", ""),
        ("0800 what", "DE", ""),
        ("٠١٢٣", "DE", ""),
        ("", "DE", ""),
        ("0123456789", "IT", ""),  # nothing is dialled in front there
    ],
)
def test_a_number_of_no_plan_gets_the_country_code_of_who_sent_it(sent: str, region: str, written: str) -> None:
    assert with_country_code(sent, region) == written

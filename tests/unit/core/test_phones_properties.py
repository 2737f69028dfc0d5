"""Properties: whatever the country, the grouping and the notation, the same subscriber is read back."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from app.core.phones import (
    MIN_STEM_DIGITS,
    classify,
    dial_digits,
    dialable_target,
    format_display,
    is_emergency,
    prefixes_for_switchboard,
    read_number,
    read_numbers,
    search_key,
    tel_uri,
)
from app.core.values import Dialable, Internal, Unverified

REGIONS = (
    "DE",
    "AT",
    "CH",
    "LI",
    "LU",
    "FR",
    "BE",
    "NL",
    "GB",
    "IE",
    "DK",
    "SE",
    "NO",
    "FI",
    "IS",
    "ES",
    "PT",
    "IT",
    "SM",
    "MT",
    "GR",
    "CY",
    "PL",
    "CZ",
    "SK",
    "HU",
    "SI",
    "HR",
    "BA",
    "RS",
    "ME",
    "MK",
    "AL",
    "BG",
    "RO",
    "MD",
    "UA",
    "EE",
    "LV",
    "LT",
)
KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
#: How blanks, dashes and dots look that people, word processors and web pages put between groups.
GAPS = (" ", "\u00a0", "\u202f", "\u2009", "-", "\u2011", "\u2013", "\u2212", ".", " - ", "\u00b7")
WORDS_BEFORE = ("", "Tel. ", "Tel.: ", "Telefon ", "Büro: ", "☎ ", "Frau Beispiel ", "\u200e")
WORDS_AFTER = ("", " (Büro)", " (ab 14 Uhr)", " ab 14 Uhr", " Frau Beispiel", "\u202c", ", nur vormittags")


@dataclass(frozen=True)
class Subscriber:
    """A valid number and what its country's plan says of it."""

    region: str
    code: str
    national: str
    trunk: str

    @property
    def e164(self) -> str:
        return f"+{self.code}{self.national}"


def trunk_prefix(region: str) -> str:
    """What the metadata say, but for Liechtenstein, which dials no 0 in front of its seven digits."""
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    return "" if region == "LI" else metadata.national_prefix or ""


@st.composite
def subscribers(draw: st.DrawFn, regions: tuple[str, ...] = REGIONS) -> Subscriber:
    region = draw(st.sampled_from(regions))
    number = phonenumbers.example_number_for_type(region, draw(st.sampled_from(KINDS)))
    assert number is not None
    national = phonenumbers.national_significant_number(number)
    tail = draw(st.text("0123456789", min_size=3, max_size=3))
    changed = phonenumbers.parse(f"+{number.country_code}{national[:-3]}{tail}", None)
    assume(phonenumbers.is_valid_number(changed))
    return Subscriber(
        region,
        str(number.country_code),
        phonenumbers.national_significant_number(changed),
        trunk_prefix(region),
    )


@st.composite
def grouped(draw: st.DrawFn, digits: str) -> str:
    """The digits in groups of two to five. A lone 0 would be a switchboard's, so no group is that."""
    groups = []
    while len(digits) > 5:
        size = draw(st.integers(2, 4))
        groups.append(digits[:size])
        digits = digits[size:]
    groups.append(digits)
    if len(groups[-1]) < 2 and len(groups) > 1:
        groups[-2:] = ["".join(groups[-2:])]
    return draw(st.sampled_from(GAPS)).join(groups)


@st.composite
def international_writings(draw: st.DrawFn, subscriber: Subscriber) -> str:
    start = draw(st.sampled_from(("+{}", "++{}", "00{}", "00 {}", "(+{})", "(00{})", "+ {}", "+00{}", "+({})")))
    zero = ""
    if subscriber.trunk == "0":
        zero = draw(st.sampled_from(("", "", " (0)", "(0) ", " (0) ", "-(0)", " [0]", " 0")))
    gap = zero or draw(st.sampled_from(("", " ", "-", "/", ".", "\u00a0")))
    return start.format(subscriber.code) + gap + draw(grouped(subscriber.national))


@st.composite
def national_writings(draw: st.DrawFn, subscriber: Subscriber) -> str:
    dialled = subscriber.trunk + subscriber.national
    cut = draw(st.integers(2, 5))
    form = draw(
        st.sampled_from(("{}{}", "{} {}", "{}/{}", "{} / {}", "{}-{}", "({}) {}", "({}){}", "{}\\{}", "[{}] {}"))
    )
    return form.format(dialled[:cut], draw(grouped(dialled[cut:])))


@st.composite
def in_words(draw: st.DrawFn, writing: str) -> str:
    text = draw(st.sampled_from(WORDS_BEFORE)) + writing + draw(st.sampled_from(WORDS_AFTER))
    return text.translate(FULL_WIDTH) if draw(st.booleans()) else text


FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789+()-./"}


@given(st.data(), subscribers(), st.sampled_from(REGIONS))
def test_an_international_writing_is_read_back_anywhere(
    data: st.DataObject, subscriber: Subscriber, reader: str
) -> None:
    writing = data.draw(in_words(data.draw(international_writings(subscriber))))
    assert read_number(writing, reader).e164 == subscriber.e164
    assert classify(writing, reader) == Dialable(writing, subscriber.e164)
    assert dialable_target(writing, reader) == Dialable(writing, subscriber.e164)


@given(st.data(), subscribers())
def test_a_national_writing_is_read_back_in_its_country(data: st.DataObject, subscriber: Subscriber) -> None:
    writing = data.draw(in_words(data.draw(national_writings(subscriber))))
    assert read_number(writing, subscriber.region).e164 == subscriber.e164


@given(st.data(), subscribers(), st.sampled_from(REGIONS))
def test_a_national_writing_read_in_another_country_is_nobody_of_its_own(
    data: st.DataObject, subscriber: Subscriber, reader: str
) -> None:
    """A 0221 number of Köln at a Viennese address is a Viennese number or none, never one of another German."""
    assume(phonenumbers.country_code_for_region(reader) != int(subscriber.code))
    e164 = read_number(data.draw(national_writings(subscriber)), reader).e164
    assert e164 in (None, subscriber.e164) or not str(e164).startswith(f"+{subscriber.code}")


@given(subscribers(), st.sampled_from(("DE", "AT", "CH")))
def test_every_form_that_a_telephone_system_sends_is_the_same_subscriber(subscriber: Subscriber, region: str) -> None:
    for sent in (subscriber.e164, f"00{subscriber.e164[1:]}", subscriber.e164[1:]):
        if len(subscriber.e164) > 9:
            assert classify(sent, region) == Dialable(sent, subscriber.e164)
    home = subscriber.trunk + subscriber.national
    if len(home) > 5:
        assert classify(home, subscriber.region) == Dialable(home, subscriber.e164)


@given(subscribers())
def test_every_form_that_leaves_the_house_is_read_back(subscriber: Subscriber) -> None:
    e164 = subscriber.e164
    assert read_number(format_display(e164, "DE"), "DE").e164 == e164
    assert read_number(format_display(e164, subscriber.region), subscriber.region).e164 == e164
    assert read_number(dial_digits(e164, "national"), "DE").e164 == e164
    home = dial_digits(e164, "national", int(subscriber.code))
    assert read_number(home, subscriber.region).e164 == e164
    assert read_number(tel_uri(e164)).e164 == e164


@given(st.data(), subscribers(), subscribers())
def test_two_subscribers_are_never_taken_for_one(data: st.DataObject, one: Subscriber, other: Subscriber) -> None:
    assume(one.e164 != other.e164)
    first = read_number(data.draw(international_writings(one)), "DE").e164
    second = read_number(data.draw(international_writings(other)), "DE").e164
    assert first != second


@given(st.data(), subscribers(), subscribers())
def test_two_numbers_in_a_field_are_both_read(data: st.DataObject, one: Subscriber, other: Subscriber) -> None:
    between = data.draw(st.sampled_from((" / ", "; ", ", ", " oder ", "\n", " | ", " und ", " (privat) ", " Mobil ")))
    field = data.draw(international_writings(one)) + between + data.draw(international_writings(other))
    assert [reading.e164 for reading in read_numbers(field)] == [one.e164, other.e164]
    assert read_number(field).problem == "several"
    assert dialable_target(field) == Unverified(field)


@st.composite
def fictional(draw: st.DrawFn) -> tuple[str, str]:
    """A number reserved for fiction as Germans write it, and its E.164 form."""
    area, local, room = draw(
        st.sampled_from(
            (("221", "4710", 3), ("30", "23125", 3), ("69", "90009", 3), ("171", "39200", 2), ("176", "040690", 2))
        )
    )
    tail = draw(st.text("0123456789", min_size=room, max_size=room))
    form = draw(st.sampled_from(("0{}/{}{}", "0{} {} {}", "(0{}) {}-{}", "0{} / {} {}", "0{}-{}{}", "0{}{}{}")))
    return form.format(area, local, tail), f"+49{area}{local}{tail}"


@given(fictional(), fictional(), st.sampled_from((" / ", "/", ", ", "; ", " oder ", " ", "\n", " + ", " Fax ", "//")))
def test_two_german_numbers_in_a_field_are_both_read_or_refused(
    one: tuple[str, str], other: tuple[str, str], between: str
) -> None:
    field = one[0] + between + other[0]
    assert read_number(field).e164 is None
    read = {reading.e164 for reading in read_numbers(field)} - {None}
    assert read <= {one[1], other[1]}
    if between not in (" ", " + "):
        assert read == {one[1], other[1]}


NUMBER_LIKE = st.text("0123456789 +-/().,;#*xXDW0oder\u00a0\uff10\u2013Tel\n", max_size=60)


@given(NUMBER_LIKE | st.text(max_size=80), st.sampled_from([*REGIONS, "US", "AQ", "", "xx"]))
@example("(((((((0221", "DE")
@example("+", "DE")
@example("-0-0-0 DW DW 12 oder", "DE")
@example("089 21-0", "DE")
def test_no_text_raises_and_every_reading_is_whole(text: str, region: str) -> None:
    for reading in (read_number(text, region), *read_numbers(text, region)):
        assert (reading.e164 is None) == (reading.problem is not None)
        if reading.e164 is not None:
            assert re.fullmatch(r"\+[1-9]\d{5,16}", reading.e164)
        if reading.stem is not None:
            assert reading.e164 == f"{reading.stem}0"
            assert reading.is_switchboard
            assert reading.stem in prefixes_for_switchboard(reading.e164) or len(reading.stem) <= MIN_STEM_DIGITS
    party = classify(text, region)
    assert party.kind in ("dialable", "internal", "unverified", "sip", "withheld")
    target = dialable_target(text, region)
    if isinstance(target, Internal):
        assert re.fullmatch(r"[0-9]{1,5}", target.raw)
    if is_emergency(text):
        assert target == Unverified(text)
    for prefix in search_key(text, region):
        assert re.fullmatch(r"\+[0-9]+", prefix)


@given(
    st.sampled_from(("0221 ", "030/", "(0171) ", "+49 221 ", "+49 (0)221/", "0049 30 ", "+41 44 ", "+39 06 ", "221 ")),
    st.text("0123456789 -/.()", min_size=3, max_size=20),
)
def test_no_digit_is_invented(start: str, rest: str) -> None:
    for reading in read_numbers(start + rest)[:1]:
        if reading.e164 is not None:
            typed = iter(sign for sign in start + rest if sign.isdigit())
            code = 3 if reading.e164[:3] in ("+49", "+41", "+39") else 2
            assert all(digit in typed for digit in reading.e164[code:])


@pytest.mark.parametrize("region", REGIONS)
def test_the_library_s_own_formats_are_read_back(region: str) -> None:
    for kind in (*KINDS, PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        for form in (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.RFC3966):
            written = phonenumbers.format_number(number, form)
            assert read_number(written, region).e164 == e164, written

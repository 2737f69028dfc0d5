"""The forms that leave the house."""

from __future__ import annotations

import pytest

from app.core.phones import (
    dial_digits,
    format_display,
    format_party,
    prefixes_for_switchboard,
    search_key,
    tel_uri,
)
from app.core.values import Dialable, Internal, SipUser, Unverified, Withheld


def test_a_number_of_the_own_country_is_shown_in_its_national_form() -> None:
    assert format_display("+492214710123") == "0221 4710123"
    assert format_display("+492214710123", "AT") == "+49 221 4710123"
    assert format_display("+41446681800") == "+41 44 668 18 00"
    assert format_display("+41446681800", "ch") == "044 668 18 00"
    assert format_display("+390669812345", "IT") == "06 6981 2345"


@pytest.mark.parametrize("text", ["", "23", "abc", "+", "+0", "+49 221", "+49", "+390", "+10"])
def test_a_text_that_is_no_number_is_shown_as_it_is(text: str) -> None:
    assert format_display(text) == text


def test_a_number_of_no_country_is_shown_without_raising() -> None:
    assert format_display("+99912345678") == "+99912345678"
    assert format_display("+2101234567") == "+2101234567"


def test_each_party_has_a_form_for_the_eye() -> None:
    assert format_party(Dialable("02214710123", "+492214710123")) == "0221 4710123"
    assert format_party(Internal("23")) == "23"
    assert format_party(Unverified(" 0123456789 ")) == "0123456789"
    assert format_party(SipUser("7771234567@fpbx.de")) == "7771234567@fpbx.de"
    assert format_party(Withheld("anonymous")) == ""


def test_a_tel_link_holds_the_global_number() -> None:
    assert tel_uri("+492214710123") == "tel:+492214710123"


@pytest.mark.parametrize("text", ["", "0221 4710123", "+49 221", "javascript:alert(1)", '+49221"onclick', "+0123"])
def test_nothing_but_a_number_becomes_a_link_or_is_dialled(text: str) -> None:
    with pytest.raises(ValueError):
        tel_uri(text)
    with pytest.raises(ValueError):
        dial_digits(text, "national")
    with pytest.raises(ValueError):
        dial_digits(text, "e164")


@pytest.mark.parametrize(
    ("e164", "home", "digits"),
    [
        ("+492214710123", 49, "02214710123"),
        ("+491713920012", 49, "01713920012"),
        ("+431588580", 49, "00431588580"),
        ("+390669812345", 49, "00390669812345"),
        ("+35312345678", 49, "0035312345678"),
        ("+80012345678", 49, "0080012345678"),
        ("+431588580", 43, "01588580"),
        ("+492214710123", 43, "00492214710123"),
        ("+390669812345", 39, "0669812345"),
        ("+34912345678", 34, "912345678"),
        ("+3612345678", 36, "0612345678"),
    ],
)
def test_the_national_style_dials_as_at_home(e164: str, home: int, digits: str) -> None:
    assert dial_digits(e164, "national", home) == digits
    assert dial_digits(e164, "e164", home) == e164


@pytest.mark.parametrize(
    ("fragment", "region", "prefixes"),
    [
        ("0221 47", "DE", ("+4922147",)),
        ("0221/4710-", "DE", ("+492214710",)),
        ("02", "DE", ("+492",)),
        ("+49 221", "DE", ("+49221",)),
        ("0049 221", "DE", ("+49221",)),
        ("+49 (0)221", "DE", ("+49221",)),
        ("+49 0221", "DE", ("+49221",)),
        ("49221", "DE", ("+49221",)),
        ("221 47", "DE", ("+4922147", "+22147")),
        ("+39 06", "DE", ("+3906",)),
        ("+353 01", "DE", ("+3531",)),
        ("06 69", "IT", ("+390669",)),
        ("044 668", "CH", ("+4144668",)),
        ("０２２１", "DE", ("+49221",)),
        ("0", "DE", ()),
        ("00", "DE", ()),
        ("22", "DE", ()),
        ("", "DE", ()),
        ("Haus 47", "DE", ()),
        ("info@4710", "DE", ()),
        ("0221", "AQ", ()),
    ],
)
def test_a_fragment_of_a_number_becomes_prefixes_to_search(
    fragment: str, region: str, prefixes: tuple[str, ...]
) -> None:
    assert search_key(fragment, region) == prefixes


def test_a_stem_has_seven_digits_at_least_and_leaves_five_at_most() -> None:
    assert prefixes_for_switchboard("+49221471057") == (
        "+49221471057", "+4922147105", "+492214710", "+49221471", "+4922147"
    )  # fmt: skip
    assert prefixes_for_switchboard("+49221471012345")[-1] == "+492214710"
    assert len(prefixes_for_switchboard("+49221471012345")) == 6
    assert prefixes_for_switchboard("+4922147") == ("+4922147",)
    assert prefixes_for_switchboard("+492214") == ()
    assert prefixes_for_switchboard("23") == ()

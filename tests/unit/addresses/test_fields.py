from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.fields import TEXTS, cleaned, cleaned_contact, cleaned_numbers, website_url
from app.modules.addresses.records import ContactInput, Invalid, NumberInput


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        cleaned({"name": " ", "kind": "club", "country": "XX", "email": "nobody", "website": "javascript:alert(1)"})
    assert refused.value.problems == {
        "name": "required",
        "kind": "unknown_kind",
        "country": "unknown_country",
        "email": "bad_email",
        "website": "bad_website",
    }


def test_a_field_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError, match="shoe_size"):
        cleaned({"shoe_size": 44})


def test_texts_are_tidied_and_the_free_text_keeps_its_lines() -> None:
    values = cleaned({"name": "  Rheinwerk \t GmbH ", "notes": "one\r\n two ", "vat_id": "de 123 456 789"})
    assert values == {"name": "Rheinwerk GmbH", "notes": "one\n two", "vat_id": "DE123456789"}


def test_numbers_that_are_not_given_are_absent_not_empty() -> None:
    assert cleaned({"customer_number": " ", "supplier_number": None, "external_id": ""}) == {
        "customer_number": None,
        "supplier_number": None,
        "external_id": None,
    }


def test_too_long_a_text_is_refused_not_cut() -> None:
    for field, longest in TEXTS.items():
        with pytest.raises(Invalid) as refused:
            cleaned({field: "x" * (longest + 1)})
        assert refused.value.problems[field] == "too_long"


def test_a_block_has_a_date_or_none() -> None:
    assert cleaned({"delivery_block_date": date(2026, 11, 2)})["delivery_block_date"] == date(2026, 11, 2)
    with pytest.raises(Invalid):
        cleaned({"delivery_block_date": "tomorrow"})


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("www.muster.example", "https://www.muster.example"),
        ("http://muster.example", "http://muster.example"),
        ("muster.example:8080", "https://muster.example:8080"),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)", None),
        ("data:text/html,x", None),
    ],
)
def test_a_website_is_a_link_to_a_web_page_or_nothing(typed: str, link: str | None) -> None:
    assert website_url(typed) == link


def test_numbers_without_any_text_are_dropped_and_wrong_kinds_refused() -> None:
    assert cleaned_numbers([NumberInput("  "), NumberInput(" 030 23125 100 ", "fax")], "phone_numbers") == (
        NumberInput("030 23125 100", "fax"),
    )
    with pytest.raises(Invalid) as refused:
        cleaned_numbers([NumberInput("030 23125 100", "telex")], "phone_numbers")
    assert refused.value.problems == {"phone_numbers.0.kind": "unknown_kind"}


def test_a_contact_needs_a_name() -> None:
    with pytest.raises(Invalid) as refused:
        cleaned_contact(ContactInput(" ", email="x"), "contacts.3.")
    assert refused.value.problems == {"contacts.3.name": "required", "contacts.3.email": "bad_email"}


@given(st.text())
def test_any_text_is_a_name_or_is_refused(text: str) -> None:
    if not text.replace("\x00", "").split():
        with pytest.raises(Invalid, match="required"):
            cleaned({"name": text})
    elif len(text) <= TEXTS["name"]:
        name = cleaned({"name": text})["name"]
        assert name
        assert "\x00" not in name

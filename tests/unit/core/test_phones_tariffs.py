"""What calls are charged like, and where they go. Dear kinds of numbers have no range for fiction: made up of rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import phones


@pytest.mark.parametrize(
    ("e164", "tariff"),
    [
        ("+493023125123", "ordinary"),
        ("+491713920001", "ordinary"),
        ("+498001234567", "ordinary"),
        ("+499001000000", "premium"),
        ("+43900123456", "premium"),
        ("+41900123456", "premium"),
        ("+448712345678", "premium"),
        ("+979123456789", "premium"),
        ("+491371123456", "mass"),
        ("+491379123456", "mass"),
        ("+49138123456", "mass"),
        ("+4918051234567", "shared_cost"),
        ("+41840123456", "shared_cost"),
        ("+80812345678", "shared_cost"),
        ("+447012345678", "personal"),
        ("+870773111632", "satellite"),
        ("+881612345678", "satellite"),
        ("+88216123456", "satellite"),
        ("+8835100012345", "satellite"),
        ("+87812345678901", "satellite"),
        ("+80012345678", "ordinary"),
    ],
)
def test_dear_kinds_of_numbers_are_told_apart(e164: str, tariff: str) -> None:
    assert phones.tariff(e164) == tariff


@pytest.mark.parametrize(
    ("e164", "country"),
    [
        ("+493023125123", "DE"),
        ("+442079460123", "GB"),
        ("+447624123456", "IM"),
        ("+12025550123", "US"),
        ("+18765551234", "JM"),
        ("+18005551234", "US"),
        ("+881612345678", "001"),
        ("+80012345678", "001"),
    ],
)
def test_a_call_goes_to_one_country_or_to_none(e164: str, country: str) -> None:
    assert phones.charged_country(e164) == country


@pytest.mark.parametrize(
    ("typed", "region", "tariff"),
    [
        ("11833", "DE", "enquiries"),
        ("118 33", "DE", "enquiries"),
        ("118000", "DE", "enquiries"),
        ("118", "DE", "ordinary"),
        ("1183", "DE", "ordinary"),
        ("1811", "CH", "enquiries"),
        ("1811", "DE", "ordinary"),
        ("23", "DE", "ordinary"),
        ("1180001", "DE", "ordinary"),
    ],
)
def test_directory_enquiries_are_as_short_as_extensions(typed: str, region: str, tariff: str) -> None:
    assert phones.short_tariff(typed, region) == tariff


@pytest.mark.parametrize(
    ("typed", "region", "e164"),
    [
        ("0900", "DE", "+49900"),
        ("0 900", "DE", "+49900"),
        ("00 44 7", "DE", "+447"),
        ("+1 (876)", "DE", "+1876"),
        ("06", "IT", "+3906"),
        ("6", "IT", "+396"),
        ("0900", "AT", "+43900"),
        ("900", "DE", None),
        ("+", "DE", None),
        ("+0", "DE", None),
        ("", "DE", None),
        ("0900x", "DE", None),
        ("٠٩٠٠", "DE", None),
        ("+" + "1" * 40, "DE", None),
    ],
)
def test_the_beginning_of_numbers_is_read_as_it_is_dialled(typed: str, region: str, e164: str | None) -> None:
    assert phones.beginning(typed, region) == e164


@given(st.text(max_size=40), st.sampled_from(["DE", "AT", "IT", "US", "XX"]))
def test_any_text_is_a_beginning_in_e164_or_none(text: str, region: str) -> None:
    found = phones.beginning(text, region)
    assert found is None or (found[0] == "+" and found[1:].isascii() and found[1:].isdigit() and found[1] != "0")


@given(st.from_regex(r"\+(4915[0-9]{9}|499001[0-9]{6}|120255501[0-9]{2}|4420794601[0-9]{2})", fullmatch=True))
def test_any_number_has_one_tariff_and_one_country(e164: str) -> None:
    assert phones.tariff(e164) == ("premium" if e164.startswith("+49900") else "ordinary")
    assert phones.charged_country(e164) in ("DE", "US", "GB")


def test_every_country_has_a_name_in_both_languages() -> None:
    names = [phones.country_names(region) for region in phones.regions()]
    assert len(names) > 200
    assert all(name is not None and name.de and name.en for name in names)

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.folding import (
    LAST,
    both_ways,
    customer_key,
    email_key,
    plain_letters,
    search_text,
    sort_key,
    vat_key,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("müller", "Müller"),
        ("MUELLER", "Müller"),
        ("muller", "Müller"),
        ("Müller", "Muller"),
        ("Müller", "Mueller"),
        ("strasse", "Hauptstraße"),
        ("Straße", "HAUPTSTRASSE"),
        ("emile", "Émile Laurent"),
        ("lodz", "Łódź"),
        ("oezlem", "Özlem Yıldız"),
        ("aasa", "Åsa"),
        ("söhne", unicodedata.normalize("NFD", "Müller & Söhne")),
    ],
)
def test_a_name_is_found_whichever_way_it_is_typed(typed: str, stored: str) -> None:
    assert any(way in search_text(stored) for way in both_ways(typed))


def test_no_word_is_found_across_two_fields() -> None:
    assert "annabonn" not in search_text("Anna", "Bonn").replace(" ", "")


def test_names_are_sorted_with_umlauts_as_their_plain_letters() -> None:
    assert sorted(["Zander", "Ärger", "Arbeit", "Özil", "Oper"], key=sort_key) == [
        "Arbeit", "Ärger", "Oper", "Özil", "Zander",
    ]  # fmt: skip


@given(st.text())
def test_every_text_is_found_by_itself(text: str) -> None:
    folded = search_text(text)
    assert all(way in folded for way in both_ways(text))


@given(st.text(max_size=200))
def test_a_sort_key_fits_its_column(text: str) -> None:
    assert len(sort_key(text)) <= 400


@given(st.text(st.sampled_from("äÄöÜßéÉÅøŁıİŸa Bc\u0308\u0301\u212b\u01f0ĳﬁ"), max_size=12))
def test_a_text_is_folded_sign_by_sign_as_it_would_be_whole(text: str) -> None:
    small = unicodedata.normalize("NFC", text).casefold().replace("ø", "o").replace("ł", "l")
    apart = unicodedata.normalize("NFKD", small)
    whole = " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())
    assert plain_letters(text) == whole


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("DE 123 456 789", "DE123456789"),
        ("de123.456.789", "DE123456789"),
        ("ATU-12345678", "ATU12345678"),
        ("CHE-123.456.789 MWST", "CHE123456789"),
        ("CHE-123.456.789", "CHE123456789"),
        ("n/a", ""),
        (" - ", ""),
        ("", ""),
    ],
)
def test_vat_ids_are_compared_without_blanks_dots_and_case(typed: str, key: str) -> None:
    assert vat_key(typed) == key


@given(st.text(max_size=300))
def test_the_keys_fit_their_columns_and_stay_the_same_when_made_again(text: str) -> None:
    assert len(vat_key(text)) <= 30
    assert len(email_key(text)) <= 254
    assert vat_key(vat_key(text)) == vat_key(text)


def test_customer_numbers_are_sorted_as_numbers_and_none_comes_last() -> None:
    keys = [customer_key(number) for number in ("9999", "10000", "99999", "A1000000", None)]
    assert keys == sorted(keys)
    assert keys[-1] == customer_key("") == LAST

"""*Meinten Sie …?*: mistyped words are corrected against those that occur, where a text finds little."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.core.database import reading
from app.modules.addresses import services
from app.modules.addresses.api import search
from app.modules.addresses.picking import picks
from app.modules.addresses.suggesting import corrections
from tests.integration.addresses.conftest import person


@pytest.fixture
def some(make_address: Callable[..., int]) -> dict[str, int]:
    return {
        "mueller": make_address("Müller & Söhne", city="Köln", street="Lange Straße 1"),
        "bau": make_address("Rheinwerk Maschinenbau GmbH", "030 23125-100", city="Berlin"),
        "sonne": make_address("Sonnenschein KG", contacts=[person("Sabine Krüger")], city="Köln"),
    }


def _corrected(text: str) -> str:
    with reading() as session:
        return next(corrections(session, text), "")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Mülller", "Müller"),
        ("muelller", "Müller"),
        ("Müler", "Müller"),
        ("Mullre", "Müller"),
        ("Rheinwrek", "Rheinwerk"),
        ("Maschienenbua", "Maschinenbau"),
        ("Maxchimenbau", "Maschinenbau"),
        ("Sonnnenshein", "Sonnenschein"),
        ("Strase", "Straße"),
        ("Strassse", "Straße"),
        ("Krügre", "Krüger"),
        ("Mülller Köln", "Müller Köln"),
        ("Köln Mülller", "Köln Müller"),
        ("Mülller Kölln", "Müller Köln"),
        ("Rheinwrek 030", "Rheinwerk 030"),
    ],
)
def test_a_mistyped_word_is_corrected(some: dict[str, int], typed: str, meant: str) -> None:
    assert _corrected(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        *("Müller", "muell", "Maschinenb", "rhein", "23124", "030 23125-109", "10009"),
        *("Zwiebel", "Mül", "xy", "", "info@rheinwrek", "% _"),
    ],
)
def test_what_is_right_or_unlike_any_word_or_a_number_is_not(some: dict[str, int], typed: str) -> None:
    assert _corrected(typed) == ""


def test_of_words_as_near_the_more_frequent_one_is_meant(make_address: Callable[..., int]) -> None:
    make_address("Meier Eins")
    for place in range(3):
        make_address(f"Mayer {place}")
    assert _corrected("Maier") == "Mayer"


def test_a_pick_list_shows_what_the_correction_finds_below(some: dict[str, int]) -> None:
    found = picks("Mülller Köln")
    assert (found.found, found.corrected) == ([], "Müller Köln")
    assert [pick.hit.id for pick in found.meant] == [some["mueller"]]
    people = picks("Krügre")
    assert [contact.name for contact in people.meant[0].contacts] == ["Sabine Krüger"]
    right = picks("Müller")
    assert ([pick.hit.id for pick in right.found], right.corrected, right.meant) == ([some["mueller"]], "", ())


def test_a_correction_that_finds_nothing_is_not_shown(some: dict[str, int]) -> None:
    services.archive(some["mueller"])
    assert picks("Mülller").corrected == ""
    assert picks("Mülller Berlin").meant == ()


def test_where_enough_is_found_nothing_is_corrected(make_address: Callable[..., int]) -> None:
    for place in range(3):
        make_address(f"Mülller {place}")
    for place in range(5):
        make_address(f"Müller {place}")
    assert picks("Mülller").corrected == ""


def _list(client: FlaskClient, query: str, **headers: str) -> str:
    return unescape(client.get(f"/addresses/?{query}", headers=headers).get_data(as_text=True))


def test_the_list_says_what_was_probably_meant_and_shows_it(staff: FlaskClient, some: dict[str, int]) -> None:
    page = _list(staff, "q=Mülller")
    assert "Meinten Sie „Müller“?" in page
    assert "Genau das passt nirgends." in page
    assert 'href="/addresses/?q=M%C3%BCller"' in page
    assert "Müller & Söhne" in page
    assert "Nichts gefunden" not in page
    assert "Meinten Sie" in _list(staff, "q=Mülller", **{"HX-Request": "true"})
    assert "Meinten Sie" not in _list(staff, "q=Müller")
    assert "Meinten Sie" not in _list(staff, "q=Mülller&role=supplier")
    assert "Nichts gefunden" in _list(staff, "q=Mülller&role=supplier")


def test_pick_lists_and_phone_book_say_it_too(staff: FlaskClient, some: dict[str, int]) -> None:
    picked = unescape(staff.get("/addresses/pick?pick=Rheinwrek").get_data(as_text=True))
    assert "Meinten Sie „Rheinwerk“?" in picked
    assert f'value="{some["bau"]}:"' in picked
    book = unescape(staff.get("/callcenter/?q=Rheinwrek").get_data(as_text=True))
    assert "Meinten Sie „Rheinwerk“?" in book
    assert "030 23125100" in book


def test_hostile_queries_are_shown_as_text(staff: FlaskClient, some: dict[str, int]) -> None:
    answer = staff.get("/addresses/?q=<b>Mülller").get_data(as_text=True)
    assert "<b>M" not in answer


def test_the_search_itself_is_left_alone(some: dict[str, int]) -> None:
    with reading() as session:
        assert search(session, "Mülller") == []

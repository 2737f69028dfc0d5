"""What is told of a caller whom nobody knows: place or country, and the kind of line."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.database import transaction
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.addresses.settings import AddressSettings
from app.modules.callcenter import cards
from tests.conftest import logged_in_client
from tests.integration.callcenter.phone_system import ANNA, PhoneSystem, call_id, give_account, the_call

VIENNA, LONDON, FRANKFURT = "004315885812", "00442079460123", "06990009777"


@pytest.fixture
def anna(app: Flask, make_user: Any) -> int:
    user_id: int = make_user(name="Anna Alt")
    give_account(app, user_id, ANNA)
    return user_id


@pytest.fixture
def pages(app: Flask, anna: int) -> FlaskClient:
    return logged_in_client(app, anna)


def text_of(client: FlaskClient, path: str) -> str:
    """What stands in the page itself, or in the part of one."""
    page = client.get(path).get_data(as_text=True)
    body = page.partition("<main")[2].partition("</main>")[0] or page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def told(user_id: int) -> Any:
    """What the user's card shows of the only call as its origin."""
    (call,) = cards.state_for(user_id)["calls"]
    return call["origin"]


@pytest.mark.parametrize(
    ("caller", "german", "english", "line_type"),
    [
        (FRANKFURT, "Frankfurt am Main", "Frankfurt am Main", "landline"),
        ("02214710123", "Köln", "Cologne", "landline"),
        (VIENNA, "Wien, Österreich", "Vienna, Austria", "landline"),
        (LONDON, "London, Vereinigtes Königreich", "London, United Kingdom", "landline"),
        ("01713920001", "Deutschland", "Germany", "mobile"),
        ("08003569377", "Deutschland", "Germany", "free"),
        ("09001000000", "Deutschland", "Germany", "premium"),
    ],
)
def test_a_strangers_card_tells_the_origin_in_both_languages(
    phones: PhoneSystem, anna: int, caller: str, german: str, english: str, line_type: str
) -> None:
    phones.incoming(call_id(), caller=caller)
    assert told(anna) == {"where": {"de": german, "en": english}, "line_type": line_type}


def test_so_does_the_card_of_an_outgoing_call_to_a_stranger(phones: PhoneSystem, anna: int) -> None:
    phones.outgoing(call_id(), target=VIENNA)
    assert told(anna)["where"]["de"] == "Wien, Österreich"


@pytest.mark.parametrize("caller", ["anonymous", "", "0123456789", "23", "7779999999@fpbx.de"])
def test_who_shows_no_public_number_comes_from_nowhere(phones: PhoneSystem, anna: int, caller: str) -> None:
    phones.incoming(call_id(), caller=caller)
    assert told(anna) is None


def test_the_origin_is_told_of_those_who_are_not_known_for_sure(phones: PhoneSystem, anna: int) -> None:
    create_address({"name": "Kontor AG"}, [NumberInput("069 90009-0")])
    phones.incoming(call_id(), caller=FRANKFURT)
    assert told(anna)["where"]["de"] == "Frankfurt am Main"
    create_address({"name": "Erste"}, [NumberInput("069 90009777")])
    assert told(anna) is None
    create_address({"name": "Zweite"}, [NumberInput("069 90009777")])
    assert told(anna) is None


def test_the_own_country_is_that_of_the_settings(app: Flask, phones: PhoneSystem, anna: int) -> None:
    with transaction() as session:
        app.extensions["durchwahl"].settings.save(session, AddressSettings, {"default_country": "AT"})
    phones.incoming(call_id(), caller=VIENNA)
    assert told(anna)["where"] == {"de": "Wien", "en": "Vienna"}


@pytest.mark.parametrize("path", ["/callcenter/calls", "/callcenter/bell", "/callcenter/calls/{id}"])
@pytest.mark.parametrize(
    ("language", "shown"), [("de", "Wien, Österreich · Festnetz"), ("en", "Vienna, Austria · Landline")]
)
def test_journal_bell_and_call_tell_the_origin_in_the_readers_language(
    app: Flask, phones: PhoneSystem, make_user: Any, path: str, language: str, shown: str
) -> None:
    reader = logged_in_client(app, make_user(language=language))
    phones.incoming(call_id(), caller=VIENNA)
    assert shown in text_of(reader, path.format(id=the_call().id))


def test_the_pages_tell_no_origin_of_known_and_withheld_callers(phones: PhoneSystem, pages: FlaskClient) -> None:
    create_address({"name": "Wiener Kontor"}, [NumberInput("+43 1 58858-12")])
    phones.incoming(call_id(), caller=VIENNA)
    phones.incoming(call_id(), caller="anonymous")
    for path in ("/callcenter/calls", "/callcenter/bell"):
        text = text_of(pages, path)
        assert "Wiener Kontor" in text
        assert "Nummer unterdrückt" in text
        assert "Festnetz" not in text


def test_what_is_known_of_a_line_without_a_country_is_told_alone(phones: PhoneSystem, pages: FlaskClient) -> None:
    phones.incoming(call_id(), caller="0018005550123")
    text = text_of(pages, "/callcenter/calls")
    assert "Unbekannt Kostenfreie Rufnummer" in text


def test_the_page_brings_the_words_for_every_kind_of_line(pages: FlaskClient) -> None:
    page = pages.get("/addresses/").get_data(as_text=True)
    assert '"line_types": {' in page
    assert '"mobile": "Mobilfunk"' in page
    assert '"language": "de"' in page


@pytest.fixture(autouse=True)
def _forget_choice_of_country(app: Flask) -> Iterator[None]:
    yield
    app.extensions["durchwahl"].settings.forget()

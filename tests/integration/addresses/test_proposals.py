"""A new address begun with a caller's number: its country is proposed, and the town of its area code."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.conftest import csrf_of


@pytest.fixture
def client(client_for: object) -> FlaskClient:
    made: FlaskClient = client_for()  # type: ignore[operator] # a fixture that makes clients
    return made


def _page(client: FlaskClient, number: str) -> str:
    return client.get("/addresses/new", query_string={"number": number}).get_data(as_text=True)


def _chosen(page: str) -> str:
    select = re.search(r'<select[^>]*name="country".*?</select>', page, re.DOTALL)
    assert select is not None
    chosen = re.search(r'<option selected value="([A-Z]{2})"', select[0])
    assert chosen is not None
    return chosen[1]


def _proposed(page: str) -> str:
    found = re.search(r'data-proposed-town="([^"]*)"', page)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("number", "country", "town"),
    [
        ("+4315885812", "AT", "Wien"),
        ("+492214710123", "DE", "Köln"),
        ("+491713920012", "DE", ""),
        ("+442079460123", "GB", "London"),
        ("+420221234567", "CZ", ""),
        ("+12125550123", "US", ""),
        ("+18005550123", "DE", ""),
        ("0123456789", "DE", ""),
        ("", "DE", ""),
    ],
)
def test_country_and_town_are_proposed_as_far_as_the_number_tells(
    client: FlaskClient, number: str, country: str, town: str
) -> None:
    page = _page(client, number)
    assert (_chosen(page), _proposed(page)) == (country, town)
    assert ("Nach der Rufnummer vorgeschlagen." in page) == (country != "DE")
    assert 'name="city" type="text" value=""' in page


def test_beside_a_number_stands_where_it_comes_from(client: FlaskClient) -> None:
    assert " · Wien, Österreich · Festnetz<" in _page(client, "+4315885812")
    sent = {"raw": "0171 3920012", "csrf_token": csrf_of(client, "/addresses/new")}
    assert client.post("/addresses/numbers/read", data=sent).get_json()["origin"] == "Deutschland · Mobilfunk"


def test_a_proposal_stays_while_the_form_comes_back_and_goes_when_the_town_is_typed(client: FlaskClient) -> None:
    sent = {"name": "", "country": "AT", "csrf_token": csrf_of(client, "/addresses/new")}
    for city, proposed in (("", "Wien"), ("Linz", "")):
        answer = client.post("/addresses/new?number=%2B4315885812", data={**sent, "city": city})
        assert _proposed(answer.get_data(as_text=True)) == proposed

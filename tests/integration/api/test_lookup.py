"""``GET /api/v1/lookup``: who has this number."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import Databases, build_app
from tests.integration.api.client import Api, api_for, ok

MATCH_FIELDS = {
    "grade",
    "address_id",
    "contact_id",
    "name",
    "company",
    "customer_number",
    "number",
    "label",
    "extension",
    "url",
}


@pytest.fixture
def company(api: Api) -> dict[str, Any]:
    return api.created(
        name="Muster GmbH",
        phone_numbers=[{"raw": "0221 4710-0", "label": "Zentrale"}],
        contacts=[
            {"name": "Max Muster", "phone_numbers": [{"kind": "mobile", "raw": "0171 39200 01", "label": "Auto"}]}
        ],
    )


@pytest.mark.parametrize(
    ("number", "e164", "kind", "display"),
    [
        ("02214710123", "+492214710123", "dialable", "0221 4710123"),
        ("+492214710123", "+492214710123", "dialable", "0221 4710123"),
        ("00492214710123", "+492214710123", "dialable", "0221 4710123"),
        ("492214710123", "+492214710123", "dialable", "0221 4710123"),
        ("0221 / 4710-123", "+492214710123", "dialable", "0221 4710123"),
        ("23", None, "internal", "23"),
        ("7771234567@fpbx.de", None, "sip", "7771234567@fpbx.de"),
        ("sip:7771234567@FPBX.de", None, "sip", "7771234567@fpbx.de"),
        ("anonymous", None, "withheld", ""),
        ("", None, "withheld", ""),
        ("0900", None, "internal", "0900"),
        ("000000000", None, "unverified", "000000000"),
        ("kein Anschluss", None, "unverified", "kein Anschluss"),
    ],
)
def test_the_number_is_told_as_it_is_read(api: Api, number: str, e164: str | None, kind: str, display: str) -> None:
    answer = ok(api.get("/lookup", number=number))
    origin = {"country": "DE", "place": "Köln", "line_type": "landline"} if e164 else None
    assert answer["number"] == {"raw": number, "e164": e164, "display": display, "kind": kind, "origin": origin}
    assert (answer["grade"], answer["matches"]) == ("none", [])


@pytest.mark.parametrize(
    ("number", "country", "german", "english", "line_type"),
    [
        ("00442079460123", "GB", "London", "London", "landline"),
        ("+4315885812", "AT", "Wien", "Vienna", "landline"),
        ("0171 3920001", "DE", None, None, "mobile"),
        ("0800 3569377", "DE", None, None, "free"),
        ("+18005550123", None, None, None, "free"),
        ("+881612345678", None, None, None, "satellite"),
    ],
)
def test_the_origin_of_a_number_is_told_in_the_language_of_the_tokens_user(
    app: Flask, number: str, country: str | None, german: str | None, english: str | None, line_type: str
) -> None:
    for language, place in (("de", german), ("en", english)):
        told = ok(api_for(app, language=language).get("/lookup", number=number))["number"]["origin"]
        assert told == {"country": country, "place": place, "line_type": line_type}


def test_a_contact_is_found_with_the_name_of_the_address(api: Api, company: dict[str, Any]) -> None:
    answer = ok(api.get("/lookup", number="01713920001"))
    assert answer["grade"] == "exact"
    contact = company["contacts"][0]["id"]
    assert answer["matches"] == [
        {
            "grade": "exact",
            "address_id": company["id"],
            "contact_id": contact,
            "name": "Max Muster",
            "company": "Muster GmbH",
            "customer_number": company["customer_number"],
            "number": "+491713920001",
            "label": "Auto",
            "extension": None,
            "url": f"http://localhost/addresses/{company['id']}?contact={contact}",
        }
    ]


def test_an_address_is_found_by_its_own_name(api: Api, company: dict[str, Any]) -> None:
    (match,) = ok(api.get("/lookup", number="022147100"))["matches"]
    assert set(match) == MATCH_FIELDS
    assert (match["name"], match["company"], match["contact_id"]) == ("Muster GmbH", "Muster GmbH", None)
    assert (match["label"], match["url"]) == ("Zentrale", f"http://localhost/addresses/{company['id']}")


def test_a_person_has_the_name_of_the_address(api: Api) -> None:
    api.created(name="Erika Muster", kind="ms", roles=[], phone_numbers=[{"raw": "0171 39200 02"}])
    (match,) = ok(api.get("/lookup", number="01713920002"))["matches"]
    assert (match["name"], match["company"], match["customer_number"]) == ("Erika Muster", "Erika Muster", None)


def test_an_extension_is_found_by_its_switchboard(api: Api, company: dict[str, Any]) -> None:
    answer = ok(api.get("/lookup", number="0221 4710 123"))
    assert answer["grade"] == "switchboard"
    (match,) = answer["matches"]
    assert set(match) == MATCH_FIELDS
    assert (match["grade"], match["number"], match["extension"]) == ("switchboard", "+4922147100", "123")


def test_only_the_best_grade_is_answered(api: Api, company: dict[str, Any]) -> None:
    other = api.created(name="Genau AG", phone_numbers=[{"raw": "0221 4710 123"}])
    answer = ok(api.get("/lookup", number="02214710123"))
    assert answer["grade"] == "exact"
    assert [one["address_id"] for one in answer["matches"]] == [other["id"]]


def test_everybody_with_the_number_is_answered_up_to_a_hundred(api: Api) -> None:
    people = [{"name": f"Person {place:03}", "phone_numbers": [{"raw": "0171 39200 03"}]} for place in range(60)]
    api.created(name="A", contacts=people)
    assert len(ok(api.get("/lookup", number="01713920003"))["matches"]) == 60
    api.created(name="B", contacts=people)
    matches = ok(api.get("/lookup", number="01713920003"))["matches"]
    assert len(matches) == 100
    assert len({(one["address_id"], one["contact_id"]) for one in matches}) == 100


def test_an_archived_address_is_found_only_while_nobody_else_has_the_number(api: Api, company: dict[str, Any]) -> None:
    api.delete(f"/addresses/{company['id']}")
    assert [one["address_id"] for one in ok(api.get("/lookup", number="022147100"))["matches"]] == [company["id"]]
    other = api.created(name="Neu AG", phone_numbers=[{"raw": "0221 4710 0"}])
    assert [one["address_id"] for one in ok(api.get("/lookup", number="022147100"))["matches"]] == [other["id"]]


def test_a_fax_is_found_too(api: Api) -> None:
    api.created(phone_numbers=[{"kind": "fax", "raw": "0221 4710 999"}])
    assert ok(api.get("/lookup", number="02214710999"))["grade"] == "exact"


def test_a_plus_that_was_not_escaped_is_understood(api: Api) -> None:
    answer = ok(api.request("GET", "/lookup?number=+39066982"))
    assert (answer["number"]["raw"], answer["number"]["e164"]) == ("+39066982", "+39066982")
    assert (answer["number"]["display"], answer["number"]["kind"]) == ("+39 06 6982", "dialable")


def test_a_number_that_is_far_too_long_is_refused(api: Api) -> None:
    assert api.get("/lookup", number="1" * 501).status_code == 422
    assert ok(api.get("/lookup", number="1" * 500))["number"]["kind"] == "unverified"


def test_addresses_in_answers_lie_under_the_public_url(databases: Databases, tmp_path: Any) -> None:
    app: Flask = build_app(databases.copy(), tmp_path, public_url="https://erp.muster.example")
    with app.app_context():
        api = api_for(app)
        created = api.created(phone_numbers=[{"raw": "0221 4710 123"}])
        assert created["url"] == f"https://erp.muster.example/addresses/{created['id']}"
        (match,) = ok(api.get("/lookup", number="02214710123"))["matches"]
        assert match["url"] == created["url"]
    app.extensions["durchwahl"].database.dispose()

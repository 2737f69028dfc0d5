"""``POST /api/v1/addresses``: every field, what is refused, and duplicates."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.accounts import service
from app.core.database import transaction
from app.modules.addresses.settings import AddressSettings
from tests.integration.api.bodies import WHOLE
from tests.integration.api.client import Api, ok, refused


class TestCreating:
    def test_needs_a_name_and_nothing_more(self, api: Api) -> None:
        answer = api.post("/addresses", {"name": "Muster GmbH"})
        created = ok(answer, 201)
        assert answer.headers["Location"] == f"/api/v1/addresses/{created['id']}"
        assert created["url"] == f"http://localhost/addresses/{created['id']}"
        assert {field: created[field] for field in ("kind", "country", "roles", "email", "department")} == {
            "kind": "company",
            "country": "DE",
            "roles": ["customer"],
            "email": "",
            "department": "",
        }
        assert created["customer_number"] == "10000"
        assert created["supplier_number"] is None
        assert (created["phone_numbers"], created["contacts"], created["warnings"]) == ([], [], [])
        assert (created["archived"], created["version"]) == (False, 1)
        assert created["created_at"] == created["updated_at"] == "2026-11-23T10:10:16.000Z"

    def test_keeps_every_field_as_given(self, app: Flask, api: Api) -> None:
        users = [service.create_user(name, "a long passphrase", "staff") for name in ("anna", "ben")]
        given = {**WHOLE, "account_manager_id": users[0], "inside_sales_id": users[1]}
        created = api.created(**given)
        assert {field: created[field] for field in given} == given
        read = ok(api.get(f"/addresses/{created['id']}"))
        assert read == {field: value for field, value in created.items() if field != "warnings"}

    def test_takes_null_for_a_text_that_is_not_known(self, api: Api) -> None:
        texts = {field: None for field, value in WHOLE.items() if isinstance(value, str)}
        for field in ("kind", "name", "country"):
            del texts[field]
        created = api.created(**texts, account_manager_id=None, inside_sales_id=None)
        assert created["email"] == created["notes"] == ""
        assert created["delivery_block_date"] is None

    def test_reads_numbers_by_the_country_and_keeps_them_as_typed(self, api: Api) -> None:
        numbers = [
            {"kind": "phone", "label": "Zentrale", "raw": " 0221 / 4710-0 "},
            {"kind": "fax", "label": "", "raw": "+49 221 4710 999"},
            {"raw": "0171 39200 01"},
            {"kind": "other", "raw": "ruf doch mal an", "label": "Spruch"},
        ]
        stored = api.created(phone_numbers=numbers)["phone_numbers"]
        assert [(one["kind"], one["label"], one["e164"]) for one in stored] == [
            ("phone", "Zentrale", "+4922147100"),
            ("fax", "", "+492214710999"),
            ("phone", "", "+491713920001"),
            ("other", "Spruch", None),
        ]
        assert stored[0]["raw"].strip() == "0221 / 4710-0"
        assert stored[3]["raw"] == "ruf doch mal an"
        assert stored[3]["problem"]
        assert [one["problem"] for one in stored[:3]] == [None, None, None]

    def test_reads_numbers_of_another_country(self, api: Api) -> None:
        stored = api.created(country="it", phone_numbers=[{"raw": "06 6982"}])
        assert stored["country"] == "IT"
        assert stored["phone_numbers"][0]["e164"] == "+39066982"

    def test_ignores_what_it_reads_itself(self, api: Api) -> None:
        number = {"kind": "phone", "label": "", "raw": "0221 4710 123", "e164": "+1555", "problem": "odd"}
        stored = api.created(phone_numbers=[number])["phone_numbers"][0]
        assert (stored["e164"], stored["problem"]) == ("+492214710123", None)

    def test_keeps_contacts_in_their_order_with_their_numbers(self, api: Api) -> None:
        contacts: list[dict[str, Any]] = [
            {"name": "Max Muster", "position": "Leiter", "email": "max@muster.example", "department": "Vertrieb"},
            {"name": "Ada Abt", "phone_numbers": [{"kind": "mobile", "raw": "0171 39200 02", "label": "privat"}]},
        ]
        stored = api.created(contacts=contacts)["contacts"]
        assert [contact["name"] for contact in stored] == ["Max Muster", "Ada Abt"]
        assert {**stored[0], "id": 0} == {**contacts[0], "id": 0, "phone_numbers": []}
        assert stored[1]["phone_numbers"] == [
            {
                "kind": "mobile",
                "label": "privat",
                "raw": "0171 39200 02",
                "e164": "+491713920002",
                "switchboard": False,
                "problem": None,
            }
        ]

    def test_gives_a_number_to_customers_and_suppliers_only(self, api: Api) -> None:
        assert api.created(roles=[])["customer_number"] is None
        assert api.created(roles=["employee"])["customer_number"] is None
        supplier = api.created(roles=["supplier"])
        assert (supplier["customer_number"], supplier["supplier_number"]) == (None, "70000")
        assert api.created(roles=["customer"])["customer_number"] == "10000"
        assert api.created()["customer_number"] == "10001"

    def test_skips_a_number_that_was_given_by_hand(self, api: Api) -> None:
        api.created(customer_number="10001")
        assert [api.created()["customer_number"] for _ in range(2)] == ["10000", "10002"]

    def test_takes_the_default_country_from_the_settings(self, app: Flask, api: Api) -> None:
        with transaction() as session:
            app.extensions["durchwahl"].settings.save(session, AddressSettings, {"default_country": "AT"})
        assert api.created()["country"] == "AT"

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"name": ""}, "name"),
            ({"name": " \t\n"}, "name"),
            ({"name": None}, "name"),
            ({"name": 5}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"nonsense": 1}, "nonsense"),
            ({"id": 5}, "id"),
            ({"archived": True}, "archived"),
            ({"version": 1}, "version"),
            ({"warnings": []}, "warnings"),
            ({"kind": "firm"}, "kind"),
            ({"kind": None}, "kind"),
            ({"country": "Deutschland"}, "country"),
            ({"country": "XX"}, "country"),
            ({"country": ""}, "country"),
            ({"language": "xx"}, "language"),
            ({"language": "deu"}, "language"),
            ({"email": "nobody"}, "email"),
            ({"website": "javascript:alert(1)"}, "website"),
            ({"postcode": "5" * 21}, "postcode"),
            ({"notes": "x" * 50_001}, "notes"),
            ({"roles": ["boss"]}, "roles/0"),
            ({"roles": ["customer", "customer"]}, "roles"),
            ({"roles": "customer"}, "roles"),
            ({"account_manager_id": 999_999}, "account_manager_id"),
            ({"account_manager_id": 2**31}, "account_manager_id"),
            ({"account_manager_id": 10**40}, "account_manager_id"),
            ({"account_manager_id": 0}, "account_manager_id"),
            ({"account_manager_id": "1"}, "account_manager_id"),
            ({"inside_sales_id": 1.5}, "inside_sales_id"),
            ({"inside_sales_id": True}, "inside_sales_id"),
            ({"delivery_block": "yes"}, "delivery_block"),
            ({"delivery_block_date": "01.11.2026"}, "delivery_block_date"),
            ({"delivery_block_date": "2026-02-30"}, "delivery_block_date"),
            ({"delivery_block_date": ""}, "delivery_block_date"),
            ({"phone_numbers": None}, "phone_numbers"),
            ({"phone_numbers": ["0221 4710 123"]}, "phone_numbers/0"),
            ({"phone_numbers": [{}]}, "phone_numbers/0/raw"),
            ({"phone_numbers": [{"raw": " "}]}, "phone_numbers/0/raw"),
            ({"phone_numbers": [{"raw": "1" * 501}]}, "phone_numbers/0/raw"),
            ({"phone_numbers": [{"raw": "1", "kind": "pager"}]}, "phone_numbers/0/kind"),
            ({"phone_numbers": [{"raw": "1", "label": "x" * 101}]}, "phone_numbers/0/label"),
            ({"phone_numbers": [{"raw": "1", "nonsense": 1}]}, "phone_numbers/0/nonsense"),
            ({"phone_numbers": [{"raw": "1"}] * 51}, "phone_numbers"),
            ({"contacts": [{"name": ""}]}, "contacts/0/name"),
            ({"contacts": [{}]}, "contacts/0/name"),
            ({"contacts": [{"name": "a", "email": "x"}]}, "contacts/0/email"),
            ({"contacts": [{"name": "a"}, {"name": "b", "nonsense": 1}]}, "contacts/1/nonsense"),
            ({"contacts": [{"name": "a", "phone_numbers": [{"raw": "1", "x": 1}]}]}, "contacts/0/phone_numbers/0/x"),
            ({"contacts": [{"name": "a"}] * 501}, "contacts"),
        ],
    )
    def test_names_the_field_that_cannot_be_accepted(self, api: Api, fields: dict[str, Any], path: str) -> None:
        refused(api.post("/addresses", {"name": "Muster GmbH", **fields}), 422, "invalid", path)
        assert ok(api.get("/addresses"))["items"] == []

    def test_names_every_field_that_cannot_be_accepted_at_once(self, api: Api) -> None:
        refused(api.post("/addresses", {"kind": "firm", "nonsense": 1}), 422, "invalid", "name", "kind", "nonsense")
        refused(
            api.post("/addresses", {"name": "a", "email": "x", "country": "XX", "language": "xx"}),
            422,
            "invalid",
            "email",
            "country",
            "language",
        )

    def test_with_the_number_of_another_address_is_a_conflict(self, api: Api) -> None:
        api.created(customer_number="K-1", supplier_number="L-1")
        refused(api.post("/addresses", {"name": "b", "customer_number": "K-1"}), 409, "number_taken", "customer_number")
        refused(api.post("/addresses", {"name": "b", "supplier_number": "L-1"}), 409, "number_taken", "supplier_number")

    def test_with_the_external_id_of_another_address_is_a_conflict(self, api: Api) -> None:
        assert api.created(external_id=" 4711 ")["external_id"] == "4711"
        assert api.created(external_id="")["external_id"] is None
        refused(api.post("/addresses", {"name": "b", "external_id": "4711"}), 409, "number_taken", "external_id")

    def test_with_a_contact_of_another_address_changes_nothing_there(self, api: Api) -> None:
        other = api.created(contacts=[{"name": "Max Muster"}])
        answer = api.post(
            "/addresses", {"name": "b", "contacts": [{"id": other["contacts"][0]["id"], "name": "Stolen"}]}
        )
        refused(answer, 422, "invalid", "contacts/0/id")
        assert ok(api.get(f"/addresses/{other['id']}"))["contacts"] == other["contacts"]


class TestDuplicates:
    def test_are_stored_and_named(self, api: Api) -> None:
        first = api.created(
            name="Muster GmbH",
            postcode="50667",
            email="Info@muster.example",
            vat_id="DE 123",
            phone_numbers=[{"raw": "0221 4710 123"}],
        )
        for reason, value, fields in (
            ("number", "+492214710123", {"phone_numbers": [{"raw": "+49 221 4710123"}]}),
            ("email", "info@muster.example", {"email": "info@MUSTER.example"}),
            ("vat_id", "DE123", {"vat_id": "de123"}),
            ("name", "Muster GmbH", {"name": "muster  gmbh"}),
            ("number", "+492214710123", {"contacts": [{"name": "Max", "phone_numbers": [{"raw": "02214710123"}]}]}),
        ):
            created = api.created(**{"name": f"Another {reason}", **fields})
            warning = next(one for one in created["warnings"] if one["address_id"] == first["id"])
            assert (warning["code"], warning["reason"], warning["value"]) == ("duplicate", reason, value)
            assert (warning["name"], warning["archived"]) == ("Muster GmbH", False)
            assert warning["url"] == first["url"]

    def test_are_not_those_of_the_same_name_in_another_town(self, api: Api) -> None:
        api.created(name="Muster GmbH", postcode="50667")
        assert api.created(name="Muster GmbH", postcode="10115")["warnings"] == []
        assert len(api.created(name="Muster GmbH")["warnings"]) == 2

    def test_an_address_is_never_its_own(self, api: Api) -> None:
        created = api.created(
            email="a@muster.example", phone_numbers=[{"raw": "0221 4710 123"}, {"raw": "0221 4710 123"}]
        )
        assert created["warnings"] == []
        assert ok(api.patch(f"/addresses/{created['id']}", {"city": "Köln"}))["warnings"] == []

    def test_are_named_when_a_change_makes_them(self, api: Api) -> None:
        first, second = api.created(name="a", email="a@muster.example"), api.created(name="b")
        changed = ok(api.patch(f"/addresses/{second['id']}", {"email": "a@muster.example"}))
        assert [(one["reason"], one["address_id"]) for one in changed["warnings"]] == [("email", first["id"])]

    def test_are_ten_at_most(self, api: Api) -> None:
        created = [api.created(name="Muster GmbH", email="a@muster.example") for _ in range(13)]
        assert [len(one["warnings"]) for one in created] == [*range(10), 10, 10, 10]

"""``PATCH`` and ``DELETE`` of an address: what is replaced, conflicts, and the archive."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.clock import FixedClock
from tests.conftest import NOW
from tests.integration.api.bodies import WHOLE
from tests.integration.api.client import Api, api_for, ok, refused


class TestChanging:
    def test_replaces_what_is_given_and_leaves_the_rest(self, api: Api, clock: FixedClock) -> None:
        before = api.created(**WHOLE)
        clock.advance(60)
        after = ok(api.patch(f"/addresses/{before['id']}", {"city": "Bonn", "postcode": "53111"}))
        changed = {field for field in before if before[field] != after[field]}
        assert changed == {"city", "postcode", "version", "updated_at"}
        assert (after["city"], after["version"], after["updated_at"]) == ("Bonn", 2, "2026-11-23T10:11:16.000Z")

    @pytest.mark.parametrize("field", [field for field in WHOLE if field not in ("name", "kind", "country")])
    def test_empties_each_field(self, api: Api, field: str) -> None:
        created = api.created(**{**WHOLE, "roles": ["employee"]})
        empty: Any = {list: [], bool: False}.get(type(WHOLE[field]))
        after = ok(api.patch(f"/addresses/{created['id']}", {field: empty}))
        assert after[field] in (None, "", [], False)

    def test_with_nothing_changes_nothing(self, api: Api) -> None:
        created = api.created(**WHOLE)
        assert ok(api.patch(f"/addresses/{created['id']}", {})) == created
        assert ok(api.patch(f"/addresses/{created['id']}", WHOLE)) == created

    def test_replaces_phone_numbers_as_a_whole(self, api: Api) -> None:
        created = api.created(phone_numbers=[{"raw": "0221 4710 123"}, {"raw": "0221 4710 124"}])
        path = f"/addresses/{created['id']}"
        after = ok(api.patch(path, {"phone_numbers": [{"raw": "0221 4710 125", "label": "neu"}]}))
        assert [one["raw"] for one in after["phone_numbers"]] == ["0221 4710 125"]
        assert ok(api.patch(path, {"phone_numbers": []}))["phone_numbers"] == []
        assert ok(api.get("/lookup", number="02214710123"))["grade"] == "none"

    def test_takes_the_answer_itself_for_numbers_and_contacts(self, api: Api) -> None:
        numbers = [{"raw": "0221 4710 0", "switchboard": True}, {"raw": "unlesbar"}]
        created = api.created(phone_numbers=numbers, contacts=[{"name": "Max", "phone_numbers": numbers}])
        again = {field: created[field] for field in ("phone_numbers", "contacts")}
        assert ok(api.patch(f"/addresses/{created['id']}", again)) == created

    def test_keeps_the_contacts_that_are_named_by_their_id(self, api: Api) -> None:
        created = api.created(contacts=[{"name": "Max", "email": "max@muster.example"}, {"name": "Ada"}])
        ids = [contact["id"] for contact in created["contacts"]]
        path = f"/addresses/{created['id']}"
        after = ok(api.patch(path, {"contacts": [{"name": "Neu"}, {"id": ids[0], "name": "Max M."}]}))["contacts"]
        assert [contact["name"] for contact in after] == ["Neu", "Max M."]
        assert after[1]["id"] == ids[0]
        assert after[1]["email"] == ""
        assert after[0]["id"] not in ids
        refused(api.patch(path, {"contacts": [{"id": ids[1], "name": "Ada"}]}), 422, "invalid", "contacts/0/id")

    def test_takes_each_contact_once(self, api: Api) -> None:
        created = api.created(contacts=[{"name": "Max"}])
        contact_id = created["contacts"][0]["id"]
        twice = [{"id": contact_id, "name": "Max"}, {"id": contact_id, "name": "Moritz"}]
        answer = api.patch(f"/addresses/{created['id']}", {"contacts": twice})
        refused(answer, 422, "invalid", "contacts/1/id")
        assert ok(api.get(f"/addresses/{created['id']}"))["contacts"] == created["contacts"]

    def test_reads_the_numbers_again_when_the_country_changes(self, api: Api) -> None:
        created = api.created(phone_numbers=[{"raw": "01 234567"}])
        after = ok(api.patch(f"/addresses/{created['id']}", {"country": "AT"}))
        assert after["phone_numbers"][0]["e164"] == "+431234567"

    def test_of_an_older_version_is_a_conflict_that_loses_nothing(self, api: Api) -> None:
        created = api.created()
        path = f"/addresses/{created['id']}"
        ok(api.patch(path, {"version": 1, "city": "Köln"}))
        error = refused(api.patch(path, {"version": 1, "city": "Bonn"}), 409, "stale")
        assert error["version"] == 2
        assert ok(api.get(path))["city"] == "Köln"

    def test_refuses_what_creating_refuses(self, api: Api) -> None:
        path = f"/addresses/{api.created()['id']}"
        refused(api.patch(path, {"nonsense": 1, "kind": "firm"}), 422, "invalid", "nonsense", "kind")
        refused(api.patch(path, {"name": " "}), 422, "invalid", "name")
        refused(api.patch(path, {"country": "XX"}), 422, "invalid", "country")
        api.created(name="b", customer_number="K-1")
        refused(api.patch(path, {"customer_number": "K-1"}), 409, "number_taken", "customer_number")

    def test_of_nothing_is_not_found(self, api: Api) -> None:
        refused(api.patch("/addresses/4711", {"name": "x"}), 404, "not_found")

    def test_says_who_changed_it(self, app: Flask) -> None:
        from app.modules.addresses.reading import get_address

        created = api_for(app, username="anna").created()
        ok(api_for(app, username="ben").patch(f"/addresses/{created['id']}", {"city": "Köln"}))
        stored = get_address(created["id"])
        assert stored is not None
        assert stored.updated_by_name == "ben"
        assert stored.updated_at == NOW


class TestArchiving:
    def test_takes_an_address_from_the_list_and_keeps_it(self, api: Api) -> None:
        created = api.created(phone_numbers=[{"raw": "0221 4710 123"}])
        path = f"/addresses/{created['id']}"
        answer = api.delete(path)
        assert (answer.status_code, answer.data) == (204, b"")
        assert ok(api.get("/addresses"))["items"] == []
        assert [one["id"] for one in ok(api.get("/addresses", archived="true"))["items"]] == [created["id"]]
        read = ok(api.get(path))
        assert (read["archived"], read["name"]) == (True, "Muster GmbH")
        assert read["phone_numbers"] == created["phone_numbers"]

    def test_again_changes_nothing(self, api: Api) -> None:
        path = f"/addresses/{api.created()['id']}"
        api.delete(path)
        before = ok(api.get(path))
        assert api.delete(path).status_code == 204
        assert ok(api.get(path)) == before

    def test_of_nothing_is_not_found(self, api: Api) -> None:
        refused(api.delete("/addresses/4711"), 404, "not_found")

    def test_an_archived_address_is_changed_like_any_other(self, api: Api) -> None:
        path = f"/addresses/{api.created()['id']}"
        api.delete(path)
        after = ok(api.patch(path, {"city": "Köln"}))
        assert (after["city"], after["archived"]) == ("Köln", True)

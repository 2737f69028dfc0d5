"""Lists: filters, and walks from page to page while others write."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.integration.api.client import Api, ok, refused


def names(answer: Any) -> list[str]:
    return [item["name"] for item in answer["items"]]


@pytest.fixture
def some(api: Api) -> dict[str, int]:
    """Five addresses, one of them archived; name → id."""
    bodies: list[dict[str, Any]] = [
        {"name": "Müller Metallbau GmbH", "city": "Köln", "postcode": "50667"},
        {"name": "Schmidt KG", "roles": ["supplier"], "email": "einkauf@schmidt.example"},
        {"name": "Erika Muster", "kind": "ms", "phone_numbers": [{"raw": "0221 4710 123"}]},
        {"name": "Vogel AG", "roles": [], "contacts": [{"name": "Jürgen Groß"}]},
        {"name": "Alt & Söhne", "city": "Köln"},
    ]
    created = {body["name"]: api.created(**body)["id"] for body in bodies}
    api.delete(f"/addresses/{created['Alt & Söhne']}")
    return created


class TestTheListOfAddresses:
    def test_is_empty_at_first(self, api: Api) -> None:
        assert ok(api.get("/addresses")) == {"items": [], "next": None}

    def test_holds_whole_addresses_in_the_order_of_their_creation(self, api: Api, some: dict[str, int]) -> None:
        listed = ok(api.get("/addresses"))["items"]
        assert [one["id"] for one in listed] == sorted(some.values())[:4]
        for one in listed:
            assert one == ok(api.get(f"/addresses/{one['id']}"))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("müller", ["Müller Metallbau GmbH"]),
            ("MUELLER köln", ["Müller Metallbau GmbH"]),
            ("50667", ["Müller Metallbau GmbH"]),
            ("einkauf@schmidt", ["Schmidt KG"]),
            ("jürgen groß", ["Vogel AG"]),
            ("0221 4710", ["Erika Muster"]),
            ("+49221", ["Erika Muster"]),
            ("10000", ["Müller Metallbau GmbH"]),
            ("", ["Müller Metallbau GmbH", "Schmidt KG", "Erika Muster", "Vogel AG"]),
            ("nobody", []),
            ("%", []),
            ("söhne", []),
        ],
    )
    def test_is_searched(self, api: Api, some: dict[str, int], query: str, found: list[str]) -> None:
        assert names(ok(api.get("/addresses", q=query))) == found

    def test_is_filtered_by_role(self, api: Api, some: dict[str, int]) -> None:
        assert names(ok(api.get("/addresses", role="supplier"))) == ["Schmidt KG"]
        assert names(ok(api.get("/addresses", role="customer"))) == ["Müller Metallbau GmbH", "Erika Muster"]
        assert names(ok(api.get("/addresses", role="employee"))) == []
        refused(api.get("/addresses", role="boss"), 422, "invalid", "role")

    def test_shows_the_archived_ones_when_asked(self, api: Api, some: dict[str, int]) -> None:
        assert names(ok(api.get("/addresses", archived="true"))) == ["Alt & Söhne"]
        assert len(names(ok(api.get("/addresses", archived="false")))) == 4
        assert names(ok(api.get("/addresses", archived="true", q="söhne", role="customer"))) == ["Alt & Söhne"]

    @pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
    def test_comes_in_pages_that_are_the_whole(self, api: Api, some: dict[str, int], limit: int) -> None:
        whole = ok(api.get("/addresses"))["items"]
        assert api.walk("/addresses", limit=limit) == whole

    def test_the_last_page_knows_that_it_is_the_last(self, api: Api, some: dict[str, int]) -> None:
        page = ok(api.get("/addresses", limit=4))
        assert (len(page["items"]), page["next"]) == (4, None)

    def test_fifty_make_a_page_unless_asked_otherwise(self, api: Api) -> None:
        for _ in range(51):
            api.created()
        page = ok(api.get("/addresses"))
        assert len(page["items"]) == 50
        assert len(ok(api.get("/addresses", cursor=page["next"]))["items"]) == 1

    def test_is_walked_without_gaps_or_doubles_while_others_write(self, api: Api) -> None:
        chance = random.Random(7)
        there = [api.created(name=f"Firma {place}")["id"] for place in range(20)]
        seen: list[int] = []
        cursor: dict[str, str] = {}
        archived: set[int] = set()
        while True:
            page = ok(api.get("/addresses", limit=3, **cursor))
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
            if len(archived) < 6:
                api.created(name="Dazwischen")
                gone = chance.choice(there)
                api.delete(f"/addresses/{gone}")
                archived.add(gone)
                api.patch(f"/addresses/{chance.choice(there)}", {"name": "Anders"})
        assert len(seen) == len(set(seen))
        assert seen == sorted(seen)
        assert set(there) - archived <= set(seen)

    def test_a_cursor_of_calls_is_none_of_addresses(self, api: Api) -> None:
        from app.core.rest import encode_cursor

        refused(api.get("/addresses", cursor=encode_cursor("2026-11-23T10:00:00+00:00", 5)), 422, "invalid", "cursor")


class TestTheArchive:
    def test_an_archived_address_comes_back_to_the_list_when_restored(self, api: Api, some: dict[str, int]) -> None:
        from app.modules.addresses import services

        services.restore(some["Alt & Söhne"])
        assert "Alt & Söhne" in names(ok(api.get("/addresses")))

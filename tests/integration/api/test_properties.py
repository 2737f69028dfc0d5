"""Whatever is sent, the API never fails: arbitrary JSON, arbitrary bytes, arbitrary queries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.accounts import service
from tests.integration.api.bodies import WHOLE
from tests.integration.api.client import Api, api_for, description_of, ok, refused
from tests.integration.callcenter.phone_system import ANNA, give_account

# One application and one transaction serve all examples: what one of them stores does not matter to the next.
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

#: Any text, with everything that has ever been trouble: NUL, lone surrogates, signs of other scripts.
texts = st.text(max_size=40) | st.text(st.characters(categories=["Cs", "Cc", "Nd", "So", "Lu"]), max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.sampled_from([2**31, 2**63, 10**40, -1])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5), max_leaves=12
)
numbers = st.sampled_from(["0221 4710 123", "+49 171 39200 01", "0221/4710-0", "110", "+39 06 6982", "٠١٢٣", "DW 12"])

#: What both databases take: no NUL, no half of a surrogate pair; everything else.
storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
FREE = (
    "contact_person",
    "department",
    "subdepartment",
    "address_supplement",
    "street",
    "postcode",
    "city",
    "salutation",
    "customer_number",
    "supplier_number",
    "external_id",
    "delivery_block_reason",
    "notes",
    "vat_id",
)
CHOSEN = ("kind", "country", "email", "website", "language", "roles", "delivery_block", "delivery_block_date")

phone_number = st.fixed_dictionaries(
    {"raw": numbers | storable.map(lambda text: f"0{text}")},
    optional={
        "kind": st.sampled_from(["phone", "mobile", "fax", "other"]),
        "label": storable,
        "e164": st.none() | storable,
        "switchboard": st.booleans(),
    },
)
contact = st.fixed_dictionaries(
    {"name": storable.map(lambda text: f"Max {text}")},
    optional={"position": storable, "phone_numbers": st.lists(phone_number, max_size=3)},
)
fields = sorted([*WHOLE, "account_manager_id", "inside_sales_id", "version", "phone_numbers", "contacts"])
address = st.fixed_dictionaries(
    {"name": storable.map(lambda text: f"{text} GmbH")},
    optional={
        **{field: storable.map(lambda text: text[:15]) for field in FREE},
        **{field: st.just(WHOLE[field]) for field in CHOSEN},
        "phone_numbers": st.lists(phone_number, max_size=3),
        "contacts": st.lists(contact, max_size=3),
    },
)


@pytest.fixture
def dialling(app: Flask) -> Api:
    """A client whose user has a telephone."""
    api = api_for(app, username="anna")
    user = service.find_user("anna")
    assert user is not None
    give_account(app, user.id, ANNA)
    return api


def send(api: Api, method: str, path: str, content: Any) -> None:
    """Every answer is checked by the description (``Api``); here only that it is none of a failure of ours."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    answer = api.request(method, path, data=body, content_type="application/json")
    assert answer.status_code < 500, answer.get_data(as_text=True)


@shared
@given(content=values)
def test_arbitrary_json_never_fails(api: Api, dialling: Api, content: Any) -> None:
    send(api, "POST", "/addresses", content)
    send(api, "PATCH", "/addresses/1", content)
    send(dialling, "POST", "/calls", content)


@shared
@given(content=st.binary(max_size=60))
def test_arbitrary_bytes_never_fail(api: Api, content: bytes) -> None:
    send(api, "POST", "/addresses", content)
    send(api, "POST", "/calls", content)


@shared
@given(content=address)
def test_an_address_with_odd_texts_is_stored_and_its_answer_taken_back(api: Api, content: dict[str, Any]) -> None:
    answer = api.request("POST", "/addresses", data=json.dumps(content), content_type="application/json")
    if answer.status_code == 409:  # an example before this one had the number
        refused(answer, 409, "number_taken")
        return
    created = ok(answer, 201)
    stored = ok(api.get(f"/addresses/{created['id']}"))
    assert stored == {field: value for field, value in created.items() if field != "warnings"}
    for given_number, number in zip(content.get("phone_numbers", ()), stored["phone_numbers"], strict=True):
        assert "".join(number["raw"].split()) == "".join(given_number["raw"].split())
    again = {field: stored[field] for field in (*FREE, *CHOSEN, "name", "phone_numbers", "contacts")}
    assert ok(api.patch(f"/addresses/{created['id']}", again))["version"] == 1, "what was read is no change"


@shared
@given(name=st.sampled_from(fields), value=values)
def test_any_value_in_any_field_never_fails(api: Api, name: str, value: Any) -> None:
    send(api, "POST", "/addresses", {"name": "Muster GmbH", name: value})
    send(api, "PATCH", f"/addresses/{_one(api)}", {name: value})


@shared
@given(number=texts | numbers, key=texts | st.sampled_from(["a", "b", "c"]))
def test_any_number_and_key_never_fail(dialling: Api, number: str, key: str) -> None:
    body = json.dumps({"number": number, "idempotency_key": key})
    answer = dialling.request("POST", "/calls", data=body, content_type="application/json")
    # The telephone system of this test has no API key.
    assert answer.status_code in (409, 422), answer.get_data(as_text=True)


@shared
@given(data=st.data())
def test_any_query_never_fails(app: Flask, api: Api, data: st.DataObject) -> None:
    described = description_of(app)["paths"]
    path = data.draw(
        st.sampled_from(sorted(path for path in described if "get" in described[path] and "{" not in path))
    )
    known = [parameter["name"] for parameter in described[path]["get"].get("parameters", [])]
    good = st.sampled_from(["1", "true", "in", "ringing", "customer", "2026-11-23T10:00:00Z", "+49221", "WzFd", "anna"])
    sane = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    query = data.draw(st.dictionaries(st.sampled_from([*known, "odd"]), good | sane, max_size=4))
    answer = api.get(path, **query)
    assert answer.status_code in (200, 422), answer.get_data(as_text=True)


@shared
@given(raw=st.binary(max_size=60))
def test_any_bytes_in_the_query_never_fail(api: Api, raw: bytes) -> None:
    escaped = "".join(f"%{byte:02x}" for byte in raw)
    for path in ("/addresses?q=", "/lookup?number=", "/calls?number=", "/calls?user=", "/calls?cursor="):
        assert api.request("GET", path + escaped).status_code in (200, 422)


@shared
@given(tail=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_path_never_fails(api: Api, tail: str) -> None:
    for resource in ("addresses", "calls"):
        assert api.request("GET", f"/{resource}/{tail}").status_code < 500


def _one(api: Api) -> int:
    items = ok(api.get("/addresses", limit=1))["items"]
    found: int = items[0]["id"] if items else api.created()["id"]
    return found

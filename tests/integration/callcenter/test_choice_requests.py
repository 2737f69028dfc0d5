"""What cards and pages send when somebody chooses among several matches, and what they are answered."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import archive, create_address, update_address
from tests.conftest import csrf_of
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, the_call


@pytest.fixture
def owners(app: Flask) -> tuple[int, int]:
    first, second = (create_address({"name": name}, [NumberInput("0171 3920001")]) for name in ("Erste", "Zweite"))
    return first, second


@pytest.fixture
def path(phones: PhoneSystem, owners: Any) -> str:
    """Of a call that rings."""
    phones.incoming(call_id())
    return f"/callcenter/calls/{the_call().id}/assign"


def send(client: FlaskClient, path: str, *, script: bool = True, **fields: Any) -> TestResponse:
    accept = {"Accept": "application/json"} if script else {}
    return client.post(path, data={"csrf_token": csrf_of(client, "/apps/"), **fields}, headers=accept)


@pytest.mark.parametrize("scope", ["call", "me", "all"])
def test_a_card_gets_the_call_as_it_is_then_and_takes_the_choice_back(
    staff: FlaskClient, path: str, owners: tuple[int, int], scope: str
) -> None:
    answer = send(staff, path, who=owners[0], scope=scope)
    assert answer.status_code == 200
    call = answer.get_json()["call"]
    assert (call["certainty"], call["matches"][0]["name"], call["choice"]["scope"]) == ("known", "Erste", scope)
    answer = send(staff, f"{path}/undo", change=call["choice"]["undo"])
    assert answer.get_json()["call"]["certainty"] == "ambiguous"
    answer = send(staff, f"{path}/undo", change=call["choice"]["undo"])
    assert answer.status_code == 409
    assert "neu zugeordnet" in answer.get_json()["message"]


def test_a_page_leads_back_to_the_call_and_offers_to_undo(
    staff: FlaskClient, path: str, owners: tuple[int, int]
) -> None:
    answer = send(staff, path, script=False, who=owners[1], scope="all")
    page = staff.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Die Zuordnung ist für alle gemerkt" in page
    assert f'action="{path}/undo"' in page
    assert "von Ihnen gemerkt für alle" in page


def test_whoever_lost_the_number_meanwhile_is_not_chosen_and_the_card_gets_what_is(
    staff: FlaskClient, path: str, owners: tuple[int, int]
) -> None:
    archive(owners[0])
    answer = send(staff, path, who=owners[0], scope="me")
    assert answer.status_code == 409
    told = answer.get_json()
    assert "gehört nicht mehr" in told["message"]
    assert [match["name"] for match in told["call"]["matches"]] == ["Zweite"]
    answer = send(staff, path, script=False, who=owners[0])
    assert "gehört nicht mehr" in staff.get(answer.headers["Location"]).get_data(as_text=True)
    assert the_call().choices == "[]"


@pytest.mark.parametrize(
    "fields",
    [{}, {"who": ""}, {"who": "x"}, {"who": "1,"}, {"who": "1", "scope": "everything"}, {"who": "1", "scope": ""}],
)
def test_nonsense_is_refused(staff: FlaskClient, path: str, fields: dict[str, Any]) -> None:
    assert send(staff, path, **fields).status_code == 400
    assert send(staff, f"{path}/undo", change="x").status_code == 400


def test_numbers_that_no_row_has_are_none_of_the_matches(staff: FlaskClient, path: str) -> None:
    for who in ("9" * 40, "1,99", f"1,{'9' * 30}"):
        assert send(staff, path, who=who).status_code == 409
    for change in ("4711", "9" * 19):
        assert send(staff, f"{path}/undo", change=change).status_code == 404
    assert send(staff, "/callcenter/calls/4711/assign", who="1").status_code == 404


def test_without_a_token_nothing_is_chosen(staff: FlaskClient, path: str, owners: tuple[int, int]) -> None:
    assert staff.post(path, data={"who": owners[0]}).status_code == 400
    assert the_call().choices == "[]"


def test_remembering_for_everybody_needs_its_permission(
    app: Flask, staff: FlaskClient, path: str, owners: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    permissions = app.extensions["durchwahl"].permissions
    denied = type(permissions["callcenter.remember"])("callcenter.remember", "", staff=False)
    monkeypatch.setitem(permissions, "callcenter.remember", denied)
    assert send(staff, path, who=owners[0], scope="all").status_code == 403
    assert the_call().choices == "[]"
    assert "für alle merken" not in staff.get(path.removesuffix("/assign")).get_data(as_text=True)
    assert 'data-scope="all"' not in staff.get("/addresses/").get_data(as_text=True)
    assert send(staff, path, who=owners[0], scope="me").status_code == 200


def test_somebody_elses_choice_cannot_be_undone(
    staff: FlaskClient, admin: FlaskClient, path: str, owners: tuple[int, int]
) -> None:
    change = send(staff, path, who=owners[0], scope="all").get_json()["call"]["choice"]["undo"]
    assert send(admin, f"{path}/undo", change=change).status_code == 404
    assert the_call().address_id == owners[0]


def test_the_page_marks_the_chosen_one_and_offers_the_others(
    staff: FlaskClient, path: str, owners: tuple[int, int]
) -> None:
    page = path.removesuffix("/assign")
    assert f'value="{owners[0]}">' in staff.get(page).get_data(as_text=True)
    send(staff, path, who=owners[0])
    assert f'value="{owners[0]}" checked>' in staff.get(page).get_data(as_text=True)
    update_address(owners[1], None, {}, [])
    assert "Wer war es?" in staff.get(page).get_data(as_text=True)


def test_a_name_that_looks_like_markup_is_text_in_the_form_and_in_the_history(
    staff: FlaskClient, path: str, owners: tuple[int, int]
) -> None:
    update_address(owners[0], None, {"name": "<script>hit()</script>"})
    send(staff, path, who=owners[0])
    assert "<script>hit()" not in staff.get(path.removesuffix("/assign")).get_data(as_text=True)


def test_a_card_that_lists_five_gets_all_matches(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    for number in range(7):
        create_address({"name": f"Muster {number}"}, [NumberInput("0171 3920001")])
    phones.incoming(call_id())
    (card,) = anna.heard()
    answer = anna.http.get(f"{card['paths']['call']}/matches")
    assert answer.json["matches"][:5] == card["matches"]
    assert [one["name"] for one in answer.json["matches"]] == [f"Muster {number}" for number in range(7)]
    assert anna.http.get("/callcenter/calls/999999/matches").status_code == 404

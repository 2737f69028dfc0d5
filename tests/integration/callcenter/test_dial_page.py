from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.accounts import service
from app.core.database import reading
from app.modules.callcenter.models import DialOrderRow
from tests.conftest import FakeHttp, csrf_of, logged_in_client
from tests.integration.callcenter.phone_system import give_account
from tests.integration.callcenter.web_api import ANNA, WebApi, set_up

NUMBER = "0221 4710 123"
DIGITS = "02214710123"


@pytest.fixture
def api(app: Flask, http: FakeHttp) -> WebApi:
    set_up(app)
    return WebApi(http)


@pytest.fixture
def anna(app: Flask, make_user: Callable[..., int]) -> int:
    user_id = make_user("anna")
    give_account(app, user_id, ANNA)
    return user_id


def orders() -> list[int]:
    with reading() as session:
        return list(session.execute(select(DialOrderRow.id)).scalars())


def press(client: FlaskClient, token: str, **values: Any) -> Any:
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    return client.post("/callcenter/dial", json={"idempotency_key": "press-1", **values}, headers=headers)


def test_the_page_dials_by_json(app: Flask, api: WebApi, anna: int):
    client = logged_in_client(app, anna)
    answer = press(client, csrf_of(client, "/callcenter/"), number="+492214710123")
    (order,) = orders()
    assert answer.json == {
        "state": "accepted",
        "code": "accepted",
        "message": "Ihr Telefon klingelt gleich – bitte abheben.",
        "number": "0221 4710123",
        "tel": "tel:+492214710123",
        "order": order,
    }


def test_dialling_needs_a_csrf_token_and_a_post(app: Flask, api: WebApi, anna: int):
    client = logged_in_client(app, anna)
    assert client.post("/callcenter/dial", json={"number": NUMBER, "idempotency_key": "k"}).status_code == 400
    assert client.get(f"/callcenter/dial?number={NUMBER}").status_code == 405
    assert not api.dialled


@pytest.mark.parametrize("body", [b"[]", b"null", b"{", b'{"number": 5, "idempotency_key": null}', b""])
def test_an_odd_body_is_a_refusal_and_no_failure(app: Flask, api: WebApi, anna: int, body: bytes):
    client = logged_in_client(app, anna)
    headers = {"X-CSRFToken": csrf_of(client, "/callcenter/"), "Accept": "application/json"}
    answer = client.post("/callcenter/dial", data=body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["state"] == "refused"
    assert not api.dialled


def test_without_a_script_the_form_dials_and_leads_back(app: Flask, api: WebApi, anna: int):
    client = logged_in_client(app, anna)
    form = {
        "csrf_token": csrf_of(client, "/callcenter/"),
        "number": NUMBER,
        "idempotency_key": "k",
        "next": "/addresses/",
    }
    answer = client.post("/callcenter/dial", data=form)
    assert (answer.status_code, answer.location) == (302, "/addresses/")
    assert "Ihr Telefon klingelt gleich" in client.get("/callcenter/").get_data(as_text=True)
    assert client.post("/callcenter/dial", data={**form, "next": "//evil.example/"}).location == "/callcenter/"
    assert len(api.dialled) == 1


def test_without_a_script_and_an_account_the_page_offers_the_link(app: Flask, api: WebApi, staff: FlaskClient):
    form = {"csrf_token": csrf_of(staff, "/callcenter/"), "number": NUMBER, "idempotency_key": "k"}
    page = staff.post("/callcenter/dial", data=form).get_data(as_text=True)
    assert 'href="tel:+492214710123"' in page


def test_a_choice_in_the_box_is_kept(app: Flask, api: WebApi, anna: int):
    second = "7771000003@fpbx.de"
    give_account(app, anna, second)
    client = logged_in_client(app, anna)
    press(client, csrf_of(client, "/callcenter/"), number=NUMBER, account=second)
    assert api.dialled[0]["sipuid"] == second
    page = client.get("/callcenter/").get_data(as_text=True)
    assert re.findall(r'<option value="([^"]+)"', page) == [second, ANNA]


def test_nobody_dials_while_the_app_is_inactive(app: Flask, api: WebApi, anna: int, kernel: Any):
    client = logged_in_client(app, anna)
    token = csrf_of(client, "/callcenter/")
    kernel.states.set_active("callcenter", False)
    assert press(client, token, number=NUMBER).status_code == 404
    assert not api.dialled


# -------------------------------------------------------------------------------------------------- the phone button


def button(app: Flask, user_id: int, **given: Any) -> str:
    from flask_login import login_user

    with app.test_request_context("/"):
        login_user(service.get_user(user_id))
        values = {"number": NUMBER, "e164": "+492214710123", "kind": "phone", "name": "Max Muster", **given}
        return str(app.extensions["durchwahl"].slots.render("number.actions", **values))


def test_a_user_with_an_account_gets_a_button_with_the_number(app: Flask, anna: int):
    shown = button(app, anna)
    assert 'data-number="+492214710123"' in shown
    assert 'aria-label="Max Muster anrufen: 0221 4710123"' in shown
    assert "tel:" not in shown


def test_a_page_with_many_numbers_asks_only_once_who_looks_at_it(
    app: Flask, anna: int, kernel: Any, monkeypatch: pytest.MonkeyPatch
):
    from flask_login import login_user

    asked: list[str] = []
    is_active = kernel.states.is_active

    def counted(module: str) -> bool:
        asked.append(module)
        return bool(is_active(module))

    monkeypatch.setattr(kernel.states, "is_active", counted)
    with app.test_request_context("/"):
        login_user(service.get_user(anna))
        names = ("Erika", "Max", "Clara")
        shown = [
            app.extensions["durchwahl"].slots.render("number.actions", number="", e164="+492214710123", name=name)
            for name in names
        ]
    assert all(f"{name} anrufen" in button for name, button in zip(names, shown, strict=True))
    assert asked.count("callcenter") == 1
    # The next request may come after a change.
    kernel.states.set_active("callcenter", False)
    assert button(app, anna) == ""


def test_a_user_without_one_gets_a_link(app: Flask, make_user: Callable[..., int]):
    shown = button(app, make_user("clara"))
    assert 'href="tel:+492214710123"' in shown
    assert "<button" not in shown


def test_beside_a_blocked_number_a_button_says_why_and_stays_within_reach_of_the_keyboard(
    app: Flask, anna: int, make_user: Callable[..., int]
):
    for user_id in (anna, make_user("clara")):
        shown = button(app, user_id, number="0900 1000000", e164="+499001000000")
        assert 'aria-disabled="true"' in shown
        assert " disabled" not in shown
        assert "tel:" not in shown
        assert "Max Muster anrufen: 0900 1 000000. Mehrwertnummern sind gesperrt." in shown
        assert 'data-blocked="Mehrwertnummern sind gesperrt. Wenn Sie diese brauchen, bitten Sie' in shown


@pytest.mark.parametrize("given", [{"kind": "fax"}, {"e164": None}])
def test_fax_numbers_and_unreadable_ones_have_no_button(app: Flask, anna: int, given: dict[str, Any]):
    assert button(app, anna, **given) == ""


def test_an_inactive_app_has_no_button(app: Flask, anna: int, kernel: Any):
    kernel.states.set_active("callcenter", False)
    assert button(app, anna) == ""


def test_a_name_cannot_break_out_of_the_button(app: Flask, anna: int):
    assert '"><script>' not in button(app, anna, name='"><script>')

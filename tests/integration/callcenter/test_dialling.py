from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.accounts import service
from app.core.clock import FixedClock
from app.core.database import reading
from app.core.http import HttpError, HttpFault, HttpResponse
from app.modules.callcenter import accounts, dialling
from app.modules.callcenter.dial_words import sentence
from app.modules.callcenter.dialling import DialState
from app.modules.callcenter.models import DialOrderRow
from tests.conftest import PASSWORD, FakeHttp, build_app, csrf_of, logged_in_client
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, give_account
from tests.integration.callcenter.web_api import ANNA, BEN, WebApi, set_up

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


def orders() -> list[DialOrderRow]:
    with reading() as session:
        return list(session.execute(select(DialOrderRow).order_by(DialOrderRow.id)).scalars())


def test_the_users_own_telephone_is_made_to_ring_and_dials_the_number(api: WebApi, anna: int):
    result = dialling.dial(anna, NUMBER, "key-1")
    assert result.state is DialState.ACCEPTED
    assert sentence(result) == "Ihr Telefon klingelt gleich – bitte abheben."
    assert api.dialled == [{"sipuid": ANNA, "target": DIGITS}]
    order = orders()[0]
    assert (order.state, order.target_e164, order.finished_at is not None) == ("accepted", "+492214710123", True)


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        (" +49 221 4710123", "02214710123"),
        ("+39 06 6982 0000", "00390669820000"),
        ("+353 (0)1 679 3000", "0035316793000"),
        ("23", "23"),
    ],
)
def test_numbers_are_dialled_right(api: WebApi, anna: int, typed: str, dialled: str):
    assert dialling.dial(anna, typed, "key").state is DialState.ACCEPTED
    assert api.dialled[0]["target"] == dialled


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("110", "emergency"),
        ("1 1 2", "emergency"),
        ("+49112", "emergency"),
        ("0112", "emergency"),
        ("", "empty"),
        ("Herr Muster", "unverified"),
        ("0221 4710 1 oder 0221 4710 2", "unverified"),
        ("anna@fpbx.de", "unverified"),
        ("*21#", "unverified"),
    ],
)
def test_what_must_not_be_dialled_never_reaches_the_telephone_system(api: WebApi, anna: int, typed: str, code: str):
    result = dialling.dial(anna, typed, "key")
    assert (result.state, result.code) == (DialState.REFUSED, code)
    assert not api.dialled
    assert not orders()


def test_a_repeated_request_dials_once_and_hears_the_same(api: WebApi, anna: int):
    first, second = dialling.dial(anna, NUMBER, "same"), dialling.dial(anna, "+49 221 4710123", "same")
    assert (first.state, second.state) == (DialState.ACCEPTED, DialState.ACCEPTED)
    assert first.order_id == second.order_id
    assert len(api.dialled) == 1


def test_the_same_key_for_another_number_is_refused(api: WebApi, anna: int):
    dialling.dial(anna, NUMBER, "same")
    assert dialling.dial(anna, "0221 4710 124", "same").code == "key_reused"
    assert len(api.dialled) == 1


def test_two_users_may_use_the_same_key(app: Flask, api: WebApi, anna: int, make_user: Callable[..., int]):
    ben = make_user("ben")
    give_account(app, ben, BEN)
    assert dialling.dial(anna, NUMBER, "same").state is DialState.ACCEPTED
    assert dialling.dial(ben, NUMBER, "same").state is DialState.ACCEPTED
    assert [order["sipuid"] for order in api.dialled] == [ANNA, BEN]


def test_an_order_without_a_key_is_refused(api: WebApi, anna: int):
    assert dialling.dial(anna, NUMBER, "").code == "key_missing"
    assert dialling.dial(anna, NUMBER, "x" * 81).code == "key_missing"
    assert not api.dialled


@pytest.mark.parametrize(
    ("status", "state", "code", "words"),
    [
        (401, DialState.FAILED, "bad_key", "nimmt den API-Key nicht an"),
        (403, DialState.FAILED, "forbidden", "darf keine Anrufe starten"),
        (404, DialState.FAILED, "not_found", "kennt Ihr Telefon nicht"),
        (422, DialState.FAILED, "invalid", "abgelehnt"),
        (500, DialState.UNKNOWN, "server_error", "schauen Sie aufs Telefon"),
    ],
)
def test_each_refusal_of_the_telephone_system_has_its_own_sentence(
    api: WebApi, anna: int, status: int, state: DialState, code: str, words: str
):
    api.dial = lambda: HttpResponse(status, {}, b"")
    result = dialling.dial(anna, NUMBER, "key")
    assert (result.state, result.code) == (state, code)
    assert words in sentence(result)
    assert (orders()[0].state, orders()[0].error) == (state.value, code)


def test_too_many_orders_say_when_to_try_again(api: WebApi, anna: int):
    api.dial = lambda: HttpResponse(429, {"retry-after": "17"}, b"")
    result = dialling.dial(anna, NUMBER, "key")
    assert (result.state, result.retry_after) == (DialState.FAILED, 17)
    assert "in 17 Sekunden" in sentence(result)


@pytest.mark.parametrize(
    ("fault", "state", "words"),
    [
        (HttpFault.NOT_SENT, DialState.FAILED, "nicht erreichbar, es wurde nichts gewählt"),
        (HttpFault.TIMEOUT, DialState.UNKNOWN, "Es ist nicht sicher, ob Ihr Telefon klingelt"),
        (HttpFault.BROKEN, DialState.UNKNOWN, "Es ist nicht sicher, ob Ihr Telefon klingelt"),
    ],
)
def test_whether_the_telephone_may_ring_is_told_apart(
    api: WebApi, anna: int, fault: HttpFault, state: DialState, words: str
):
    api.fault = fault
    result = dialling.dial(anna, NUMBER, "key")
    assert result.state is state
    assert words in sentence(result)


def test_an_unknown_outcome_is_never_dialled_again_by_itself(api: WebApi, anna: int):
    api.fault = HttpFault.TIMEOUT
    dialling.dial(anna, NUMBER, "key")
    api.fault = None
    assert dialling.dial(anna, NUMBER, "key").state is DialState.UNKNOWN
    assert len(api.dialled) == 1


def test_without_a_key_dialling_says_so(app: Flask, http: FakeHttp, anna: int):
    result = dialling.dial(anna, NUMBER, "key")
    assert (result.state, result.code) == (DialState.FAILED, "not_configured")
    assert "kein API-Key" in sentence(result)
    assert not http.requests


def test_a_user_without_an_account_gets_a_tel_link(api: WebApi, make_user: Callable[..., int]):
    result = dialling.dial(make_user("clara"), NUMBER, "key")
    assert (result.state, result.tel) == (DialState.TEL, "tel:+492214710123")
    assert not api.dialled


def test_a_failure_of_our_own_counts_as_an_unknown_outcome(api: WebApi, anna: int):
    def burst() -> HttpResponse:
        raise RuntimeError("scripted")

    api.dial = burst
    result = dialling.dial(anna, NUMBER, "key")
    assert (result.state, result.code) == (DialState.UNKNOWN, "internal")
    assert orders()[0].state == "unknown"


def test_an_order_that_was_cut_off_is_an_unknown_outcome(api: WebApi, anna: int, clock: FixedClock):
    seen: list[DialState] = []

    def meanwhile() -> HttpResponse:
        seen.append(dialling.dial(anna, NUMBER, "key").state)
        clock.advance(60)
        seen.append(dialling.dial(anna, NUMBER, "key").state)
        return HttpResponse(201, {}, b"")

    api.dial = meanwhile
    dialling.dial(anna, NUMBER, "key")
    assert seen == [DialState.UNDER_WAY, DialState.UNKNOWN]
    assert len(api.dialled) == 1


# ------------------------------------------------------------------------------------------------ several telephones


def test_of_several_telephones_the_first_dials_unless_another_is_named(app: Flask, api: WebApi, anna: int):
    give_account(app, anna, "7771000003@fpbx.de")
    dialling.dial(anna, NUMBER, "a")
    dialling.dial(anna, NUMBER, "b", "7771000003@FPBX.de")
    assert [order["sipuid"] for order in api.dialled] == [ANNA, "7771000003@fpbx.de"]


def test_nobody_dials_with_a_telephone_that_is_not_his(api: WebApi, anna: int):
    assert dialling.dial(anna, NUMBER, "key", BEN).code == "not_your_account"
    assert not api.dialled


def test_a_telephone_that_was_chosen_is_used_from_then_on(app: Flask, api: WebApi, anna: int):
    give_account(app, anna, "7771000003@fpbx.de")
    assert accounts.choose(anna, "7771000003@fpbx.de")
    dialling.dial(anna, NUMBER, "key")
    assert api.dialled[0]["sipuid"] == "7771000003@fpbx.de"
    assert not accounts.choose(anna, BEN)


# -------------------------------------------------------------------------------------- the report of the call comes


def test_a_reported_call_is_linked_with_its_order_and_settles_an_unknown_outcome(
    api: WebApi, anna: int, phones: PhoneSystem, clock: FixedClock
):
    api.fault = HttpFault.TIMEOUT
    dialling.dial(anna, NUMBER, "key")
    assert orders()[0].state == "unknown"
    clock.advance(20)
    phones.outgoing(call_id(), peer=ANNA, target=DIGITS)
    assert (orders()[0].state, orders()[0].error) == ("accepted", None)
    assert orders()[0].call_id is not None


def test_the_report_may_come_before_the_answer(api: WebApi, anna: int, phones: PhoneSystem):
    def ring_then_fail() -> HttpResponse:
        phones.outgoing(call_id(), peer=ANNA, target=DIGITS)
        raise HttpError(HttpFault.TIMEOUT, "scripted")

    api.dial = ring_then_fail
    assert dialling.dial(anna, NUMBER, "key").state is DialState.ACCEPTED


@pytest.mark.parametrize(
    ("peer", "target", "later"), [(BEN, DIGITS, 20), (ANNA, "02214710124", 20), (ANNA, DIGITS, 121)]
)
def test_another_call_is_not_taken_for_the_ordered_one(
    api: WebApi, anna: int, phones: PhoneSystem, clock: FixedClock, peer: str, target: str, later: int
):
    dialling.dial(anna, NUMBER, "key")
    clock.advance(later)
    phones.outgoing(call_id(), peer=peer, target=target)
    assert orders()[0].call_id is None


def test_of_two_orders_each_gets_its_own_call(api: WebApi, anna: int, phones: PhoneSystem, clock: FixedClock):
    for key in ("a", "b"):
        dialling.dial(anna, NUMBER, key)
        clock.advance(5)
    for _ in range(2):
        phones.outgoing(call_id(), peer=ANNA, target=DIGITS)
    linked = [order.call_id for order in orders()]
    assert None not in linked
    assert linked[0] != linked[1]


# ------------------------------------------------------------------------------------------------------- the web page


def press(client: FlaskClient, token: str, **values: Any) -> Any:
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    return client.post("/callcenter/dial", json={"idempotency_key": "press-1", **values}, headers=headers)


def test_the_page_dials_by_json(app: Flask, api: WebApi, anna: int):
    client = logged_in_client(app, anna)
    answer = press(client, csrf_of(client, "/callcenter/"), number="+492214710123")
    assert answer.json == {
        "state": "accepted",
        "code": "accepted",
        "message": "Ihr Telefon klingelt gleich – bitte abheben.",
        "number": "0221 4710123",
        "tel": "tel:+492214710123",
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


def test_a_user_without_one_gets_a_link(app: Flask, make_user: Callable[..., int]):
    shown = button(app, make_user("clara"))
    assert 'href="tel:+492214710123"' in shown
    assert "<button" not in shown


@pytest.mark.parametrize("given", [{"kind": "fax"}, {"e164": None}])
def test_fax_numbers_and_unreadable_ones_have_no_button(app: Flask, anna: int, given: dict[str, Any]):
    assert button(app, anna, **given) == ""


def test_an_inactive_app_has_no_button(app: Flask, anna: int, kernel: Any):
    kernel.states.set_active("callcenter", False)
    assert button(app, anna) == ""


def test_a_name_cannot_break_out_of_the_button(app: Flask, anna: int):
    assert '"><script>' not in button(app, anna, name='"><script>')


# ------------------------------------------------------------------------------------------------------- concurrency


def test_ten_presses_at_once_dial_once(databases: Any, tmp_path: Any):
    http = FakeHttp()
    app = build_app(databases.copy(), tmp_path, http)
    with app.app_context():
        user_id = service.create_user("anna", PASSWORD, "staff")
        give_account(app, user_id, ANNA)
        set_up(app)
        api = WebApi(http)
    states: list[str] = []

    def press_once() -> None:
        with app.app_context():
            states.append(dialling.dial(user_id, NUMBER, "one-key").state.value)

    threads = [threading.Thread(target=press_once) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(api.dialled) == 1
    assert len(states) == 10
    assert set(states) <= {"accepted", "under_way"}
    app.extensions["durchwahl"].database.dispose()

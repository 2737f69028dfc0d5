from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.accounts import service
from app.core.clock import FixedClock
from app.core.database import reading
from app.core.http import HttpFault, HttpResponse
from app.modules.callcenter import accounts, dialling
from app.modules.callcenter.dial_words import sentence
from app.modules.callcenter.dialling import DialState
from app.modules.callcenter.models import DialOrderRow
from tests.conftest import PASSWORD, FakeHttp, build_app
from tests.integration.callcenter.phone_system import give_account
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

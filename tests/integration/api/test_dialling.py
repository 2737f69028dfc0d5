"""``POST /api/v1/calls``: dials for the token's user, at most once for each key."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select

from app.core.accounts import service
from app.core.clock import FixedClock
from app.core.database import reading, transaction
from app.core.http import HttpFault, HttpResponse
from app.modules.callcenter.models import FIRST_CONNECTION, DialOrderRow
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from tests.conftest import FakeHttp
from tests.integration.api.client import Api, api_for, ok, refused
from tests.integration.callcenter.phone_system import ANNA, PhoneSystem, call_id, configure, give_account

NUMBER = "0221 4710 123"


def with_telephone(app: Flask) -> Api:
    """A client whose user has an account, at a telephone system that is set up."""
    with transaction() as session:
        values = {"api_key": "key-for-tests"}
        app.extensions["durchwahl"].settings.save(session, ConnectionSettings, values, part=FIRST_CONNECTION)
    api = api_for(app, username="anna")
    user = service.find_user("anna")
    assert user is not None
    give_account(app, user.id, ANNA)
    return api


@pytest.fixture
def anna(app: Flask) -> Api:
    return with_telephone(app)


def order(number: str = NUMBER, key: str = "key-1") -> dict[str, str]:
    return {"number": number, "idempotency_key": key}


def test_the_telephone_of_the_tokens_user_dials(anna: Api, http: FakeHttp) -> None:
    http.answer(201)
    answer = ok(anna.post("/calls", order()), 202)
    assert (answer["state"], answer["code"], answer["number"]) == ("accepted", "accepted", "0221 4710123")
    assert answer["message"].startswith("Ihr Telefon klingelt gleich")
    (sent,) = http.requests
    assert sent["json"] == {"sipuid": ANNA, "target": "02214710123"}


def test_the_same_key_dials_once_and_answers_the_same(anna: Api, http: FakeHttp) -> None:
    http.answer(201)
    first = anna.post("/calls", order())
    for number in (NUMBER, "+492214710123"):
        again = anna.post("/calls", order(number))
        assert (again.status_code, again.get_json()) == (first.status_code, first.get_json())
    assert len(http.requests) == 1


def test_another_key_dials_again_once_the_press_is_over(anna: Api, http: FakeHttp, clock: FixedClock) -> None:
    http.answer(201)
    http.answer(201)
    first = ok(anna.post("/calls", order(key="a")), 202)
    assert ok(anna.post("/calls", order(key="b")), 202)["order_id"] == first["order_id"]
    assert len(http.requests) == 1
    clock.advance(4)
    ok(anna.post("/calls", order(key="c")), 202)
    assert len(http.requests) == 2


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("0900 1000000", "premium", "Mehrwertnummern sind gesperrt."),
        ("118 33", "enquiries", "Auskunftsdienste sind gesperrt."),
        ("+1 202 555 0123", "country", "Anrufe in dieses Land sind nicht erlaubt: Vereinigte Staaten."),
    ],
)
def test_what_the_rules_do_not_allow_is_refused_with_its_code(
    anna: Api, http: FakeHttp, number: str, code: str, words: str
) -> None:
    answer = anna.post("/calls", order(number))
    refused(answer, 422, code)
    assert words in answer.get_json()["error"]["message"]
    assert not http.requests


def test_who_orders_too_many_calls_is_told_when_to_come_back(anna: Api, http: FakeHttp, clock: FixedClock) -> None:
    with transaction() as session:
        current_app.extensions["durchwahl"].settings.save(session, CallcenterSettings, {"dial_hour_limit": 1})
    http.answer(201)
    ok(anna.post("/calls", order(key="a")), 202)
    clock.advance(600)
    answer = anna.post("/calls", order(key="b"))
    refused(answer, 429, "hour_limit")
    assert answer.headers["Retry-After"] == "3000"
    assert len(http.requests) == 1


def test_the_same_key_of_another_user_is_another_one(app: Flask, anna: Api, http: FakeHttp) -> None:
    ben = api_for(app, username="ben")
    user = service.find_user("ben")
    assert user is not None
    give_account(app, user.id, "7771000002@fpbx.de")
    for api in (anna, ben):
        http.answer(201)
        ok(api.post("/calls", order()), 202)
    assert [sent["json"]["sipuid"] for sent in http.requests] == [ANNA, "7771000002@fpbx.de"]


def test_a_key_is_for_one_number(anna: Api, http: FakeHttp) -> None:
    http.answer(201)
    ok(anna.post("/calls", order()), 202)
    refused(anna.post("/calls", order("0221 4710 124")), 409, "key_reused")
    assert len(http.requests) == 1


def test_an_extension_is_dialled_as_it_is(anna: Api, http: FakeHttp) -> None:
    http.answer(201)
    ok(anna.post("/calls", order("23")), 202)
    assert http.requests[0]["json"]["target"] == "23"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110", "emergency"),
        ("0112", "emergency"),
        ("+49 112", "emergency"),
        ("0221 4710 123 / 0221 4710 124", "unverified"),
        ("*21#", "unverified"),
        ("morgen", "unverified"),
        ("7771234567@fpbx.de", "unverified"),
        (" ", "unverified"),
    ],
)
def test_what_may_not_be_dialled_is_refused_in_words(anna: Api, http: FakeHttp, number: str, code: str) -> None:
    answer = anna.post("/calls", order(number))
    error = refused(answer, 422, answer.get_json()["error"]["code"], "number")
    assert error["code"] in (code, "empty")
    assert error["message"]
    assert not http.requests


def test_without_an_account_the_link_for_another_telephone_is_told(app: Flask, http: FakeHttp) -> None:
    error = refused(api_for(app).post("/calls", order()), 409, "no_account")
    assert error["tel"] == "tel:+492214710123"
    assert not http.requests


def test_without_an_api_key_nothing_is_dialled(app: Flask, http: FakeHttp) -> None:
    api = api_for(app, username="anna")
    user = service.find_user("anna")
    assert user is not None
    give_account(app, user.id, ANNA)
    refused(api.post("/calls", order()), 409, "not_configured")
    assert not http.requests


@pytest.mark.parametrize(
    ("status", "code"), [(401, "bad_key"), (403, "forbidden"), (404, "not_found"), (400, "invalid"), (422, "invalid")]
)
def test_a_refusal_of_the_telephone_system_is_told_and_kept(anna: Api, http: FakeHttp, status: int, code: str) -> None:
    http.answer(status, b'{"error": "no"}')
    refused(anna.post("/calls", order()), 502, code)
    refused(anna.post("/calls", order()), 502, code)
    assert len(http.requests) == 1


def test_a_busy_telephone_system_says_when_to_come_back(anna: Api, http: FakeHttp) -> None:
    http.answer(429, b"", {"retry-after": "7"})
    answer = anna.post("/calls", order())
    refused(answer, 429, "rate_limited")
    assert answer.headers["Retry-After"] == "7"


def test_a_telephone_system_that_cannot_be_reached_is_told(anna: Api, http: FakeHttp) -> None:
    http.fail(HttpFault.NOT_SENT)
    refused(anna.post("/calls", order()), 502, "unreachable")


def test_an_unknown_outcome_is_no_error_and_is_never_dialled_again(anna: Api, http: FakeHttp) -> None:
    http.fail(HttpFault.TIMEOUT)
    answer = ok(anna.post("/calls", order()), 202)
    assert answer["state"] == "unknown"
    assert ok(anna.post("/calls", order()), 202)["state"] == "unknown"
    assert len(http.requests) == 1


def test_a_reported_call_settles_an_unknown_outcome(app: Flask, anna: Api, http: FakeHttp) -> None:
    configure(app)
    http.fail(HttpFault.TIMEOUT)
    ok(anna.post("/calls", order()), 202)
    PhoneSystem(app).outgoing(call_id(), target="02214710123")
    assert ok(anna.post("/calls", order()), 202)["state"] == "accepted"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "number"),
        ({"number": NUMBER}, "idempotency_key"),
        ({"idempotency_key": "a"}, "number"),
        (order(""), "number"),
        (order("1" * 201), "number"),
        (order(key=""), "idempotency_key"),
        (order(key="x" * 81), "idempotency_key"),
        (order(key="with blank"), "idempotency_key"),
        (order(key="line\n"), "idempotency_key"),
        (order(key="schlüssel"), "idempotency_key"),
        ({**order(), "account": ANNA}, "account"),
        ({"number": 110, "idempotency_key": "a"}, "number"),
        ({"number": None, "idempotency_key": "a"}, "number"),
    ],
)
def test_a_body_that_cannot_be_accepted_dials_nothing(
    anna: Api, http: FakeHttp, body: dict[str, Any], path: str
) -> None:
    refused(anna.post("/calls", body), 422, "invalid", path)
    assert not http.requests


def test_requests_at_the_same_moment_dial_once(own_app: Flask) -> None:
    http: FakeHttp = own_app.extensions["durchwahl"].http
    asked = threading.Event()

    def slow(_request: dict[str, Any]) -> HttpResponse:
        asked.wait(0.2)
        return HttpResponse(201, {}, b"")

    http.answers += [slow] * 8
    with own_app.app_context():
        anna = with_telephone(own_app)
    answers: list[Any] = []
    lock = threading.Lock()

    def ask() -> None:
        answer = Api(own_app, anna.token).post("/calls", order())
        with lock:
            answers.append((answer.status_code, answer.get_json()["state"]))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(http.requests) == 1
    assert sorted(set(answers)) in ([(202, "accepted")], [(202, "accepted"), (202, "under_way")])
    assert len(answers) == 8
    with own_app.app_context(), reading() as session:
        assert session.execute(select(func.count()).select_from(DialOrderRow)).scalar_one() == 1

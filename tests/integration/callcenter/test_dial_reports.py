from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.clock import FixedClock
from app.core.database import reading, transaction
from app.core.http import HttpError, HttpFault, HttpResponse
from app.modules.callcenter import dialling
from app.modules.callcenter.dialling import DialState
from app.modules.callcenter.models import FIRST_CONNECTION, DialOrderRow, KnownPbxUser
from tests.conftest import NOW, FakeHttp
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


def know_prefix(uid: str, prefix: str) -> None:
    with transaction() as session:
        session.add(
            KnownPbxUser(connection=FIRST_CONNECTION, uid=uid, automatic_prefix=prefix, online=True, seen_at=NOW)
        )


def test_behind_an_automatic_prefix_the_whole_number_counts(api: WebApi, anna: int, phones: PhoneSystem):
    know_prefix(ANNA, "9")
    dialling.dial(anna, NUMBER, "key")
    for reported in ("1" + DIGITS, "9" + DIGITS + "1", "9" + DIGITS[1:]):
        phones.outgoing(call_id(), peer=ANNA, target=reported)
        assert orders()[0].call_id is None, reported
    phones.outgoing(call_id(), peer=ANNA, target="9" + DIGITS)
    assert orders()[0].call_id is not None


def test_a_number_that_only_ends_alike_is_another_one(api: WebApi, anna: int, phones: PhoneSystem):
    dialling.dial(anna, NUMBER, "key")
    phones.outgoing(call_id(), peer=ANNA, target="9" + DIGITS)
    assert orders()[0].call_id is None


def test_the_report_of_a_call_to_an_extension_is_linked(api: WebApi, anna: int, phones: PhoneSystem):
    dialling.dial(anna, "23", "key")
    phones.outgoing(call_id(), peer=ANNA, target="23")
    assert orders()[0].call_id is not None

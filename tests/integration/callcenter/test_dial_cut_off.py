"""Orders whose server died while it carried them out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core.clock import FixedClock
from app.core.database import reading, transaction
from app.modules.callcenter import dial_reports, dialling
from app.modules.callcenter.audit_models import AuditEntry
from app.modules.callcenter.dialling import DialState
from app.modules.callcenter.models import DialOrderRow
from tests.conftest import FakeHttp
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, give_account
from tests.integration.callcenter.web_api import ANNA, WebApi, set_up

NUMBER = "0221 4710 123"


@pytest.fixture
def order(app: Flask, http: FakeHttp, make_user: Callable[..., int]) -> int:
    """Of a user whose server died before anything was heard of it."""
    set_up(app, shared_secret="shared-secret-for-tests")
    WebApi(http)
    user_id = make_user("anna")
    give_account(app, user_id, ANNA)
    dialling.dial(user_id, NUMBER, "key")
    with transaction() as session:
        session.execute(update(DialOrderRow).values(state="ordered", finished_at=None))
    return user_id


def found() -> tuple[str, str | None]:
    with reading() as session:
        row = session.execute(select(DialOrderRow.state, DialOrderRow.error)).one()
    return row.state, row.error


def test_an_order_of_a_dead_server_becomes_unknown_and_is_not_dialled_again(
    order: int, http: FakeHttp, clock: FixedClock
) -> None:
    dial_reports.settle_cut_off()
    assert found() == ("ordered", None)  # it may still be carried out
    clock.advance(41)
    dial_reports.settle_cut_off()
    assert found() == ("unknown", "cut_off")
    assert dialling.dial(order, NUMBER, "key").state is DialState.UNKNOWN
    assert len(http.requests) == 1
    with reading() as session:
        codes = session.execute(select(AuditEntry.code).order_by(AuditEntry.id)).scalars().all()
    assert codes == ["", "accepted", "cut_off"]


def test_it_is_known_to_have_rung_where_its_call_was_reported(
    order: int, phones: PhoneSystem, clock: FixedClock
) -> None:
    phones.outgoing(call_id(), peer=ANNA, target="02214710123")
    clock.advance(41)
    dial_reports.settle_cut_off()
    assert found() == ("accepted", None)

"""The log's single notifications: seen, narrowed, read again, and deleted when they are old."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.core.accounts import service
from app.core.clock import FixedClock
from app.core.database import transaction
from app.core.privacy import running
from app.modules.callcenter import connection, inbox, rereading
from app.modules.callcenter.inbox import NOTIFICATION
from app.modules.callcenter.providers.base import Malformed
from tests.conftest import PASSWORD, csrf_of, logged_in_client
from tests.integration.callcenter.phone_system import (
    ANNA,
    CUSTOMER,
    LINE,
    PhoneSystem,
    all_calls,
    call_id,
    notifications,
    reports,
    the_call,
)
from tests.integration.callcenter.test_log import PATH, entries


def _send(client: FlaskClient, path: str, **fields: Any) -> str:
    answer = client.post(path, data={**fields, "csrf_token": csrf_of(client, PATH)}, follow_redirects=True)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def _ids() -> list[int]:
    return [row["id"] for row in notifications()]


def _page(client: FlaskClient, notification_id: int) -> str:
    return unescape(client.get(f"{PATH}/{notification_id}").get_data(as_text=True))


@pytest.fixture
def without_payloads(app: Flask) -> FlaskClient:
    """Somebody who sets the telephone system up, and may not see numbers in the log."""
    user_id = service.create_user("setter", PASSWORD, "staff")
    service.update_user(user_id, permissions={"callcenter.configure": True})
    return logged_in_client(app, user_id)


def test_who_may_not_sees_numbers_and_accounts_shortened(without_payloads: FlaskClient, phones: PhoneSystem) -> None:
    phones.incoming(call := call_id())
    phones.accepted(call)
    for notification_id in _ids():
        page = _page(without_payloads, notification_id)
        for hidden in (CUSTOMER, LINE, ANNA, call):
            assert hidden not in page
        assert f"{CUSTOMER[:5]}…" in page
        assert "Wörtlich" not in page


def test_who_may_sees_what_was_sent_word_by_word(admin: FlaskClient, phones: PhoneSystem) -> None:
    phones.post(b"event=IncomingCall&from=<script>alert(1)</script>&call_id=x")
    answer = admin.get(f"{PATH}/{_ids()[0]}").get_data(as_text=True)
    assert "event=IncomingCall&amp;from=&lt;script&gt;" in answer
    assert "<script>alert" not in answer


def test_a_body_that_is_no_form_is_told_by_its_size(without_payloads: FlaskClient, phones: PhoneSystem) -> None:
    phones.post(b"02214710011")
    page = _page(without_payloads, _ids()[0])
    assert "11 Bytes" in page
    assert "02214710011" not in page


def test_a_notification_that_is_not_there_is_not_found(admin: FlaskClient) -> None:
    assert admin.get(f"{PATH}/987654").status_code == 404


def test_the_log_is_narrowed_by_result_and_day(admin: FlaskClient, phones: PhoneSystem, clock: FixedClock) -> None:
    phones.incoming(call := call_id())
    phones.incoming(call)
    clock.advance(86_400)
    phones.post(b"event=Strange&call_id=abc")
    assert len(entries(admin)) == 3
    assert len(entries(admin, "?show=processed")) == 1
    assert len(entries(admin, "?show=repeated")) == 1
    assert len(entries(admin, "?show=unsupported")) == 1
    assert len(entries(admin, "?until=2026-11-23")) == 2
    assert len(entries(admin, "?since=2026-11-24")) == 1
    assert len(entries(admin, "?since=2026-11-23&until=2026-11-24&show=processed")) == 1
    assert len(entries(admin, "?since=nonsense&show=nonsense")) == 3
    assert "Kein Eintrag passt" in admin.get(f"{PATH}?show=new").get_data(as_text=True)


def test_a_refused_request_is_found_by_its_result(admin: FlaskClient, phones: PhoneSystem) -> None:
    phones.incoming(call_id())
    phones.post(b"event=IncomingCall", "0" * 64)
    assert ["abgelehnt" in row for row in entries(admin, "?show=refused")] == [True]


def test_reading_again_changes_nothing_and_says_so(admin: FlaskClient, phones: PhoneSystem) -> None:
    phones.incoming(call := call_id())
    phones.incoming(call)
    phones.accepted(call)
    phones.hung_up(call)
    before = all_calls(), [{**row, "id": None} for row in reports()], [row["state"] for row in notifications()]
    for _repeated in range(2):
        page = _send(admin, f"{PATH}/reread", ids=_ids())
        assert "4 Meldungen wurden erneut gelesen. Nichts hat sich geändert." in page
        after = all_calls(), [{**row, "id": None} for row in reports()], [row["state"] for row in notifications()]
        assert after == before


def test_what_a_mended_parser_understands_changes_and_is_told(
    admin: FlaskClient, phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_request: object) -> Any:
        raise Malformed("cannot be read")

    intake = connection.intake_for("placetel")
    assert intake is not None
    with monkeypatch.context() as patched:
        patched.setattr(type(intake.provider), "parse", lambda _self, request: broken(request))
        phones.incoming(call_id())
    assert not all_calls()
    assert "erneut gelesen. Bei 1 hat sich das Ergebnis geändert." in _send(admin, f"{PATH}/reread", ids=_ids())
    assert the_call().phase == "ringing"


def test_what_fails_again_is_told(admin: FlaskClient, phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    phones.incoming(call_id())

    def broken(_self: object, _request: object) -> Any:
        raise LookupError("a defect")

    intake = connection.intake_for("placetel")
    assert intake is not None
    monkeypatch.setattr(type(intake.provider), "parse", broken)
    page = _send(admin, f"{PATH}/reread", ids=_ids())
    assert "1 konnte wieder nicht verarbeitet werden" in page
    assert notifications()[0]["state"] == inbox.FAILED


def test_without_a_mark_nothing_is_read(admin: FlaskClient, phones: PhoneSystem) -> None:
    phones.incoming(call_id())
    for ids in ([], ["x", "-1", "9" * 12]):
        assert "Bitte markieren Sie" in _send(admin, f"{PATH}/reread", ids=ids)
    assert "0 Meldungen wurden erneut gelesen." in _send(admin, f"{PATH}/reread", ids=["2147483646"])
    assert notifications()[0]["attempts"] == 1


def _make_old(state: str, days: float, clock: FixedClock) -> None:
    with transaction() as session:
        last = max(_ids())
        old = clock.now() - timedelta(days=days)
        session.execute(update(NOTIFICATION).where(NOTIFICATION.c.id == last).values(state=state, received_at=old))


def test_old_notifications_go_and_their_calls_stay(
    phones: PhoneSystem, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereading, "BATCH", 2)
    kept = [("failed", 400), ("new", 400), ("processed", 29.9)]
    for state, days in [("processed", 31), ("repeated", 31), *kept, ("malformed", 40), ("unsupported", 31)]:
        phones.incoming(call_id())
        _make_old(state, days, clock)
    running.run()
    assert [row["state"] for row in notifications()] == [state for state, _days in kept]
    assert len(all_calls()) == 7
    assert len(reports()) == 7


def test_how_long_they_are_kept_is_a_setting(admin: FlaskClient, phones: PhoneSystem, clock: FixedClock) -> None:
    phones.incoming(call_id())
    _make_old("processed", 10, clock)
    assert "Gespeichert." in _send(admin, f"{PATH}/retention", days="10")
    assert connection.settings().notification_days == 10
    running.run()
    assert len(notifications()) == 1
    clock.advance(1)
    running.run()
    assert not notifications()


@pytest.mark.parametrize("days", ["", "0", "366", "-1", "ten", "٣", "9" * 50])
def test_an_odd_number_of_days_is_refused(admin: FlaskClient, days: str) -> None:
    assert "Bitte geben Sie eine ganze Zahl von Tagen von 1 bis 365 ein." in _send(
        admin, f"{PATH}/retention", days=days
    )
    assert connection.settings().notification_days == 30

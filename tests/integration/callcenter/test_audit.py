"""The audit log: what is written, that nobody changes it, and who sees what of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core.clock import FixedClock
from app.core.database import reading, transaction
from app.core.http import HttpFault
from app.modules.callcenter import audit, configuring, dialling
from app.modules.callcenter.audit import Wanted
from app.modules.callcenter.audit_models import AuditEntry
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.settings import CallcenterSettings
from app.modules.callcenter.views import audit as page
from app.modules.callcenter.written_lists import AccountEntry
from tests.conftest import NOW, FakeHttp
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, give_account
from tests.integration.callcenter.web_api import ANNA, WebApi, set_up

NUMBER, E164 = "0221 4710 123", "+492214710123"


@pytest.fixture
def api(app: Flask, http: FakeHttp) -> WebApi:
    set_up(app, shared_secret="shared-secret-for-tests")
    return WebApi(http)


@pytest.fixture
def anna(app: Flask, make_user: Callable[..., int]) -> int:
    user_id = make_user("anna", name="Anna Schmidt")
    give_account(app, user_id, ANNA)
    return user_id


def entries() -> list[AuditEntry]:
    with reading() as session:
        return list(session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars())


def told(entry: AuditEntry) -> tuple[str, str, str, str]:
    return entry.kind, entry.result, entry.code, entry.rule


# ------------------------------------------------------------------------------------------------------ what is written


def test_an_order_is_written_before_the_telephone_system_is_asked_and_its_result_after(api: WebApi, anna: int):
    seen: list[list[tuple[str, str, str, str]]] = []
    answer = api.dial

    def asked() -> Any:
        seen.append([told(entry) for entry in entries()])
        return answer()

    api.dial = asked
    result = dialling.dial(anna, NUMBER, "key")
    order, outcome = entries()
    assert seen == [[("order", "ordered", "", "")]]
    assert (order.user_id, order.user_name, order.number, order.account) == (anna, "Anna Schmidt", E164, ANNA)
    assert order.order_id == outcome.order_id == result.order_id
    assert told(outcome) == ("result", "accepted", "accepted", "")


def test_an_uncertain_outcome_and_the_report_that_settles_it_are_both_written(
    api: WebApi, anna: int, phones: PhoneSystem, clock: FixedClock
):
    api.fault = HttpFault.TIMEOUT
    dialling.dial(anna, NUMBER, "key")
    clock.advance(20)
    phones.outgoing(call_id(), peer=ANNA, target="02214710123")
    assert [told(entry)[:3] for entry in entries()] == [
        ("order", "ordered", ""),
        ("result", "unknown", "timeout"),
        ("result", "accepted", "reported"),
    ]


@pytest.mark.parametrize(
    ("typed", "code", "rule", "number"),
    [
        ("0900 1000000", "premium", "kind premium", "+499001000000"),
        ("+1 202 555 0123", "country", "country US", "+12025550123"),
        ("112", "emergency", "number emergency", "112"),
        ("Herr Muster", "unverified", "number unverified", "Herr Muster"),
    ],
)
def test_a_refused_order_is_written_with_the_rule(
    api: WebApi, anna: int, typed: str, code: str, rule: str, number: str
):
    dialling.dial(anna, typed, "key")
    (entry,) = entries()
    assert told(entry) == ("refused", "refused", code, rule)
    assert (entry.user_id, entry.number) == (anna, number)


def test_one_order_too_many_is_written_with_the_limit(app: Flask, api: WebApi, anna: int):
    configuring.save(Changes(settings={"dial_hour_limit": 1}))
    dialling.dial(anna, NUMBER, "a")
    dialling.dial(anna, "0221 4710 124", "b")
    assert told(entries()[-1]) == ("refused", "refused", "hour_limit", "hour 1")


def test_a_repeated_press_is_one_entry(api: WebApi, anna: int):
    for key in ("a", "a", "b"):
        dialling.dial(anna, NUMBER, key)
    assert [entry.kind for entry in entries()] == ["order", "result"]


def test_a_change_is_written_with_before_and_after_and_no_secret(app: Flask, api: WebApi, anna: int):
    accounts = [AccountEntry("7771000009@fpbx.de", anna)]
    changes = Changes(settings={"api_key": "brand-new-key", "dial_hour_limit": 5}, accounts=accounts)
    configuring.save(changes, by=anna)
    (entry,) = entries()
    assert (entry.kind, entry.user_id, entry.user_name) == ("change", anna, "Anna Schmidt")
    before, after = json.loads(entry.before or ""), json.loads(entry.after or "")
    assert before == {"api_key": "***", "dial_hour_limit": 120, "accounts": [f"anna:{ANNA}"]}
    assert after == {"api_key": "***", "dial_hour_limit": 5, "accounts": ["anna:7771000009@fpbx.de"]}
    assert "brand-new-key" not in f"{entry.before}{entry.after}"


def test_what_does_not_change_is_not_written(app: Flask, api: WebApi, anna: int):
    configuring.save(Changes(settings={"dial_hour_limit": 120}, accounts=[AccountEntry(ANNA, anna)]), by=anna)
    assert not entries()


# ------------------------------------------------------------------------------------------------- nobody changes it


@pytest.fixture
def written(api: WebApi, anna: int) -> AuditEntry:
    dialling.dial(anna, "0900 1000000", "key")
    return entries()[0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE callcenter_audit SET user_name = 'nobody'",
        "UPDATE callcenter_audit SET at = '2001-01-01 00:00:00'",
        "DELETE FROM callcenter_audit",
    ],
)
def test_the_database_refuses_to_change_and_to_delete_entries(written: AuditEntry, statement: str):
    before = [told(entry) for entry in entries()]
    with pytest.raises(DBAPIError, match="the audit log is"), transaction() as session:
        # The database goes by its own clock, which is not that of tests.
        session.execute(text(statement))
    assert [told(entry) for entry in entries()] == before


def test_the_database_refuses_to_put_another_entry_in_the_place_of_one(written: AuditEntry, database_kind: str):
    columns = "id, at, kind, user_name, result, code, rule"
    values = f"({written.id}, '2001-01-01 00:00:00', 'order', 'nobody', '', '', '')"
    statement = f"INSERT OR REPLACE INTO callcenter_audit ({columns}) VALUES {values}"
    if database_kind == "postgresql":
        statement = "TRUNCATE callcenter_audit"
    with pytest.raises(DBAPIError, match="the audit log is"), transaction() as session:
        session.execute(text(statement))
    assert [entry.code for entry in entries()] == ["premium"]


def add(at: datetime, **values: Any) -> None:
    with transaction() as session:
        session.add(AuditEntry(at=at, kind="refused", **values))


def test_entries_of_more_than_a_year_are_deleted_by_the_job_and_no_others(app: Flask, clock: FixedClock):
    now = datetime.now(UTC)
    clock.at = now
    for days in (367, 364, 1):
        add(now - timedelta(days=days), code=str(days))
    audit.prune()
    assert [entry.code for entry in entries()] == ["364", "1"]


# ---------------------------------------------------------------------------------------------------------- the page


def test_pages_are_cut_by_key_so_that_new_entries_shift_nothing(app: Flask):
    for place in range(7):
        add(NOW, code=str(place))
    first = audit.listed(Wanted(), 3)
    assert ([entry.code for entry in first.entries], first.newer) == (["6", "5", "4"], None)
    add(NOW, code="7")
    second = audit.listed(Wanted(), 3, before=first.older)
    assert [entry.code for entry in second.entries] == ["3", "2", "1"]
    third = audit.listed(Wanted(), 3, before=second.older)
    assert ([entry.code for entry in third.entries], third.older) == (["0"], None)
    assert [entry.code for entry in audit.listed(Wanted(), 3, after=third.newer).entries] == ["3", "2", "1"]
    back = audit.listed(Wanted(), 3, after=second.newer)
    assert ([entry.code for entry in back.entries], back.newer is not None) == (["6", "5", "4"], True)


def test_entries_are_found_by_kind_user_number_and_day(app: Flask):
    add(NOW, user_id=1, number=E164)
    add(NOW - timedelta(days=2), user_id=2, number="+492214710124")

    def users(**wanted: Any) -> list[int | None]:
        return [entry.user_id for entry in audit.listed(Wanted(**wanted), 10).entries]

    assert users() == [2, 1]
    assert users(user_id=1) == [1]
    assert users(number=E164) == [1]
    assert users(kind="change") == []
    assert users(since=NOW - timedelta(days=1)) == [1]
    assert users(until=NOW - timedelta(days=1)) == [2]


def test_the_page_tells_order_and_result_in_one_line_and_every_refusal_in_words(
    api: WebApi, anna: int, admin: FlaskClient
):
    dialling.dial(anna, NUMBER, "a")
    dialling.dial(anna, "0900 1000000", "b")
    configuring.save(Changes(settings={"dial_blocked_kinds": ("mass",)}), by=anna)
    shown = admin.get("/callcenter/audit").get_data(as_text=True)
    assert shown.count("<tr>") == 4
    for words in (
        "Anna Schmidt",
        "0221 4710123",
        "Telefon klingelte",
        "0900 1 000000",
        "Mehrwertnummern sind gesperrt.",
        "Gesperrte Arten von Nummern",
        "nachher: Televoting und Massenverkehr (0137, 0138)",
    ):
        assert words in shown
    found = admin.get("/callcenter/audit?number=0221 4710-123").get_data(as_text=True)
    assert "0221 4710123" in found
    assert "0900 1 000000" not in found


def test_who_may_not_see_numbers_sees_their_beginning_and_cannot_ask_for_them(
    api: WebApi, anna: int, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    dialling.dial(anna, NUMBER, "a")
    dialling.dial(anna, "0900 1000000", "b")
    monkeypatch.setattr(page, "may", lambda permission: permission != "callcenter.audit_numbers")
    shown = admin.get("/callcenter/audit?number=0900 1000000").get_data(as_text=True)
    assert "+49221…" in shown
    assert "+49900…" in shown
    assert "4710123" not in shown
    assert 'name="number"' not in shown
    assert "Sie sehen von Rufnummern nur den Anfang." in shown


@pytest.mark.parametrize(
    "query", ["before=x", "before=99999999999", "after=0", "since=x", "since=0001-01-01", "until=9999-12-31", "user=x"]
)
def test_odd_questions_are_answered(app: Flask, admin: FlaskClient, query: str):
    assert admin.get(f"/callcenter/audit?{query}").status_code == 200


def test_every_setting_has_a_name_there(app: Flask) -> None:
    named = page.setting_names()
    assert {field.name for field in dataclasses.fields(CallcenterSettings)} <= set(named)


def test_staff_does_not_see_it(app: Flask, staff: FlaskClient):
    assert staff.get("/callcenter/audit").status_code == 403

"""The pages of the rules for incoming calls and of the block list."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.database import reading
from app.modules.callcenter import blocking, control_rules
from app.modules.callcenter.blocking import numbers_of
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions, Step, To
from app.modules.callcenter.models import AuditEntry
from app.modules.callcenter.views import audit as audit_page
from app.modules.callcenter.views.audited_rules import rule_told
from tests.conftest import csrf_of
from tests.integration.callcenter.phone_system import (
    CUSTOMER,
    LINE,
    LINE_E164,
    PhoneSystem,
    call_id,
    give_line,
    the_call,
)


@pytest.fixture
def client(client_for: Callable[..., FlaskClient]) -> Callable[..., FlaskClient]:
    return lambda role="administrator", **more: client_for(role=role, **more)


def send(client: FlaskClient, path: str, data: Mapping[str, Any] | None = None, **headers: str) -> TestResponse:
    """A form with its token."""
    return client.post(path, data={"csrf_token": csrf_of(client), **(data or {})}, headers=headers)


def changes(name: str) -> list[tuple[Any, Any]]:
    with reading() as session:
        rows = session.execute(select(AuditEntry).where(AuditEntry.kind == "change").order_by(AuditEntry.id)).scalars()
        found = [(json.loads(row.before or "{}"), json.loads(row.after or "{}")) for row in rows]
    return [(before.get(name), after[name]) for before, after in found if name in after]


def test_a_rule_is_made_as_the_form_says(client: Callable[..., FlaskClient], app: Flask) -> None:
    give_line(app)
    form = {
        "name": "Customers first",
        "kind": "forward",
        "known": "yes",
        "countries": ["DE", "AT"],
        "prefixes": "0900*\n+44",
        "lines": LINE_E164,
        "seconds_manager": "15",
        "seconds_inside": "",
        "seconds_line": "30",
        "seconds_numbers": "20",
        "targets": "11\n030 12345678",
        "voicemail": "1",
    }
    assert send(client(), "/callcenter/control/new", form).status_code == 302
    rule = control_rules.listed()[-1]
    assert rule.conditions == Conditions(
        known=True, countries=("DE", "AT"), prefixes=("+49900", "+44"), lines=(LINE_E164,)
    )
    steps = (Step(To.MANAGER, 15), Step(To.LINE, 30), Step(To.NUMBERS, 20, ("11", "+493012345678")))
    assert rule.action == Action(ActionKind.FORWARD, steps)
    assert (rule.name, rule.active, rule.fallback) == ("Customers first", True, False)
    ((before, after),) = changes("control_rules")
    assert before == []
    assert after[0].startswith("2. Customers first: ")


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client: Callable[..., FlaskClient]) -> None:
    form = {"name": "Mine <b>", "kind": "forward", "seconds_numbers": "20", "targets": "112", "prefixes": "?"}
    answer = send(client(), "/callcenter/control/new", form)
    assert answer.status_code == 422
    assert "Mine &lt;b&gt;" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert ">112</textarea>" in answer.text
    assert len(control_rules.listed()) == 1


def test_rules_are_moved_switched_and_deleted_each_written_down(client: Callable[..., FlaskClient]) -> None:
    admin = client()
    rule = control_rules.store(None, Draft("Second", Conditions(), Action()), by=None)
    first = control_rules.listed()[0].id
    assert send(admin, f"/callcenter/control/{rule}/move", {"to": "up"}).status_code == 302
    assert [one.id for one in control_rules.listed()] == [rule, first]
    send(admin, f"/callcenter/control/{rule}/switch", {"active": "0"})
    assert control_rules.find(rule).active is False  # type: ignore[union-attr] # it is there
    send(admin, f"/callcenter/control/{rule}/remove")
    assert [one.id for one in control_rules.listed()] == [first]
    assert len(changes("control_rules")) == 4
    assert send(admin, f"/callcenter/control/{rule}/move", {"to": "up"}).status_code == 404


def test_the_preview_tells_of_each_rule_why_it_fits_or_not(client: Callable[..., FlaskClient], app: Flask) -> None:
    give_line(app)
    control_rules.store(None, Draft("Strangers", Conditions(known=False), Action(ActionKind.BUSY)), by=None)
    blocking.add(numbers_of("0171 3920009"), blocking.Terms(), by=None)
    admin = client(language="en")
    blocked = send(admin, "/callcenter/control/try", {"caller": "0171 3920009", "line": LINE_E164}).text
    assert "Refuse the call" in blocked
    stranger = send(
        admin,
        "/callcenter/control/try",
        {"caller": CUSTOMER, "line": LINE_E164},
        **{"HX-Request": "true"},
    ).text
    assert "Sound busy" in stranger
    assert "does not fit" in stranger
    assert "The caller is in the block list" in stranger
    assert "<html" not in stranger


def test_a_caller_is_blocked_from_a_call_that_one_may_see(
    client: Callable[..., FlaskClient], phones: PhoneSystem
) -> None:
    call = call_id()
    phones.incoming(call)
    path = f"/callcenter/blocks/calls/{the_call(call).id}"
    staff = client(role="staff")
    told = [send(staff, path, Accept="application/json").get_json() for _ in range(2)]
    assert [one["blocked"] for one in told] == [True, True]
    assert staff.get(told[0]["path"]).status_code == 200
    assert b"Reject" in phones.incoming(call_id()).data
    page = staff.get(f"/callcenter/calls/{the_call(call).id}")
    assert "data-block-call" in page.text
    assert changes("block_list") == [(None, ["0171 3920001", "reject"])]
    hidden = call_id()
    phones.incoming(hidden, "anonymous")
    assert send(staff, f"/callcenter/blocks/calls/{the_call(hidden).id}").status_code == 404
    assert send(staff, "/callcenter/blocks/calls/999999").status_code == 404


def test_numbers_are_blocked_until_a_day_with_a_note(client: Callable[..., FlaskClient]) -> None:
    staff = client(role="staff")
    form = {"numbers": "0171*", "busy": "1", "until": "2026-12-31", "note": "Werbung <i>"}
    assert send(staff, "/callcenter/blocks", form).status_code == 302
    (entry,) = blocking.listed(9).entries
    assert (entry.low, entry.busy, entry.note) == ("+49171", True, "Werbung <i>")
    assert entry.expires_at is not None
    # The end of the day where the user is.
    assert entry.expires_at.isoformat() == "2026-12-31T23:00:00+00:00"
    page = staff.get("/callcenter/blocks?number=0171+1234567").text
    assert "Werbung &lt;i&gt;" in page
    assert 'value="2026-12-31"' in staff.get(f"/callcenter/blocks/{entry.id}").text
    assert send(staff, "/callcenter/blocks", form).status_code == 422
    assert send(staff, "/callcenter/blocks", {**form, "numbers": "0*"}).status_code == 422
    assert send(staff, f"/callcenter/blocks/{entry.id}", {"until": "2001-01-01"}).status_code == 422
    assert send(staff, f"/callcenter/blocks/{entry.id}/remove").status_code == 302
    assert blocking.listed(9).total == 0


def test_the_number_of_an_entry_is_hidden_in_the_audit_log_from_whoever_may_not_see_numbers(
    client: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    blocking.add(numbers_of("0171 3920001"), blocking.Terms(note="spam"), by=None)
    admin = client()
    assert "3920001" in admin.get("/callcenter/audit").text
    monkeypatch.setattr(audit_page, "may", lambda permission: permission != "callcenter.audit_numbers")
    page = admin.get("/callcenter/audit").text
    assert "spam" in page
    assert "3920001" not in page


def test_the_audit_log_tells_rules_and_blocked_numbers_in_the_readers_words(
    client: Callable[..., FlaskClient],
) -> None:
    steps = (Step(To.MANAGER, 15), Step(To.LINE, 30))
    forward = Action(ActionKind.FORWARD, steps)
    control_rules.store(None, Draft("Customers: {first} → us", Conditions(known=True), forward), by=None)
    control_rules.store(None, Draft("All", Conditions(), Action(ActionKind.BUSY)), by=None)
    control_rules.switch(1, active=False, by=None)
    until = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
    blocking.add(numbers_of("0900*"), blocking.Terms(busy=True, expires_at=until, note="reject"), by=None)
    page = unescape(client().get("/callcenter/audit").text)
    assert (
        "2. Customers: {first} → us: Der Anrufer ist bekannt → Der Reihe nach klingeln lassen:"
        " Vertrieb 15 s → Benutzer der Leitung 30 s → Mailbox" in page
    )
    assert "1. Sperrliste (aus): Der Anrufer steht auf der Sperrliste → Wie es in der Sperrliste steht" in page
    assert "3. All: jeder Anruf → Besetztzeichen geben" in page
    assert "+49900*, hört das Besetztzeichen, 02.01.30, 04:04, reject" in page
    # What was written otherwise is told as it is.
    assert rule_told("9. Old rule: known → busy") == "9. Old rule: known → busy"
    assert rule_told('9. Odd: {"known": true} → {"kind": "dance"}') == '9. Odd: {"known": true} → {"kind": "dance"}'


def test_decisions_are_listed_from_the_newest_page_by_page(
    client: Callable[..., FlaskClient], phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.modules.callcenter.views.control.ROWS", 2)
    control_rules.store(None, Draft("Strangers", Conditions(known=False), Action(ActionKind.BUSY)), by=None)
    for _ in range(3):
        phones.incoming(call_id(), CUSTOMER, LINE)
    admin = client()
    first = admin.get("/callcenter/control/decisions").text
    assert first.count("Strangers") == 2
    assert admin.get("/callcenter/control/decisions?before=2").status_code == 200
    assert CUSTOMER not in first


def test_whom_rules_ring_as_inside_sales_is_set(client: Callable[..., FlaskClient]) -> None:
    admin = client()
    assert send(admin, "/callcenter/control/inside", {"inside": "nobody"}).status_code == 422
    assert send(admin, "/callcenter/control/inside", {"inside": "11"}).status_code == 302
    assert changes("control_inside") == [("", "11")]
    assert 'value="11"' in admin.get("/callcenter/control").text

"""Whoever repeats a question gets the answer that was given, whatever failed or changed in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.modules.addresses.services import create_address
from app.modules.callcenter import blocking, connecting, control_kept, control_rules, inbox, recognition, spooling
from app.modules.callcenter.blocking import Terms, numbers_of
from app.modules.callcenter.connections import address
from app.modules.callcenter.control_log import logged
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions, Step, To
from tests.conftest import build_app, wait_for_connections
from tests.integration.callcenter.phone_system import (
    ANNA,
    CUSTOMER,
    LINE_E164,
    PhoneSystem,
    call_id,
    configure,
    give_account,
    give_line,
    notifications,
    the_call,
)
from tests.integration.faults.outage import away, look, waiting

REJECT, BUSY = b"<Reject />", b'<Reject reason="busy"'
FORWARD = Action(ActionKind.FORWARD, (Step(To.LINE, 25),), voicemail=False)


@contextmanager
def broken() -> Iterator[None]:
    """Nothing can be processed: whoever calls cannot be looked up."""

    def fails(*_given: object) -> None:
        raise RuntimeError("the addresses are away")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recognition, "recognise", fails)
        yield


def behind(action: Action) -> int:
    """What holds for the line by itself."""
    return control_rules.store(None, Draft("Behind", Conditions(lines=(LINE_E164,)), action, True), by=None)


def block() -> int:
    return blocking.add(numbers_of(CUSTOMER), Terms(), by=None)


def states() -> list[str]:
    return [row["state"] for row in notifications()]


def test_a_request_that_failed_is_answered_alike_before_it_is_tried_again(phones: PhoneSystem) -> None:
    behind(Action(ActionKind.ROUTING_PLAN, pbx_id="5"))
    call = call_id()
    with broken():
        first = phones.incoming(call).data
    assert b'<RoutingPlan id="5"' in first
    block()
    assert phones.incoming(call).data == first
    # Only this one: another call of the same caller is decided by what holds now.
    assert REJECT in phones.incoming(call_id()).data
    assert states() == ["failed", "processed", "processed"]
    told = logged(the_call(call).control)
    assert told is not None
    assert (told.why, told.decision.kind, the_call(call).phase) == ("safe", "routing_plan", "ringing")
    inbox.replay(failed_only=True)
    assert states() == ["repeated", "processed", "processed"] or states() == ["processed", "processed", "processed"]
    assert phones.incoming(call).data == first


def test_the_same_call_is_known_again_though_it_is_told_in_other_bytes(phones: PhoneSystem) -> None:
    rule = behind(Action(ActionKind.ROUTING_PLAN, pbx_id="5"))
    call = call_id()
    with broken():
        first = phones.incoming(call).data
    control_rules.remove(rule, by=None)
    block()
    fields = {"direction": "in", "to": "03023125100", "from": CUSTOMER}
    assert phones.tell("IncomingCall", call, **fields).data == first
    # What follows is a plain notification of the same call.
    assert b"RoutingPlan" not in phones.accepted(call).data


def test_it_may_fail_again_and_when_no_rule_is_left(phones: PhoneSystem) -> None:
    rule = behind(Action(ActionKind.BUSY))
    call = call_id()
    with broken():
        first = phones.incoming(call).data
        assert BUSY in first
        control_rules.remove(rule, by=None)
        assert phones.incoming(call).data == first
        behind(Action(ActionKind.REJECT))
        assert phones.incoming(call).data == first
    assert phones.incoming(call).data == first
    assert (the_call(call).decision, the_call(call).outcome) == ("busy", "blocked")


def test_nothing_is_answered_again_where_no_rule_held_then(phones: PhoneSystem) -> None:
    call = call_id()
    with broken():
        first = phones.incoming(call).data
    block()
    assert REJECT not in first
    assert phones.incoming(call).data == first
    assert the_call(call).phase == "ringing"


def test_a_repetition_that_fails_is_answered_as_its_call_was(phones: PhoneSystem, app: Flask, make_user: Any) -> None:
    anna = make_user()
    give_account(app, anna, ANNA)
    give_line(app, anna)
    control_rules.store(None, Draft("Rings", Conditions(), FORWARD, False), by=None)
    behind(Action(ActionKind.REJECT))
    call = call_id()
    first = phones.incoming(call).data
    assert b"<Number>" in first
    with broken():
        assert phones.incoming(call).data == first
        # Also when nobody would be asked any more.
        for one in control_rules.listed():
            control_rules.remove(one.id, by=None)
        assert phones.incoming(call).data == first


def test_a_stranger_to_what_failed_is_decided_anew(phones: PhoneSystem) -> None:
    create_address({"name": "Muster GmbH"})
    with broken():
        phones.incoming(call_id())
    block()
    assert REJECT in phones.incoming(call_id()).data
    assert REJECT not in phones.incoming(call_id(), caller="01713920002").data


def test_kept_answers_that_cannot_be_read_cost_no_call(phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    with broken():
        phones.incoming(call_id())

    def fails(*_given: object) -> None:
        raise RuntimeError("unreadable")

    monkeypatch.setattr(control_kept, "looking", fails)
    block()
    assert REJECT in phones.incoming(call_id()).data


def test_while_the_database_is_away_and_afterwards(own_app: Flask) -> None:
    phones = ready(own_app)
    call = call_id()
    with own_app.app_context():
        behind(Action(ActionKind.BUSY))
        block()
    look(own_app)
    first = phones.incoming(call).data
    assert REJECT in first
    with away(own_app):
        # Without the database the block list is not asked, but what was answered is remembered.
        assert phones.incoming(call).data == first
        assert BUSY in phones.incoming(call_id()).data
    look(own_app)
    with own_app.app_context():
        assert (the_call(call).decision, the_call(call).outcome) == ("reject", "blocked")
    assert phones.incoming(call).data == first


def test_what_waits_in_the_spool_is_answered_alike_by_every_worker(own_app: Flask, tmp_path: Path) -> None:
    phones = ready(own_app)
    call = call_id()
    with own_app.app_context():
        rule = behind(Action(ActionKind.BUSY))
    look(own_app)
    with away(own_app):
        first = phones.incoming(call).data
        assert BUSY in first
    assert waiting(own_app) == 1
    other = build_app(own_app.extensions["durchwahl"].database.url, tmp_path)
    with other.app_context():
        assert spooling.spool().newest(5)[0].answer
        control_rules.remove(rule, by=None)
        block()
    assert PhoneSystem(other).incoming(call).data == first
    assert REJECT in PhoneSystem(other).incoming(call_id()).data
    look(own_app)
    with own_app.app_context():
        assert waiting(own_app) == 0
        assert the_call(call).decision == "busy"
    assert PhoneSystem(other).incoming(call).data == first
    wait_for_connections(other.extensions["durchwahl"].database)
    other.extensions["durchwahl"].database.dispose()


def test_a_telephone_system_of_another_kind_is_answered_alike(app: Flask) -> None:
    cti = connecting.add("cti", "Asterisk")
    entry = block()
    client = app.test_client()
    told = {"event": "newCall", "from": CUSTOMER, "to": "03023125100", "direction": "in", "callId": "c1"}
    way = address(cti, "")
    first = client.post(way, json=told).json
    assert first == {"action": "reject", "reason": "busy"}
    blocking.remove(entry, by=None)
    with broken():
        assert client.post(way, json=told).json == first


def test_answers_are_remembered_for_some_minutes_and_not_without_end(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_kept, "MOST", 3)
    phones, call, clock = ready(own_app), call_id(), own_app.extensions["durchwahl"].clock
    with own_app.app_context():
        behind(Action(ActionKind.BUSY))
        entry = block()
    look(own_app)
    for _ in range(5):
        phones.incoming(call_id())
    first = phones.incoming(call).data
    assert REJECT in first
    assert len(own_app.extensions["durchwahl.callcenter.answers"].given) == 3
    with own_app.app_context():
        blocking.remove(entry, by=None)
    with away(own_app):
        clock.advance(timedelta(minutes=9).total_seconds())
        assert phones.incoming(call).data == first
    look(own_app)
    clock.advance(timedelta(minutes=2).total_seconds())
    with away(own_app):
        # Nobody repeats a question after eleven minutes: this is what holds for the line.
        assert BUSY in phones.incoming(call).data


def ready(app: Flask) -> PhoneSystem:
    with app.app_context():
        configure(app)
    return PhoneSystem(app)

"""The telephone system asks, and Durchwahl decides: rules, block list, the same answer twice, and never an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import update

from app.core.database import transaction
from app.core.versions import Versions
from app.modules.addresses.models import Address
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import anonymising, blocking, configuring, control_rules, inbox, recognition
from app.modules.callcenter.blocking import Terms, numbers_of
from app.modules.callcenter.control_log import given, logged
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions, Step, To
from app.modules.callcenter.providers.base import PbxLine
from tests import watching
from tests.conftest import build_app, wait_for_connections
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    CUSTOMER,
    LINE,
    PhoneSystem,
    call_id,
    configure,
    give_account,
    give_line,
    notifications,
    the_call,
)

REJECT, BUSY = Action(ActionKind.REJECT), Action(ActionKind.BUSY)
NOTHING = "<Response />"


def answer(phones: PhoneSystem, caller: str = CUSTOMER, call: str | None = None, line: str = LINE) -> str:
    """What is answered to a call, on one line."""
    document = ET.fromstring(phones.incoming(call or call_id(), caller, line).data)
    for element in document.iter():
        element.text = (element.text or "").strip()
        element.tail = None
    return ET.tostring(document, encoding="unicode").removeprefix("<Response>").removesuffix("</Response>")


def add_rule(conditions: Conditions, action: Action, *, fallback: bool = False, name: str = "A rule") -> int:
    return control_rules.store(None, Draft(name, conditions, action, fallback), by=None)


def block(typed: str, **terms: Any) -> int:
    return blocking.add(numbers_of(typed), Terms(**terms), by=None)


def address_of(number: str, name: str = "Muster GmbH", **standing: Any) -> int:
    address_id = create_address({"name": name}, [NumberInput(number)])
    if standing:
        with transaction() as session:
            session.execute(update(Address).where(Address.id == address_id).values(**standing))
    return address_id


def test_without_a_rule_that_fits_nothing_is_decided_and_nothing_kept(phones: PhoneSystem) -> None:
    assert answer(phones) == NOTHING
    assert (the_call().control, the_call().decision, the_call().phase) == (None, "nothing", "ringing")


@pytest.mark.parametrize("typed", ["01713920001", "+49 171 3920001", "0049 (171) 392-0001", "491713920001"])
@pytest.mark.parametrize("sent", ["01713920001", "+491713920001", "00491713920001", "491713920001"])
def test_a_blocked_number_is_refused_however_it_is_written(phones: PhoneSystem, typed: str, sent: str) -> None:
    block(typed)
    assert answer(phones, sent) == "<Reject />"


@pytest.mark.parametrize(
    ("typed", "caller", "blocked"),
    [
        ("0171 392*", "01713920001", True),
        ("0171 393*", "01713920001", False),
        ("+44*", "00442079460123", True),
        ("0171 3920000 – 0171 3920009", "01713920001", True),
        ("0171 3920002 - 0171 3920009", "01713920001", False),
        # A number that no plan knows, as the telephone system sends it.
        ("0123456789", "0123456789", True),
        ("+49 123456789", "0123456789", True),
        ("01713920001", "anonymous", False),
        # Never by how a number ends.
        ("0171 3920001", "0301713920001", False),
    ],
)
def test_ranges_and_beginnings_block_what_they_hold(
    phones: PhoneSystem, typed: str, caller: str, blocked: bool
) -> None:
    block(typed)
    assert (answer(phones, caller) == "<Reject />") is blocked


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *((typed, "number") for typed in ("", "12", "Max")),
        *((typed, "beginning") for typed in ("*", "abc*")),
        *((typed, "home") for typed in ("0*", "+49*")),
        *((typed, "range") for typed in ("030 1 – 030 22", "0171 3920009 – 0171 3920001")),
    ],
)
def test_what_names_no_numbers_is_refused(phones: PhoneSystem, typed: str, code: str) -> None:
    with pytest.raises(blocking.NotANumber) as refused:
        numbers_of(typed)
    assert refused.value.code == code


def test_a_blocked_call_rings_nowhere_and_nobody_missed_it(
    phones: PhoneSystem, browser: Callable[..., Browser]
) -> None:
    screen = browser()
    block(CUSTOMER, busy=True)
    call = call_id()
    assert answer(phones, call=call) == '<Reject reason="busy" />'
    assert [one for one in screen.heard("call") if one["id"] == the_call(call).id] == []
    told = the_call(call)
    assert (told.phase, told.outcome, told.missed, told.provisional) == ("ended", "blocked", False, False)
    phones.hung_up(call, type="missed", duration="0")
    told = the_call(call)
    assert (told.phase, told.outcome, told.missed, told.decision) == ("ended", "blocked", False, "busy")
    assert screen.heard("call") == []


def test_a_call_that_somebody_takes_all_the_same_is_shown(phones: PhoneSystem, browser: Callable[..., Browser]) -> None:
    screen = browser()
    block(CUSTOMER)
    call = call_id()
    answer(phones, call=call)
    phones.accepted(call)
    assert (the_call(call).phase, the_call(call).outcome) == ("talking", None)
    assert [one["phase"] for one in screen.heard("call")] == ["talking"]


def test_an_entry_holds_until_it_expires_or_is_removed(phones: PhoneSystem, app: Flask) -> None:
    now = app.extensions["durchwahl"].clock.now()
    block("0171 3920001", expires_at=now + timedelta(minutes=1))
    block("0171 3920002", expires_at=now)
    kept = block("0171 3920003")
    assert [answer(phones, f"0171392000{last}") for last in (1, 2, 3)] == ["<Reject />", NOTHING, "<Reject />"]
    blocking.remove(kept, by=None)
    assert answer(phones, "01713920003") == NOTHING


def test_the_first_rule_that_fits_decides_and_the_order_can_be_changed(phones: PhoneSystem) -> None:
    first = add_rule(Conditions(prefixes=("+49171",)), REJECT)
    second = add_rule(Conditions(known=False), BUSY)
    assert answer(phones) == "<Reject />"
    control_rules.move(second, up=True, by=None)
    assert answer(phones) == '<Reject reason="busy" />'
    control_rules.switch(second, active=False, by=None)
    assert answer(phones) == "<Reject />"
    control_rules.remove(first, by=None)
    assert answer(phones) == NOTHING
    with pytest.raises(LookupError):
        control_rules.remove(first, by=None)


def test_a_hidden_number_a_country_and_a_line_can_be_asked_for(phones: PhoneSystem) -> None:
    add_rule(Conditions(withheld=True, lines=("+493023125100",)), BUSY)
    add_rule(Conditions(countries=("GB",)), REJECT)
    assert answer(phones, "anonymous") == '<Reject reason="busy" />'
    assert answer(phones, "anonymous", line="03023125199") == NOTHING
    assert answer(phones, "00442079460123") == "<Reject />"
    assert answer(phones) == NOTHING


def test_what_the_addresses_say_can_be_asked_for(phones: PhoneSystem, app: Flask, make_user: Any) -> None:
    anna, idle = make_user(), make_user()
    give_account(app, anna, ANNA)
    address_of("0171 3920001", delivery_block=True)
    address_of("0171 3920002", account_manager_id=anna)
    address_of("0171 3920003", account_manager_id=idle)
    add_rule(Conditions(delivery_block=True), BUSY, name="block")
    add_rule(Conditions(manager=True), REJECT, name="manager")
    add_rule(Conditions(known=False), Action(ActionKind.PROMPT, pbx_id="7"), name="unknown")
    found = [answer(phones, f"0171392000{last}") for last in (1, 2, 3, 4)]
    assert found == ['<Reject reason="busy" />', "<Reject />", NOTHING, '<Prompt id="7" />']


def test_where_several_have_the_number_only_what_they_agree_on_counts(phones: PhoneSystem) -> None:
    address_of(CUSTOMER, "Eins GmbH", delivery_block=True)
    address_of(CUSTOMER, "Zwei GmbH")
    add_rule(Conditions(delivery_block=True), BUSY)
    add_rule(Conditions(known=True), Action(ActionKind.QUEUE, pbx_id="3"))
    assert answer(phones) == '<Queue id="3" />'


def test_the_account_manager_rings_first_then_inside_sales_then_the_line(
    phones: PhoneSystem, app: Flask, make_user: Any
) -> None:
    anna, ben, clara = make_user(), make_user(), make_user()
    give_account(app, anna, ANNA)
    give_account(app, ben, BEN)
    give_account(app, clara, "7771000003@fpbx.de")
    give_line(app, ben, clara)
    steps = tuple(Step(to, seconds) for to, seconds in ((To.MANAGER, 15), (To.INSIDE, 10), (To.LINE, 30)))
    add_rule(Conditions(), Action(ActionKind.FORWARD, (*steps, Step(To.NUMBERS, 20, ("+493012345678",)))))
    control_rules.set_inside("11", by=None)
    address_of(CUSTOMER, account_manager_id=anna)

    def target(seconds: int, *numbers: str) -> str:
        return f'<Target ringtime="{seconds}">{"".join(f"<Number>{one}</Number>" for one in numbers)}</Target>'

    rest = target(10, "11") + target(30, BEN, "7771000003@fpbx.de") + target(20, "03012345678")
    assert answer(phones) == f'<Forward voicemail="true">{target(15, ANNA)}{rest}</Forward>'
    # A stranger has no account manager: nobody's telephone is waited for in vain.
    assert answer(phones, "01713920002") == f'<Forward voicemail="true">{rest}</Forward>'


def test_a_rule_that_finds_nobody_to_ring_leaves_the_call_to_the_telephone_system(phones: PhoneSystem) -> None:
    add_rule(Conditions(), Action(ActionKind.FORWARD, (Step(To.MANAGER, 15),)))
    call = call_id()
    assert answer(phones, call=call) == NOTHING
    told = logged(the_call(call).control)
    assert told is not None
    assert (told.why, told.wanted) == ("rule", "forward")


def test_each_decision_is_kept_with_its_call(phones: PhoneSystem) -> None:
    rule = add_rule(Conditions(withheld=True), BUSY, name="No name, no call")
    told = {}
    for caller in ("anonymous", CUSTOMER):
        call = call_id()
        answer(phones, caller, call)
        told[caller] = logged(the_call(call).control)
    found, none = told["anonymous"], told[CUSTOMER]
    assert found is not None
    assert none is not None
    assert (found.why, found.rule_id, found.rule_name, found.decision.kind) == (
        "rule",
        rule,
        "No name, no call",
        "busy",
    )
    assert (none.why, none.rule_id, none.decision.kind) == ("none", None, "nothing")
    assert 0 <= (found.milliseconds or -1) < 60_000


def test_a_repeated_request_gets_the_same_answer_whatever_changed_meanwhile(
    phones: PhoneSystem, app: Flask, make_user: Any
) -> None:
    anna = make_user()
    give_account(app, anna, ANNA)
    give_line(app, anna)
    rule = add_rule(Conditions(), Action(ActionKind.FORWARD, (Step(To.LINE, 25),), voicemail=False))
    call = call_id()
    first = phones.incoming(call).data
    assert b"<Number>" in first
    control_rules.remove(rule, by=None)
    block(CUSTOMER)
    assert [phones.incoming(call).data for _ in range(3)] == [first] * 3
    # What comes later about the call is a plain notification.
    assert b"Forward" not in phones.accepted(call).data
    inbox.replay()
    assert phones.incoming(call).data == first


def test_a_failure_after_the_notification_is_stored_gets_what_holds_for_the_line(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Action(ActionKind.ROUTING_PLAN, pbx_id="5")
    add_rule(Conditions(lines=("+493023125100",)), plan, fallback=True)
    block(CUSTOMER)

    def broken(*_given: object) -> None:
        raise RuntimeError("the addresses are away")

    with monkeypatch.context() as patched:
        patched.setattr(recognition, "recognise", broken)
        call = call_id()
        assert answer(phones, call=call) == '<RoutingPlan id="5" />'
        assert answer(phones, line="03023125199") == NOTHING
        assert [(one["state"], given(one["answer"]).decision.kind) for one in notifications()] == [
            ("failed", "routing_plan"),
            ("failed", "nothing"),
        ]
    inbox.replay(failed_only=True)
    told = logged(the_call(call).control)
    # What was answered then is what is kept: nobody was refused.
    assert told is not None
    assert (told.why, told.decision.kind, the_call(call).phase) == ("safe", "routing_plan", "ringing")
    assert answer(phones, call=call) == '<RoutingPlan id="5" />'


def test_an_answer_that_was_given_before_a_failure_is_kept_though_the_end_was_understood_first(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule(Conditions(lines=("+493023125100",)), REJECT, fallback=True)

    def broken(*_given: object) -> None:
        raise RuntimeError("the addresses are away")

    call = call_id()
    with monkeypatch.context() as patched:
        patched.setattr(recognition, "recognise", broken)
        assert answer(phones, call=call) == "<Reject />"
    phones.hung_up(call, type="missed", duration="0")
    assert the_call(call).missed
    inbox.replay(failed_only=True)
    found = the_call(call)
    assert (found.decision, found.outcome, found.missed) == ("reject", "blocked", False)
    assert answer(phones, call=call) == "<Reject />"


def test_a_rule_that_cannot_be_applied_costs_neither_call_nor_answer(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    add_rule(Conditions(manager=True), BUSY)
    add_rule(Conditions(), Action(ActionKind.GROUP, pbx_id="8", seconds=20), fallback=True)
    monkeypatch.setattr("app.modules.callcenter.control.account_of", lambda *_given: 1 / 0)
    call = call_id()
    assert answer(phones, call=call) == '<Group id="8" ringtime="20" />'
    assert the_call(call).phase == "ringing"
    assert "the rules for calls failed: ZeroDivisionError" in caplog.text


def test_a_line_that_is_not_routed_to_us_is_left_alone(phones: PhoneSystem, app: Flask) -> None:
    block(CUSTOMER)
    configuring.remember(configuring.Listed(lines=(PbxLine(LINE, "Zentrale", decides=False),)))
    assert answer(phones) == NOTHING
    assert (the_call().phase, the_call().control) == ("ringing", None)
    configuring.remember(configuring.Listed(lines=(PbxLine(LINE, "Zentrale", decides=True),)))
    assert answer(phones) == "<Reject />"


def test_an_anonymised_call_keeps_no_decision(phones: PhoneSystem) -> None:
    block(CUSTOMER)
    answer(phones)
    assert the_call().control is not None
    anonymising.anonymise([the_call().id])
    assert (the_call().control, the_call().remote_e164) == (None, None)


def test_a_change_made_elsewhere_holds_for_the_very_next_call(
    own_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Versions.check, "__defaults__", (3600.0,))
    second_app = build_app(own_app.extensions["durchwahl"].database.url, tmp_path)
    with own_app.app_context():
        configure(own_app)
    here, there = PhoneSystem(own_app), PhoneSystem(second_app)
    assert (answer(here), answer(there)) == (NOTHING, NOTHING)
    for _ in range(3):
        with own_app.app_context():
            entry = block(CUSTOMER)
        assert (answer(there), answer(here)) == ("<Reject />", "<Reject />")
        with second_app.app_context():
            blocking.remove(entry, by=None)
        assert (answer(here), answer(there)) == (NOTHING, NOTHING)
    wait_for_connections(second_app.extensions["durchwahl"].database)
    second_app.extensions["durchwahl"].database.dispose()


def test_rules_cost_no_statement(own_app: Flask) -> None:
    phones, database = PhoneSystem(own_app), own_app.extensions["durchwahl"].database
    with own_app.app_context():
        configure(own_app)
        address_of(CUSTOMER)

        def statements() -> int:
            counts = []
            for _ in range(3):
                with watching.statements(database) as heard:
                    answer(phones)
                counts.append(len([one for one in heard if "SELECT core_version" not in one]))
            return counts[-1]

        without = statements()
        for number in range(30):
            add_rule(Conditions(countries=("GB",), prefixes=(f"+4930{number:03}",)), REJECT)
            block(f"030 12345{number:02}")
        add_rule(Conditions(known=True), Action(ActionKind.GROUP, pbx_id="1"))
        assert statements() == without


def test_entries_are_listed_by_the_numbers_that_they_hold(phones: PhoneSystem) -> None:
    ids = [block(typed) for typed in ("0171 3920001", "0171*", "0171 3920000 – 0171 3920009", "0172*")]
    assert [entry.id for entry in blocking.of_number("+491713920001")] == ids[:3]
    page = blocking.listed(3)
    assert [entry.id for entry in page.entries] == ids[:0:-1]
    assert (page.total, page.older) == (4, ids[1])
    assert [entry.id for entry in blocking.listed(3, before=page.older).entries] == ids[:1]
    with pytest.raises(blocking.AlreadyListed) as same:
        block("+49 171 3920001", note="again")
    assert same.value.entry_id == ids[0]

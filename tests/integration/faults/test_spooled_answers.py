"""What a telephone system was answered while the database was away is kept with the call, once that is taken in."""

from __future__ import annotations

import contextlib

import pytest
from flask import Flask
from flask_babel import force_locale

from app.modules.callcenter import blocking, control_rules, inbox
from app.modules.callcenter.blocking import Terms, numbers_of
from app.modules.callcenter.control_list import decisions
from app.modules.callcenter.control_log import logged
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions, Step, To
from app.modules.callcenter.providers.base import Stage
from app.modules.callcenter.views import control_words
from tests.integration.callcenter.phone_system import (
    CUSTOMER,
    LINE_E164,
    PhoneSystem,
    all_calls,
    call_id,
    notifications,
    the_call,
)
from tests.integration.faults.outage import away, look


def test_a_telephone_system_that_waits_for_an_answer_gets_what_holds_for_the_line(
    own_app: Flask, phones: PhoneSystem
) -> None:
    """By the rules that were read last; who calls is looked up nowhere."""
    plan = Draft("Zentrale", Conditions(lines=(LINE_E164,)), Action(ActionKind.ROUTING_PLAN, pbx_id="7"), True)
    with own_app.app_context():
        control_rules.store(None, Draft("Nobody", Conditions(known=False), Action(ActionKind.REJECT), False), by=None)
        control_rules.store(None, plan, by=None)
    look(own_app)
    with away(own_app):
        assert b'<RoutingPlan id="7"' in phones.incoming(call_id()).data
    look(own_app)
    with own_app.app_context():
        assert [(row["state"], row["answer"]) for row in notifications()] == [("processed", "routing_plan")]
        told = logged(the_call().control)
        # What was answered then is what is kept: nobody was refused.
        assert told is not None
        assert (told.why, told.decision.kind, the_call().phase) == ("safe", "routing_plan", "ringing")


def test_what_was_answered_is_kept_whole_with_its_rule(own_app: Flask, phones: PhoneSystem) -> None:
    """Whom it rang, and by which rule: the page of the call and the log of decisions tell it afterwards."""
    rings = Action(ActionKind.FORWARD, (Step(To.NUMBERS, 25, ("23", "+493023125177")),), voicemail=True)
    with own_app.app_context():
        rule_id = control_rules.store(None, Draft("Night", Conditions(lines=(LINE_E164,)), rings, True), by=None)
    look(own_app)
    call = call_id()
    with away(own_app):
        first = phones.incoming(call).data
    assert b"23125177" in first
    look(own_app)
    with own_app.app_context(), force_locale("en"):
        control_rules.remove(rule_id, by=None)
        told = logged(the_call().control)
        assert told is not None
        assert (told.rule_id, told.rule_name) == (rule_id, "Night")
        assert told.decision.stages == (Stage(("23", "+493023125177"), 25),)
        assert control_words.reason_in_words(told).endswith("the answer that holds for the line (Night)")
        assert control_words.answer_in_words(told.decision) == (
            "Ring, one after the other: 23, 030 23125177 25 s → voicemail"
        )
    # Whoever asks again hears the same, whatever has become of the rule.
    assert phones.incoming(call).data == first


def test_that_nothing_was_decided_about_a_caller_who_is_blocked_is_told(own_app: Flask, phones: PhoneSystem) -> None:
    """Nobody can look him up then; afterwards it must be seen why he got through."""
    with own_app.app_context():
        blocking.add(numbers_of(CUSTOMER), Terms(), by=None)
    look(own_app)
    with away(own_app):
        assert b"<Reject" not in phones.incoming(call_id()).data
        phones.outgoing(call_id())
    look(own_app)
    with own_app.app_context():
        told = {call.direction: logged(call.control) for call in all_calls()}
        assert told["out"] is None
        assert told["in"] is not None
        assert (told["in"].why, told["in"].decision.kind) == ("safe", "nothing")
        assert len(decisions(60, None).calls) == 1


def test_without_any_rule_nothing_is_told_of_a_decision(own_app: Flask, phones: PhoneSystem) -> None:
    look(own_app)
    with away(own_app):
        phones.incoming(call_id())
    look(own_app)
    with own_app.app_context():
        assert the_call().control is None


@pytest.mark.parametrize("end_waits", [True, False])
@pytest.mark.parametrize(
    ("action", "answered", "outcome", "missed"),
    [
        (Action(ActionKind.REJECT), "reject", "blocked", False),
        (Action(ActionKind.ROUTING_PLAN, pbx_id="7"), "routing_plan", "missed", True),
    ],
)
def test_what_was_answered_to_a_call_is_kept_though_its_end_is_known_before_its_beginning(
    own_app: Flask, phones: PhoneSystem, action: Action, answered: str, outcome: str, missed: bool, end_waits: bool
) -> None:
    """What waits is taken in the newest first, and what did not have to wait is there already."""
    with own_app.app_context():
        control_rules.store(None, Draft("Closed", Conditions(lines=(LINE_E164,)), action, True), by=None)
    look(own_app)
    call, clock = call_id(), own_app.extensions["durchwahl"].clock
    with away(own_app):
        phones.incoming(call)
        began = clock.now()
    clock.advance(5)
    with away(own_app) if end_waits else contextlib.nullcontext():
        phones.hung_up(call, type="missed", duration="0")
    clock.advance(300)
    look(own_app)
    with own_app.app_context():
        found = the_call()
        told = logged(found.control)
        assert told is not None
        assert (told.why, told.decision.kind, found.decision) == ("safe", answered, answered)
        assert (found.phase, found.outcome, found.missed, found.received_at) == ("ended", outcome, missed, began)
        assert {row["event"]: row["answer"] for row in notifications()} == {"started": answered, "ended": "nothing"}
        inbox.replay()
        assert the_call() == found

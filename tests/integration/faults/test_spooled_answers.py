"""What a telephone system was answered while the database was away is kept with the call, once that is taken in."""

from __future__ import annotations

import contextlib

import pytest
from flask import Flask

from app.modules.callcenter import control_rules, inbox
from app.modules.callcenter.control_log import logged
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions
from tests.integration.callcenter.phone_system import LINE_E164, PhoneSystem, call_id, notifications, the_call
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

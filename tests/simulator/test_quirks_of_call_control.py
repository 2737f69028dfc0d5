"""Numbers whose routing is External API: the answer decides, and the simulator does what it says."""

from __future__ import annotations

import pytest

from simulator import call_control
from simulator.call_control import BACKUP, Stage
from simulator.client import Done
from tests.simulator.conftest import ANNA, ANNA_DIRECT, BEN, CENTRAL, CLARA, CUSTOMER, RECEPTION, Receiver, Running

FORWARD = (
    f'<Response><Forward voicemail="{{voicemail}}"><Target ringtime="20"><Number>{ANNA}</Number></Target>'
    f'<Target ringtime="30"><Number>12</Number><Number>{CENTRAL}</Number></Target></Forward></Response>'
)


def call(simulator: Running, receiver: Receiver, answer: str, line: str = CENTRAL) -> Done:
    receiver.answer = answer
    simulator.quirk(external_api=CENTRAL)
    return simulator.incoming(CUSTOMER, line)


def test_a_refused_call_rings_nowhere_and_is_over(simulator: Running, receiver: Receiver) -> None:
    done = call(simulator, receiver, '<Response><Reject reason="busy" /></Response>').call
    assert (done["phase"], done["outcome"], done["ringing"]) == ("ended", "blocked", [])
    assert done["decision"] == "abgewiesen: besetzt"
    assert receiver.events == ["IncomingCall", "HungUp"]


def test_a_forwarded_call_rings_where_the_answer_says(simulator: Running, receiver: Receiver) -> None:
    done = call(simulator, receiver, FORWARD.format(voicemail="true")).call
    assert (done["phase"], done["ringing"]) == ("ringing", [ANNA])
    assert done["decision"] == f"weitergeleitet: {ANNA} 20 s → 12, {CENTRAL} 30 s → Mailbox"


@pytest.mark.parametrize("answer", ["<Response/>", "", "nonsense", "<Response><Group id='7'/></Response>"])
def test_an_answer_that_rings_nobody_of_ours_leaves_the_call_to_the_line(
    simulator: Running, receiver: Receiver, answer: str
) -> None:
    assert call(simulator, receiver, answer).call["ringing"] == sorted([ANNA, BEN, CLARA, RECEPTION])


def test_other_numbers_ring_whatever_is_answered(simulator: Running, receiver: Receiver) -> None:
    done = call(simulator, receiver, "<Response><Reject/></Response>", ANNA_DIRECT).call
    assert (done["phase"], done["ringing"], done["decision"]) == ("ringing", [ANNA], "")


def test_the_list_of_routings_shows_which_numbers_wait(simulator: Running) -> None:
    simulator.quirk(external_api=CENTRAL)
    routings = simulator.api("GET", "/routings").json()
    assert {one["number"]["number"] for one in routings if one["api"]} == {CENTRAL}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<Response><Queue id='4'/></Response>", "Warteschlange 4"),
        ("<Response><RoutingPlan id='3'/></Response>", "Routingplan 3"),
        ("<Response><Prompt id='9'/></Response>", "Ansage 9, dann aufgelegt"),
        ("<Response><Hangup/></Response>", "aufgelegt"),
        ("<Response><Dance/></Response>", "Ausweichrouting: unbekannt: Dance"),
        ("<Response><Forward/></Response>", BACKUP.words),
        ("<!DOCTYPE x><Response/>", BACKUP.words),
    ],
)
def test_each_verb_is_told_in_words(body: str, words: str) -> None:
    assert call_control.read(200, body).words == words


def test_no_answer_and_an_error_decide_nothing() -> None:
    assert call_control.read(None, "") == call_control.read(500, "<Response><Reject/></Response>") == BACKUP


def test_the_stages_of_a_forwarding_are_read_with_their_seconds() -> None:
    plan = call_control.read(200, FORWARD.format(voicemail="false"))
    assert (plan.stages, plan.voicemail) == ((Stage((ANNA,), 20), Stage(("12", CENTRAL), 30)), False)

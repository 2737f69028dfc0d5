"""What is learnt of a call long after its end reaches whoever has it open: on a card, in the journal, on its page."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import choices, comparing, gaps, history, inbox, jobs, recognition
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from tests.conftest import NOW, FakeHttp
from tests.integration.callcenter.phone_system import CUSTOMER, LINE, PhoneSystem, call_id, the_call
from tests.integration.callcenter.web_api import WebApi, set_up

LATER = 600


def over(phones: PhoneSystem, clock: Any) -> str:
    """A missed call that ended ten minutes ago."""
    call = call_id()
    phones.incoming(call)
    phones.hung_up(call, "missed", "0")
    clock.advance(LATER)
    return call


def heard(browser: Any) -> tuple[list[tuple[str, str]], list[int]]:
    """What cards, and what journals and call pages were told since the last look."""
    messages = [(message["name"], message["args"][0]) for message in browser.socket.get_received()]
    cards = [(told["phase"], told["outcome"]) for name, told in messages if name == "call"]
    return cards, [told["id"] for name, told in messages if name == "journal"]


def test_a_report_that_comes_late_corrects_open_cards_and_pages(phones: PhoneSystem, browser: Any, clock: Any) -> None:
    anna = browser()
    call = over(phones, clock)
    anna.http.get(f"/callcenter/calls/{the_call().id}")
    heard(anna)
    phones.accepted(call)
    assert heard(anna) == ([("ended", "accepted")], [the_call().id])
    phones.accepted(call)
    assert heard(anna) == ([], [])


def test_the_list_of_the_telephone_system_corrects_open_cards_and_pages(
    app: Flask, http: FakeHttp, phones: PhoneSystem, browser: Any, clock: Any
) -> None:
    set_up(app)
    comparing.install(app, NOW)
    anna = browser()
    phones.incoming(call_id())
    began = clock.now()
    clock.advance(LATER)
    jobs.close_stale()
    anna.http.get("/callcenter/calls")
    clock.advance(LATER)
    heard(anna)
    row = {"id": 1, "type": "missed", "from_number": CUSTOMER, "to_number": LINE, "duration": 0}
    WebApi(http).calls = [{**row, "received_at": began.isoformat()}]
    assert gaps.fill(began.date()).completed == 1
    assert heard(anna) == ([("ended", "missed")], [the_call().id])


def test_a_name_that_becomes_known_late_is_asked_for_by_whoever_holds_the_card(
    phones: PhoneSystem, browser: Any, clock: Any, background: Any
) -> None:
    anna, ben = browser(), browser()
    over(phones, clock)
    held = the_call().id
    assert anna.ask() == {**anna.ask(), "calls": []}
    for one in (anna, ben):
        one.socket.get_received()
    create_address({"name": "Muster GmbH"}, [NumberInput(CUSTOMER)])
    assert recognition.rematch(held, history.NUMBERS)
    assert anna.heard("late") == []
    background()
    assert anna.heard("late") == [{}]
    assert ben.heard("late") == [{}]
    (card,) = anna.ask(held=[held])["calls"]
    assert (card["id"], card["phase"], card["matches"][0]["name"]) == (held, "ended", "Muster GmbH")
    (polled,) = anna.http.get(f"/callcenter/cards?held={held}").get_json()["calls"]
    assert {**polled, "now": None, "facts": None} == {**card, "now": None, "facts": None}


def test_a_name_chosen_late_is_asked_for_by_whoever_holds_the_card(
    phones: PhoneSystem, browser: Any, clock: Any, background: Any
) -> None:
    anna = browser()
    first = create_address({"name": "Muster GmbH"}, [NumberInput(CUSTOMER)])
    create_address({"name": "Beispiel AG"}, [NumberInput(CUSTOMER)])
    over(phones, clock)
    call = the_call()
    anna.socket.get_received()
    choices.choose(call.id, Person(first, None), anna.user_id, Scope.CALL)
    background()
    assert anna.heard("late") == [{}]
    (card,) = anna.ask(held=[call.id])["calls"]
    assert card["choice"]["scope"] == "call"
    assert [match["name"] for match in card["matches"]] == ["Muster GmbH"]


def test_nobody_gets_a_card_that_was_never_his_by_saying_that_he_holds_it(
    phones: PhoneSystem, browser: Any, clock: Any
) -> None:
    stranger = browser(scope="mine")
    over(phones, clock)
    held = the_call().id
    assert stranger.ask(held=[held])["calls"] == []
    assert stranger.http.get(f"/callcenter/cards?held={held}").get_json()["calls"] == []


@pytest.mark.parametrize(
    "sent", [None, 7, "7", {}, {"held": 7}, {"held": {"7": 7}}, {"held": [True, "7", None, -1, 2**63]}]
)
def test_whatever_a_browser_says_that_it_holds_its_question_is_answered(browser: Any, sent: Any) -> None:
    anna = browser()
    assert anna.socket.emit("calls", sent, callback=True)["calls"] == []


@pytest.mark.parametrize("held", ["", ",", "x", "-1", "1" * 5000, "²", "1,,x,99999999999999999999"])
def test_an_odd_list_of_held_cards_is_none(browser: Any, held: str) -> None:
    answer = browser().http.get("/callcenter/cards", query_string={"held": held})
    assert (answer.status_code, answer.get_json()["calls"]) == (200, [])


def test_what_comes_in_masses_long_after_the_calls_is_told_to_no_card(
    phones: PhoneSystem, browser: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, and what had waited until it could be understood."""
    anna = browser()
    call = over(phones, clock)
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "file_report", None)
        phones.accepted(call)
    clock.advance(LATER)
    heard(anna)
    create_address({"name": "Muster GmbH"}, [NumberInput(CUSTOMER)])
    assert recognition.rematch(the_call().id, history.NUMBERS)
    assert heard(anna)[0] == []
    assert inbox.retry_due() == {"processed": 1}
    assert the_call().outcome == "accepted"
    assert heard(anna)[0] == []

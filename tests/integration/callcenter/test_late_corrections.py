"""What is learnt of a call long after its end reaches whoever has it open: on a card, in the journal, on its page."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import comparing, gaps, history, inbox, jobs, recognition
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

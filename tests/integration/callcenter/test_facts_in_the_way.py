"""Facts are never in the way of a card: whoever fails, is inactive or slow, and however many look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.database import transaction
from app.modules.addresses.models import Address
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import cards, told_facts
from tests import watching
from tests.integration.callcenter.facts_heard import address, facts_of, told
from tests.integration.callcenter.phone_system import PhoneSystem, call_id

Run = Callable[[], None]


def test_page_and_state_contain_the_facts(phones: PhoneSystem, browser: Any, background: Run) -> None:
    address(delivery_block=True, delivery_block_reason="Rechnung offen")
    anna = browser()
    phones.incoming(call_id())
    background()
    (message,) = anna.facts()
    del message["id"]
    assert anna.ask()["calls"][0]["facts"] == message
    assert "Rechnung offen" in anna.http.get("/addresses/").get_data(as_text=True)


def test_a_contributor_that_fails_leaves_the_card_alone_and_is_named_on_it(
    app: Flask, phones: PhoneSystem, browser: Any, background: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    address()
    anna = browser()

    def fail(*_given: object) -> Any:
        raise LookupError

    from app.modules.addresses import caller_facts

    monkeypatch.setattr(caller_facts, "_addresses", fail)
    phones.incoming(call_id())
    assert len(anna.heard()) == 1
    message = told(anna, background)
    assert message["failed"] == ["addresses"]
    assert facts_of(message) == {"callcenter.calls_today": [1]}
    page = anna.http.get("/addresses/")
    assert page.status_code == 200
    assert "call-told" in page.get_data(as_text=True)


def test_a_deactivated_module_tells_nothing(app: Flask, phones: PhoneSystem, browser: Any, background: Run) -> None:
    kernel = app.extensions["durchwahl"]
    anna = browser()
    phones.incoming(call_id())
    kernel.states.set_active("callcenter", False)
    background()
    assert anna.facts() == []


def test_where_nobody_looks_nothing_is_read(app: Flask, phones: PhoneSystem, background: Run) -> None:
    phones.incoming(call_id())
    with watching.statements(app.extensions["durchwahl"].database) as heard:
        background()
    assert heard == []


def test_many_calls_and_many_browsers_take_no_more_statements_than_one(
    app: Flask, phones: PhoneSystem, browser: Any, background: Run
) -> None:
    counts = []
    for number in range(3):
        browser()
        caller = f"0171392000{number + 2}"
        create_address({"name": f"Muster {number}"}, [NumberInput(caller)])
        phones.incoming(call_id(), caller=caller)
        background()
        told_facts.follow()
        with watching.statements(app.extensions["durchwahl"].database) as heard:
            background()
        counts.append(len([one for one in heard if one.startswith("SELECT")]))
    # The current calls; addresses and notes; last conversations, call-backs and calls of the day.
    assert counts == [6, 6, 6]


def test_facts_that_were_begun_to_be_read_earlier_are_older(
    app: Flask, phones: PhoneSystem, browser: Any, background: Run, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = address()
    anna = browser()
    phones.incoming(call_id())
    real = told_facts.Collected._told

    def slow(self: Any, *given: Any) -> Any:
        # Meanwhile somebody sets a delivery block, and tells of it.
        clock.at += timedelta(seconds=1)
        return real(self, *given)

    monkeypatch.setattr(told_facts.Collected, "_told", slow)
    old = told(anna, background)
    with transaction() as session:
        session.get_one(Address, known).delivery_block = True
    new = cards.state_for(anna.user_id)["calls"][0]["facts"]
    assert "addresses.delivery_block" not in facts_of(old)
    assert "addresses.delivery_block" in facts_of(new)
    assert new["as_of"] > old["as_of"]

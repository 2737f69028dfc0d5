"""Facts on cards: in a second message right after the card, live, to whoever may know them, and never in the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.modules import Permission
from app.modules.addresses.note_services import NoteInput, create_note, delete_note
from app.modules.addresses.services import create_address, update_address
from app.modules.callcenter import callback_tasks, choices
from app.modules.callcenter.callback_tasks import Written
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from tests.conftest import NOW
from tests.integration.callcenter.facts_heard import address, facts_of, told
from tests.integration.callcenter.phone_system import ANNA, CUSTOMER, CUSTOMER_E164, PhoneSystem, call_id, the_call

Run = Callable[[], None]


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_the_card_comes_first_and_what_is_known_of_the_caller_right_after(
    phones: PhoneSystem, browser: Any, background: Run, make_user: Any
) -> None:
    manager, inside = make_user(name="Vera Vertrieb"), make_user(name="Ina Innen")
    known = address(
        account_manager_id=manager,
        inside_sales_id=inside,
        delivery_block=True,
        delivery_block_reason="Rechnung offen",
        delivery_block_date=date(2026, 11, 12),
    )
    anna = browser()
    phones.incoming(call_id())
    (card,) = anna.heard()
    assert (card["facts"], card["about"]) == (None, f"{known}..{CUSTOMER_E164}")
    background()
    (message,) = anna.facts()
    assert message == {
        "id": card["id"],
        "about": card["about"],
        "as_of": "2026-11-23T10:10:16.000000+00:00",
        "failed": [],
        "items": [
            {
                "kind": "addresses.delivery_block",
                "tone": "danger",
                "path": f"/addresses/{known}",
                "parts": ["Rechnung offen", {"word": "since", "of": {"day": "2026-11-12"}}],
            },
            {"kind": "addresses.customer_number", "tone": "plain", "path": None, "parts": ["10000"]},
            {"kind": "addresses.account_manager", "tone": "plain", "path": None, "parts": ["Vera Vertrieb"]},
            {"kind": "addresses.inside_sales", "tone": "plain", "path": None, "parts": ["Ina Innen"]},
            {"kind": "callcenter.calls_today", "tone": "plain", "path": None, "parts": [1]},
        ],
    }


def test_the_last_contact_is_the_last_conversation_or_note_before_this_call(
    app: Flask, phones: PhoneSystem, browser: Any, background: Run, clock: Any
) -> None:
    known = address()
    anna = browser(account=ANNA, name="Anna Alt")
    call = call_id()
    phones.incoming(call)
    phones.accepted(call)
    phones.hung_up(call)
    former = the_call(call)
    missed = call_id()
    clock.at = NOW + timedelta(hours=1)
    phones.incoming(missed)
    phones.hung_up(missed, type="missed", duration="0")
    clock.at = NOW + timedelta(hours=2)
    phones.incoming(call_id())
    facts = facts_of(told(anna, background))
    assert facts["callcenter.last_call"] == ["Anna Alt", {"at": iso(NOW)}, {"word": "in", "of": None}]
    assert facts["callcenter.calls_today"] == [3]

    # A note about that conversation says more than that there was one, and a later one is the last contact.
    note = NoteInput("Angebot besprochen", address_id=known, origin=former.origin, occurred_at=NOW.replace(second=0))
    note_id = create_note(note, by=anna.user_id)
    facts = facts_of(told(anna, background))
    assert facts["addresses.last_note"] == ["Anna Alt", {"at": iso(NOW.replace(second=0))}, "Angebot besprochen"]
    assert "callcenter.last_call" not in facts
    delete_note(note_id)
    assert "callcenter.last_call" in facts_of(told(anna, background))


def test_a_note_about_this_very_call_is_no_last_contact(phones: PhoneSystem, browser: Any, background: Run) -> None:
    known = address()
    anna = browser()
    phones.incoming(call_id())
    create_note(NoteInput("Jetzt", address_id=known, origin=the_call().origin, occurred_at=NOW.replace(second=0)))
    assert "addresses.last_note" not in facts_of(told(anna, background))


def test_a_stranger_who_called_before_is_known_by_his_number(
    phones: PhoneSystem, browser: Any, background: Run, clock: Any
) -> None:
    anna = browser(account=ANNA, name="Anna Alt")
    call = call_id()
    phones.incoming(call)
    phones.accepted(call)
    phones.hung_up(call)
    clock.at = NOW + timedelta(minutes=9)
    phones.incoming(call_id())
    facts = facts_of(told(anna, background))
    assert facts["callcenter.last_call"] == ["Anna Alt", {"at": iso(NOW)}, {"word": "in", "of": None}]
    assert facts["callcenter.calls_today"] == [2]


def test_calls_of_yesterday_are_not_of_today(phones: PhoneSystem, browser: Any, background: Run, clock: Any) -> None:
    anna = browser()
    clock.at = datetime(2026, 11, 22, 22, 59, tzinfo=NOW.tzinfo)  # 23:59 of the house
    phones.incoming(call_id())
    clock.at = datetime(2026, 11, 22, 23, 1, tzinfo=NOW.tzinfo)
    phones.incoming(call_id())
    assert facts_of(told(anna, background))["callcenter.calls_today"] == [1]


@pytest.mark.parametrize("caller", ["anonymous", "23"])
def test_of_whom_nothing_is_known_nothing_is_asked(
    phones: PhoneSystem, browser: Any, background: Run, caller: str
) -> None:
    anna = browser()
    phones.incoming(call_id(), caller=caller)
    assert told(anna, background)["items"] == []


# -------------------------------------------------------------------------------------------------------------- live


def test_what_changes_while_it_rings_is_told_at_once(
    phones: PhoneSystem, browser: Any, background: Run, clock: Any
) -> None:
    known = address()
    anna = browser()
    phones.incoming(call_id())
    assert "addresses.delivery_block" not in facts_of(told(anna, background))

    clock.at = NOW + timedelta(seconds=5)
    update_address(known, None, {"delivery_block": True, "delivery_block_reason": "Insolvenz"})
    message = told(anna, background)
    assert facts_of(message)["addresses.delivery_block"] == [
        "Insolvenz",
        {"word": "since", "of": {"day": "2026-11-23"}},
    ]
    assert message["as_of"] == "2026-11-23T10:10:21.000000+00:00"

    due = clock.at + timedelta(hours=2)
    task = callback_tasks.create(
        Written(number=CUSTOMER, address_id=known, due_at=due, assigned_to=anna.user_id), by=anna.user_id
    )
    told_now = facts_of(told(anna, background))["callcenter.open_callbacks"]
    assert told_now[:2] == [1, {"word": "due", "of": {"at": iso(due)}}]
    clock.at = due + timedelta(minutes=1)
    update_address(known, None, {"city": "Köln"})
    (overdue,) = [one for one in told(anna, background)["items"] if one["kind"] == "callcenter.open_callbacks"]
    assert (overdue["tone"], overdue["parts"][1]) == ("warning", {"word": "overdue", "of": {"at": iso(due)}})
    callback_tasks.finish([task], by=anna.user_id)
    assert "callcenter.open_callbacks" not in facts_of(told(anna, background))


def test_a_call_that_is_missed_on_the_screen_becomes_an_open_call_back_on_it(
    phones: PhoneSystem, browser: Any, background: Run
) -> None:
    anna = browser()
    call = call_id()
    phones.incoming(call)
    assert "callcenter.open_callbacks" not in facts_of(told(anna, background))
    phones.hung_up(call, type="missed", duration="0")
    assert facts_of(told(anna, background))["callcenter.open_callbacks"] == [1]


def test_a_second_call_of_the_number_counts_on_the_first_card_too(
    phones: PhoneSystem, browser: Any, background: Run
) -> None:
    anna = browser()
    phones.incoming(call_id())
    background()
    anna.facts()
    phones.incoming(call_id())
    background()
    messages = anna.facts()
    assert [facts_of(one)["callcenter.calls_today"] for one in messages] == [[2], [2]]
    assert len({one["id"] for one in messages}) == 2


def test_each_browser_is_told_of_all_calls_in_one_message(phones: PhoneSystem, browser: Any, background: Run) -> None:
    anna, ben = browser(), browser()
    phones.incoming(call_id())
    phones.incoming(call_id(), caller="0221 4710 12")
    background()
    (hers,), (his,) = anna.heard("facts"), ben.heard("facts")
    assert hers == his
    assert len({one["id"] for one in hers}) == 2


def test_a_caller_who_is_recognised_later_gets_the_facts_of_his_address(
    phones: PhoneSystem, browser: Any, background: Run
) -> None:
    anna = browser()
    phones.incoming(call_id())
    background()
    anna.facts()
    known = address(delivery_block=True)
    (card,) = anna.heard()
    message = told(anna, background)
    assert message["about"] == card["about"] == f"{known}..{CUSTOMER_E164}"
    assert "addresses.delivery_block" in facts_of(message)


def test_a_change_of_another_address_tells_nobody_anything(phones: PhoneSystem, browser: Any, background: Run) -> None:
    address()
    other = create_address({"name": "Other"})
    anna = browser()
    phones.incoming(call_id())
    background()
    anna.facts()
    update_address(other, None, {"city": "Köln"})
    background()
    assert anna.facts() == []


# ------------------------------------------------------------------------------------------------------------ to whom


def test_who_may_not_see_addresses_is_told_no_facts(
    app: Flask, phones: PhoneSystem, browser: Any, background: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    address(delivery_block=True)
    anna, chief = browser(), browser(role="administrator")
    denied = Permission("addresses.view", "", staff=False)
    monkeypatch.setitem(app.extensions["durchwahl"].permissions, "addresses.view", denied)
    phones.incoming(call_id())
    background()
    (hers,) = anna.facts()
    assert (hers["items"], hers["failed"]) == ([], [])
    assert "addresses.delivery_block" in facts_of(chief.facts()[0])
    assert anna.ask()["calls"][0]["facts"]["items"] == []
    assert anna.http.get("/callcenter/cards").json["calls"][0]["facts"]["items"] == []


def test_who_may_not_work_on_call_backs_is_not_told_of_them(
    app: Flask, phones: PhoneSystem, browser: Any, background: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = browser()
    call = call_id()
    phones.incoming(call)
    phones.hung_up(call, type="missed", duration="0")
    denied = Permission("callcenter.callbacks", "", staff=False)
    monkeypatch.setitem(app.extensions["durchwahl"].permissions, "callcenter.callbacks", denied)
    facts = facts_of(told(anna, background))
    assert "callcenter.calls_today" in facts
    assert "callcenter.open_callbacks" not in facts


def test_who_may_not_see_everybodys_calls_is_told_of_no_conversation_of_others(
    app: Flask, phones: PhoneSystem, browser: Any, background: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    address(delivery_block=True)
    anna = browser(account=ANNA)
    denied = Permission("callcenter.all_calls", "", staff=False)
    monkeypatch.setitem(app.extensions["durchwahl"].permissions, "callcenter.all_calls", denied)
    call = call_id()
    phones.incoming(call)
    phones.accepted(call)
    # The call that she took herself is the only one of today that she sees.
    known = {"addresses.delivery_block", "addresses.customer_number", "callcenter.calls_today"}
    assert set(facts_of(told(anna, background))) == known


def test_calls_and_call_backs_are_counted_for_each_as_he_sees_them(
    app: Flask, phones: PhoneSystem, browser: Any, background: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = address()
    denied = Permission("callcenter.all_calls", "", staff=False)
    monkeypatch.setitem(app.extensions["durchwahl"].permissions, "callcenter.all_calls", denied)
    anna, chief = browser(account=ANNA), browser(role="administrator")
    others, mine = call_id(), call_id()
    phones.incoming(others)
    phones.incoming(mine)
    phones.accepted(mine)
    for user_id in (anna.user_id, chief.user_id):
        callback_tasks.create(Written(number=CUSTOMER, address_id=known, assigned_to=user_id), by=chief.user_id)
    hers = facts_of(told(anna, background))
    (his,) = [one for one in chief.ask()["calls"] if one["id"] == the_call(others).id]
    assert (hers["callcenter.calls_today"], hers["callcenter.open_callbacks"][0]) == ([1], 1)
    assert facts_of(his["facts"])["callcenter.calls_today"] == [2]
    assert facts_of(his["facts"])["callcenter.open_callbacks"][0] == 2
    # A page that is loaded anew says the same.
    (loaded,) = anna.http.get("/callcenter/cards").json["calls"]
    assert facts_of(loaded["facts"]) == hers


def test_who_chose_another_for_himself_is_told_of_that_one(phones: PhoneSystem, browser: Any, background: Run) -> None:
    first, second = address("A GmbH", delivery_block=True), address("B GmbH")
    anna, ben = browser(), browser()
    phones.incoming(call_id())
    background()
    assert "addresses.customer_number" not in facts_of(anna.facts()[-1])
    ben.facts()
    choices.choose(the_call().id, Person(first, None), anna.user_id, Scope.MINE)
    choices.choose(the_call().id, Person(second, None), ben.user_id, Scope.MINE)
    background()
    hers, his = anna.facts()[-1], ben.facts()[-1]
    assert "addresses.delivery_block" in facts_of(hers)
    assert hers["about"].startswith(f"{first}.")
    assert "addresses.delivery_block" not in facts_of(his)
    assert his["about"].startswith(f"{second}.")


def test_whoever_has_only_the_line_that_says_who_answered_is_told_nothing_more(
    phones: PhoneSystem, browser: Any, background: Run
) -> None:
    address()
    anna, ben = browser(account=ANNA), browser()
    call = call_id()
    phones.incoming(call)
    background()
    ben.facts()
    phones.accepted(call)
    background()
    assert anna.facts()
    assert ben.facts() == []
    assert ben.ask()["calls"][0]["facts"] is None

"""The names that a call showed stay in its history, each with its time and who changed it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.core.database import reading
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address, update_address
from app.modules.callcenter import choices, history
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, the_call


def customer(name: str = "Muster GmbH", **more: Any) -> int:
    return create_address({"name": name}, [NumberInput("0171 3920001")], **more)


def told(call: str, viewer: int) -> list[tuple[str, list[str], list[str], int | None]]:
    with reading() as session:
        found = history.changes(session, the_call(call).id, viewer)
    return [(change.cause, _named(change.before), _named(change.after), change.user_id) for change in found]


def _named(kept: Mapping[str, Any]) -> list[str]:
    return [one["name"] for one in kept["names"]]


def test_the_history_keeps_every_name_with_its_time_and_who_changed_it(
    phones: PhoneSystem, browser: Any, clock: Any
) -> None:
    anna, call = browser(), call_id()
    phones.incoming(call)
    assert told(call, anna.user_id) == []
    clock.advance(60)
    first = customer("Erste", by=anna.user_id)
    customer("Zweite")
    choices.choose(the_call(call).id, Person(first), anna.user_id, Scope.CALL)
    update_address(first, None, {"name": "Umbenannt"})
    assert told(call, anna.user_id) == [
        ("numbers", [], ["Erste"], anna.user_id),
        ("numbers", ["Erste"], ["Erste", "Zweite"], None),
        ("chosen", ["Erste", "Zweite"], ["Erste"], anna.user_id),
    ]
    with reading() as session:
        assert {one.changed_at for one in history.changes(session, the_call(call).id, 0)} == {clock.now()}


def test_a_choice_for_oneself_is_in_ones_own_history_only(phones: PhoneSystem, browser: Any) -> None:
    anna, ben, call = browser(), browser(), call_id()
    first = customer("Erste")
    customer("Zweite")
    phones.incoming(call)
    choices.choose(the_call(call).id, Person(first), anna.user_id, Scope.MINE)
    assert [change[0] for change in told(call, anna.user_id)] == ["chosen"]
    assert told(call, ben.user_id) == []


def test_who_sees_somebody_else_than_the_others_has_his_own_changes(phones: PhoneSystem, browser: Any) -> None:
    anna, ben, one, other = browser(), browser(), call_id(), call_id()
    first = customer("Erste")
    customer("Zweite")
    customer("Dritte")
    phones.incoming(one)
    choices.choose(the_call(one).id, Person(first), anna.user_id, Scope.MINE)
    phones.incoming(other)
    update_address(first, None, {}, [])
    everybody = ("numbers", ["Dritte", "Erste", "Zweite"], ["Dritte", "Zweite"], None)
    assert told(other, ben.user_id) == [everybody]
    assert told(other, anna.user_id) == [("numbers", ["Erste"], ["Dritte", "Zweite"], None), everybody]


def test_a_change_that_shows_nobody_else_is_no_change(phones: PhoneSystem) -> None:
    address_id = customer()
    call = call_id()
    phones.incoming(call)
    update_address(address_id, None, {"customer_number": "99999"})
    assert the_call(call).version == 2
    assert told(call, 0) == []


def test_a_call_whose_number_another_report_tells_keeps_what_it_showed(phones: PhoneSystem) -> None:
    customer()
    call = call_id()
    phones.tell("CallAccepted", call, **{"from": "anonymous", "to": "03023125100", "direction": "in", "peer": "x"})
    phones.incoming(call)
    assert told(call, 0) == [("report", [], ["Muster GmbH"], None)]


def test_the_page_of_a_call_tells_what_was_shown_when_it_came_and_since(
    phones: PhoneSystem, browser: Any, clock: Any
) -> None:
    anna, call = browser(name="Anna Alt"), call_id()
    phones.incoming(call)
    clock.advance(60)
    customer("Erste", by=anna.user_id)
    ben = browser()
    page = ben.http.get(f"/callcenter/calls/{the_call(call).id}").get_data(as_text=True)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("call-history") : page.index("</main>")]))
    assert re.search(
        r"11:10:16 Eingehender Anruf .*11:10:16 Angezeigt ?: Unbekannt.*"
        r"11:11:16 Neu erkannt nach einer Änderung in den Adressen \(Anna Alt\) ?: Erste",
        text,
    ), text

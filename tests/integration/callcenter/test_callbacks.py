"""Missed calls become tasks, and settle themselves; people work on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.accounts import service
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import callback_messages, callback_tasks, callbacks, inbox
from app.modules.callcenter.callback_tasks import Written
from app.modules.callcenter.concerned import concerned
from tests.conftest import NOW, csrf_of
from tests.integration.callcenter.callback_calls import call_back, done_tasks, miss, open_tasks, talk
from tests.integration.callcenter.phone_system import (
    ANNA,
    CUSTOMER,
    PhoneSystem,
    call_id,
    give_account,
    give_line,
    the_call,
)

OTHER = "03023125678"
PAGE = "/callcenter/callbacks"


@pytest.mark.parametrize("kind", ["missed", "voicemail", "busy", "canceled"])
def test_a_call_that_nobody_took_is_a_task(phones: PhoneSystem, kind: str) -> None:
    miss(phones, kind=kind)
    (task,) = open_tasks()
    assert (task.row["party"], task.row["misses"], task.row["attempts"]) == ("+491713920001", 1, 0)


@pytest.mark.parametrize("caller", ["anonymous", "23", "7771000001@fpbx.de"])
def test_whom_nobody_can_call_back_is_no_task(phones: PhoneSystem, caller: str) -> None:
    miss(phones, caller=caller)
    assert open_tasks() == []


def test_a_blocked_or_answered_call_is_no_task(phones: PhoneSystem) -> None:
    miss(phones, kind="blocked")
    talk(phones)
    assert open_tasks() == []


def test_several_misses_of_one_number_are_one_task_with_their_times(phones: PhoneSystem, clock: Any) -> None:
    create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    for _call in range(3):
        miss(phones)
        clock.advance(60)
    miss(phones, caller=OTHER)
    first, other = open_tasks()
    assert (first.row["misses"], first.row["name"]) == (3, "Muster GmbH")
    assert first.times == [NOW + timedelta(seconds=seconds) for seconds in (120, 60, 0)]
    assert (other.row["misses"], other.row["name"]) == (1, "")


def test_a_miss_that_is_reported_twice_or_replayed_counts_once(phones: PhoneSystem) -> None:
    call = miss(phones)
    phones.hung_up(call, type="missed", duration="0")
    inbox.replay()
    callbacks.catch_up()
    (task,) = open_tasks()
    assert task.row["misses"] == 1


def test_whoever_gets_through_later_needs_no_call_back(phones: PhoneSystem, clock: Any) -> None:
    miss(phones)
    clock.advance(60)
    call = talk(phones)
    assert open_tasks() == []
    (task,) = done_tasks()
    assert (task.row["done_how"], task.row["done_call_id"]) == ("got_through", the_call(call).id)


def test_calling_back_settles_it_and_says_who_did(app: Flask, phones: PhoneSystem, make_user: Any, clock: Any) -> None:
    anna = make_user("anna")
    give_account(app, anna, ANNA)
    miss(phones)
    clock.advance(60)
    call = call_back(phones)
    (task,) = done_tasks()
    assert (task.row["done_how"], task.row["done_by"]) == ("called_back", anna)
    assert task.row["done_call_id"] == the_call(call).id


def test_reaching_nobody_is_an_attempt(phones: PhoneSystem, make_user: Any, clock: Any) -> None:
    miss(phones)
    for kind in ("busy", "missed"):
        clock.advance(60)
        call_back(phones, kind=kind, duration="0")
    (task,) = open_tasks()
    assert (task.row["attempts"], task.row["misses"]) == (2, 1)
    its_calls = callback_tasks.calls_of(task.row["id"], make_user())
    assert [deed for _call, deed, _at in its_calls] == ["missed", "tried", "tried"]


def test_a_conversation_with_somebody_else_or_an_earlier_one_settles_nothing(phones: PhoneSystem, clock: Any) -> None:
    talk(phones)
    clock.advance(60)
    miss(phones)
    clock.advance(60)
    talk(phones, caller=OTHER)
    assert len(open_tasks()) == 1


def test_a_miss_after_a_conversation_is_a_new_task(phones: PhoneSystem, clock: Any) -> None:
    for step in (miss, talk, miss):
        step(phones)
        clock.advance(60)
    assert [task.row["misses"] for task in open_tasks()] == [1]
    assert len(done_tasks()) == 1


def test_a_miss_that_is_told_after_the_later_conversation_is_no_task(phones: PhoneSystem, clock: Any) -> None:
    late = call_id()
    phones.incoming(late)
    clock.advance(30)
    talk(phones)
    phones.hung_up(late, type="missed", duration="0")
    assert open_tasks() == []


def test_a_missed_call_that_was_answered_after_all_takes_its_task_back(phones: PhoneSystem) -> None:
    call = miss(phones)
    phones.accepted(call)
    phones.hung_up(call, type="accepted", duration="30")
    assert open_tasks() == []
    assert [task.row["done_how"] for task in done_tasks()] == ["withdrawn"]


def test_a_task_is_mine_by_name_or_by_my_line(app: Flask, phones: PhoneSystem, make_user: Any) -> None:
    anna, ben = make_user("anna"), make_user("ben")
    give_line(app, anna)
    miss(phones)
    assert (callback_messages.counts_of(anna), callback_messages.counts_of(ben)) == ((1, 1), (0, 1))
    (task,) = open_tasks()
    callback_tasks.assign([task.row["id"]], ben, anna)
    assert (callback_messages.counts_of(anna), callback_messages.counts_of(ben)) == ((0, 1), (1, 1))
    mine = callback_tasks.listed("mine", concerned().by_id[ben])[0]
    assert [one.row["id"] for one in mine] == [task.row["id"]]


def test_a_colleague_is_told_of_a_task_at_once_and_reminded_once(
    browser: Any, clock: Any, background: Callable[[], None]
) -> None:
    anna, ben = browser(), browser()
    due = NOW + timedelta(hours=1)
    written = Written("0171 3920001", reason="Angebot", assigned_to=ben.user_id, due_at=due)
    callback_id = callback_tasks.create(written, anna.user_id)
    background()
    heard = ben.socket.get_received()
    (told,) = [message["args"][0] for message in heard if message["name"] == "callback_told"]
    assert (told["why"], told["reason"], told["path"]) == ("given", "Angebot", f"{PAGE}/{callback_id}")
    assert [m["args"][0] for m in heard if m["name"] == "callbacks"] == [{"mine": 1, "all": 1}]
    assert anna.heard("callback_told") == []
    callback_messages.remind()
    assert ben.heard("callback_told") == []
    clock.advance(3601)
    callback_messages.remind()
    callback_messages.remind()
    assert [message["why"] for message in ben.heard("callback_told")] == ["due"]


def test_of_many_missed_calls_nobody_waits_for_the_numbers_and_each_browser_gets_them_once(
    phones: PhoneSystem, browser: Any, background: Callable[[], None]
) -> None:
    anna, ben = browser(), browser()
    for number in range(3):
        miss(phones, f"0171392000{number}")
    assert anna.heard("callbacks") == []
    background()
    assert anna.heard("callbacks") == ben.heard("callbacks") == [{"mine": 0, "all": 3}]


def test_a_missed_call_has_only_the_calls_of_its_number_told_anew(
    phones: PhoneSystem, browser: Any, background: Callable[[], None]
) -> None:
    anna = browser()
    calls = [call_id() for _ in range(3)]
    for call, caller in zip(calls, (CUSTOMER, "01713920002", CUSTOMER), strict=True):
        phones.incoming(call, caller=caller)
    background()
    ids = [message["id"] for message in anna.facts()]
    assert len(set(ids)) == 3
    phones.hung_up(calls[0], type="missed", duration="0")
    background()
    assert {message["id"] for message in anna.facts()} == {ids[0], ids[2]}


def test_a_browser_that_is_back_asks_how_many_are_open(browser: Any) -> None:
    anna, ben = browser(), browser()
    callback_tasks.create(Written("0171 3920001", assigned_to=ben.user_id), anna.user_id)
    assert ben.socket.emit("callbacks", callback=True) == {"mine": 1, "all": 1}
    assert anna.socket.emit("callbacks", callback=True) == {"mine": 0, "all": 1}
    service.update_user(anna.user_id, permissions={callback_messages.PERMISSION: False})
    assert not anna.socket.emit("callbacks", callback=True)


def test_the_list_shows_who_when_how_often_and_what_became_of_it(
    phones: PhoneSystem, staff: FlaskClient, clock: Any
) -> None:
    create_address({"name": "Muster & Söhne"}, [NumberInput("0171 3920001")])
    miss(phones)
    clock.advance(60)
    miss(phones)
    page = staff.get(PAGE).get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
    for part in ("Muster &amp; Söhne", "0171 3920001", "2 ×", "23.11.26, 11:11", "noch niemand", "Offen (1)"):
        assert part in page
    clock.advance(60)
    talk(phones)
    assert "Niemand wartet auf einen Rückruf" in staff.get(PAGE).get_data(as_text=True)
    done = staff.get(f"{PAGE}?show=done").get_data(as_text=True)
    assert "später durchgekommen" in done


def test_many_are_taken_given_finished_and_reopened_at_once(
    phones: PhoneSystem, staff: FlaskClient, make_user: Any
) -> None:
    ben = make_user("ben", name="Ben Bär")
    miss(phones)
    miss(phones, caller=OTHER)
    ids = [str(task.row["id"]) for task in open_tasks()]
    csrf = csrf_of(staff, PAGE)

    def act(action: str, **more: Any) -> str:
        sent = {"csrf_token": csrf, "ids": ids, "action": action, **more}
        return staff.post(PAGE, data=sent, follow_redirects=True).get_data(as_text=True)

    assert "2 Rückrufe geändert." in act("claim")
    assert len({task.row["assigned_to"] for task in open_tasks()}) == 1
    act("assign", user=str(ben))
    assert {task.row["assigned_to"] for task in open_tasks()} == {ben}
    act("assign", user="")
    assert {task.row["assigned_to"] for task in open_tasks()} == {None}
    assert "2 Rückrufe geändert." in act("finish")
    assert "Nichts geändert" in act("finish")
    assert "2 Rückrufe geändert." in act("reopen", show="done")
    assert len(open_tasks()) == 2
    # A further miss joins the task that is open again.
    miss(phones)
    assert sorted(task.row["misses"] for task in open_tasks()) == [1, 2]


@pytest.mark.parametrize("sent", [{"action": "odd"}, {"action": ""}])
def test_an_unknown_action_is_refused(staff: FlaskClient, sent: dict[str, str]) -> None:
    assert staff.post(PAGE, data={"csrf_token": csrf_of(staff, PAGE), "ids": "1", **sent}).status_code == 400


@pytest.mark.parametrize("ids", ["x", "0", "99999999999999999999", "²"])
def test_odd_numbers_of_tasks_change_nothing(staff: FlaskClient, ids: str) -> None:
    sent = {"csrf_token": csrf_of(staff, PAGE), "ids": ids, "action": "finish"}
    assert "Nichts geändert" in staff.post(PAGE, data=sent, follow_redirects=True).get_data(as_text=True)


def test_a_task_by_hand_takes_name_and_address_from_its_number(staff: FlaskClient, make_user: Any) -> None:
    address_id = create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    ben = make_user("ben", name="Ben Bär")
    csrf = csrf_of(staff, f"{PAGE}/new")
    sent = {"csrf_token": csrf, "number": "0171/3920001", "reason": "Angebot", "comment": "ab 14 Uhr"}
    answer = staff.post(f"{PAGE}/new", data={**sent, "assigned_to": str(ben), "due_at": "2026-11-24T14:00"})
    assert answer.status_code == 302
    (task,) = open_tasks()
    row = task.row
    assert (row["kind"], row["name"], row["address_id"], row["assigned_to"]) == (
        "manual",
        "Muster GmbH",
        address_id,
        ben,
    )
    assert row["due_at"].isoformat() == "2026-11-24T13:00:00+00:00"
    crm = staff.get(f"/addresses/{address_id}/crm").get_data(as_text=True)
    assert "Offene Rückrufe" in crm
    assert "Angebot" in crm


def test_without_a_number_what_was_typed_stays(staff: FlaskClient) -> None:
    sent = {"csrf_token": csrf_of(staff, f"{PAGE}/new"), "number": " ", "reason": "Angebot", "due_at": "bald"}
    answer = staff.post(f"{PAGE}/new", data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Bitte geben Sie eine Nummer ein." in page
    assert 'value="Angebot"' in page


def test_a_task_is_made_from_a_call_with_its_number_and_name(phones: PhoneSystem, staff: FlaskClient) -> None:
    create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    call = call_id()
    phones.incoming(call)
    page = staff.get(f"{PAGE}/new?call={the_call(call).id}").get_data(as_text=True)
    assert 'value="0171 3920001"' in page
    assert 'value="Muster GmbH"' in page


def test_of_two_who_change_a_task_the_second_is_told_and_loses_nothing(phones: PhoneSystem, staff: FlaskClient) -> None:
    miss(phones)
    (task,) = open_tasks()
    path = f"{PAGE}/{task.row['id']}"
    sent = {"csrf_token": csrf_of(staff, path), "version": str(task.row["version"]), "reason": "Erste"}
    assert staff.post(path, data=sent).status_code == 302
    answer = staff.post(path, data={**sent, "reason": "Zweite"})
    assert answer.status_code == 409
    assert "Jemand hat diesen Rückruf inzwischen geändert" in answer.get_data(as_text=True)
    assert 'value="Zweite"' in answer.get_data(as_text=True)
    assert [one.row["reason"] for one in open_tasks()] == ["Erste"]


def test_a_part_of_the_page_is_given_to_the_script_that_asks(staff: FlaskClient) -> None:
    part = staff.get(PAGE, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<main" not in part
    assert "Niemand wartet auf einen Rückruf" in part

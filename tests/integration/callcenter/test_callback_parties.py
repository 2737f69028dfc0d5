"""Whom a call-back is about: a number that is named later, a message without a number; and what is caught up."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address, update_address
from app.modules.callcenter import callbacks, rematching
from tests.integration.callcenter.callback_calls import main_of, miss, open_tasks, talk
from tests.integration.callcenter.phone_system import PhoneSystem, the_call

PAGE = "/callcenter/callbacks"
OTHER = "03023125678"


def test_a_message_that_a_withheld_number_left_waits_to_be_heard(
    phones: PhoneSystem, staff: FlaskClient, clock: Any
) -> None:
    miss(phones, caller="anonymous", kind="voicemail")
    clock.advance(60)
    second = miss(phones, caller="anonymous", kind="voicemail")
    # Told again, and caught up: still one task a message. Nobody else's call settles it.
    callbacks.follow(the_call(second))
    callbacks.catch_up()
    talk(phones, caller="anonymous")
    tasks = open_tasks()
    assert [(task.row["misses"], task.messages) for task in tasks] == [(1, 1), (1, 1)]
    page = main_of(staff, PAGE)
    assert page.count("Nummer unterdrückt</a>") == 2
    assert page.count("Mailbox") == 2
    assert page.count("phone-button") == 0
    assert main_of(staff, f"{PAGE}/{tasks[0].row['id']}").count("Nummer unterdrückt") == 2
    # It was answered after all, says a later report.
    phones.accepted(second, caller="anonymous")
    phones.hung_up(second, duration="30", **{"from": "anonymous"})
    assert len(open_tasks()) == 1


def test_a_task_with_a_message_says_so(phones: PhoneSystem, staff: FlaskClient) -> None:
    miss(phones)
    assert "Mailbox" not in main_of(staff, PAGE)
    miss(phones, kind="voicemail")
    (task,) = open_tasks()
    assert (task.row["misses"], task.messages) == (2, 1)
    assert "Mailbox" in main_of(staff, PAGE)


def test_a_task_takes_the_name_that_its_number_gets_later(phones: PhoneSystem, staff: FlaskClient, clock: Any) -> None:
    miss(phones)
    version = open_tasks()[0].row["version"]
    clock.advance(60)
    number = NumberInput("0171 3920001")
    address = create_address({"name": "Muster"}, contacts=[ContactInput("Inge Muster", numbers=(number,))])
    rematching.work_off()
    (task,) = open_tasks()
    # Whoever has the task open may still save it.
    assert (task.row["name"], task.row["address_id"], task.row["version"]) == ("Inge Muster", address, version)
    page = " ".join(main_of(staff, f"/addresses/{address}/crm").split())
    assert "<div>Inge Muster · Verpasster Anruf</div>" in page
    assert "0171 3920001 · <time" in page
    # In the list of what happened, too.
    assert page.partition("Rückruf: offen")[2].partition("</li>")[0].count("Inge Muster") == 1
    update_address(address, None, {}, [number], [])
    rematching.work_off()
    assert open_tasks()[0].row["name"] == "Muster"


def test_what_was_missed_by_the_one_way_is_caught_up_by_the_other(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    follow = callbacks.follow
    monkeypatch.setattr(callbacks, "follow", lambda call, before=None: None)
    miss(phones)
    clock.advance(60)
    miss(phones, caller=OTHER)
    monkeypatch.setattr(callbacks, "follow", follow)
    assert open_tasks() == []
    assert callbacks.catch_up() == 2
    assert len(open_tasks()) == 2
    monkeypatch.setattr(callbacks, "follow", lambda call, before=None: None)
    clock.advance(60)
    talk(phones)
    monkeypatch.setattr(callbacks, "follow", follow)
    assert len(open_tasks()) == 2
    callbacks.catch_up()
    assert [task.row["party"] for task in open_tasks()] == ["+493023125678"]
    assert callbacks.catch_up() == 0


def test_callers_whom_nobody_can_call_back_keep_no_other_from_being_caught_up(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    monkeypatch.setattr(callbacks, "MOST_AT_ONCE", 2)
    follow = callbacks.follow
    monkeypatch.setattr(callbacks, "follow", lambda call, before=None: None)
    for caller in ("anonymous", "23", "anonymous"):
        miss(phones, caller=caller)
        clock.advance(60)
    miss(phones)
    monkeypatch.setattr(callbacks, "follow", follow)
    assert callbacks.catch_up() == 1
    assert [task.row["party"] for task in open_tasks()] == ["+491713920001"]

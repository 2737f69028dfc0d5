"""A call-back entered with a phone note: one form, one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.clock import FixedClock
from app.core.database import reading
from app.modules.addresses.models import Note
from app.modules.callcenter.callback_models import Callback
from app.modules.callcenter.note_callback import due_at
from tests.conftest import csrf_of
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import CUSTOMER, CUSTOMER_E164, PhoneSystem, call_id, the_call

BERLIN = ZoneInfo("Europe/Berlin")
NUMBER = "0171 3920001"


def _sent(client: FlaskClient, **more: str) -> dict[str, str]:
    return {"csrf_token": csrf_of(client), "kind": "phone", "number": NUMBER, "subject": "Angebot", **more}


def _save(client: FlaskClient, **more: str) -> Any:
    return client.post("/addresses/notes/new", data=_sent(client, **more))


def _all() -> tuple[list[Note], list[Callback]]:
    with reading() as session:
        return list(session.execute(select(Note)).scalars()), list(session.execute(select(Callback)).scalars())


@pytest.mark.parametrize(
    ("when", "typed", "due"),
    [
        ("any", "", None),
        ("nonsense", "2026-11-24T08:00", None),
        ("hour", "", datetime(2026, 11, 23, 11, 10, 16, tzinfo=UTC)),
        ("morning", "", datetime(2026, 11, 24, 8, 0, tzinfo=UTC)),
        ("own", "2026-11-25T14:30", datetime(2026, 11, 25, 13, 30, tzinfo=UTC)),
    ],
)
def test_a_call_back_is_due_when_it_was_said(when: str, typed: str, due: datetime | None) -> None:
    assert due_at(when, typed, datetime(2026, 11, 23, 10, 10, 16, tzinfo=UTC), BERLIN) == due


def test_tomorrow_morning_is_the_next_day_of_the_user_not_of_greenwich() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # past midnight in Berlin
    assert due_at("morning", "", late, BERLIN) == datetime(2026, 11, 25, 9, 0, tzinfo=BERLIN)


def test_note_and_call_back_are_stored_together_and_the_colleague_is_told(
    app: Flask, staff: FlaskClient, browser: Callable[..., Browser], phones: PhoneSystem, clock: FixedClock
) -> None:
    ben = browser(name="Ben Yilmaz")
    call = call_id()
    phones.incoming(call)
    found = the_call(call)
    page = staff.get(f"/addresses/notes/new?origin=call:{found.id}").get_data(as_text=True)
    assert "Rückruf eintragen" in page
    ben.heard()
    answer = _save(
        staff,
        origin=f"call:{found.id}",
        text="Bitte mit Preisen.",
        callback="1",
        callback_when="hour",
        callback_for=str(ben.user_id),
    )
    assert answer.status_code == 302
    (note,), (task,) = _all()
    assert (note.origin, note.text) == (f"call:{found.id}", "Bitte mit Preisen.")
    assert (task.kind, task.state, task.e164, task.assigned_to) == ("manual", "open", CUSTOMER_E164, ben.user_id)
    assert (task.reason, task.comment, task.due_at) == (
        "Angebot",
        "Bitte mit Preisen.",
        clock.now() + timedelta(hours=1),
    )
    (told,) = ben.heard("callback_told")
    assert (told["id"], told["why"], told["reason"]) == (task.id, "given", "Angebot")


def test_the_call_that_goes_on_does_not_settle_its_own_call_back(
    staff: FlaskClient, phones: PhoneSystem, clock: FixedClock
) -> None:
    call = call_id()
    phones.incoming(call)
    phones.accepted(call)
    clock.at += timedelta(seconds=30)
    _save(staff, origin=f"call:{the_call(call).id}", callback="1")
    clock.at += timedelta(seconds=30)
    phones.hung_up(call)
    assert _all()[1][0].state == "open"
    clock.at += timedelta(minutes=5)
    again = call_id()
    phones.incoming(again)
    phones.accepted(again)
    phones.hung_up(again)
    assert _all()[1][0].state == "done"


def test_without_the_tick_no_call_back_is_made(staff: FlaskClient) -> None:
    _save(staff, callback_when="hour", callback_for="1")
    notes, tasks = _all()
    assert (len(notes), tasks) == (1, [])


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"callback_when": "own"}, "Bitte Datum und Uhrzeit wählen."),
        ({"callback_when": "own", "callback_due": "gleich"}, "Bitte Datum und Uhrzeit wählen."),
        ({"callback_when": "own", "callback_due": "2020-01-01T08:00"}, "Dieser Zeitpunkt ist schon vorbei."),
        ({"number": " "}, "Für einen Rückruf wird oben eine Telefonnummer gebraucht."),
        ({"number": "0" * 201}, "Diese Telefonnummer ist zu lang für einen Rückruf."),
    ],
)
def test_what_is_wrong_with_the_call_back_is_said_at_its_field_and_neither_is_stored(
    staff: FlaskClient, sent: Mapping[str, str], sentence: str
) -> None:
    page = _save(staff, text="Bleibt stehen", callback="1", **sent).get_data(as_text=True)
    assert sentence in page
    assert re.search(r'name="callback" value="1" checked', page)
    assert "Bleibt stehen" in page
    assert _all() == ([], [])


def test_a_note_that_is_refused_takes_its_call_back_along(staff: FlaskClient) -> None:
    page = _save(staff, tags="x" * 301, callback="1").get_data(as_text=True)
    assert "invalid-feedback" in page
    assert _all() == ([], [])


def test_the_same_form_sent_twice_makes_one_note_and_one_call_back(staff: FlaskClient) -> None:
    sent = _sent(staff, submission="a1b2", callback="1")
    places = [staff.post("/addresses/notes/new", data=sent).headers["Location"] for _twice in range(2)]
    assert places[0] == places[1]
    notes, tasks = _all()
    assert (len(notes), len(tasks)) == (1, 1)


def test_an_inactive_telephone_neither_offers_nor_stores_call_backs(staff: FlaskClient, kernel: Any) -> None:
    kernel.states.set_active("callcenter", False)
    assert "Rückruf eintragen" not in staff.get("/addresses/notes/new").get_data(as_text=True)
    _save(staff, callback="1")
    assert len(_all()[0]) == 1
    assert _all()[1] == []


def test_a_plain_note_and_one_that_is_edited_offer_no_call_back(staff: FlaskClient) -> None:
    _save(staff, number=CUSTOMER)
    note_id = _all()[0][0].id
    for path in ("/addresses/notes/new?kind=note", f"/addresses/notes/{note_id}/edit"):
        assert "Rückruf eintragen" not in staff.get(path).get_data(as_text=True)


def test_a_note_begun_at_a_call_back_is_filled_from_it(
    staff: FlaskClient, client_for: Callable[..., FlaskClient]
) -> None:
    _save(staff, callback="1")
    task = _all()[1][0]
    assert f"/addresses/notes/new?origin=callback:{task.id}" in staff.get(f"/callcenter/callbacks/{task.id}").get_data(
        as_text=True
    )
    page = staff.get(f"/addresses/notes/new?origin=callback:{task.id}").get_data(as_text=True)
    assert re.search(r'name="number"[^>]*value="0171 3920001"', page)
    assert '<option selected value="out">' in page
    for origin in ("callback:", "callback:0", "callback:x", f"callback:{task.id + 1}", f"callback:{10**12}"):
        assert staff.get(f"/addresses/notes/new?origin={origin}").status_code == 200


def test_the_windows_of_the_writer_alone_hear_of_a_draft_and_not_what_was_typed(
    browser: Callable[..., Browser],
) -> None:
    anna, ben = browser(), browser()
    sent = {"kind": "phone", "origin": "call:9", "submission": "a", "base": "0", "window": "w7"}
    sent |= {"typed": '{"text": "geheim"}', "csrf_token": csrf_of(anna.http)}
    anna.heard()
    assert anna.http.post("/addresses/notes/drafts", data=sent).status_code == 200
    (told,) = anna.heard("note_draft")
    assert told == {"about": "phone:call:9", "version": 1, "window": "w7", "places": ["phone:call:9"]}
    assert ben.heard("note_draft") == []

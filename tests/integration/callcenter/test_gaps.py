"""Calls that Placetel lists and nobody reported: added once, marked, never doubled, withdrawn when reported."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import reading
from app.core.http import HttpFault
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import anonymising, comparing, gaps, jobs
from app.modules.callcenter.callback_models import Callback
from app.modules.callcenter.comparing import CannotCompare
from app.modules.callcenter.gap_models import DoubtfulEntry
from tests.conftest import NOW, FakeHttp, csrf_of
from tests.integration.callcenter.phone_system import (
    ANNA,
    CUSTOMER,
    CUSTOMER_E164,
    LINE,
    LINE_E164,
    PhoneSystem,
    all_calls,
    call_id,
    configure,
    give_account,
    notifications,
    the_call,
)
from tests.integration.callcenter.web_api import WebApi, set_up

TODAY = date(2026, 11, 23)
OTHER = "01713920002"


@pytest.fixture
def api(app: Flask, http: FakeHttp) -> WebApi:
    set_up(app)
    configure(app)
    comparing.install(app, NOW)  # Nothing is known of an earlier test's failures.
    return WebApi(http)


def entry(minutes: float = 0, type_: str = "accepted", duration: int = 60, **more: Any) -> dict[str, Any]:
    """A call of Placetel's list, so many minutes before now."""
    at = (NOW - timedelta(minutes=minutes)).isoformat()
    return {"id": 1, "type": type_, "from_number": CUSTOMER, "to_number": LINE, "duration": duration,
            "received_at": at, **more}  # fmt: skip


def send(client: FlaskClient, path: str, fields: dict[str, str]) -> str:
    token = csrf_of(client, "/callcenter/gaps")
    return unescape(client.post(path, data={**fields, "csrf_token": token}, follow_redirects=True).text)


def doubtful() -> list[DoubtfulEntry]:
    with reading() as session:
        return list(session.execute(select(DoubtfulEntry).order_by(DoubtfulEntry.id)).scalars())


def test_the_list_brings_nobody_back_to_a_call_that_was_anonymised(app: Flask, api: WebApi) -> None:
    phones = PhoneSystem(app)
    reported = call_id()
    phones.incoming(reported)
    phones.hung_up(reported, duration="60")
    api.calls = [entry(0), entry(30)]
    assert gaps.fill(TODAY).added == 1
    assert anonymising.anonymise([row.id for row in all_calls()]) == 2
    before = all_calls()
    filled = gaps.fill(TODAY)
    assert (filled.added, filled.completed, filled.withdrawn, filled.doubtful) == (0, 0, 0, 0)
    assert all_calls() == before
    assert doubtful() == []


def test_a_call_that_nobody_reported_is_added_with_its_caller_and_marked(app: Flask, api: WebApi, clock: Any) -> None:
    create_address({"name": "Muster AG"}, [NumberInput(CUSTOMER)])
    api.calls = [entry(30)]
    filled = gaps.fill(TODAY)
    assert (filled.listed, filled.added, filled.completed, filled.doubtful) == (1, 1, 0, 0)
    call = the_call()
    began = NOW - timedelta(minutes=30)
    assert (call.direction, call.phase, call.outcome, call.missed) == ("in", "ended", "accepted", False)
    assert (call.remote_e164, call.line_key, call.grade) == (CUSTOMER_E164, LINE_E164, "exact")
    assert (call.received_at, call.ended_at, call.talk_seconds) == (began, began + timedelta(seconds=60), 60)
    assert (call.waiting_seconds, call.added_at) == (None, NOW)
    assert notifications() == []


def test_a_second_look_adds_nothing(api: WebApi) -> None:
    api.calls = [entry(30), entry(29.5), entry(10, "missed", 0), entry(10, "missed", 0)]
    assert gaps.fill(TODAY).added == 4
    assert gaps.fill(TODAY).added == 0
    assert len(all_calls()) == 4
    (kept,) = comparing.compared()
    assert (kept.day, kept.listed, kept.added, kept.error) == (TODAY, 4, 4, None)


def test_what_was_reported_is_not_added(api: WebApi, phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.incoming(call)
    clock.advance(5)
    phones.accepted(call)
    clock.advance(60)
    phones.hung_up(call, duration="60")
    api.calls = [entry(0)]
    assert gaps.fill(TODAY).added == 0
    assert the_call().added_at is None


def test_an_end_that_was_never_reported_is_taken_from_the_list(api: WebApi, phones: PhoneSystem, clock: Any) -> None:
    phones.incoming(call_id())
    clock.advance(400)
    jobs.close_stale()
    assert (the_call().provisional, the_call().outcome) == (True, "unknown")
    api.calls = [entry(0, "voicemail", 20)]
    assert gaps.fill(TODAY).completed == 1
    assert (the_call().provisional, the_call().outcome, the_call().missed) == (False, "voicemail", True)
    assert gaps.fill(TODAY).completed == 0


def test_a_talk_that_the_list_knows_to_be_over_is_ended(api: WebApi, phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.incoming(call)
    clock.advance(5)
    phones.accepted(call)
    api.calls = [entry(0, duration=300)]
    clock.advance(290)
    assert gaps.fill(TODAY).completed == 0
    clock.advance(60)
    assert gaps.fill(TODAY).completed == 1
    assert (the_call().phase, the_call().outcome, the_call().talk_seconds) == ("ended", "accepted", 300)


def test_a_call_that_goes_on_is_left_alone(api: WebApi, phones: PhoneSystem, clock: Any) -> None:
    phones.incoming(call_id())
    clock.advance(30)
    api.calls = [entry(0, "missed", 0)]
    assert gaps.fill(TODAY) == gaps.Filled(1, 0, 0, 0, 0)
    assert the_call().phase == "ringing"


def test_an_added_call_that_is_reported_after_all_is_withdrawn(api: WebApi, phones: PhoneSystem, clock: Any) -> None:
    api.calls = [entry(1, "missed", 0)]
    gaps.fill(TODAY)
    late = call_id()
    phones.incoming(late)
    phones.hung_up(late, "missed", "0")
    assert len(all_calls()) == 2
    filled = gaps.fill(TODAY)
    assert (filled.added, filled.withdrawn) == (0, 1)
    assert the_call().external_id == late
    with reading() as session:
        (task,) = session.execute(select(Callback)).scalars()
    assert task.misses == 1


def test_an_added_call_that_somebody_has_written_a_note_about_stays(api: WebApi, phones: PhoneSystem) -> None:
    api.calls = [entry(1, "missed", 0)]
    gaps.fill(TODAY)
    create_note(NoteInput("Rückfrage", address_id=create_address({"name": "Muster AG"}), origin=the_call().origin))
    late = call_id()
    phones.incoming(late)
    phones.hung_up(late, "missed", "0")
    assert gaps.fill(TODAY).withdrawn == 0
    assert len(all_calls()) == 2


def test_an_added_missed_call_is_a_task_of_its_own_time(api: WebApi) -> None:
    api.calls = [entry(45, "missed", 0)]
    gaps.fill(TODAY)
    with reading() as session:
        (task,) = session.execute(select(Callback)).scalars()
    assert (task.party, task.wanted_at) == (CUSTOMER_E164, NOW - timedelta(minutes=45))


def test_an_added_call_is_on_no_screen(api: WebApi, browser: Any) -> None:
    watcher = browser()
    api.calls = [entry(30, "missed", 0)]
    gaps.fill(TODAY)
    assert watcher.heard() == []


def test_a_hidden_number_is_left_for_a_person_who_adds_or_drops_it(api: WebApi, make_user: Any) -> None:
    anna = make_user("anna")
    api.calls = [entry(30, from_number="0171392XXXX"), entry(20, from_number="0221471XXXX")]
    filled = gaps.fill(TODAY)
    assert (filled.added, filled.doubtful) == (0, 2)
    first, second = doubtful()
    assert gaps.decide(first.id, anna, add=True)
    assert gaps.decide(second.id, anna, add=False)
    assert not gaps.decide(second.id, anna, add=True)
    assert (the_call().remote_raw, the_call().added_at) == ("0171392XXXX", NOW)
    # Neither is asked about nor added again.
    assert gaps.fill(TODAY) == gaps.Filled(2, 0, 0, 0, 0)


def test_a_call_that_may_be_known_is_left_for_a_person_until_that_is_clear(
    api: WebApi, phones: PhoneSystem, clock: Any
) -> None:
    call = call_id()
    phones.incoming(call)
    clock.advance(300)
    phones.hung_up(call, duration="300")
    api.calls = [entry(0, duration=20)]
    assert gaps.fill(TODAY).doubtful == 1
    assert [one.doubt for one in doubtful()] == ["similar"]
    api.calls = [entry(0, duration=299)]
    assert gaps.fill(TODAY).doubtful == 0
    assert doubtful() == []


def test_outgoing_and_queue_calls_are_read_from_their_own_lists(app: Flask, api: WebApi, make_user: Any) -> None:
    anna = make_user("anna")
    give_account(app, anna, ANNA)
    at = (NOW - timedelta(minutes=20)).isoformat()
    api.records = [
        {"description": "Weiterleitung auf SIP", "from": CUSTOMER, "to": LINE, "length": 60, "received_at": at},
        {"description": "Ausgehender Anruf", "from": LINE, "to": OTHER, "length": 30, "received_at": at,
         "answer_uri": ANNA.partition("@")[0]},
    ]  # fmt: skip
    api.queue_calls = [
        {"answer_status": "NOANSWER", "from": CUSTOMER, "to": LINE, "started_at": at, "left_queue_at": at,
         "ended_at": at},
    ]  # fmt: skip
    assert gaps.fill(TODAY).added == 2
    by_direction = {row.direction: row for row in all_calls()}
    assert (by_direction["in"].outcome, by_direction["in"].missed) == ("missed", True)
    out = by_direction["out"]
    assert (out.remote_e164, out.talk_seconds, out.peer, out.user_id) == ("+491713920002", 30, ANNA, anna)


def test_a_list_that_does_not_come_is_told_and_left_alone_for_a_while(api: WebApi, clock: Any) -> None:
    api.fault = HttpFault.NOT_SENT
    with pytest.raises(CannotCompare, match="unreachable"):
        gaps.fill(TODAY)
    asked = len(api.http.requests)
    with pytest.raises(CannotCompare, match="paused") as paused:
        gaps.fill(TODAY)
    assert paused.value.wait == comparing.PAUSE.total_seconds()
    assert len(api.http.requests) == asked
    (kept,) = comparing.compared()
    assert kept.error == "unreachable"
    # A person who waits for it may try; and after the pause it is tried again by itself.
    api.fault, api.calls = None, [entry(30)]
    assert gaps.fill(TODAY, by_hand=True).added == 1
    assert gaps.fill(TODAY).added == 0


def test_a_list_is_not_asked_for_before_the_time_that_its_owner_names(api: WebApi, clock: Any) -> None:
    api.status = 429
    with pytest.raises(CannotCompare, match="rate_limited"):
        gaps.fill(TODAY)
    clock.advance(comparing.PAUSE.total_seconds() + 1)
    with pytest.raises(CannotCompare, match="rate_limited"):
        gaps.fill(TODAY)
    clock.advance(comparing.PAUSE.total_seconds() + 1)
    with pytest.raises(CannotCompare, match="paused"):
        gaps.fill(TODAY)


def test_the_job_looks_after_a_start_and_then_not_again_at_once(app: Flask, api: WebApi, clock: Any) -> None:
    comparing.install(app, clock.now())
    api.calls = [entry(30)]
    jobs.fill_gaps()
    assert the_call().added_at is not None
    asked = len(api.http.requests)
    clock.advance(60)
    jobs.fill_gaps()
    assert len(api.http.requests) == asked


def test_without_a_key_nothing_is_asked(app: Flask, http: FakeHttp) -> None:
    comparing.install(app, datetime(2026, 11, 23, tzinfo=NOW.tzinfo))
    jobs.fill_gaps()
    assert http.requests == []


def test_the_page_compares_a_day_and_says_what_came_of_it(admin: FlaskClient, api: WebApi) -> None:
    api.calls = [entry(30), entry(20, from_number="0171392XXXX")]
    page = send(admin, "/callcenter/gaps", {"day": "2026-11-23"})
    assert "Die Liste enthält 2 Anrufe. 1 fehlte und ist nachgetragen." in page
    assert "1 Eintrag bleibt Ihnen zur Entscheidung." in page
    assert "Die Liste verbirgt Ziffern der Nummer." in page
    (waiting,) = doubtful()
    page = send(admin, f"/callcenter/gaps/{waiting.id}", {"decision": "drop"})
    assert "Der Eintrag wurde verworfen." in page
    page = send(admin, f"/callcenter/gaps/{waiting.id}", {"decision": "add"})
    assert "Darüber wurde schon entschieden." in page


@pytest.mark.parametrize("day", ["", "gestern", "2026-11-24", "2026-09-01"])
def test_a_day_that_cannot_be_compared_is_said(admin: FlaskClient, api: WebApi, day: str) -> None:
    page = send(admin, "/callcenter/gaps", {"day": day})
    assert "Bitte wählen Sie einen Tag der letzten 31 Tage." in page
    assert api.http.requests == []


def test_a_failure_is_said_in_words(admin: FlaskClient, api: WebApi) -> None:
    api.status = 401
    page = send(admin, "/callcenter/gaps", {"day": "2026-11-23"})
    assert page.count("nimmt den API-Key nicht an") == 2  # the message, and the day's row


def test_the_journal_and_the_call_say_that_it_was_added(admin: FlaskClient, api: WebApi) -> None:
    api.calls = [entry(30)]
    gaps.fill(TODAY)
    assert "nachgetragen" in admin.get("/callcenter/calls").text
    page = admin.get(f"/callcenter/calls/{the_call().id}").text
    assert "Aus der Liste der Telefonanlage nachgetragen" in page


def test_the_state_of_the_installation_tells_of_gaps(admin: FlaskClient, api: WebApi) -> None:
    api.calls = [entry(30), entry(20, from_number="0171392XXXX")]
    gaps.fill(TODAY)
    page = admin.get("/health").text
    assert "1 Anruf seit gestern wurde nicht gemeldet" in page
    assert "1 Anruf aus der Liste der Telefonanlage wartet auf Ihre Entscheidung." in page
    api.status = 401
    with pytest.raises(CannotCompare):
        gaps.fill(TODAY)
    assert "Die Liste der Anrufe konnte nicht abgeglichen werden: Placetel nimmt den API-Key nicht an" in unescape(
        admin.get("/health").text
    )


def test_the_command_compares_a_day(app: Flask, api: WebApi) -> None:
    api.calls = [entry(30)]
    runner = app.test_cli_runner()
    done = runner.invoke(args=["callcenter", "placetel", "compare", "2026-11-23"])
    assert (done.exit_code, done.output.strip()) == (0, "The list has 1 call. 1 was missing and is added.")
    api.status = 401
    failed = runner.invoke(args=["callcenter", "placetel", "compare"])
    assert failed.exit_code == 1
    assert "does not accept the API key" in failed.output

"""What notifications make of a call: each quirk of the telephone system, through the real webhook."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address, update_address
from app.modules.callcenter import jobs, recognition
from tests.conftest import NOW
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    CUSTOMER,
    CUSTOMER_E164,
    LINE,
    LINE_E164,
    PhoneSystem,
    all_calls,
    call_id,
    give_account,
    matches_of,
    notifications,
    reports,
    the_call,
)

SAMPLES = Path(__file__).resolve().parents[3] / "app/modules/callcenter/providers/placetel/samples/notify"


def test_a_call_rings_is_answered_and_ends(phones: PhoneSystem, clock: Any, make_user: Any, app: Flask) -> None:
    anna = make_user("anna")
    give_account(app, anna, ANNA)
    call = call_id()
    phones.incoming(call)
    ringing = the_call()
    assert (ringing.phase, ringing.direction, ringing.version) == ("ringing", "in", 1)
    assert (ringing.remote_e164, ringing.line_key) == (CUSTOMER_E164, LINE_E164)
    clock.advance(7)
    phones.accepted(call)
    talking = the_call()
    assert (talking.phase, talking.peer, talking.user_id, talking.version) == ("talking", ANNA, anna, 2)
    clock.advance(42)
    phones.hung_up(call, duration="41")
    ended = the_call()
    assert (ended.phase, ended.outcome, ended.missed, ended.version) == ("ended", "accepted", False, 3)
    assert (ended.received_at, ended.answered_at, ended.ended_at) == (
        NOW,
        NOW + timedelta(seconds=7),
        NOW + timedelta(seconds=49),
    )
    assert (ended.waiting_seconds, ended.talk_seconds) == (7, 41)
    assert [n["call_id"] for n in notifications()] == [ended.id] * 3
    assert [n["event"] for n in notifications()] == ["started", "answered", "ended"]
    assert {n["answer"] for n in notifications()} == {"nothing"}


def test_an_end_before_the_answer_leaves_the_call_ended(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.incoming(call)
    clock.advance(30)
    phones.hung_up(call)
    clock.advance(1)
    phones.accepted(call)
    assert (the_call().phase, the_call().outcome, the_call().peer) == ("ended", "accepted", ANNA)


def test_an_answer_before_the_start_leaves_the_call_talking(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.accepted(call)
    clock.advance(1)
    phones.incoming(call)
    assert (the_call().phase, the_call().remote_e164) == ("talking", CUSTOMER_E164)


def test_every_event_twice_is_every_event_once(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    for tell in (phones.incoming, phones.accepted, phones.hung_up):
        tell(call)
        once = the_call()
        clock.advance(3)
        tell(call)
        assert the_call() == once
        clock.advance(3)
    assert len(reports()) == 3
    assert [n["state"] for n in notifications()] == ["processed", "repeated"] * 3


def test_a_hang_up_of_a_call_that_we_never_saw_makes_one(phones: PhoneSystem) -> None:
    phones.hung_up(call_id(), type="missed", duration="0")
    assert (the_call().phase, the_call().missed, the_call().remote_e164) == ("ended", True, CUSTOMER_E164)


def test_an_outgoing_call_accepted_with_duration_zero_lasts_from_start_to_end(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.outgoing(call)
    assert the_call().phase == "ringing"
    clock.advance(299)
    phones.hung_up(call, duration="0", **{"direction": "out", "from": LINE, "to": CUSTOMER})
    assert (the_call().outcome, the_call().talk_seconds) == ("accepted", 299)
    assert (the_call().remote_e164, the_call().line_key) == (CUSTOMER_E164, LINE_E164)


def test_a_missing_direction_is_taken_from_the_stored_call(phones: PhoneSystem) -> None:
    outgoing, incoming, lonely = call_id(), call_id(), call_id()
    phones.outgoing(outgoing)
    fields = {"from": LINE, "to": CUSTOMER, "type": "accepted", "duration": "5"}
    phones.tell("HungUp", outgoing, **fields)
    assert (the_call(outgoing).direction, the_call(outgoing).remote_e164) == ("out", CUSTOMER_E164)
    phones.tell("HungUp", incoming, **{"from": CUSTOMER, "to": LINE, "type": "missed", "duration": "0"})
    assert the_call(incoming).direction is None
    phones.tell("IncomingCall", incoming, **{"from": CUSTOMER, "to": LINE})
    assert (the_call(incoming).direction, the_call(incoming).missed) == ("in", True)
    phones.tell("CallAccepted", lonely, **{"from": CUSTOMER, "to": LINE, "peer": ANNA})
    assert the_call(lonely).direction == "in"


def test_an_anonymous_caller_is_withheld_and_looked_up_nowhere(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "recognise", lambda *_given: pytest.fail("looked up"))
    phones.incoming(call_id(), caller="anonymous")
    assert (the_call().remote_kind, the_call().remote_e164, the_call().matches) == ("withheld", None, "[]")


def test_sip_ids_of_an_internal_call_do_not_hide_the_extension(phones: PhoneSystem) -> None:
    call = call_id()
    phones.outgoing(call, target="23")
    phones.hung_up(call, **{"direction": "out", "from": ANNA, "to": BEN})
    assert (the_call().remote_kind, the_call().remote_raw, the_call().peer) == ("internal", "23", ANNA)


def test_before_2020_the_caller_of_an_outgoing_call_was_the_account(phones: PhoneSystem) -> None:
    phones.tell("OutgoingCall", call_id(), **{"from": "7771000001@FPBX.de", "to": CUSTOMER, "direction": "out"})
    assert (the_call().peer, the_call().line_raw, the_call().remote_e164) == (ANNA, None, CUSTOMER_E164)


@pytest.mark.parametrize("caller", ["0041446681800", "+41446681800", "41446681800"])
def test_a_foreign_number_is_the_same_in_three_forms(phones: PhoneSystem, caller: str) -> None:
    phones.incoming(call_id(), caller=caller)
    assert the_call().remote_e164 == "+41446681800"


@pytest.mark.parametrize("line", [LINE, "+493023125100", "493023125100", "00493023125100"])
def test_the_line_is_the_same_in_every_form(phones: PhoneSystem, line: str) -> None:
    phones.incoming(call_id(), line=line)
    assert the_call().line_key == LINE_E164


def test_a_ringing_queue_call_without_an_end_is_closed_after_five_minutes(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.incoming(call)
    clock.advance(299)
    jobs.close_stale()
    assert the_call().phase == "ringing"
    clock.advance(1)
    jobs.close_stale()
    closed = the_call()
    assert (closed.phase, closed.outcome, closed.provisional, closed.missed) == ("ended", "unknown", True, False)
    jobs.close_stale()
    assert the_call() == closed


@pytest.mark.parametrize("event", ["accepted", "outgoing"])
def test_a_conversation_without_an_end_is_closed_after_four_hours(phones: PhoneSystem, clock: Any, event: str) -> None:
    getattr(phones, event)(call_id())
    clock.advance(4 * 3600 - 1)
    jobs.close_stale()
    assert the_call().phase != "ended"
    clock.advance(1)
    jobs.close_stale()
    assert (the_call().phase, the_call().provisional) == ("ended", True)


def test_a_reported_end_replaces_the_assumed_one(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.incoming(call)
    clock.advance(301)
    jobs.close_stale()
    clock.advance(60)
    phones.hung_up(call, type="unheard-of", duration="0")
    ended = the_call()
    assert (ended.provisional, ended.missed, ended.ended_at) == (False, True, NOW + timedelta(seconds=361))


def test_an_answer_after_the_assumed_end_brings_the_call_back(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.incoming(call)
    clock.advance(301)
    jobs.close_stale()
    clock.advance(60)
    phones.accepted(call)
    assert the_call().phase == "talking"
    clock.advance(4 * 3600 + 1)
    jobs.close_stale()
    assert (the_call().phase, the_call().provisional) == ("ended", True)


def test_json_without_a_content_type_is_read(phones: PhoneSystem) -> None:
    body = json.dumps({"event": "IncomingCall", "call_id": call_id(), "from": CUSTOMER, "to": LINE}).encode()
    assert phones.post(body, content_type=None).status_code == 200
    assert the_call().remote_e164 == CUSTOMER_E164


def test_an_unknown_event_name_is_kept_and_makes_no_call(phones: PhoneSystem) -> None:
    phones.tell("CallParked", call_id())
    assert [n["state"] for n in notifications()] == ["unsupported"]
    assert all_calls() == []


def test_an_unknown_type_of_hang_up_ends_the_call(phones: PhoneSystem) -> None:
    call = call_id()
    phones.incoming(call)
    phones.hung_up(call, type="abducted", duration="")
    assert (the_call().phase, the_call().outcome) == ("ended", "unknown")


def test_two_ends_with_different_outcomes_give_the_stronger_whatever_the_order(phones: PhoneSystem) -> None:
    one, other = call_id(), call_id()
    phones.hung_up(one, type="missed", duration="0")
    phones.hung_up(one, type="voicemail", duration="0")
    phones.hung_up(other, type="voicemail", duration="0")
    phones.hung_up(other, type="missed", duration="0")
    assert (the_call(one).outcome, the_call(other).outcome) == ("voicemail", "voicemail")


def test_two_ends_that_differ_in_their_duration_only_are_both_kept(phones: PhoneSystem) -> None:
    one, other = call_id(), call_id()
    phones.hung_up(one, duration="12")
    phones.hung_up(one, duration="40")
    phones.hung_up(other, duration="40")
    phones.hung_up(other, duration="12")
    assert (the_call(one).talk_seconds, the_call(other).talk_seconds) == (40, 40)


def samples() -> list[Any]:
    files = sorted(SAMPLES.glob("*.json"))
    assert len(files) > 30
    return [pytest.param(json.loads(file.read_text("utf-8")), id=file.stem) for file in files]


@pytest.mark.parametrize("sample", samples())
def test_every_sample_is_received_signed_and_becomes_what_it_should(
    phones: PhoneSystem, sample: dict[str, Any]
) -> None:
    answer = phones.post(sample["body"].encode(), content_type=sample.get("headers", {}).get("Content-Type"))
    assert answer.status_code == 200
    expected = sample["expected"]
    state = next((kind for kind in ("unsupported", "malformed") if kind in expected), "processed")
    assert [n["state"] for n in notifications()] == [state]
    if state == "processed":
        assert the_call().external_id == expected["call_id"]
        assert reports()[0]["kind"] == expected["kind"]


# ---------------------------------------------------------------------------------------------------------- who it is


def customer(**more: Any) -> int:
    return create_address({"name": "Muster GmbH", "kind": "company", **more}, [NumberInput("0171 39200-01", "mobile")])


def test_a_caller_is_recognised_by_the_number(phones: PhoneSystem) -> None:
    address_id = customer()
    phones.incoming(call_id())
    call = the_call()
    assert (call.grade, call.address_id, call.contact_id) == ("exact", address_id, None)
    assert [(m["name"], m["company"]) for m in matches_of(call)] == [("Muster GmbH", "Muster GmbH")]
    assert matches_of(call)[0]["customer_number"]


def test_several_addresses_with_the_number_are_all_kept_and_none_is_chosen(phones: PhoneSystem) -> None:
    customer()
    customer(name="Muster & Sohn")
    phones.incoming(call_id())
    call = the_call()
    assert (call.address_id, len(matches_of(call))) == (None, 2)


def test_an_extension_of_a_known_switchboard_is_probable(phones: PhoneSystem) -> None:
    address_id = create_address({"name": "Kontor AG"}, [NumberInput("030 23125-0", "phone", "Zentrale")])
    phones.incoming(call_id(), caller="03023125677")
    assert (the_call().grade, the_call().address_id, the_call().contact_id) == ("switchboard", address_id, None)


def test_the_caller_is_looked_up_once_and_again_only_for_another_number(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    recognise = recognition.recognise

    def counted(session: Any, e164: str, *more: Any) -> recognition.Recognised:
        asked.append(e164)
        return recognise(session, e164, *more)

    monkeypatch.setattr(recognition, "recognise", counted)
    call = call_id()
    phones.incoming(call)
    phones.accepted(call)
    phones.hung_up(call)
    assert asked == [CUSTOMER_E164]


def test_a_caller_who_becomes_known_is_recognised_at_once(phones: PhoneSystem) -> None:
    phones.incoming(call_id())
    assert (the_call().grade, the_call().version) == ("none", 1)
    address_id = customer()
    assert (the_call().grade, the_call().address_id, the_call().version) == ("exact", address_id, 2)
    update_address(address_id, None, {"name": "Muster SE"})
    assert (matches_of(the_call())[0]["name"], the_call().version) == ("Muster SE", 3)


def test_a_switchboard_that_becomes_known_is_found_for_the_numbers_behind_it(phones: PhoneSystem) -> None:
    phones.incoming(call_id(), caller="03023125677")
    create_address({"name": "Kontor AG"}, [NumberInput("030 23125-0")])
    assert the_call().grade == "switchboard"

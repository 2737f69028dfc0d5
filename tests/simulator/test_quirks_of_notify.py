"""Each switch that changes what is notified."""

from __future__ import annotations

import json

import pytest

from simulator import notify
from simulator.client import SimulatorError
from tests.simulator.conftest import ANNA, BEN, BEN_DIRECT, CENTRAL, CUSTOMER, SECRET, Receiver, Running

WHOLE_CALL = ["IncomingCall", "CallAccepted", "HungUp"]


def _whole_call(simulator: Running) -> str:
    call_id = simulator.incoming(CUSTOMER, CENTRAL).call_id
    simulator.accept(call_id, ANNA)
    simulator.hangup(call_id, duration=7)
    return call_id


def test_repeat_notifications_sends_each_one_that_many_times(simulator: Running, receiver: Receiver):
    simulator.quirk(repeat_notifications=3)
    _whole_call(simulator)
    assert receiver.events == [event for event in WHOLE_CALL for _ in range(3)]
    assert len({one.body for one in receiver.received}) == 3


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("reversed", ["HungUp", "CallAccepted", "IncomingCall"]),
        (["CallAccepted", "IncomingCall"], ["CallAccepted", "IncomingCall", "HungUp"]),
        (["HungUp", "IncomingCall", "CallAccepted"], ["HungUp", "IncomingCall", "CallAccepted"]),
    ],
)
def test_reorder_sends_the_events_of_a_call_in_the_given_order(
    order: str | list[str], expected: list[str], simulator: Running, receiver: Receiver
):
    simulator.quirk(reorder=order)
    _whole_call(simulator)
    assert receiver.events == expected


def test_reorder_holds_back_until_the_first_of_the_order_has_happened(simulator: Running, receiver: Receiver):
    simulator.quirk(reorder=["CallAccepted", "IncomingCall"])
    done = simulator.incoming(CUSTOMER, CENTRAL)
    assert receiver.received == []
    assert [one["fate"] for one in done.notifications] == ["held"]
    simulator.accept(done.call_id, ANNA)
    assert receiver.events == ["CallAccepted", "IncomingCall"]


def test_reorder_holds_nothing_for_ever_when_the_awaited_event_is_lost(simulator: Running, receiver: Receiver):
    simulator.quirk(reorder="reversed", lose_hungup=True)
    _whole_call(simulator)
    assert receiver.events == ["CallAccepted", "IncomingCall"]


def test_reorder_concerns_only_calls_that_begin_while_it_is_set(simulator: Running, receiver: Receiver):
    earlier = simulator.incoming(CUSTOMER, CENTRAL).call_id
    simulator.quirk(reorder="reversed")
    simulator.accept(earlier, ANNA)
    assert receiver.events == ["IncomingCall", "CallAccepted"]


@pytest.mark.parametrize(
    ("quirk", "arrives"),
    [
        ("lose_incoming", ["CallAccepted", "HungUp"]),
        ("lose_accepted", ["IncomingCall", "HungUp"]),
        ("lose_hungup", ["IncomingCall", "CallAccepted"]),
    ],
)
def test_a_lost_event_of_an_incoming_call_is_logged_but_never_sent(
    quirk: str, arrives: list[str], simulator: Running, receiver: Receiver
):
    simulator.quirk(**{quirk: True})
    _whole_call(simulator)
    assert receiver.events == arrives
    assert [one["fate"] for one in simulator.log("notification")].count("lost") == 1


def test_lose_outgoing_loses_the_beginning_of_an_outgoing_call(simulator: Running, receiver: Receiver):
    simulator.quirk(lose_outgoing=True)
    simulator.callee(simulator.outgoing(ANNA, CUSTOMER).call_id, "busy")
    assert receiver.events == ["HungUp"]


def test_duration_zero_tells_0_after_a_conversation(simulator: Running, receiver: Receiver):
    simulator.quirk(duration_zero=True)
    _whole_call(simulator)
    assert receiver.last.params["type"] == "accepted"
    assert receiver.last.params["duration"] == "0"


def test_omit_direction_leaves_the_parameter_out(simulator: Running, receiver: Receiver):
    simulator.quirk(omit_direction=True)
    _whole_call(simulator)
    assert all("direction" not in one.params for one in receiver.received)


def test_the_end_of_an_internal_call_names_sip_ids(simulator: Running, receiver: Receiver):
    call_id = simulator.outgoing(ANNA, "12").call_id
    assert (receiver.last.params["from"], receiver.last.params["to"]) == ("02214710011", "12")
    simulator.pick_up(BEN)
    simulator.hangup(call_id)
    assert (receiver.last.params["from"], receiver.last.params["to"]) == (ANNA, BEN)


def test_sip_ids_in_from_to_names_them_from_the_beginning(simulator: Running, receiver: Receiver):
    simulator.quirk(sip_ids_in_from_to=True)
    simulator.outgoing(ANNA, "12")
    assert (receiver.last.params["from"], receiver.last.params["to"]) == (ANNA, BEN)
    simulator.outgoing(ANNA, CUSTOMER)
    assert (receiver.last.params["from"], receiver.last.params["to"]) == (ANNA, CUSTOMER)


def test_extension_target_names_the_extension_of_the_dialled_line(simulator: Running, receiver: Receiver):
    simulator.quirk(extension_target=True)
    simulator.outgoing(ANNA, BEN_DIRECT)
    assert receiver.last.params["to"] == "12"
    simulator.outgoing(ANNA, CUSTOMER)
    assert receiver.last.params["to"] == "23"


@pytest.mark.parametrize(
    ("form", "written"), [("00", "00442079460123"), ("plus", "+442079460123"), ("bare", "442079460123")]
)
def test_foreign_format_chooses_how_a_foreign_number_is_written(
    form: str, written: str, simulator: Running, receiver: Receiver
):
    simulator.quirk(foreign_format=form)
    simulator.incoming("+44 20 7946 0123", CENTRAL)
    assert receiver.last.params["from"] == written


def test_queue_call_notifies_the_beginning_only_and_is_found_among_the_queue_calls(
    simulator: Running, receiver: Receiver
):
    simulator.quirk(queue_call=True)
    _whole_call(simulator)
    assert receiver.events == ["IncomingCall"]
    day = simulator.api("GET", "/calls").json()[0]["received_at"][:10]
    assert len(simulator.api("GET", f"/call_center_calls?date={day}").json()) == 1


@pytest.mark.parametrize(
    ("form", "content_type"), [("with_content_type", "application/json"), ("without_content_type", None)]
)
def test_json_body_sends_signed_json(form: str, content_type: str | None, simulator: Running, receiver: Receiver):
    simulator.quirk(json_body=form)
    simulator.incoming(CUSTOMER, CENTRAL)
    assert json.loads(receiver.last.body)["event"] == "IncomingCall"
    assert receiver.last.headers["Content-Type"] == content_type
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] == notify.sign(SECRET, receiver.last.body)


def test_unknown_event_sends_one_event_of_that_name_in_addition(simulator: Running, receiver: Receiver):
    simulator.quirk(unknown_event="CallTransferred")
    _whole_call(simulator)
    assert receiver.events == ["IncomingCall", "CallTransferred", "CallAccepted", "HungUp"]
    assert len({one.params["call_id"] for one in receiver.received}) == 1


def test_unknown_type_ends_a_call_with_that_type(simulator: Running, receiver: Receiver):
    simulator.quirk(unknown_type="forwarded")
    _whole_call(simulator)
    assert receiver.last.params["type"] == "forwarded"


def test_no_signature_leaves_the_header_out(simulator: Running, receiver: Receiver):
    simulator.quirk(no_signature=True)
    simulator.incoming(CUSTOMER, CENTRAL)
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] is None


def test_an_empty_secret_sends_no_signature(simulator: Running, receiver: Receiver):
    simulator.settings(secret="")
    simulator.incoming(CUSTOMER, CENTRAL)
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] is None


def test_wrong_signature_sends_one_that_looks_right(simulator: Running, receiver: Receiver):
    simulator.quirk(wrong_signature=True)
    simulator.incoming(CUSTOMER, CENTRAL)
    signature = receiver.last.headers["X-PLACETEL-SIGNATURE"]
    assert len(signature) == 64
    assert signature != notify.sign(SECRET, receiver.last.body)


def test_platform_webex_notifies_nothing_and_says_its_name(simulator: Running, receiver: Receiver):
    simulator.quirk(platform="WEBEX")
    assert simulator.api("GET", "/me").json()["platform"] == "WEBEX"
    _whole_call(simulator)
    assert receiver.received == []
    assert {one["fate"] for one in simulator.log("notification")} == {"not_notified"}


def test_numbers_without_notify_are_silent_both_ways_and_shown_by_their_routing(simulator: Running, receiver: Receiver):
    simulator.quirk(numbers_without_notify=f"{CENTRAL}, {BEN_DIRECT}")
    _whole_call(simulator)
    simulator.outgoing(BEN, CUSTOMER)
    assert receiver.received == []
    routings = simulator.api("GET", "/routings").json()
    silent = {one["number"]["number"] for one in routings if not one["notify_external_api"]}
    assert silent == {CENTRAL, BEN_DIRECT}
    simulator.outgoing(ANNA, CUSTOMER)
    assert receiver.events == ["OutgoingCall"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"no_such_quirk": True},
        {"lose_hungup": "yes"},
        {"repeat_notifications": -1},
        {"repeat_notifications": True},
        {"foreign_format": "E.164"},
        {"reorder": 3},
        {"automatic_prefix": "0221"},
    ],
)
def test_a_quirk_refuses_a_value_that_it_cannot_take(wrong: dict[str, object], simulator: Running):
    before = simulator.state()["quirks"]
    with pytest.raises(SimulatorError) as refused:
        simulator.quirk(**wrong)
    assert refused.value.status == 400
    assert simulator.state()["quirks"] == before

"""The control API: calls from their beginning to their end, what is refused, the log, settings, the client."""

from __future__ import annotations

import base64
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests

from simulator import notify
from simulator.client import SimulatorError
from tests.simulator.conftest import (
    ANNA,
    ANNA_DIRECT,
    BEN,
    CENTRAL,
    CLARA,
    CUSTOMER,
    FAX,
    RECEPTION,
    Receiver,
    Running,
)

NO_SUCH_CALL = "0" * 64


def test_an_incoming_call_rings_is_accepted_and_ends(simulator: Running, receiver: Receiver):
    start = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    simulator.exchange.clock = lambda: start
    done = simulator.incoming("+49 30 23125-100", CENTRAL)
    assert done.statuses == [200]
    assert {one["state"] for one in simulator.state()["phones"] if one["sipuid"] != FAX} == {"ringing"}

    simulator.accept(done.call_id, BEN)
    assert simulator.phone(BEN)["state"] == "talking"
    assert simulator.phone(ANNA)["state"] == "idle"

    simulator.exchange.clock = lambda: start + timedelta(seconds=42)
    simulator.put_down(BEN)
    assert receiver.events == ["IncomingCall", "CallAccepted", "HungUp"]
    assert receiver.last.params == {
        "call_id": done.call_id,
        "direction": "in",
        "duration": "42",
        "event": "HungUp",
        "from": CUSTOMER,
        "to": CENTRAL,
        "type": "accepted",
    }
    assert simulator.phone(BEN)["state"] == "idle"


def test_a_direct_line_rings_one_phone_and_ring_chooses_others(simulator: Running):
    assert simulator.incoming(CUSTOMER, ANNA_DIRECT).call["ringing"] == [ANNA]
    assert simulator.incoming(CUSTOMER, ANNA_DIRECT, ring=[BEN, CLARA]).call["ringing"] == [BEN, CLARA]
    assert simulator.incoming(CUSTOMER, "06990009000").call["ringing"] == []


def test_a_caller_who_gives_up_is_missed_and_a_message_is_a_voicemail(simulator: Running, receiver: Receiver):
    simulator.hangup(simulator.incoming(CUSTOMER, CENTRAL).call_id)
    assert receiver.last.params["type"] == "missed"
    simulator.voicemail(simulator.incoming(CUSTOMER, CENTRAL).call_id)
    assert receiver.last.params["type"] == "voicemail"
    simulator.hangup(simulator.incoming(CUSTOMER, CENTRAL).call_id, "blocked")
    assert receiver.last.params["type"] == "blocked"


def test_picking_up_a_ringing_phone_accepts_the_call(simulator: Running, receiver: Receiver):
    simulator.incoming(CUSTOMER, CENTRAL)
    simulator.pick_up(CLARA)
    assert receiver.last.params["peer"] == CLARA


def test_declining_at_one_phone_lets_the_others_ring_and_at_the_last_one_the_call_is_missed(
    simulator: Running, receiver: Receiver
):
    simulator.incoming(CUSTOMER, CENTRAL, ring=[ANNA, BEN])
    simulator.put_down(ANNA)
    assert simulator.phone(ANNA)["state"] == "idle"
    assert simulator.phone(BEN)["state"] == "ringing"
    assert receiver.events == ["IncomingCall"]
    simulator.put_down(BEN)
    assert receiver.last.params["type"] == "missed"


@pytest.mark.parametrize("does", ["busy", "unavailable", "canceled", "congestion", "missed", "voicemail"])
def test_an_outgoing_call_ends_as_the_other_side_decides(does: str, simulator: Running, receiver: Receiver):
    simulator.callee(simulator.outgoing(ANNA, CUSTOMER).call_id, does)
    assert receiver.events == ["OutgoingCall", "HungUp"]
    assert (receiver.last.params["type"], receiver.last.params["duration"]) == (does, "0")


def test_an_answered_outgoing_call_is_not_notified_as_accepted_until_it_ends(simulator: Running, receiver: Receiver):
    call_id = simulator.outgoing(ANNA, CUSTOMER).call_id
    assert simulator.callee(call_id, "answer").statuses == []
    assert simulator.phone(ANNA)["state"] == "talking"
    simulator.hangup(call_id, duration=38)
    assert receiver.events == ["OutgoingCall", "HungUp"]
    assert (receiver.last.params["type"], receiver.last.params["duration"]) == ("accepted", "38")


def test_putting_the_receiver_down_while_dialling_cancels(simulator: Running, receiver: Receiver):
    simulator.outgoing(ANNA, CUSTOMER)
    simulator.put_down(ANNA)
    assert receiver.last.params["type"] == "canceled"


def test_an_internal_call_rings_the_colleague_who_can_decline_it(simulator: Running, receiver: Receiver):
    simulator.outgoing(ANNA, "12")
    assert simulator.phone(BEN)["state"] == "ringing"
    simulator.put_down(BEN)
    assert receiver.last.params["type"] == "busy"


def test_a_phone_with_two_calls_shows_the_one_in_conversation(simulator: Running):
    simulator.accept(simulator.incoming(CUSTOMER, CENTRAL).call_id, ANNA)
    simulator.incoming("anonymous", ANNA_DIRECT)
    phone = simulator.phone(ANNA)
    assert (phone["state"], phone["with"]) == ("talking", CUSTOMER)
    assert [one["state"] for one in phone["calls"]] == ["talking", "ringing"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"calls/{NO_SUCH_CALL}/accept", {"sipuid": ANNA}, 404),
        (f"calls/{NO_SUCH_CALL}/hangup", {}, 404),
        ("phones/nobody@fpbx.de/pickup", {}, 404),
        ("incoming", {"from": CUSTOMER, "to": CENTRAL, "ring": ["nobody@fpbx.de"]}, 404),
        (f"phones/{ANNA}/pickup", {}, 409),
        (f"phones/{ANNA}/hangup", {}, 409),
        ("outgoing", {"sipuid": FAX, "to": CUSTOMER}, 409),
        ("incoming", {"from": CUSTOMER}, 400),
        ("incoming", {"from": "nobody", "to": CENTRAL}, 400),
        ("incoming", {"from": 49, "to": CENTRAL}, 400),
        ("incoming", {"from": CUSTOMER, "to": CENTRAL, "ring": "all"}, 400),
        ("incoming", {"from": CUSTOMER, "to": CENTRAL, "wait": "no"}, 400),
        ("outgoing", {"sipuid": ANNA, "to": ""}, 400),
        ("settings", {"port": "1"}, 400),
        ("settings", {"target": "ftp://127.0.0.1/"}, 400),
        ("notify", {"params": []}, 400),
        ("notify", {"options": {"no_such_option": 1}}, 400),
        ("notify", {"options": {"raw_base64": "?"}}, 400),
        ("incoming", ["not", "an", "object"], 400),
    ],
)
def test_what_cannot_be_done_is_refused_in_words_and_sends_nothing(
    path: str, body: object, status: int, simulator: Running, receiver: Receiver
):
    answer = requests.post(f"{simulator.base}/control/{path}", json=body, timeout=10)
    assert answer.status_code == status
    assert " " in answer.json()["error"]
    assert receiver.received == []


def test_a_call_cannot_be_accepted_twice_nor_end_twice_nor_end_as_it_cannot(simulator: Running):
    call_id = simulator.incoming(CUSTOMER, CENTRAL).call_id
    attempts = []
    with pytest.raises(SimulatorError) as refused:
        simulator.hangup(call_id, "busy")
    attempts.append(refused.value.status)
    simulator.accept(call_id, ANNA)
    with pytest.raises(SimulatorError) as refused:
        simulator.accept(call_id, BEN)
    attempts.append(refused.value.status)
    simulator.hangup(call_id)
    with pytest.raises(SimulatorError) as refused:
        simulator.hangup(call_id)
    attempts.append(refused.value.status)
    with pytest.raises(SimulatorError) as refused:
        simulator.incoming(CUSTOMER, CENTRAL, call_id=call_id)
    attempts.append(refused.value.status)
    assert attempts == [409, 409, 409, 409]


def test_an_unreachable_target_is_logged_and_the_call_goes_on(simulator: Running):
    simulator.settings(target="http://127.0.0.1:9/")
    done = simulator.incoming(CUSTOMER, CENTRAL)
    assert done.statuses == [None]
    entry = simulator.log("notification")[0]
    assert (entry["fate"], entry["error"]) == ("failed", "Das Ziel ist nicht erreichbar.")
    assert simulator.phone(RECEPTION)["state"] == "ringing"


def test_the_log_tells_status_time_and_body_of_each_notification(simulator: Running, receiver: Receiver):
    receiver.status = 403
    done = simulator.incoming(CUSTOMER, CENTRAL)
    entry = simulator.log("notification")[0]
    assert (entry["event"], entry["call_id"], entry["status"]) == ("IncomingCall", done.call_id, 403)
    assert entry["body"].encode("ascii") == receiver.last.body
    assert entry["ms"] > 0
    assert entry["answer"] == "<Response/>"


def test_an_action_returns_after_its_notification_was_answered_or_at_once_without_waiting(
    simulator: Running, receiver: Receiver
):
    receiver.may_answer.clear()
    began = time.monotonic()
    done = simulator.incoming(CUSTOMER, CENTRAL, wait=False)
    assert time.monotonic() - began < 5
    assert done.statuses == [None]
    # The next event of the same call waits for its turn, whoever asks for it.
    threading.Timer(0.1, receiver.may_answer.set).start()
    simulator.hangup(done.call_id)
    assert receiver.events == ["IncomingCall", "HungUp"]
    assert [entry["status"] for entry in simulator.log("notification")] == [200, 200]


def test_thirty_calls_at_once_are_all_delivered_each_in_its_order(simulator: Running, receiver: Receiver):
    def whole_call(_number: int) -> str:
        call_id = simulator.incoming(CUSTOMER, CENTRAL).call_id
        simulator.accept(call_id, ANNA)
        return simulator.hangup(call_id).call_id

    with ThreadPoolExecutor(30) as people:
        call_ids = list(people.map(whole_call, range(30)))
    assert len(set(call_ids)) == 30
    assert {(one["fate"], one["error"]) for one in simulator.log("notification")} == {("sent", None)}
    for call_id in call_ids:
        events = [one.params["event"] for one in receiver.received if one.params["call_id"] == call_id]
        assert events == ["IncomingCall", "CallAccepted", "HungUp"]


def test_notify_sends_any_parameters_signed(simulator: Running, receiver: Receiver):
    told = simulator.notify({"event": "Anything", "to": "+49", "from": "a@b"})
    assert told["status"] == 200
    assert receiver.last.body == b"event=Anything&from=a%40b&to=%2B49"
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] == notify.sign(
        simulator.exchange.settings.secret, receiver.last.body
    )


def test_notify_can_be_told_everything(simulator: Running, receiver: Receiver):
    elsewhere = receiver.url.replace("/index.php", "/elsewhere")
    simulator.notify({"event": "X"}, json=True, sign=False, target=elsewhere)
    assert receiver.last.path.startswith("/elsewhere")
    assert receiver.last.body == b'{"event": "X"}'
    assert receiver.last.headers["Content-Type"] == "application/json"
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] is None
    simulator.notify({}, raw_base64=base64.b64encode(b"\xff\x00").decode(), content_type=None, signature="me")
    assert receiver.last.body == b"\xff\x00"
    assert receiver.last.headers["Content-Type"] is None
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] == "me"
    simulator.notify({"event": "X"}, content_type="text/plain", secret="other")
    assert receiver.last.headers["Content-Type"] == "text/plain"
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] == notify.sign("other", b"event=X")


def test_settings_change_target_secret_and_key_but_never_show_the_secrets(simulator: Running, receiver: Receiver):
    target = receiver.url.replace("http://", "http://user:hidden@")
    simulator.settings(target=target, secret="new-secret", api_key="new-key", platform="PROFI")
    shown = simulator.state()["settings"]
    assert shown == {"target": receiver.url, "secret_set": True, "api_key_set": True, "platform": "PROFI"}
    simulator.incoming(CUSTOMER, CENTRAL)
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] == notify.sign("new-secret", receiver.last.body)
    assert receiver.last.headers["Authorization"].startswith("Basic ")
    assert simulator.api("GET", "/me").status_code == 401
    assert "hidden" not in str(simulator.state())


def test_reset_brings_everything_back_to_its_beginning(simulator: Running, receiver: Receiver):
    first = simulator.state()
    simulator.incoming(CUSTOMER, CENTRAL)
    simulator.quirk(lose_hungup=True, automatic_prefix={ANNA: "0"})
    simulator.settings(target="http://127.0.0.1:9/", secret="", api_key="")
    simulator.reset()
    now = simulator.state()
    assert {name: now[name] for name in ("calls", "log", "phones", "quirks", "settings")} == {
        name: first[name] for name in ("calls", "log", "phones", "quirks", "settings")
    }
    assert simulator.api("GET", "/contacts").json() == []


def test_the_state_is_sent_again_only_when_it_has_changed(simulator: Running):
    version = simulator.state()["version"]
    address = f"{simulator.base}/control/state?version={version}"
    assert requests.get(address, timeout=10).status_code == 204
    simulator.incoming(CUSTOMER, CENTRAL)
    assert requests.get(address, timeout=10).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Host": "pbx.example"}, {"Origin": "https://attacker.example"}, {"Origin": "null"}],
)
def test_a_foreign_web_page_cannot_drive_the_simulator(headers: dict[str, str], simulator: Running):
    answer = requests.post(f"{simulator.base}/control/reset", json={}, headers=headers, timeout=10)
    assert answer.status_code == 403

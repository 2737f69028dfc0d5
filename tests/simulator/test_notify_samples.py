"""What the simulator sends, byte for byte as in the samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from simulator import notify
from tests.simulator.conftest import SAMPLES, Receiver, Running

OWN = "7777abcdefg@fpbx.de"
CALLER, LINE, EXTENSION = "017312345678", "022129191999", "23"
FOREIGN = "+41791234567"

WEBHOOKS: dict[str, dict[str, Any]] = {sample["id"]: sample for sample in SAMPLES["webhooks"]}
SIGNED = [sample for sample in WEBHOOKS.values() if "X-PLACETEL-SIGNATURE" in sample.get("headers", {})]
ALPHABETICAL = [sample for sample in WEBHOOKS.values() if not sample["kind"].startswith("official-hand")]
HAND_WRITTEN = [sample for sample in WEBHOOKS.values() if sample["kind"].startswith("official-hand")]


def _incoming(simulator: Running, call_id: str, caller: str = CALLER) -> str:
    return simulator.incoming(caller, LINE, call_id=call_id).call_id


def _incoming_ends(outcome: str) -> Callable[[Running, str], object]:
    return lambda simulator, call_id: simulator.hangup(_incoming(simulator, call_id), outcome)


def _foreign(form: str) -> Callable[[Running, str], object]:
    def happen(simulator: Running, call_id: str) -> None:
        simulator.quirk(foreign_format=form)
        _incoming(simulator, call_id, FOREIGN)

    return happen


def _accepted(simulator: Running, call_id: str) -> object:
    return simulator.accept(_incoming(simulator, call_id), OWN)


def _accepted_and_ended(simulator: Running, call_id: str) -> None:
    _accepted(simulator, call_id)
    simulator.hangup(call_id, duration=42)


def _outgoing_answered(target: str, duration: int) -> Callable[[Running, str], object]:
    def happen(simulator: Running, call_id: str) -> None:
        simulator.outgoing(OWN, target, call_id=call_id)
        simulator.callee(call_id, "answer")
        simulator.hangup(call_id, duration=duration)

    return happen


def _outgoing_fails(callee: str) -> Callable[[Running, str], object]:
    def happen(simulator: Running, call_id: str) -> None:
        simulator.outgoing(OWN, CALLER, call_id=call_id)
        simulator.callee(call_id, callee)

    return happen


HAPPENINGS: dict[str, Callable[[Running, str], object]] = {
    "derived-incoming": _incoming,
    "derived-incoming-anonymous": lambda simulator, call_id: _incoming(simulator, call_id, "anonymous"),
    "derived-incoming-international-00": _foreign("00"),
    "derived-incoming-international-plus": _foreign("plus"),
    "derived-accepted": _accepted,
    "derived-hungup-in-accepted": _accepted_and_ended,
    "derived-hungup-in-missed": _incoming_ends("missed"),
    "derived-hungup-in-voicemail": _incoming_ends("voicemail"),
    "derived-hungup-in-blocked": _incoming_ends("blocked"),
    "derived-outgoing": lambda simulator, call_id: simulator.outgoing(OWN, CALLER, call_id=call_id),
    "derived-outgoing-internal": lambda simulator, call_id: simulator.outgoing(OWN, EXTENSION, call_id=call_id),
    "derived-hungup-out-accepted": _outgoing_answered(CALLER, 38),
    "derived-hungup-out-busy": _outgoing_fails("busy"),
    "derived-hungup-out-canceled": _outgoing_fails("canceled"),
    "derived-hungup-out-unavailable": _outgoing_fails("unavailable"),
    "derived-hungup-out-congestion": _outgoing_fails("congestion"),
    "derived-hungup-out-missed": _outgoing_fails("missed"),
    "derived-hungup-out-internal": _outgoing_answered(EXTENSION, 5),
}


def _call_id(sample: dict[str, Any]) -> str:
    return str(dict(parse_qsl(sample["body"]))["call_id"])


@pytest.mark.parametrize("name", HAPPENINGS)
def test_a_call_sends_exactly_the_bytes_headers_and_signature_of_the_sample(
    name: str, sample_simulator: Running, receiver: Receiver
):
    sample = WEBHOOKS[name]
    HAPPENINGS[name](sample_simulator, _call_id(sample))
    assert receiver.last.body == sample["body"].encode("ascii")
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] == sample["headers"]["X-PLACETEL-SIGNATURE"]
    assert receiver.last.headers["Content-Type"] == sample["content_type"]


def test_every_derived_sample_has_a_call_that_sends_it():
    derived = {name for name, sample in WEBHOOKS.items() if sample["kind"] == "derived"}
    assert derived == set(HAPPENINGS)


@pytest.mark.parametrize("sample", SIGNED, ids=lambda sample: sample["id"])
def test_the_signature_of_each_sample_is_computed_again(sample: dict[str, Any]):
    signature = notify.sign(sample["secret"], sample["body"].encode("ascii"))
    assert signature == sample["headers"]["X-PLACETEL-SIGNATURE"]


@pytest.mark.parametrize("sample", ALPHABETICAL, ids=lambda sample: sample["id"])
def test_the_parameters_of_a_sample_are_encoded_to_its_bytes(sample: dict[str, Any]):
    body = sample["body"]
    if body.startswith("{"):
        assert notify.encode_json(_json_params()) == body.encode("ascii")
    else:
        assert notify.encode_form(dict(parse_qsl(body, strict_parsing=True))) == body.encode("ascii")


def _json_params() -> dict[str, str]:
    incoming = WEBHOOKS["derived-incoming"]["body"]
    return dict(parse_qsl(incoming))


def test_a_subscription_gets_the_inferred_json_without_content_type_and_signature(
    sample_simulator: Running, receiver: Receiver
):
    sample = WEBHOOKS["inferred-subscription-json"]
    own_path = receiver.url.replace("/index.php", "/subscribed")
    answer = sample_simulator.api("PUT", "/subscriptions", json={"service": "crm", "url": own_path, "incoming": True})
    assert answer.status_code == 200
    _incoming(sample_simulator, _json_params()["call_id"])
    told = next(one for one in receiver.received if one.path.startswith("/subscribed"))
    assert told.body == sample["body"].encode("ascii")
    assert told.headers["Content-Type"] is None
    assert told.headers["X-PLACETEL-SIGNATURE"] is None


@pytest.mark.parametrize("sample", HAND_WRITTEN, ids=lambda sample: sample["id"])
def test_a_raw_body_leaves_unchanged_and_is_signed_as_it_is(
    sample: dict[str, Any], simulator: Running, receiver: Receiver
):
    simulator.notify({}, raw=sample["body"])
    assert receiver.last.body == sample["body"].encode("ascii")
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] == notify.sign(
        "shared-secret-for-tests", sample["body"].encode("ascii")
    )


def test_the_published_signature_example_is_sent_with_its_secret(simulator: Running, receiver: Receiver):
    sample = WEBHOOKS["official-signature-example"]
    simulator.notify(dict(parse_qsl(sample["body"])), secret=sample["secret"])
    assert receiver.last.body == sample["body"].encode("ascii")
    assert receiver.last.headers["X-PLACETEL-SIGNATURE"] == sample["headers"]["X-PLACETEL-SIGNATURE"]


def test_a_call_id_is_64_hexadecimal_characters_and_never_the_same(simulator: Running):
    first, second = (simulator.incoming(CALLER, LINE).call_id for _ in range(2))
    assert len(first) == 64
    assert int(first, 16) >= 0
    assert first != second

"""The running server, and what clients send it: Zammad's documented requests and those of its clients, and Placetel's.

Byte for byte the bodies of the samples in the providers' folders, over the network, one call after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from flask import Flask

from app.core.database import transaction
from app.modules.callcenter import blocking, configuring, connecting
from app.modules.callcenter.blocking import Terms, numbers_of
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.connections import FIRST_CONNECTION, Connection, address, connection
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.placetel import signature
from app.modules.callcenter.settings import CallcenterSettings
from tests.browser.stack import Stack
from tests.conftest import make_config
from tests.integration.callcenter.phone_system import all_calls, notifications, the_call
from tests.unit.contract.folders import Sample
from tests.unit.contract.folders import notifications as samples_of

PATIENCE = 30
PLACETEL = {sample.name: sample for sample in samples_of(registry.provider_type("placetel"))}
CTI = {sample.name: sample for sample in samples_of(registry.provider_type("cti"))}
#: The secret of Placetel's samples, and that of the example of a signature that it publishes.
SECRET, PUBLISHED = "shared-secret-for-tests", "12345"


@dataclass(frozen=True)
class Told:
    """What a client sends of one call, and what the journal holds then."""

    samples: tuple[str, ...]
    phase: str = "ended"
    outcome: str | None = "accepted"
    missed: bool = False
    peer: str | None = None


#: Each with the call ids of its samples, so that all of them meet in one installation.
CLIENTS = {
    "Zammad's documentation, JSON": Told(("newcall-in", "answer-in", "hangup-in"), peer="emma@chrispresso.com"),
    "the same, of an outgoing call": Told(("newcall-out", "answer-out", "hangup-out"), peer="christopher miller"),
    "the same, in parts": Told(("newcall-in-parts", "hangup-in-parts"), outcome="missed", missed=True),
    "its earlier documentation": Told(("newcall-in-form", "hangup-in-form"), outcome="missed", missed=True),
    "its tests, a mailbox": Told(("answer-by-voicemail",), outcome="voicemail", missed=True),
    "its tests, users with commas": Told(("newcall-users-with-commas",), phase="ringing", outcome=None),
    "its tests, no number": Told(("newcall-anonymous-with-queue",), phase="ringing", outcome=None),
    "an Asterisk's queue": Told(
        ("asterisk-queue-join", "asterisk-agent-connect", "asterisk-agent-complete"), peer="agent.name"
    ),
    "an Asterisk's queue, given up": Told(("asterisk-caller-abandon",), outcome="missed", missed=True),
    "a 3CX": Told(("3cx-newcall-in", "3cx-answer-in"), phase="talking", outcome=None, peer="11"),
    "a 3CX, outgoing": Told(("3cx-newcall-out", "3cx-hangup-out"), peer="11"),
    "the template of 3CX": Told(("3cx-template-newcall", "3cx-template-hangup")),
    "FusionPBX": Told(("fusionpbx-newcall", "fusionpbx-hangup"), outcome="missed", missed=True),
}


@pytest.fixture
def server(own_app: Flask, tmp_path: Path) -> Iterator[Stack]:
    """The real server over the database of ``own_app``, with the secrets of the samples; it writes a line a request."""
    with own_app.app_context():
        configuring.save(Changes({"shared_secret": SECRET}))
        with transaction() as session:
            own_app.extensions["durchwahl"].settings.save(session, CallcenterSettings, {"ringing_minutes": 60})
        url = own_app.extensions["durchwahl"].database.url
        started = Stack(tmp_path, DATABASE_URL=url, SECRET_KEY=make_config(url, tmp_path).secret_key, ACCESS_LOG="1")
        try:
            yield started
        finally:
            started.stop()


def post(where: str, sample: Sample, headers: dict[str, str] | None = None) -> requests.Response:
    told = {**sample.content["headers"], **(headers or {})}
    query = sample.content.get("query", "")
    return requests.post(
        f"{where}?{query}" if query else where, sample.content["body"].encode(), headers=told, timeout=PATIENCE
    )


def test_clients_of_zammads_interface_are_understood_by_changing_the_address(server: Stack) -> None:
    cti = connecting.add("cti", "Asterisk")
    blocking.add(numbers_of("0171 3920009"), Terms(), by=None)
    server.start_server()
    where = address(cti, server.url)
    for told in CLIENTS.values():
        for name in told.samples:
            answer = post(where, CTI[name])
            assert (answer.status_code, answer.json()) == (200, {}), name
    for client, told in CLIENTS.items():
        call = the_call(CTI[told.samples[0]].expected["call_id"])
        assert call.connection == cti.key, client
        assert (call.phase, call.outcome, call.missed) == (told.phase, told.outcome, told.missed), client
        assert (call.peer or "").removesuffix(f" via {cti.key}") == (told.peer or ""), client
    _others_are_answered_as_zammad_does(where, cti)
    assert cti.token
    assert "POST /api/v1/cti/… -> 200" in server.server_log()
    assert cti.token not in server.server_log()


def _others_are_answered_as_zammad_does(where: str, cti: Connection) -> None:
    for name, sample in CTI.items():
        answer = post(where, sample)
        if "malformed" in sample.expected:
            assert (answer.status_code, answer.json()) == (422, {"error": sample.expected["malformed"]}), name
        else:
            assert (answer.status_code, answer.json()) == (200, {}), name
    assert {row["state"] for row in notifications()} == {"processed", "repeated", "unsupported", "malformed"}
    blocked = {"event": "newCall", "callId": "blocked", "direction": "in", "from": "491713920009", "to": "492214710100"}
    refusal = requests.post(where, json=blocked, timeout=PATIENCE)
    assert (refusal.status_code, refusal.json()) == (200, {"action": "reject", "reason": "busy"})
    wrong = requests.post(where.replace(str(cti.token), "wrong-token"), json=blocked, timeout=PATIENCE)
    assert (wrong.status_code, list(wrong.json())) == (401, ["error"])


def test_what_placetel_publishes_is_understood(server: Stack) -> None:
    second = connecting.add("placetel", "As published")
    configuring.save(Changes({"shared_secret": PUBLISHED}, connection=second.key))
    server.start_server()
    for name, sample in PLACETEL.items():
        one = second if PUBLISHED in sample.secrets else connection(FIRST_CONNECTION)
        # Its examples for curl are not signed; Placetel signs what it sends once a secret is set.
        signed = {} if sample.proves else {signature.HEADER: signature.sign(sample.content["body"].encode(), SECRET)}
        answer = post(address(one, server.url), sample, signed)
        assert answer.status_code == 200, name
        assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
        assert b"".join(answer.content.split()) == b'<?xmlversion="1.0"encoding="UTF-8"?><Response></Response>'
        row = notifications()[-1]
        expected = {"unsupported": "unsupported", "malformed": "malformed"}
        wanted = next((state for key, state in expected.items() if key in sample.expected), None)
        assert row["state"] == wanted if wanted else row["state"] in ("processed", "repeated"), name
        assert row["connection"] == one.key
    known = {sample.expected["call_id"] for sample in PLACETEL.values() if sample.event is not None}
    assert {call.external_id for call in all_calls()} == known

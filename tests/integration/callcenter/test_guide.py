"""The provider that docs/providers.md builds, connected: what it posts becomes a call."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.modules.callcenter import configuring, connecting, diagnosis
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.connections import address
from app.modules.callcenter.providers import registry
from app.modules.callcenter.setup_words import finding_sentence
from tests.conftest import FakeHttp
from tests.integration.callcenter.phone_system import notifications, the_call
from tests.integration.callcenter.test_webhook import refusals
from tests.unit.contract import guide
from tests.unit.contract.folders import Sample
from tests.unit.contract.folders import notifications as samples_of


@pytest.fixture
def samples(monkeypatch: pytest.MonkeyPatch) -> dict[str, Sample]:
    """Those of the page, while its provider is one of the house."""
    declared = guide.provider_type()
    known = MappingProxyType({**registry.provider_types(), guide.KEY: declared})
    monkeypatch.setattr(registry, "provider_types", lambda: known)
    return {sample.name: sample for sample in samples_of(declared)}


def test_what_the_provider_of_the_guide_posts_becomes_a_call(app: Flask, samples: dict[str, Sample]) -> None:
    door = connecting.add(guide.KEY, "Front door")
    told = {"shared_secret": samples["ring"].secrets[0], "own_address": samples["ring"].settings.address}
    configuring.save(Changes(told, connection=door.key))
    client, where = app.test_client(), address(door, "")
    ring = samples["ring"]
    answer = client.post(where, data=ring.content["body"], headers=ring.content["headers"])
    assert (answer.status_code, answer.get_json()) == (200, {})
    call = the_call("c1")
    assert (call.connection, call.provider, call.phase) == (door.key, guide.KEY, "ringing")
    assert (call.remote_e164, call.line_raw) == ("+493023125741", "02214710100")
    unsigned = client.post(where, data=samples["taken"].content["body"])
    assert unsigned.status_code == 403
    assert [reason for _kind, _from, reason in refusals()] == ["missing_signature"]
    assert [row["state"] for row in notifications()] == ["processed"]


def test_what_the_provider_of_the_guide_asks_for_and_finds_is_told_in_its_own_words(
    app: Flask, http: FakeHttp, samples: dict[str, Sample], admin: FlaskClient
) -> None:
    door = connecting.add(guide.KEY, "Front door")
    page = f"/callcenter/settings?connection={door.key}"
    assert "Adresse der Türsprechanlage" in admin.get(page).text
    told = {"shared_secret": samples["ring"].secrets[0], "own_address": samples["ring"].settings.address}
    configuring.save(Changes(told, connection=door.key))
    http.answer(200, b'{"ready": true}')
    assert diagnosis.diagnose(key=door.key).ok
    assert http.requests[0]["url"] == "https://doorphone.example/status"
    assert "bei Front door (Doorphone) ein; rufen Sie dann" in admin.get("/health").text
    http.answer(200, b'{"ready": false}')
    found = diagnosis.diagnose(key=door.key)
    with app.test_request_context("/", headers={"Accept-Language": "de"}):
        assert finding_sentence(found.findings[0]) == "Die Türsprechanlage ist nicht bereit."

"""What Placetel's samples show besides what those of every provider must (tests/unit/contract)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.modules.callcenter.domain import bodies
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import Receives
from app.modules.callcenter.providers.placetel import PlacetelSettings
from app.modules.callcenter.providers.placetel import parse as parse_module
from tests.unit.callcenter.providers.samples import exchanges
from tests.unit.contract.fake_http import FakeHttp, answer
from tests.unit.contract.folders import KINDS, Sample, notifications
from tests.unit.contract.subjects import CLOCK

NOTIFICATIONS = {sample.name: sample for sample in notifications(registry.provider_type("placetel"))}
READABLE = [sample for sample in NOTIFICATIONS.values() if sample.event is not None]
each_readable = pytest.mark.parametrize("sample", READABLE, ids=lambda sample: sample.name)


def provider() -> Receives:
    built = registry.build("placetel", PlacetelSettings(shared_secrets=("any",)), FakeHttp(), CLOCK)
    assert isinstance(built, Receives)
    return built


@each_readable
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json", "multipart/form-data"])
def test_the_content_type_plays_no_part(sample: Sample, content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    assert list(provider().parse(replace(sample.request(CLOCK), headers=headers))) == [sample.event]


@each_readable
def test_a_form_and_the_same_as_json_are_read_alike(sample: Sample) -> None:
    request = sample.request(CLOCK)
    as_json = replace(request, body=json.dumps(dict(bodies.pairs(request.body))).encode())
    assert list(provider().parse(as_json)) == [sample.event]


def test_the_vendors_own_example_of_a_signature_is_among_them() -> None:
    sample = NOTIFICATIONS["signature-example"]
    assert sample.secrets == ["12345"]
    signature = "c4f823c5b8806432fe2b83b1fc2ee714422e0cdfb4b5129152a7d0bbcd7792d0"
    assert sample.content["headers"]["X-PLACETEL-SIGNATURE"] == signature


def test_every_exchange_says_where_it_comes_from() -> None:
    for exchange in exchanges().values():
        assert exchange["kind"] in KINDS
        assert exchange["source"]


def test_every_event_and_every_type_has_a_sample() -> None:
    events = [parse_module._fields(sample.request(CLOCK).body) for sample in READABLE]
    assert {fields["event"] for fields in events} == set(parse_module.EVENTS)
    assert {fields["type"] for fields in events if "type" in fields} >= set(parse_module.OUTCOMES)


@pytest.mark.parametrize("name", list(exchanges()))
def test_every_answer_of_the_web_api_is_survived(name: str) -> None:
    sample = exchanges()[name]
    http = FakeHttp()
    settings = PlacetelSettings(api_key="key")
    built = registry.build("placetel", settings, http, CLOCK)
    response = sample["response"]
    http.on(
        sample["request"]["method"],
        "/v2" + sample["request"]["path"],
        answer(response["body"], response["status"], response["headers"]),
    )
    assert built.check().findings
    assert "supersecret" not in repr(built.check())

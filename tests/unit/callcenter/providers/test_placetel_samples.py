"""Every sample in Placetel's folder, walked: read as it says, signed as it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.modules.callcenter.domain.events import Direction, EventKind, Outcome, ProviderEvent
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import Malformed, RawRequest, Receives, Unsupported
from app.modules.callcenter.providers.placetel import PlacetelSettings
from app.modules.callcenter.providers.placetel import parse as parse_module
from tests.unit.callcenter.providers.samples import exchanges, notifications
from tests.unit.contract.fake_http import FakeHttp, answer
from tests.unit.contract.subjects import CLOCK

KINDS = {"official", "seen", "third-party", "derived", "inferred"}
NOTIFICATIONS = notifications()
READABLE = [name for name, sample in NOTIFICATIONS.items() if "call_id" in sample["expected"]]
SIGNED = [name for name, sample in NOTIFICATIONS.items() if "secret" in sample]


def provider(secret: str = "any") -> Receives:
    built = registry.build("placetel", PlacetelSettings(shared_secrets=(secret,)), FakeHttp(), CLOCK)
    assert isinstance(built, Receives)
    return built


def request(sample: dict[str, Any], **headers: str) -> RawRequest:
    names = {name.lower(): value for name, value in sample["headers"].items()}
    return RawRequest(
        "POST",
        "/callcenter/webhook/placetel",
        "",
        {**names, **headers},
        sample["body"].encode(),
        "192.0.2.1",
        datetime(2026, 3, 2, tzinfo=UTC),
    )


def event(expected: dict[str, Any]) -> ProviderEvent:
    """The expected event; what a sample does not name is None."""
    return ProviderEvent(
        call_id=expected["call_id"],
        kind=EventKind(expected["kind"]),
        direction=Direction(expected["direction"]) if expected["direction"] else None,
        remote=expected.get("remote"),
        line=expected.get("line"),
        peer=expected.get("peer"),
        outcome=Outcome(expected["outcome"]) if "outcome" in expected else None,
        talk_seconds=expected.get("talk_seconds"),
        first=expected.get("first"),
        second=expected.get("second"),
    )


@pytest.mark.parametrize("name", READABLE)
def test_a_notification_is_read_as_its_sample_says(name: str) -> None:
    sample = NOTIFICATIONS[name]
    assert list(provider().parse(request(sample))) == [event(sample["expected"])]


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json", "multipart/form-data"])
def test_the_content_type_plays_no_part(name: str, content_type: str | None) -> None:
    sample = NOTIFICATIONS[name]
    bare = {**sample, "headers": {}}
    headers = {"content-type": content_type} if content_type else {}
    assert list(provider().parse(request(bare, **headers))) == [event(sample["expected"])]


@pytest.mark.parametrize("name", READABLE)
def test_a_form_and_the_same_as_json_are_read_alike(name: str) -> None:
    sample = NOTIFICATIONS[name]
    if sample["body"].startswith("{"):
        fields = json.loads(sample["body"])
    else:
        fields = dict(parse_module._form_pairs(sample["body"]))
    as_json = {**sample, "body": json.dumps(fields)}
    assert list(provider().parse(request(as_json))) == [event(sample["expected"])]


@pytest.mark.parametrize(
    "name", [name for name, sample in NOTIFICATIONS.items() if "unsupported" in sample["expected"]]
)
def test_an_unknown_event_is_named(name: str) -> None:
    with pytest.raises(Unsupported) as caught:
        provider().parse(request(NOTIFICATIONS[name]))
    assert str(caught.value) == NOTIFICATIONS[name]["expected"]["unsupported"]


@pytest.mark.parametrize("name", [name for name, sample in NOTIFICATIONS.items() if "malformed" in sample["expected"]])
def test_a_malformed_notification_is_told_in_words(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        provider().parse(request(NOTIFICATIONS[name]))
    assert str(caught.value) == NOTIFICATIONS[name]["expected"]["malformed"]


@pytest.mark.parametrize("name", SIGNED)
def test_the_signature_of_a_sample_is_right(name: str) -> None:
    sample = NOTIFICATIONS[name]
    provider(sample["secret"]).authenticate(request(sample))


def test_the_vendors_own_example_of_a_signature_is_among_them() -> None:
    sample = NOTIFICATIONS["signature-example"]
    assert sample["secret"] == "12345"
    signature = "c4f823c5b8806432fe2b83b1fc2ee714422e0cdfb4b5129152a7d0bbcd7792d0"
    assert sample["headers"]["X-PLACETEL-SIGNATURE"] == signature


def test_every_sample_says_where_it_comes_from() -> None:
    for sample in [*NOTIFICATIONS.values(), *exchanges().values()]:
        assert sample["kind"] in KINDS
        assert sample["source"]


def test_every_event_and_every_type_has_a_sample() -> None:
    events = [parse_module._fields(NOTIFICATIONS[name]["body"].encode()) for name in READABLE]
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

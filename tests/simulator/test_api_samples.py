"""The answers of the Web API have the status and the fields of the samples."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import ANNA, API_KEY, CENTRAL, CUSTOMER, SAMPLES, Running

REST: dict[str, dict[str, Any]] = {sample["id"]: sample for sample in SAMPLES["rest"]}


def _shape(value: Any) -> Any:
    """Names of fields, nested; of a list those of its first record. Values do not count."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_shape(value[0])]
    return None


def _sample_shape(name: str) -> Any:
    return _shape(REST[name]["body"])


@pytest.fixture
def used(simulator: Running) -> Running:
    """A simulator that has had a voicemail from a known contact, a queue call and a subscription."""
    simulator.api("POST", "/contacts", json={"company": "Rheinwerk Maschinenbau GmbH", "phone": "+493023125100"})
    simulator.voicemail(simulator.incoming(CUSTOMER, CENTRAL).call_id)
    simulator.quirk(queue_call=True)
    queued = simulator.incoming(CUSTOMER, CENTRAL).call_id
    simulator.accept(queued, ANNA)
    simulator.hangup(queued)
    simulator.quirk(queue_call=False)
    simulator.api("PUT", "/subscriptions", json=REST["subscription_put"]["request"] | {"url": "http://127.0.0.1:9/"})
    return simulator


def _today(simulator: Running) -> str:
    received = simulator.api("GET", "/calls").json()[0]["received_at"]
    return str(received)[:10]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("me", "/me"),
        ("numbers", "/numbers"),
        ("contacts", "/contacts"),
        ("subscriptions", "/subscriptions"),
        ("call_detail_records", "/call_detail_records?date={today}"),
        ("call_center_calls", "/call_center_calls?date={today}"),
        ("sip_user", "/sip_users/1"),
        ("calls", "/calls?filter[type]=voicemail"),
        ("call", "/calls/1"),
    ],
)
def test_a_record_has_exactly_the_fields_of_the_sample(name: str, path: str, used: Running):
    answer = used.api("GET", path.format(today=_today(used)))
    assert answer.status_code == REST[name]["status"]
    assert _shape(answer.json()) == _sample_shape(name)


def test_the_list_of_sip_users_has_the_fields_of_the_sample_but_never_a_password(simulator: Running):
    expected = _sample_shape("sip_users")[0]
    del expected["password"]
    records = simulator.api("GET", "/sip_users").json()
    assert _shape(records[0]) == expected
    assert all("password" not in record for record in records)


def test_a_single_sip_user_has_a_password_as_with_placetel(simulator: Running):
    assert "password" in simulator.api("GET", "/sip_users/1").json()


def test_a_call_can_name_the_called_number_flat(used: Running):
    used.quirk(to_number_form="flat")
    answer = used.api("GET", "/calls?filter[type]=voicemail")
    assert _shape(answer.json()) == _sample_shape("calls-flat-to_number")


def test_a_created_contact_is_answered_as_in_the_sample_and_a_deleted_one_with_nothing(simulator: Running):
    created = simulator.api("POST", "/contacts", json=REST["contact_created"]["body"])
    assert created.status_code == REST["contact_created"]["status"]
    assert _shape(created.json()) == _sample_shape("contact_created")
    deleted = simulator.api("DELETE", f"/contacts/{created.json()['id']}")
    assert (deleted.status_code, deleted.content) == (REST["contact_deleted"]["status"], b"")


def test_dialling_takes_the_request_of_the_sample_and_answers_201_with_an_empty_body(simulator: Running):
    request = REST["call_initiated"]["request"] | {"sipuid": ANNA}
    answer = simulator.api("POST", "/calls", json=request)
    assert (answer.status_code, answer.content) == (REST["call_initiated"]["status"], b"")


def test_dialling_can_answer_with_a_call_as_the_newer_description_says(simulator: Running):
    simulator.quirk(api_empty_201=False)
    answer = simulator.dial(ANNA, CUSTOMER)
    expected = _sample_shape("call_initiated_2026_variant")
    assert answer.status_code == REST["call_initiated_2026_variant"]["status"]
    assert answer.json().keys() == expected.keys()
    assert _shape(answer.json()["to_number"]) == expected["to_number"]


def test_a_subscription_is_put_without_an_answer_body_and_deleted_with_204(used: Running):
    request = REST["subscription_put"]["request"]
    put = used.api("PUT", "/subscriptions", json=request)
    assert (put.status_code, put.content) == (REST["subscription_put"]["status"], b"")
    made = used.api("GET", "/subscriptions").json()[-1]
    assert made["id"].startswith("sub-")
    assert {name: made[name] for name in request if name != "service"} == {
        name: value for name, value in request.items() if name != "service"
    }
    deleted = used.api("DELETE", f"/subscriptions/{made['id']}")
    assert (deleted.status_code, deleted.content) == (REST["subscription_deleted"]["status"], b"")


def test_an_error_has_the_one_key_error(simulator: Running):
    answer = simulator.api("GET", "/contacts/4711")
    assert answer.status_code == 404
    assert answer.json().keys() == REST["error-generic"]["body"].keys()


def test_too_many_requests_are_answered_as_in_the_sample(simulator: Running):
    simulator.quirk(api_429=1)
    answer = simulator.api("GET", "/me")
    sample = REST["error-429"]
    assert answer.status_code == sample["status"]
    assert answer.json() == sample["body"]
    assert {name: answer.headers[name] for name in sample["headers"]} == sample["headers"]


def test_the_key_is_a_bearer_key(simulator: Running):
    for wrong in ("", API_KEY, f"Basic {API_KEY}", "Bearer other"):
        answer = simulator.api("GET", "/me", headers={"Authorization": wrong})
        assert answer.status_code == 401
        assert answer.json().keys() == {"error"}

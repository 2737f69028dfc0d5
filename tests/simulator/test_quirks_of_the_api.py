"""Each switch that changes how the Web API answers."""

from __future__ import annotations

import time

import pytest
import requests

from tests.simulator.conftest import ANNA, BEN, CENTRAL, CUSTOMER, Receiver, Running


def test_api_slow_answers_after_that_time(simulator: Running):
    simulator.quirk(api_slow=0.2)
    began = time.monotonic()
    assert simulator.api("GET", "/me").status_code == 200
    assert time.monotonic() - began >= 0.2


def test_api_slow_does_not_slow_the_control_api(simulator: Running):
    simulator.quirk(api_slow=30)
    began = time.monotonic()
    simulator.state()
    assert time.monotonic() - began < 5


def test_api_429_refuses_the_next_n_requests_and_says_when_to_return(simulator: Running):
    simulator.quirk(api_429=2, api_retry_after=7)
    answers = [simulator.dial(ANNA, CUSTOMER) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 201]
    assert answers[0].headers["Retry-After"] == "7"
    assert [call["phase"] for call in simulator.state()["calls"]] == ["own_phone"]


def test_api_rate_limit_empties_the_bucket(simulator: Running):
    simulator.quirk(api_rate_limit=2)
    answers = [simulator.api("GET", "/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert all(int(answer.headers["RateLimit-Reset"]) > 0 for answer in answers)


@pytest.mark.parametrize(("quirk", "status"), [("api_401", 401), ("api_403", 403)])
def test_a_refused_key_dials_nothing(quirk: str, status: int, simulator: Running):
    simulator.quirk(**{quirk: True})
    answer = simulator.dial(ANNA, CUSTOMER)
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert simulator.phone(ANNA)["state"] == "idle"


def test_api_500_after_ringing_fails_but_the_phone_rings(simulator: Running):
    simulator.quirk(api_500_after_ringing=True)
    assert simulator.dial(ANNA, CUSTOMER).status_code == 500
    assert simulator.phone(ANNA)["state"] == "click_to_dial"


def test_api_timeout_after_ringing_is_silent_but_the_phone_rings(simulator: Running):
    simulator.quirk(api_timeout_after_ringing=30)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{simulator.base}/v2/calls",
            json={"sipuid": ANNA, "target": CUSTOMER},
            headers={"Authorization": f"Bearer {simulator.exchange.settings.api_key}"},
            timeout=0.3,
        )
    assert simulator.phone(ANNA)["state"] == "click_to_dial"


def test_api_empty_201_can_be_braces(simulator: Running):
    simulator.quirk(api_empty_201="{}")
    assert simulator.dial(ANNA, CUSTOMER).json() == {}


def test_api_down_closes_the_connection_without_an_answer(simulator: Running):
    simulator.quirk(api_down=True)
    with pytest.raises(requests.ConnectionError):
        simulator.dial(ANNA, CUSTOMER)
    assert simulator.phone(ANNA)["state"] == "idle"
    assert simulator.log("api")[0]["status"] is None
    simulator.quirk(api_down=False)
    assert simulator.api("GET", "/me").status_code == 200


def test_api_page_size_ignores_per_page_and_still_ends_with_an_empty_page(simulator: Running):
    simulator.quirk(api_page_size=3)
    sizes = [len(simulator.api("GET", f"/sip_users?per_page=100&page={page}").json()) for page in (1, 2, 3)]
    assert sizes == [3, 2, 0]


def test_automatic_prefix_is_shown_and_put_before_what_is_dialled(simulator: Running, receiver: Receiver):
    simulator.quirk(automatic_prefix={ANNA: "0"})
    shown = {user["sipuid"]: user["automatic_prefix"] for user in simulator.api("GET", "/sip_users").json()}
    assert (shown[ANNA], shown[BEN]) == ("0", None)
    simulator.outgoing(ANNA, CUSTOMER)
    assert receiver.last.params["to"] == "0" + CUSTOMER


def test_blocked_prefixes_are_shown_and_refuse_what_begins_with_them(simulator: Running, receiver: Receiver):
    simulator.quirk(blocked_prefixes={ANNA: "0900,030"})
    shown = {user["sipuid"]: user["blocked_prefixes"] for user in simulator.api("GET", "/sip_users").json()}
    assert (shown[ANNA], shown[BEN]) == ("0900,030", None)
    simulator.dial(ANNA, CUSTOMER)
    simulator.pick_up(ANNA)
    assert receiver.events == ["OutgoingCall", "HungUp"]
    assert receiver.last.params["type"] == "unavailable"
    assert simulator.phone(ANNA)["state"] == "idle"


@pytest.mark.parametrize("form", ["nested", "flat", "string"])
def test_to_number_form_chooses_how_the_list_of_calls_names_our_number(form: str, simulator: Running):
    simulator.hangup(simulator.incoming(CUSTOMER, CENTRAL).call_id)
    simulator.quirk(to_number_form=form)
    named = simulator.api("GET", "/calls").json()[0]["to_number"]
    if form == "nested":
        named = named["number"]
    assert (named if form == "string" else named["number"]) == CENTRAL


def test_number_e164_adds_the_newer_field(simulator: Running):
    assert "e164" not in simulator.api("GET", "/numbers").json()[0]
    simulator.quirk(number_e164=True)
    assert simulator.api("GET", "/numbers").json()[0]["e164"] == "+492214710000"

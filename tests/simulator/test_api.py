"""The Web API: what it lists, what it refuses, and dialling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulator.conftest import ANNA, BEN, CENTRAL, CUSTOMER, FAX, Receiver, Running

FOREIGN = "+442079460123"


def test_the_accounts_and_numbers_are_those_of_the_demo_company(simulator: Running):
    users = simulator.api("GET", "/sip_users").json()
    told = [(user["sipuid"], user["name"], user["did"], user["callerid"], user["type"]) for user in users]
    assert told == [
        ("7770000001@fpbx.de", "Anna Schmidt", 11, "02214710011", "standard"),
        ("7770000002@fpbx.de", "Ben Yilmaz", 12, "02214710012", "standard"),
        ("7770000003@fpbx.de", "Clara Vogel", 13, "02214710013", "standard"),
        ("7770000004@fpbx.de", "Empfang", 10, "02214710000", "standard"),
        ("7770000009@fpbx.de", "Fax", 19, "02214710000", "fax"),
    ]
    assert [user["webuser"]["email"] for user in users if user["webuser"]] == [
        "anna@muster.example",
        "ben@muster.example",
        "clara@muster.example",
    ]
    numbers = simulator.api("GET", "/numbers").json()
    assert [(number["number"], number["name"]) for number in numbers] == [
        ("02214710000", "Zentrale"),
        ("02214710011", "Anna direkt"),
        ("02214710012", "Ben direkt"),
        ("02214710013", "Clara direkt"),
    ]


def test_pages_are_bare_lists_and_the_last_one_is_empty(simulator: Running):
    pages = [simulator.api("GET", f"/sip_users?per_page=2&page={page}").json() for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert len({user["id"] for page in pages for user in page}) == 5


def test_a_page_has_25_records_unless_told_otherwise_and_100_at_most(simulator: Running):
    for number in range(30):
        simulator.api("POST", "/contacts", json={"company": f"Firma {number}"})
    assert len(simulator.api("GET", "/contacts").json()) == 25
    assert len(simulator.api("GET", "/contacts?per_page=100").json()) == 30
    for wrong in ("per_page=101", "per_page=many", "page=0"):
        assert simulator.api("GET", f"/contacts?{wrong}").status_code == 400
    assert simulator.api("GET", "/call_detail_records?date=2026-01-15&per_page=500").status_code == 200


@pytest.mark.parametrize("path", ["/", "/sip_users/77", "/calls/77", "/contacts/77", "/no/such/thing"])
def test_what_is_not_there_is_a_404_with_a_text(path: str, simulator: Running):
    answer = simulator.api("GET", path)
    assert answer.status_code == 404
    assert isinstance(answer.json()["error"], str)


def test_dialling_rings_the_own_phone_first_and_notifies_only_once_it_is_picked_up(
    simulator: Running, receiver: Receiver
):
    assert simulator.dial(ANNA, "030 23125-100").status_code == 201
    assert simulator.phone(ANNA)["state"] == "click_to_dial"
    assert receiver.received == []
    simulator.pick_up(ANNA)
    assert receiver.events == ["OutgoingCall"]
    params = receiver.last.params
    assert (params["peer"], params["from"], params["to"]) == (ANNA, "02214710011", CUSTOMER)
    assert simulator.phone(ANNA)["state"] == "dialling"


def test_a_click_to_dial_that_nobody_picks_up_is_never_notified(simulator: Running, receiver: Receiver):
    simulator.dial(ANNA, CUSTOMER)
    simulator.put_down(ANNA)
    assert simulator.phone(ANNA)["state"] == "idle"
    assert receiver.received == []


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 400, "sipuid is missing, target is missing"),
        ({"sipuid": ANNA}, 400, "target is missing"),
        ({"sipuid": "7779999999@fpbx.de", "target": CUSTOMER}, 404, "SIP user"),
        ({"sipuid": FAX, "target": CUSTOMER}, 400, "sipuid"),
        ({"sipuid": ANNA, "target": "nobody"}, 400, "target"),
        ({"sipuid": ANNA, "target": "anonymous"}, 400, "target"),
    ],
)
def test_dialling_refuses_what_it_cannot_do_in_words(body: dict[str, str], status: int, named: str, simulator: Running):
    answer = simulator.api("POST", "/calls", json=body)
    assert answer.status_code == status
    assert named in answer.json()["error"]
    assert simulator.state()["calls"] == []


@pytest.mark.parametrize(
    ("target", "told"),
    [("+49 30 23125100", CUSTOMER), ("004930 23125100", CUSTOMER), (FOREIGN, "00442079460123"), ("12", "12")],
)
def test_a_target_is_told_in_placetels_form(target: str, told: str, simulator: Running, receiver: Receiver):
    simulator.dial(ANNA, target)
    simulator.pick_up(ANNA)
    assert receiver.last.params["to"] == told


def test_a_form_dials_as_well_as_json(simulator: Running):
    answer = simulator.api("POST", "/calls", data={"sipuid": ANNA, "target": CUSTOMER})
    assert answer.status_code == 201
    assert simulator.phone(ANNA)["with"] == CUSTOMER
    assert CUSTOMER in simulator.log("api")[0]["body"]


def test_the_list_of_calls_holds_ended_incoming_calls_of_one_day_newest_first(simulator: Running):
    simulator.incoming(CUSTOMER, CENTRAL)
    simulator.callee(simulator.outgoing(ANNA, CUSTOMER).call_id, "busy")
    simulator.hangup(simulator.incoming(CUSTOMER, CENTRAL).call_id)
    simulator.voicemail(simulator.incoming("anonymous", CENTRAL).call_id)
    calls = simulator.api("GET", "/calls").json()
    assert [(call["type"], call["from_number"]) for call in calls] == [
        ("voicemail", "anonymous"),
        ("missed", CUSTOMER),
    ]
    assert [bool(call["file_url"]) for call in calls] == [True, False]
    oldest_first = simulator.api("GET", "/calls?order=asc").json()
    assert [call["id"] for call in oldest_first] == [call["id"] for call in reversed(calls)]
    assert simulator.api("GET", "/calls?filter[date]=2020-02-29").json() == []
    assert len(simulator.api("GET", "/calls?filter[date]=2020-02-29&filter[any_date]=true").json()) == 2


def test_the_list_of_calls_filters_by_type_and_number(simulator: Running):
    simulator.hangup(simulator.incoming(CUSTOMER, CENTRAL).call_id)
    simulator.hangup(simulator.incoming(FOREIGN, "02214710012").call_id, "blocked")
    for query, found in (
        ("filter[type]=blocked", 1),
        ("filter[from_number]=%2B493023125100", 1),
        ("filter[to_number]=02214710012", 1),
        ("filter[to_number]=nonsense", 0),
        ("filter[type]=missed&filter[from_number]=00442079460123", 0),
    ):
        assert len(simulator.api("GET", f"/calls?{query}").json()) == found, query
    assert simulator.api("GET", "/calls?filter[type]=busy").status_code == 400
    assert simulator.api("GET", "/calls?filter[date]=yesterday").status_code == 400


def test_a_day_is_a_german_day(simulator: Running):
    before_midnight_utc = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    simulator.exchange.clock = lambda: before_midnight_utc
    simulator.hangup(simulator.incoming(CUSTOMER, CENTRAL).call_id)
    call = simulator.api("GET", "/calls?filter[date]=2026-07-02").json()[0]
    assert call["received_at"] == "2026-07-02T00:30:00.000+02:00"


def test_detail_records_hold_both_directions_and_need_a_date(simulator: Running):
    start = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    simulator.exchange.clock = lambda: start
    call_id = simulator.incoming(CUSTOMER, CENTRAL).call_id
    simulator.accept(call_id, BEN)
    simulator.exchange.clock = lambda: start + timedelta(seconds=42)
    simulator.hangup(call_id)
    simulator.callee(simulator.outgoing(ANNA, CUSTOMER).call_id, "missed")
    records = simulator.api("GET", "/call_detail_records?date=2026-07-01").json()
    assert [(record["length"], record["answer_uri"]) for record in records] == [
        (42, "7770000002"),
        (0, "7770000001"),
    ]
    answer = simulator.api("GET", "/call_detail_records")
    assert (answer.status_code, answer.json()) == (400, {"error": "date is missing"})


def test_contacts_can_be_changed_searched_by_number_and_deleted(simulator: Running):
    made = simulator.api("POST", "/contacts", json={"company": "Rheinwerk", "phone": "+493023125100"}).json()
    path = f"/contacts/{made['id']}"
    changed = simulator.api("PUT", path, json={"last_name": "Mustermann"}).json()
    assert (changed["company"], changed["last_name"]) == ("Rheinwerk", "Mustermann")
    for asked, found in (("%2B493023125100", 1), ("030 23125100", 1), ("06990009777", 0), ("x", 0), ("12", 0)):
        assert len(simulator.api("GET", f"/contacts?search[number]={asked}").json()) == found, asked
    assert len(simulator.api("GET", "/contacts?filter[company]=Rheinwerk").json()) == 1
    assert simulator.api("GET", "/contacts?filter[company]=Other").json() == []
    assert simulator.api("DELETE", path).status_code == 204
    assert simulator.api("GET", path).status_code == 404


def test_a_subscription_gets_only_what_it_asks_for_and_nothing_after_its_end(simulator: Running, receiver: Receiver):
    url = receiver.url.replace("/index.php", "/subscribed")
    wish = {"service": "crm", "url": url, "hungup": True, "numbers": ["+492214710000"]}
    simulator.api("PUT", "/subscriptions", json=wish)
    simulator.api("PUT", "/subscriptions", json=wish)
    for line in (CENTRAL, "02214710012"):
        simulator.hangup(simulator.incoming(CUSTOMER, line).call_id)
    told = [one.params for one in receiver.received if one.path.startswith("/subscribed")]
    assert [(params["event"], params["to"]) for params in told] == [("HungUp", CENTRAL)]
    only = simulator.api("GET", "/subscriptions").json()
    assert len(only) == 1
    simulator.api("DELETE", f"/subscriptions/{only[0]['id']}")
    assert simulator.api("DELETE", f"/subscriptions/{only[0]['id']}").status_code == 404
    assert simulator.api("PUT", "/subscriptions", json={"url": "ftp://x", "service": "y"}).status_code == 400
    assert simulator.api("PUT", "/subscriptions", json={}).json()["error"].startswith("service is missing")


def test_every_api_request_is_logged_without_the_key(simulator: Running):
    simulator.dial(ANNA, CUSTOMER)
    simulator.api("GET", "/me", headers={"Authorization": "Bearer some-other-key"})
    refused, dialled = simulator.log("api")
    assert (refused["method"], refused["path"], refused["status"]) == ("GET", "/v2/me", 401)
    assert (dialled["method"], dialled["path"], dialled["status"]) == ("POST", "/v2/calls", 201)
    assert ANNA in dialled["body"]
    assert "key" not in str(simulator.log())

"""Stored notifications read again: in any order the same calls, exactly. And any bytes at the webhook."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import inbox, jobs
from app.modules.callcenter.providers.placetel import parse
from app.modules.callcenter.stored import StoredCall
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    CUSTOMER,
    LINE,
    PhoneSystem,
    all_calls,
    call_id,
    give_account,
    notifications,
    reports,
    the_call,
)

# One database for all examples of a test: each works with calls of its own.
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

PARTIES = st.sampled_from([CUSTOMER, LINE, "anonymous", "0041446681800", "23", ANNA, "12345678", "", None])
EVENTS = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["IncomingCall", "OutgoingCall", "CallAccepted", "HungUp", "CallParked"]),
        "from": PARTIES,
        "to": PARTIES,
        "peer": st.sampled_from([ANNA, BEN, None]),
        "direction": st.sampled_from(["in", "out", None]),
        "type": st.sampled_from(["accepted", "missed", "voicemail", "busy", "odd", None]),
        "duration": st.sampled_from(["0", "7", "300", None]),
    }
)


def told(event: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in event.items() if value is not None and name != "event"}


def report_rows() -> set[tuple[Any, ...]]:
    """The reports without their own numbers, which a replay gives out anew."""
    return {tuple(value for name, value in sorted(row.items()) if name != "id") for row in reports()}


def ignoring_times(call: StoredCall) -> dict[str, Any]:
    derived = ("id", "external_id", "version", "received_at", "answered_at", "ended_at", "waiting_seconds")
    return {name: getattr(call, name) for name in StoredCall.__slots__ if name not in derived}


@shared
@given(events=st.lists(EVENTS, min_size=1, max_size=6), order=st.randoms(use_true_random=False))
def test_replaying_stored_notifications_in_any_order_gives_exactly_the_same_calls(
    phones: PhoneSystem, clock: Any, events: list[dict[str, str | None]], order: random.Random
) -> None:
    call = call_id()
    first = len(notifications())
    for event in events:
        phones.tell(str(event["event"]), call, **told(event))
        clock.advance(3)
    calls, rows = all_calls(), report_rows()
    stored = [n["id"] for n in notifications()[first:]]
    order.shuffle(stored)
    for notification_id in stored:
        assert inbox.process(notification_id).state != "failed"
    assert all_calls() == calls
    assert report_rows() == rows


@shared
@given(events=st.lists(EVENTS, min_size=1, max_size=5), order=st.randoms(use_true_random=False))
def test_the_same_events_in_any_order_and_repetition_give_the_same_call_but_for_times(
    phones: PhoneSystem, events: list[dict[str, str | None]], order: random.Random
) -> None:
    one, other = call_id(), call_id()
    for event in events:
        phones.tell(str(event["event"]), one, **told(event))
    shuffled = [*events, *order.choices(events, k=3)]
    order.shuffle(shuffled)
    for event in shuffled:
        phones.tell(str(event["event"]), other, **told(event))
    found = {call.external_id: ignoring_times(call) for call in all_calls()}
    assert found.get(one) == found.get(other)


@shared
@given(body=st.binary(max_size=300))
@example(body=b"event=HungUp&call_id=%00&from=%ff")
@example(body=b'{"event": "HungUp", "call_id": {"a": 1}}')
@example(body=b"\xef\xbb\xbf[1]")
@example(body=b"call_id=1&event=IncomingCall&from=" + b"9" * 101)
def test_any_bytes_are_no_server_error_and_signed_ones_are_in_the_inbox(phones: PhoneSystem, body: bytes) -> None:
    count = len(notifications())
    assert phones.post(body, None).status_code == 403
    assert phones.post(body, "0" * 64).status_code == 403
    assert len(notifications()) == count
    assert phones.post(body).status_code == 200
    newest = notifications()[-1]
    assert (len(notifications()), newest["body"]) == (count + 1, body)
    assert newest["state"] in ("processed", "repeated", "malformed", "unsupported")


FIELDS = st.dictionaries(
    st.sampled_from(["event", "call_id", "from", "to", "peer", "direction", "type", "duration"]),
    st.text(max_size=40) | st.sampled_from(["IncomingCall", "HungUp", "in", "out", "accepted", "+49", "000", "1e9"]),
)


@shared
@given(fields=FIELDS)
def test_any_fields_are_no_server_error_and_never_fail(phones: PhoneSystem, fields: dict[str, str]) -> None:
    from urllib.parse import urlencode

    assert phones.post(urlencode(fields, errors="surrogatepass").encode()).status_code == 200
    assert notifications()[-1]["state"] != "failed"


def test_a_mended_parser_corrects_earlier_results(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    call = call_id()
    with monkeypatch.context() as patched:
        patched.setattr(parse, "OUTCOMES", {})
        phones.incoming(call)
        phones.hung_up(call, type="voicemail", duration="0")
        assert the_call().outcome == "unknown"
    result = app.test_cli_runner().invoke(args=["callcenter", "replay"])
    assert (result.exit_code, result.output) == (0, "Replayed 2 notifications: 2 processed.\n")
    assert (the_call().outcome, the_call().version) == ("voicemail", 3)


def test_a_mended_parser_takes_a_report_away_from_the_call_that_it_did_not_mean(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong = call_id(), call_id()
    phones.incoming(wrong)
    real = parse.parse
    with monkeypatch.context() as patched:
        patched.setattr(parse, "parse", lambda body: real(body.replace(right.encode(), wrong.encode())))
        phones.accepted(right)
    assert the_call().phase == "talking"
    inbox.replay()
    assert (the_call(wrong).phase, the_call(right).phase) == ("ringing", "talking")


def test_replaying_only_what_failed_leaves_the_rest_alone(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    phones.incoming(call_id())
    with monkeypatch.context() as patched:
        for name in ("file_report", "file_new_call"):
            patched.setattr(inbox, name, lambda *_given: 1 / 0)
        phones.incoming(call_id())
        result = app.test_cli_runner().invoke(args=["callcenter", "replay", "--failed"])
        assert result.exit_code == 1
        assert "1 failed again" in result.output
    result = app.test_cli_runner().invoke(args=["callcenter", "replay", "--failed"])
    assert (result.exit_code, result.output) == (0, "Replayed 1 notifications: 1 processed.\n")
    assert len(all_calls()) == 2


def test_an_assumed_end_survives_a_replay(phones: PhoneSystem, clock: Any) -> None:
    phones.incoming(call_id())
    clock.advance(400)
    jobs.close_stale()
    closed = the_call()
    inbox.replay()
    assert the_call() == closed


def test_a_replay_gives_a_call_the_user_whose_account_was_unknown_then(
    phones: PhoneSystem, make_user: Any, app: Flask
) -> None:
    call = call_id()
    phones.accepted(call)
    assert the_call().user_id is None
    anna, ben = make_user(), make_user()
    give_account(app, anna, ANNA)
    inbox.replay()
    assert the_call().user_id == anna
    create_address({"name": "Muster"}, [NumberInput(CUSTOMER)])
    give_account(app, ben, BEN)
    inbox.replay()
    assert (the_call().user_id, the_call().grade) == (anna, "exact")


def test_what_somebody_else_has_processed_meanwhile_is_one_call_all_the_same(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = inbox.receive

    def overtaken(*given: Any) -> Any:
        row, *rest = receive(*given)
        assert inbox.process(row["id"]).state == "processed"
        return row, *rest

    monkeypatch.setattr(inbox, "receive", overtaken)
    call = call_id()
    for tell in (phones.incoming, phones.accepted):
        assert tell(call).status_code == 200
    assert [(n["state"], n["attempts"]) for n in notifications()] == [("processed", 2)] * 2
    assert (len(reports()), the_call(call).phase, the_call(call).version) == (2, "talking", 2)


def test_a_short_way_that_fails_leads_to_the_long_one(phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "file_new_call", lambda *_given: 1 / 0)
    phones.incoming(call_id())
    assert [(n["state"], n["attempts"]) for n in notifications()] == [("processed", 1)]
    assert the_call().phase == "ringing"

"""Notifications at the same moment: none is lost, whatever they are about. Real commits, real threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from app.core.versions import Versions
from app.modules.callcenter import inbox
from tests.integration.callcenter import permuted
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    CUSTOMER,
    LINE,
    PhoneSystem,
    all_calls,
    call_id,
    configure,
    notifications,
    reports,
)
from tests.services import end_all_connections

BURSTS = 30


@pytest.fixture
def ready(own_app: Flask) -> Flask:
    with own_app.app_context():
        configure(own_app)
    return own_app


def at_once(app: Flask, bodies: list[bytes]) -> list[int]:
    """Post all bodies at the same moment, each in a thread of its own."""
    gate = threading.Barrier(len(bodies))

    def post(body: bytes) -> int:
        phones = PhoneSystem(app)
        gate.wait()
        return phones.post(body).status_code

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(post, bodies))


def body_of(event: str, call: str, **fields: str) -> bytes:
    return urlencode(sorted({"event": event, "call_id": call, "from": CUSTOMER, "to": LINE, **fields}.items())).encode()


def burst(call: str) -> list[bytes]:
    start = body_of("IncomingCall", call, direction="in")
    answer = body_of("CallAccepted", call, direction="in", peer=ANNA)
    second = body_of("CallAccepted", call, direction="in", peer=BEN)
    end = body_of("HungUp", call, direction="in", type="accepted", duration="9")
    return [start, answer, second, end, start, answer]


def test_thirty_bursts_of_simultaneous_events_lose_none(ready: Flask) -> None:
    calls = [call_id() for _ in range(BURSTS)]
    for call in calls:
        assert set(at_once(ready, burst(call))) == {200}
    with ready.app_context():
        assert {n["state"] for n in notifications()} == {"processed", "repeated"}
        assert len(notifications()) == BURSTS * 6
        assert len(reports()) == BURSTS * 4
        found = {call.external_id: call for call in all_calls()}
    assert set(found) == set(calls)
    for row in found.values():
        assert (row.phase, row.outcome, row.talk_seconds, row.answered_by) == (
            "ended",
            "accepted",
            9,
            f'["{ANNA}", "{BEN}"]',
        )
        assert 1 <= row.version <= 4


def test_every_order_and_repetition_delivered_by_several_at_once_is_the_same_call(ready: Flask) -> None:
    calls = dict(permuted.every_order())
    for tellers in calls.values():
        gate = threading.Barrier(len(tellers))

        def deliver(told: list[permuted.Event], gate: threading.Barrier = gate) -> set[int]:
            phones = PhoneSystem(ready)
            gate.wait()
            return {phones.post(urlencode(sorted(event.items())).encode()).status_code for event in told}

        with ThreadPoolExecutor(len(tellers)) as pool:
            assert set().union(*pool.map(deliver, tellers)) == {200}
    with ready.app_context():
        rows = all_calls()
        assert {row.external_id for row in rows} == set(calls)
        assert len({permuted.compared(row) for row in rows}) == 1
        assert len(reports()) == len(calls) * 4
        assert len(notifications()) == len(calls) * 4 * permuted.TELLERS


def test_different_calls_at_the_same_moment_do_not_disturb_each_other(ready: Flask) -> None:
    bodies = [body_of("IncomingCall", call_id(), direction="in") for _ in range(12)]
    assert set(at_once(ready, bodies)) == {200}
    with ready.app_context():
        assert len(all_calls()) == 12


def test_replays_at_the_same_moment_as_new_notifications_end_in_the_same_call(ready: Flask) -> None:
    call = call_id()
    PhoneSystem(ready).post(burst(call)[0])
    PhoneSystem(ready).post(burst(call)[1])
    done: list[dict[str, Any]] = []

    def replay() -> None:
        with ready.app_context():
            done.append(inbox.replay())

    threads = [threading.Thread(target=replay) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert set(at_once(ready, burst(call))) == {200}
    for thread in threads:
        thread.join()
    with ready.app_context():
        inbox.replay(failed_only=True)
        assert {n["state"] for n in notifications()} <= {"processed", "repeated"}
        assert len(done) == 3
        assert len(reports()) == 4
        assert [row.phase for row in all_calls()] == ["ended"]


@pytest.mark.parametrize("pinged", [False, True])
def test_a_notification_whose_connections_have_been_ended_is_taken_over_new_ones(
    ready: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, pinged: bool
) -> None:
    database = ready.extensions["durchwahl"].database
    if database.is_sqlite:
        return
    monkeypatch.setattr("app.core.pinging.PING_AFTER_SECONDS", -1.0 if pinged else 3600.0)
    # Compared once a second, by whichever request comes then: it would meet the ended connection in its place.
    monkeypatch.setattr(Versions.check, "__defaults__", (3600.0,))
    call = call_id()
    start, answer, _second, end, *_repeated = burst(call)
    # Each at once after another, so that the pools of both kinds of transactions hold connections.
    for body in (start, answer, end):
        assert PhoneSystem(ready).post(body).status_code == 200
        end_all_connections(database.url)
    assert PhoneSystem(ready).post(body_of("IncomingCall", call_id(), direction="in")).status_code == 200
    with ready.app_context():
        assert [row.phase for row in all_calls()] == ["ended", "ringing"]
        assert {n["state"] for n in notifications()} == {"processed"}
    caplog.clear()  # The look at what other processes have changed may meet a dead connection too, and says so.

"""The database is away, locked or silent: notifications wait in the spool, and come into the inbox once."""

from __future__ import annotations

import contextlib
import json
import logging
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.modules.callcenter import cards, control_rules, health, inbox, spooling
from app.modules.callcenter import spool as spool_file
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions
from app.modules.callcenter.stored import StoredCall
from tests.browser.stack import SECRET, Stack
from tests.conftest import make_config
from tests.integration.callcenter.phone_system import (
    ANNA,
    CUSTOMER,
    LINE,
    LINE_E164,
    PhoneSystem,
    all_calls,
    call_id,
    configure,
    notifications,
    reports,
    the_call,
)
from tests.integration.faults import ledger
from tests.integration.faults.outage import away, locked, look, waiting, waiting_in
from tests.wire import WEBHOOK, seconds_until, signed

#: Seconds that whoever waits for a database that hangs may take on a busy machine.
SOON = 60.0


def states() -> list[str]:
    return [row["state"] for row in notifications()]


def test_what_comes_while_the_database_is_away_is_taken_in_when_it_is_back(
    own_app: Flask, phones: PhoneSystem, caplog: pytest.LogCaptureFixture
) -> None:
    call, clock = call_id(), own_app.extensions["durchwahl"].clock
    with caplog.at_level(logging.DEBUG), away(own_app):
        answer = phones.incoming(call)
        assert (answer.status_code, answer.content_type) == (200, "application/xml; charset=utf-8")
        clock.advance(4)
        phones.accepted(call)
        clock.advance(42)
        phones.hung_up(call)
        look(own_app)
        assert phones.post(b"event=HungUp", None).status_code == 403
    assert waiting(own_app) == 3
    with own_app.app_context():
        assert notifications() == []
    look(own_app)
    assert waiting(own_app) == 0
    with own_app.app_context():
        assert states() == ["processed"] * 3
        found = the_call()
        assert (found.phase, found.talk_seconds, found.waiting_seconds) == ("ended", 42, 4)
        assert found.ended_at is not None
        assert (found.ended_at - found.received_at).total_seconds() == 46
    for secret in ("1713920001", "3023125100", "777100000", call):
        assert secret not in caplog.text
    assert "notifications go to the spool" in caplog.text
    assert "3 notifications were taken in" in caplog.text


@pytest.mark.parametrize("spooled", range(1, 8))
def test_whichever_reports_of_a_call_had_to_wait_the_call_is_the_same(
    own_app: Flask, phones: PhoneSystem, spooled: int
) -> None:
    """Those that did not are in the database before those that came earlier."""
    call, clock = call_id(), own_app.extensions["durchwahl"].clock
    way: tuple[Callable[[str], object], ...] = (phones.incoming, phones.accepted, phones.hung_up)
    for number, tell in enumerate(way):
        with away(own_app) if spooled & 1 << number else contextlib.nullcontext():
            tell(call)
        clock.advance(10)
    look(own_app)
    with own_app.app_context():
        found = the_call()
        assert (found.phase, found.talk_seconds, found.missed, found.waiting_seconds) == ("ended", 42, False, 10)
        assert found.ended_at is not None
        assert found.answered_at is not None
        assert (found.ended_at - found.received_at).total_seconds() == 20
        assert (found.answered_at - found.received_at).total_seconds() == 10
        assert (found.peer, json.loads(found.answered_by)) == (ANNA, [ANNA])
        assert len(reports()) == 3


def test_a_call_that_is_over_meanwhile_is_shown_to_nobody_as_one_that_rings(
    own_app: Flask, phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    call, clock = call_id(), own_app.extensions["durchwahl"].clock
    with away(own_app):
        phones.incoming(call)
        phones.hung_up(call, type="missed", duration="0")
    clock.advance(120)
    still_rings = call_id()
    with away(own_app):
        phones.incoming(still_rings)
    monkeypatch.setattr(own_app.extensions["durchwahl"].realtime, "emit", lambda message, *_given: told.append(message))

    def by_view(row: StoredCall, _users: object) -> tuple[()]:
        told.append(row.external_id)
        return ()

    monkeypatch.setattr(cards, "by_view", by_view)
    look(own_app)
    assert call not in told
    assert still_rings in told


def test_a_database_that_is_locked_is_waited_for_a_while_and_then_no_more(
    own_app: Flask, phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(own_app):
        started = time.monotonic()
        phones.incoming(call_id())
        assert spooling.SLOW_SECONDS < time.monotonic() - started < SOON
        assert waiting(own_app) == 1
        asked: list[object] = []
        with monkeypatch.context() as patched:
            patched.setattr(inbox, "take", asked.append)
            phones.incoming(call_id())
            look(own_app)
        assert (waiting(own_app), asked) == (2, [])
    own_app.extensions["durchwahl"].clock.advance(60)
    phones.incoming(call_id())
    look(own_app)
    with own_app.app_context():
        assert states() == ["processed"] * 3
        assert len(all_calls()) == 3


def test_when_even_its_failure_cannot_be_stored_it_waits_and_its_row_is_found_again(
    own_app: Flask, phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any) -> Any:
        raise OperationalError("insert", {}, Exception("gone"))

    with own_app.app_context():
        closed = Draft("Closed", Conditions(lines=(LINE_E164,)), Action(ActionKind.REJECT), True)
        control_rules.store(None, closed, by=None)
    look(own_app)
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "_process_new_call", lambda *_given: None)
        patched.setattr(inbox, "_process", broken)
        patched.setattr(inbox, "_mark_failed", lambda *_given: False)
        assert b"<Reject" in phones.incoming(call_id()).data
    assert waiting(own_app) == 1
    with own_app.app_context():
        assert states() == ["new"]
    look(own_app)
    with own_app.app_context():
        assert [(row["state"], row["answer"]) for row in notifications()] == [("processed", "reject")]
        assert (the_call().phase, the_call().outcome, the_call().decision) == ("ended", "blocked", "reject")


def test_only_when_the_spool_cannot_be_written_either_it_is_refused(
    own_app: Flask, phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    body = urlencode({"event": "IncomingCall", "call_id": call_id(), "from": CUSTOMER, "to": LINE}).encode()
    with away(own_app), monkeypatch.context() as patched:
        patched.setattr(spool_file, "MOST_BYTES", 100)
        assert phones.post(body).status_code == 503
        assert "neither stored (OperationalError) nor written to the spool: SpoolFull" in caplog.text
        patched.undo()
        assert phones.post(body).status_code == 200
    look(own_app)
    with own_app.app_context():
        assert [row["body"] for row in notifications()] == [body]


def test_a_worker_that_has_never_seen_the_database_can_take_nothing(own_app: Flask) -> None:
    with own_app.app_context():
        configure(own_app)
    own_app.extensions["durchwahl"].settings.forget()
    with away(own_app):
        assert PhoneSystem(own_app).post(b"event=HungUp").status_code == 503
    assert waiting(own_app) == 0


def test_the_page_of_the_systems_state_says_what_waits(own_app: Flask, phones: PhoneSystem) -> None:
    def lights() -> list[tuple[str, str]]:
        with own_app.test_request_context("/health"):
            return [(light.level, light.sentence) for light in health._spooled()]

    assert lights() == []
    with away(own_app):
        phones.incoming(call_id())
    ((level, sentence),) = lights()
    assert level == "warning"
    assert "23.11.26, 11:10" in sentence
    own_app.extensions["durchwahl"].clock.advance(61)
    ((level, sentence),) = lights()
    assert level == "error"
    assert "flask callcenter take-in" in sentence
    figures = own_app.test_client().get("/metrics").get_data(as_text=True)
    assert "\ndurchwahl_notifications_waiting 1\n" in figures
    assert 'durchwahl_notifications_total{provider="placetel",result="spooled"} 1' in figures
    look(own_app)
    figures = own_app.test_client().get("/metrics").get_data(as_text=True)
    assert "\ndurchwahl_notifications_waiting 0\n" in figures
    assert "\ndurchwahl_notifications_taken_in_total 1\n" in figures


def test_it_can_be_taken_in_by_hand(own_app: Flask, phones: PhoneSystem) -> None:
    def run() -> tuple[int, str]:
        with own_app.app_context():
            result = own_app.test_cli_runner().invoke(args=["callcenter", "take-in"])
        return result.exit_code, result.output

    assert run() == (0, "Nothing waits.\n")
    with away(own_app):
        phones.incoming(call_id())
        code, text = run()
        assert code == 1
        assert "1 notifications wait since 2026-11-23T10:10:16+00:00" in text
    assert run() == (0, "Took in 1 notifications.\n")
    with own_app.app_context():
        assert states() == ["processed"]


def die(*_given: Any, **_named: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def take_in_and_be_killed(app: Flask, moment: str) -> None:
    database = app.extensions["durchwahl"].database
    for engine in database.engines:
        engine.dispose(close=False)  # those are another process's connections
    if moment == "committed":
        inbox.process = die  # type: ignore[assignment] # that is the moment
    else:
        Path.unlink = die  # type: ignore[method-assign] # likewise
    with app.app_context():
        spooling.take_in()


@pytest.mark.parametrize("moment", ["committed", "processed"])
def test_whoever_takes_in_and_is_killed_has_counted_nothing_twice(
    own_app: Flask, phones: PhoneSystem, moment: str
) -> None:
    with away(own_app):
        call = call_id()
        phones.incoming(call)
        phones.hung_up(call)
    killed = multiprocessing.get_context("fork").Process(target=take_in_and_be_killed, args=(own_app, moment))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    with own_app.app_context():
        assert len(notifications()) == (1 if moment == "committed" else 2)
    assert waiting(own_app) == 2
    look(own_app)
    assert waiting(own_app) == 0
    with own_app.app_context():
        assert states() == ["processed"] * 2
        assert len(reports()) == 2
        assert (the_call().phase, the_call().talk_seconds) == ("ended", 42)


def test_a_server_that_is_killed_before_it_could_take_in_leaves_it_to_the_next(own_app: Flask, tmp_path: Path) -> None:
    viewer = ledger.prepare(own_app, SECRET)
    url = own_app.extensions["durchwahl"].database.url
    stack = Stack(tmp_path, DATABASE_URL=url, SECRET_KEY=make_config(url, tmp_path).secret_key)
    call = call_id()
    common = {"call_id": call, "from": CUSTOMER, "to": LINE, "direction": "in"}
    acknowledged: list[bytes] = []

    def tell(**event: str) -> None:
        body, headers = signed(SECRET, **event)
        assert requests.post(stack.url + WEBHOOK, body, headers=headers, timeout=SOON).status_code == 200
        acknowledged.append(body)

    with contextlib.ExitStack() as opened:
        opened.callback(stack.stop)
        stack.start_server()
        tell(event="IncomingCall", **common)
        with locked(own_app):
            tell(event="CallAccepted", peer="7771000001@fpbx.de", **common)
            tell(event="HungUp", type="accepted", duration="42", **common)
            stack.stop_server(signal.SIGKILL)
        assert waiting(own_app) == 2
        stack.start_server()
        seconds_until(waiting_in(own_app).is_empty, at_most=SOON)
    with own_app.app_context():
        ledger.recover(own_app)
        ledger.agrees(viewer, Counter(acknowledged))

"""A telephone system that speaks the generic CTI interface: what it is answered, and what comes of what it tells."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.core.http import RequestsClient
from app.modules.callcenter import accounts, blocking, configuring, connecting, inbox, spooling
from app.modules.callcenter.blocking import Terms, numbers_of
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.connections import Connection, address
from app.modules.callcenter.labels import labels, line_name
from app.modules.callcenter.refusals import MOST_AT_ONCE
from app.modules.callcenter.snapshots import line_of
from app.modules.callcenter.spool import Spool
from app.modules.callcenter.views.cti import WAY
from app.modules.callcenter.written_lists import AccountEntry, LineEntry, by_key, parse_lines
from tests.conftest import csrf_of
from tests.integration.callcenter.phone_system import (
    CUSTOMER,
    CUSTOMER_E164,
    LINE,
    LINE_E164,
    all_calls,
    notifications,
    reports,
    the_call,
)
from tests.integration.callcenter.test_log import entries
from tests.integration.callcenter.test_webhook import away, refusals

DIAL_PLAN = Path(__file__).parents[3] / "docs" / "cti.md"
NEW = {"event": "newCall", "callId": "c1", "direction": "in", "from": CUSTOMER, "to": LINE}
ANSWER = {"event": "answer", "callId": "c1", "direction": "in"}
END = {"event": "hangup", "callId": "c1", "direction": "in", "cause": "normalClearing"}


@pytest.fixture
def cti(app: Flask) -> Connection:
    return connecting.add("cti", "Asterisk")


@pytest.fixture
def tell(app: Flask, cti: Connection) -> Callable[..., TestResponse]:
    """Post an event as JSON, with some fields changed."""
    client = app.test_client()

    def post(told: dict[str, Any], **changes: Any) -> TestResponse:
        return client.post(address(cti, ""), json={**told, **changes})

    return post


def said(answer: TestResponse) -> tuple[int, Any]:
    """Status and content; whatever it is, it is JSON."""
    assert answer.content_type == "application/json; charset=utf-8"
    return answer.status_code, json.loads(answer.data)


Tell = Callable[..., TestResponse]


class TestTheAnswer:
    def test_to_what_is_taken_is_an_empty_object_however_often(self, tell: Tell) -> None:
        assert said(tell(NEW)) == said(tell(NEW)) == (200, {})
        assert [row["state"] for row in notifications()] == ["processed", "repeated"]
        call = the_call()
        assert (call.remote_e164, call.line_raw, call.phase, call.provider) == (CUSTOMER_E164, LINE, "ringing", "cti")

    def test_to_an_unknown_event_is_that_it_is_kept(self, tell: Tell) -> None:
        assert said(tell(NEW, event="transfer")) == (200, {})
        (row,) = notifications()
        assert (row["state"], row["reason"]) == ("unsupported", "event transfer")

    def test_to_what_cannot_be_read_says_why_and_it_is_kept(self, tell: Tell) -> None:
        assert said(tell(NEW, direction="sideways")) == (422, {"error": "direction is neither in nor out"})
        (row,) = notifications()
        assert (row["state"], row["reason"]) == ("malformed", "direction is neither in nor out")

    def test_to_a_blocked_caller_is_to_refuse_him_also_when_it_is_asked_again(self, tell: Tell) -> None:
        blocking.add(numbers_of("0171 3920001"), Terms(), by=None)
        refusal = (200, {"action": "reject", "reason": "busy"})
        assert said(tell(NEW)) == said(tell(NEW)) == refusal
        assert said(tell(NEW, callId="c2", **{"from": "+49 171 3920002"})) == (200, {})
        assert the_call("c1").outcome == "blocked"
        assert said(tell(END, cause="busy")) == (200, {})
        assert (the_call("c1").outcome, the_call("c1").missed) == ("blocked", False)

    def test_while_the_database_is_away_is_that_it_is_kept(
        self, tell: Tell, monkeypatch: pytest.MonkeyPatch, app: Flask
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(inbox, "receive", away)
            assert said(tell(NEW)) == (200, {})
        assert notifications() == []
        assert spooling.take_in().taken == 1
        assert the_call().phase == "ringing"

    def test_where_not_even_the_spool_takes_it_is_to_come_again(
        self, tell: Tell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_given: object) -> None:
            raise OSError("no space")

        monkeypatch.setattr(inbox, "receive", away)
        monkeypatch.setattr(Spool, "append", full)
        assert said(tell(NEW)) == (503, {"error": "Try again."})


class TestTheToken:
    def test_is_all_that_lets_in(self, app: Flask, cti: Connection) -> None:
        client = app.test_client()
        for wrong in ("wrong-token", f"{cti.token}x", "ä", "%00", "x" * 300):
            status, content = said(client.post(f"{WAY}{wrong}", json=NEW))
            assert (status, list(content)) == (401, ["error"])
        assert notifications() == []
        assert {(kind, reason) for kind, _from, reason in refusals()} == {("cti", "unknown_connection")}

    def test_of_a_deactivated_connection_lets_nobody_in_and_of_another_kind_neither(
        self, app: Flask, cti: Connection, tell: Tell
    ) -> None:
        connecting.set_active(cti.key, active=False)
        assert said(tell(NEW))[0] == 401
        placetel = connecting.add("placetel", "Köln")
        assert said(app.test_client().post(f"{WAY}{placetel.token}", json=NEW))[0] == 401

    def test_stands_in_no_row_and_no_log(self, cti: Connection, tell: Tell, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("DEBUG")
        tell(NEW)
        tell({})
        assert cti.token
        assert cti.token not in caplog.text
        assert cti.token not in repr(notifications())

    def test_is_kept_out_of_the_lines_of_requests(self, app: Flask) -> None:
        assert app.extensions["durchwahl"].shown_path(f"{WAY}s3cret") == f"{WAY}…"

    def test_is_kept_out_of_the_lines_of_our_own_requests(self, app: Flask) -> None:
        made = create_app(app.extensions["durchwahl"].config)
        for client in (made.extensions["durchwahl"].http, made.extensions["durchwahl"].own_http):
            assert isinstance(client, RequestsClient)
            assert WAY in client.secret_paths

    def test_guessed_too_often_makes_its_source_wait_but_never_a_right_one(
        self, app: Flask, cti: Connection, tell: Tell
    ) -> None:
        client = app.test_client()
        for _attempt in range(MOST_AT_ONCE):
            assert client.post(f"{WAY}guessed", data=b"").status_code == 401
        slower = client.post(f"{WAY}guessed", data=b"")
        assert said(slower) == (429, {"error": "Too many requests."})
        assert int(slower.headers["Retry-After"]) > 0
        assert said(tell(NEW)) == (200, {})


def test_the_log_says_of_a_wrong_token_what_was_answered(app: Flask, cti: Connection, admin: FlaskClient) -> None:
    assert app.test_client().post(f"{address(cti, '')}x", json=NEW).status_code == 401
    assert "401 127.0.0.1" in entries(admin)[0]


def test_other_methods_large_bodies_and_an_inactive_module_are_refused_in_json(
    app: Flask, cti: Connection, request: pytest.FixtureRequest
) -> None:
    client, where = app.test_client(), address(cti, "")
    assert client.get(where).status_code == 405
    assert said(client.post(where, data=b"x" * 70_000)) == (413, {"error": "Too large."})
    states = app.extensions["durchwahl"].states
    request.addfinalizer(lambda: states.set_active("callcenter", True))
    states.set_active("callcenter", False)
    assert client.post(where, json=NEW).status_code == 404


@pytest.mark.parametrize("order", list(itertools.permutations((NEW, ANSWER, END))))
def test_a_call_is_the_same_in_whatever_order_it_is_told(tell: Tell, order: tuple[dict[str, Any], ...]) -> None:
    for event in order:
        assert said(tell(event, user="Emma")) == (200, {})
        assert said(tell(event, user="Emma")) == (200, {})
    assert len(reports()) == 3
    call = the_call()
    assert (call.phase, call.outcome, call.missed, call.remote_e164) == ("ended", "accepted", False, CUSTOMER_E164)


class TestWhoItIs:
    @pytest.mark.parametrize(
        "named",
        [
            {"user": "Anna-CTI"},
            {"user": ["anna-cti"]},
            {"answeringNumber": "ANNA@cti.example"},
            {"user": "Anna Ängström"},
            {"user": "somebody", "answeringNumber": "23"},
        ],
    )
    def test_is_the_user_whom_it_names_or_whose_telephone_that_is(
        self, tell: Tell, cti: Connection, make_user: Any, named: dict[str, Any]
    ) -> None:
        anna = make_user(username="anna-cti", name="Anna Ängström", email="anna@cti.example")
        configuring.save(Changes(accounts=[AccountEntry("23", anna)], connection=cti.key))
        tell(NEW)
        tell(ANSWER, **named)
        assert the_call().user_id == anna

    def test_is_assigned_by_a_command(
        self, app: Flask, tell: Tell, cti: Connection, make_user: Any, tmp_path: Path
    ) -> None:
        anna = make_user(username="anna-cmd")
        files = tmp_path / "accounts.txt", tmp_path / "lines.txt"
        files[0].write_text("anna-cmd:23\nanna-cmd:Emma Taylor\n", "utf-8")
        files[1].write_text(f"{LINE}:anna-cmd\n", "utf-8")
        words = ("callcenter", "connections", "assign")
        options = ("--accounts-file", str(files[0]), "--lines-file", str(files[1]))
        done = app.test_cli_runner().invoke(args=[*words, cti.key, *options])
        assert (done.exit_code, done.output) == (0, "2 accounts stored.\n1 line stored.\n")
        tell(NEW)
        tell(ANSWER, answeringNumber="23")
        assert the_call().user_id == anna
        assert configuring.accounts() == []
        for wrong in ([*words, "nobody", *options], [*words, cti.key]):
            assert app.test_cli_runner().invoke(args=wrong).exit_code == 1

    def test_is_nobody_of_two_with_the_same_name(self, tell: Tell, make_user: Any) -> None:
        make_user(username="emma1", name="Emma Taylor")
        second = make_user(username="emma2", name="Emma Taylor")
        tell(NEW)
        tell(ANSWER, user="Emma Taylor")
        assert the_call().user_id is None
        tell(NEW, callId="c2")
        tell(ANSWER, callId="c2", user="emma2")
        assert the_call("c2").user_id == second

    def test_is_whoever_dials_an_outgoing_call(self, tell: Tell, cti: Connection, make_user: Any) -> None:
        anna = make_user()
        configuring.save(Changes(accounts=[AccountEntry("23", anna)], connection=cti.key))
        tell(NEW, direction="out", to=CUSTOMER, **{"from": "23"})
        call = the_call()
        assert (call.user_id, call.remote_e164, call.direction) == (anna, CUSTOMER_E164, "out")

    def test_dials_with_links_as_this_interface_starts_no_call(self, cti: Connection, make_user: Any) -> None:
        anna = make_user()
        configuring.save(Changes(accounts=[AccountEntry("23", anna)], connection=cti.key))
        assert accounts.accounts_of(anna) == ()

    def test_is_on_a_line_of_this_connection(self, tell: Tell, cti: Connection, make_user: Any) -> None:
        anna = make_user()
        line = LineEntry(LINE, LINE_E164, "Zentrale", (anna,))
        configuring.save(Changes(lines=[line], connection=cti.key))
        tell(NEW)
        watcher = accounts.watcher(anna)
        assert watcher is not None
        assert the_call().line_key in watcher.lines


class TestAQueue:
    @pytest.fixture
    def anna(self, cti: Connection, make_user: Any) -> int:
        found: int = make_user("anna-q")
        lines, problems = parse_lines("Vertrieb Köln:anna-q", by_key(configuring.known_users()), named=True)
        assert problems == []
        configuring.save(Changes(lines=lines, connection=cti.key))
        return found

    def lines(self, anna: int) -> frozenset[str]:
        watcher = accounts.watcher(anna)
        assert watcher is not None
        return watcher.lines

    @pytest.mark.parametrize("named", [{"to": "vertrieb  köln"}, {"to": "", "queue": "Vertrieb Köln"}])
    def test_that_is_told_in_place_of_a_number_is_the_line_in_any_case(
        self, tell: Tell, anna: int, named: dict[str, str]
    ) -> None:
        tell(NEW, **named)
        assert the_call().line_key in self.lines(anna)
        assert line_name(the_call().line_key or "") == "Vertrieb Köln (Asterisk)"

    def test_besides_the_number_is_the_line_where_one_is_set_up(self, tell: Tell, anna: int) -> None:
        tell(NEW, queue="Vertrieb Köln")
        tell(NEW, callId="c2", queue="Buchhaltung")
        tell(ANSWER, queue="Vertrieb Köln")
        assert (the_call("c1").line_raw, the_call("c2").line_raw) == ("Vertrieb Köln", LINE)
        assert the_call("c1").line_key in self.lines(anna)

    def test_has_a_name_on_cards_and_in_the_interface_for_programs(self, tell: Tell, cti: Connection) -> None:
        configuring.save(Changes(lines=[LineEntry("Support", "support", "Hilfe")], connection=cti.key))
        tell(NEW, to="Support")
        told = line_of(the_call(), labels())
        assert told is not None
        assert (told["name"], told["display"]) == ("Hilfe (Asterisk)", "Support")

    def test_can_be_a_line_only_where_the_telephone_system_names_such(self, app: Flask) -> None:
        users = by_key(configuring.known_users())
        assert [one.code for one in parse_lines("Support:", users)[1]] == ["bad_number"]
        for odd in ("–:", "  :", "*:"):
            assert parse_lines(odd, users, named=True)[0] == []

    def test_is_set_up_on_the_page_and_by_the_command(
        self, app: Flask, admin: FlaskClient, cti: Connection, tmp_path: Path
    ) -> None:
        path = f"/callcenter/settings?connection={cti.key}"
        kept = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', admin.get(path).text)
        line = {"line_row": "0", "line_number_0": "Support", "line_name_0": ""}
        sent = {**dict(kept), **line, "csrf_token": csrf_of(admin, path)}
        assert admin.post(path, data=sent).status_code == 302
        assert [(line.number, line.key) for line in configuring.lines(cti.key)] == [("Support", "support")]
        assert 'value="Support" type="text"' in admin.get(path).text
        file = tmp_path / "lines.txt"
        file.write_text("support:\n0221 4710 0:\n", "utf-8")
        words = ["callcenter", "connections", "assign", cti.key, "--lines-file", str(file)]
        assert app.test_cli_runner().invoke(args=words).exit_code == 0
        assert [line.key for line in configuring.lines(cti.key)] == ["+4922147100", "support"]


def test_the_requests_of_the_dial_plan_on_the_page_are_understood(app: Flask, cti: Connection) -> None:
    """What Asterisk would put in for its variables is put in here."""
    values = {
        "CTI_ID": "1700000000.1", "CTI_WAY": "in", "CALLERID(num)": CUSTOMER, "EXTEN": LINE, "CTI_PHONE": "23",
        "DIALSTATUS": "ANSWER", "ANSWEREDTIME": "42", "CHANNEL(endpoint)": "23",
    }  # fmt: skip
    posted = []
    for told in re.findall(r"\$\{CURL\(\$\{CTI\},(.*)\)\}\)$", DIAL_PLAN.read_text("utf-8"), re.MULTILINE):
        text = re.sub(r"\$\{URIENCODE\((\$\{.*?\})\)\}", r"\1", told)
        body = re.sub(r"\$\{([A-Za-z_]+(?:\([a-z]+\))?)\}", lambda found: values[found[1]], text)
        assert "${" not in body
        posted.append(body)
    assert [body.split("&")[0] for body in posted] == ["event=newCall", "event=newCall", "event=answer", "event=hangup"]
    for body in (posted[0], posted[2], posted[3]):
        answer = app.test_client().post(
            address(cti, ""), data=unquote(body), content_type="application/x-www-form-urlencoded"
        )
        assert said(answer) == (200, {})
    call = the_call()
    assert (call.phase, call.outcome, call.talk_seconds, call.remote_e164) == ("ended", "accepted", 42, CUSTOMER_E164)
    assert app.test_client().post(address(cti, ""), data=posted[1].replace("1700000000.1", "2")).status_code == 200
    assert len(all_calls()) == 2

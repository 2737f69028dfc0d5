"""Who is told what about a call, over real Socket.IO rooms."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.accounts import personal, service
from app.core.versions import Versions
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import archive, create_address, update_address
from app.modules.callcenter import cards, jobs
from tests import watching
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    CUSTOMER_E164,
    LINE_E164,
    PhoneSystem,
    call_id,
    give_line,
    the_call,
)


def test_a_ringing_call_is_told_to_everybody_who_wants_all_calls(phones: PhoneSystem, browser: Any) -> None:
    anna, ben = browser(), browser(role="administrator")
    call = call_id()
    phones.incoming(call)
    (told,) = anna.heard()
    assert ben.heard() == [told]
    assert told == {
        "now": "2026-11-23T10:10:16.000Z",
        "id": the_call().id,
        "version": 1,
        "form": "full",
        "direction": "in",
        "phase": "ringing",
        "outcome": None,
        "missed": False,
        "provisional": False,
        "remote": {"display": "0171 3920001", "kind": "dialable", "e164": CUSTOMER_E164, "blocked": None},
        "origin": {"where": {"de": "Deutschland", "en": "Germany"}, "line_type": "mobile"},
        "colleague": None,
        "certainty": "unknown",
        "matches": [],
        "candidates": [],
        "more": 0,
        "choice": None,
        "line": {"key": LINE_E164, "name": "", "display": "030 23125100"},
        "user": None,
        "received_at": "2026-11-23T10:10:16.000Z",
        "answered_at": None,
        "ended_at": None,
        "silent_at": "2026-11-23T10:11:31.000Z",
        "talk_seconds": None,
        "about": f"..{CUSTOMER_E164}",
        "facts": None,
        "storable": "number",
        "paths": {
            "call": f"/callcenter/calls/{the_call().id}",
            "address": None,
            "note": f"/addresses/notes/new?origin=call%3A{the_call().id}",
            "new_address": f"/addresses/new?number=%2B491713920001&origin=call%3A{the_call().id}",
            "number": f"/callcenter/calls/{the_call().id}/number",
        },
    }


def test_a_known_caller_has_name_company_customer_number_and_paths(
    app: Flask, phones: PhoneSystem, browser: Any
) -> None:
    anna = browser()
    give_line(app)
    address_id = create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    phones.incoming(call_id())
    (told,) = anna.heard()
    assert told["certainty"] == "known"
    assert [(m["name"], m["company"], m["customer_number"]) for m in told["matches"]] == [
        ("Muster GmbH", "Muster GmbH", "10000")
    ]
    assert told["line"] == {"key": LINE_E164, "name": "Zentrale", "display": "030 23125100"}
    assert told["paths"]["address"] == f"/addresses/{address_id}"
    assert told["paths"]["note"] == (
        f"/addresses/{address_id}/crm?telefon_notiz_erstellen=1&origin=call%3A{the_call().id}"
    )


def test_a_caller_behind_a_switchboard_has_his_durchwahl(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    create_address({"name": "Muster GmbH"}, [NumberInput("0221 4710-0")])
    phones.incoming(call_id(), caller="0221471057")
    (told,) = anna.heard()
    assert (told["certainty"], told["storable"]) == ("probable", "extension")
    assert [(m["name"], m["extension"]) for m in told["matches"]] == [("Muster GmbH", "57")]
    phones.incoming(call_id(), caller="022147100")
    (told,) = anna.heard()
    assert (told["certainty"], told["storable"], told["paths"]["number"]) == ("known", None, None)


def test_several_matches_are_all_named_five_at_most(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    for number in range(7):
        create_address({"name": f"Muster {number}"}, [NumberInput("0171 3920001")])
    phones.incoming(call_id())
    (told,) = anna.heard()
    assert (told["certainty"], len(told["matches"]), told["more"]) == ("ambiguous", 5, 2)
    assert told["paths"]["address"] is None
    assert told["paths"]["note"].startswith("/addresses/notes/new?origin=call")


def test_when_somebody_answers_the_others_get_a_line_that_says_who(phones: PhoneSystem, browser: Any) -> None:
    anna, ben = browser(account=ANNA, name="Anna Alt"), browser(account=BEN)
    call = call_id()
    phones.incoming(call)
    phones.accepted(call)
    phones.hung_up(call)
    assert anna.forms() == [("full", "ringing"), ("full", "talking"), ("full", "ended")]
    told = ben.heard()
    assert [(one["form"], one["phase"]) for one in told] == [
        ("full", "ringing"),
        ("line", "talking"),
        ("line", "ended"),
    ]
    assert told[1]["user"] == {"id": anna.user_id, "name": "Anna Alt"}
    assert [one["version"] for one in told] == [1, 2, 3]


def test_an_answer_by_an_account_of_nobody_leaves_every_card_full(phones: PhoneSystem, browser: Any) -> None:
    ben = browser(account=BEN)
    call = call_id()
    phones.incoming(call)
    phones.accepted(call)
    assert ben.forms() == [("full", "ringing"), ("full", "talking")]


def test_only_mine_hears_of_the_own_line_and_the_own_conversation(
    app: Flask, phones: PhoneSystem, browser: Any
) -> None:
    owner, taker, stranger = (browser(scope="lines", account=uid) for uid in (None, ANNA, BEN))
    give_line(app, owner.user_id)
    call = call_id()
    phones.incoming(call)
    assert (owner.forms(), taker.forms(), stranger.forms()) == ([("full", "ringing")], [], [])
    phones.accepted(call)
    assert (owner.forms(), taker.forms(), stranger.forms()) == ([("line", "talking")], [("full", "talking")], [])


def test_a_call_on_a_line_without_users_goes_to_all_calls_only(app: Flask, phones: PhoneSystem, browser: Any) -> None:
    everything, mine = browser(), browser(scope="lines")
    give_line(app)
    phones.incoming(call_id())
    assert (everything.forms(), mine.forms()) == ([("full", "ringing")], [])


def test_an_outgoing_call_goes_to_the_user_of_the_account_only(phones: PhoneSystem, browser: Any) -> None:
    anna, ben = browser(account=ANNA), browser(account=BEN)
    phones.outgoing(call_id())
    assert (anna.forms(), ben.forms()) == ([("full", "ringing")], [])


def test_a_repeated_notification_tells_nobody_anything(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    call = call_id()
    phones.incoming(call)
    phones.incoming(call)
    assert len(anna.heard()) == 1


def test_notifications_off_at_once_in_open_browsers(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    phones.incoming(call_id())
    assert len(anna.heard()) == 1
    personal.save(anna.user_id, {("callcenter", "notifications"): False})
    assert [(state["active"], state["calls"]) for state in anna.heard("calls")] == [(True, [])]
    phones.incoming(call_id())
    assert anna.heard() == []
    personal.save(anna.user_id, {("callcenter", "notifications"): True})
    assert [len(state["calls"]) for state in anna.heard("calls")] == [2]


def test_a_user_who_loses_the_permission_gets_nothing_on_the_open_socket(
    app: Flask, phones: PhoneSystem, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = browser()
    permissions = app.extensions["durchwahl"].permissions
    denied = type(permissions["callcenter.calls"])("callcenter.calls", "", staff=False)
    monkeypatch.setitem(permissions, "callcenter.calls", denied)
    service.update_user(anna.user_id, timezone="Europe/Vienna")
    assert [(state["active"], state["calls"]) for state in anna.heard("calls")] == [(False, [])]
    phones.incoming(call_id())
    assert anna.heard() == []
    assert (anna.ask()["active"], anna.ask()["calls"]) == (False, [])


def test_a_deactivated_user_is_disconnected_and_gets_nothing(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    service.update_user(anna.user_id, active=False)
    assert not anna.socket.is_connected()
    phones.incoming(call_id())
    assert cards.state_for(anna.user_id)["calls"] == []


def test_a_logged_out_user_who_still_asks_gets_nothing(
    app: Flask, phones: PhoneSystem, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = browser()
    phones.incoming(call_id())
    # The socket is not closed in time: its copy of the cookie is as good as ever.
    monkeypatch.setattr(app.extensions["durchwahl"].realtime, "close_sessions", lambda _hashes: None)
    with anna.http.session_transaction() as cookie:
        service.end_session(cookie["sid"])
    assert (anna.ask()["active"], anna.ask()["calls"]) == (False, [])


def test_a_browser_that_asks_gets_the_current_calls(phones: PhoneSystem, browser: Any, clock: Any) -> None:
    ringing, over, long_over = call_id(), call_id(), call_id()
    phones.incoming(long_over)
    phones.hung_up(long_over, type="missed", duration="0")
    clock.advance(40)
    phones.incoming(over)
    phones.hung_up(over, type="missed", duration="0")
    clock.advance(40)
    phones.incoming(ringing)
    anna = browser()
    state = anna.ask()
    assert [(call["phase"], call["missed"]) for call in state["calls"]] == [("ended", True), ("ringing", False)]
    assert state["missed"] == [the_call(over).id, the_call(long_over).id]
    assert state["active"] is True


def test_the_state_has_the_same_forms_as_the_messages(app: Flask, phones: PhoneSystem, browser: Any) -> None:
    anna, ben = browser(account=ANNA), browser(account=BEN)
    stranger = browser(scope="lines")
    call = call_id()
    phones.incoming(call)
    phones.accepted(call)
    states = [one.ask()["calls"] for one in (anna, ben, stranger)]
    assert [[call["form"] for call in calls] for calls in states] == [["full"], ["line"], []]


def test_every_page_already_contains_the_current_calls(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    phones.incoming(call_id(), caller="anonymous")
    page = anna.http.get("/addresses/").get_data(as_text=True)
    assert 'id="call-told"' in page
    assert f'"id": {the_call().id}' in page
    personal.save(anna.user_id, {("callcenter", "notifications"): False})
    assert f'"id": {the_call().id}' not in anna.http.get("/addresses/").get_data(as_text=True)


def test_names_in_the_page_cannot_break_out_of_the_data(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    create_address({"name": "</script><script>alert(1)</script>"}, [NumberInput("0171 3920001")])
    phones.incoming(call_id())
    assert "</script><script>alert" not in anna.http.get("/callcenter/calls").get_data(as_text=True)


def test_the_same_state_is_there_without_a_socket(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    phones.incoming(call_id())
    assert anna.http.get("/callcenter/cards").get_json() == anna.ask()


def test_deactivating_the_module_takes_cards_away_and_activating_brings_them_back(
    app: Flask, phones: PhoneSystem, browser: Any
) -> None:
    anna = browser()
    phones.incoming(call_id())
    anna.heard()
    states = app.extensions["durchwahl"].states
    states.set_active("callcenter", False)
    assert [(state["active"], state["calls"]) for state in anna.heard("calls")] == [(False, [])]
    assert (anna.ask()["active"], anna.ask()["calls"]) == (False, [])
    page = anna.http.get("/addresses/").get_data(as_text=True)
    assert "call-told" not in page
    assert "data-call-bell" not in page
    assert anna.http.get("/callcenter/calls").status_code == 404
    states.set_active("callcenter", True)
    assert [len(state["calls"]) for state in anna.heard("calls")] == [1]


def test_a_caller_who_becomes_known_changes_the_card(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    phones.incoming(call_id())
    address_id = create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    update_address(address_id, None, {"name": "Muster SE"})
    archive(address_id)
    told = anna.heard()
    assert [(one["version"], one["certainty"]) for one in told[:3]] == [
        (1, "unknown"),
        (2, "known"),
        (3, "known"),
    ]
    assert told[2]["matches"][0]["name"] == "Muster SE"
    assert told[-1]["version"] == 4


def test_who_is_no_longer_concerned_has_the_card_taken_away(app: Flask, phones: PhoneSystem, browser: Any) -> None:
    anna, ben = browser(account=ANNA), browser(account=BEN)
    call = call_id()
    fields = {"from": "03023125100", "to": "01713920001", "direction": "out"}
    phones.tell("HungUp", call, type="busy", duration="0", peer=BEN, **fields)
    assert (anna.forms(), ben.forms()) == ([], [("full", "ended")])
    # A report that counts for more says that it was another account.
    phones.tell("OutgoingCall", call, peer=ANNA, **fields)
    assert (anna.forms(), ben.forms()) == ([("full", "ended")], [("hidden", "")])


def test_an_assumed_end_is_told_like_any_other(phones: PhoneSystem, browser: Any, clock: Any) -> None:
    anna = browser()
    phones.incoming(call_id())
    clock.advance(301)
    jobs.close_stale()
    assert anna.forms() == [("full", "ringing"), ("full", "ended")]


def test_lines_that_change_show_at_once(app: Flask, phones: PhoneSystem, browser: Any) -> None:
    anna = browser(scope="lines")
    phones.incoming(call_id())
    assert anna.heard() == []
    give_line(app, anna.user_id)
    assert [len(state["calls"]) for state in anna.heard("calls")] == [1]


def test_a_replay_elsewhere_is_shown_in_open_browsers(app: Flask, phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    phones.incoming(call_id())
    anna.heard()
    assert app.test_cli_runner().invoke(args=["callcenter", "replay"]).exit_code == 0
    assert [len(state["calls"]) for state in anna.heard("calls")] == [1]


def test_a_call_can_be_pushed_again(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    phones.incoming(call_id())
    (first,) = anna.heard()
    cards.push_call(first["id"])
    assert anna.heard() == [first]
    cards.push_call(first["id"] + 1000)
    assert anna.heard() == []


def test_a_second_window_of_the_user_hears_the_same(app: Flask, phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    second = Browser(app, anna.user_id)
    phones.incoming(call_id())
    assert anna.heard() == second.heard()
    second.socket.disconnect()


def test_many_browsers_take_no_more_statements_than_none(
    app: Flask, phones: PhoneSystem, browser: Any, database_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # They are compared once a second, by whatever request comes then.
    monkeypatch.setattr(Versions.check, "__defaults__", (3600.0,))
    for _ in range(5):
        browser()
    create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    call = call_id()
    phones.incoming(call_id())
    counts = []
    for tell in (phones.incoming, phones.accepted, phones.hung_up, phones.hung_up):
        with watching.statements(app.extensions["durchwahl"].database) as heard:
            tell(call)
        counts.append(len([one for one in heard if one.startswith(("SELECT", "INSERT", "UPDATE", "WITH"))]))
    # The same as in test_exchanges, which tells what they are.
    assert counts == ([5, 6, 8, 4] if database_kind == "sqlite" else [3, 7, 9, 5])

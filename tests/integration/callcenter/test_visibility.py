"""Who sees which calls: everywhere the same, whatever a user chose and an administrator set."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.accounts import personal, service, tokens
from app.core.database import reading, transaction
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import accounts, callback_tasks, groups, note_source, statistics
from app.modules.callcenter.callback_models import Callback
from app.modules.callcenter.callback_rights import concerns, is_concerned
from app.modules.callcenter.domain.statistics import total
from app.modules.callcenter.domain.visibility import SCOPES, Watcher, sees
from app.modules.callcenter.models import LineGroup
from app.modules.callcenter.stored import CALL, call_of, stored
from app.modules.callcenter.visibility import visible
from tests.conftest import NOW, csrf_of, logged_in_client
from tests.integration.api.client import Api
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    LINE_E164,
    PhoneSystem,
    call_id,
    give_account,
    give_line,
    the_call,
)
from tests.integration.callcenter.test_statistics import EVER

SALES, SALES_E164 = "03023125200", "+493023125200"
CLARAS, CLARAS_E164 = "03023125300", "+493023125300"
UNKNOWN_LINE = "03023125900"
CLARA = "7771000003@fpbx.de"
#: What each user sees of the calls in ``house``, by scope.
EXPECTED = {
    "anna": {
        "mine": {"dialled_by_anna", "passed_on", "inside"},
        "lines": {"missed", "taken_by_ben", "no_direction", "dialled_by_anna", "passed_on", "inside"},
    },
    "ben": {
        "mine": {"taken_by_ben", "passed_on"},
        "lines": {"missed", "taken_by_ben", "no_direction", "passed_on", "sales"},
    },
    "clara": {"mine": {"claras"}, "lines": {"claras", "sales"}},
    "dora": {"mine": set[str](), "lines": set[str]()},
}


class House:
    """Four users, three lines and every kind of call."""

    def __init__(self, app: Flask, phones: PhoneSystem, make_user: Callable[..., int]) -> None:
        self.app = app
        self.users = {name: make_user(name, name=name.title()) for name in ("anna", "ben", "clara", "dora")}
        for name, uid in (("anna", ANNA), ("ben", BEN), ("clara", CLARA)):
            give_account(app, self.users[name], uid)
        give_line(app, self.users["anna"], self.users["ben"])
        give_line(app, number=SALES, key=SALES_E164, name="Verkauf")
        give_line(app, self.users["clara"], number=CLARAS, key=CLARAS_E164, name="Clara")
        self.group = groups.store(None, "Verkauf", [self.users["ben"], self.users["clara"]])
        put_on_line(app, SALES_E164, self.group)
        self.address = create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
        self.ids: dict[str, int] = {}
        self._make_calls(phones)

    def _make_calls(self, phones: PhoneSystem) -> None:
        made = {name: call_id() for name in CALLS}
        phones.hung_up(made["missed"], type="missed", duration="0")
        phones.incoming(made["taken_by_ben"])
        phones.accepted(made["taken_by_ben"], peer=BEN)
        phones.hung_up(made["taken_by_ben"])
        phones.incoming(made["sales"], line=SALES)
        phones.hung_up(made["sales"], type="missed", duration="0", to=SALES)
        phones.incoming(made["claras"], line=CLARAS)
        phones.incoming(made["unknown_line"], line=UNKNOWN_LINE)
        phones.outgoing(made["dialled_by_anna"], peer=ANNA)
        phones.incoming(made["passed_on"], line=UNKNOWN_LINE)
        phones.accepted(made["passed_on"], peer=ANNA, line=UNKNOWN_LINE)
        phones.accepted(made["passed_on"], peer=BEN, line=UNKNOWN_LINE)
        phones.outgoing(made["inside"], peer=ANNA, target="23")
        phones.tell("HungUp", made["no_direction"], type="missed", duration="0", to="03023125100")
        self.ids = {name: the_call(external).id for name, external in made.items()}
        with transaction() as session:
            # Reports always tell a direction nowadays; older rows may lack one.
            session.execute(
                CALL.update()
                .where(CALL.c.id == self.ids["no_direction"])
                .values(direction=None, line_key=LINE_E164, missed=False)
            )

    def choose(self, name: str, scope: str) -> None:
        personal.save(self.users[name], {("callcenter", "scope"): scope})

    def expected(self, name: str, scope: str) -> set[int]:
        names = set(self.ids) if scope == "all" else EXPECTED[name][scope]
        return {self.ids[one] for one in names}


CALLS = (
    "missed", "taken_by_ben", "sales", "claras", "unknown_line", "dialled_by_anna", "passed_on", "inside",
    "no_direction",
)  # fmt: skip


def put_on_line(app: Flask, key: str, group_id: int) -> None:
    from app.modules.callcenter.models import Line

    with transaction() as session:
        line_id = session.execute(select(Line.id).where(Line.key == key)).scalar_one()
        session.add(LineGroup(line_id=line_id, group_id=group_id))
        app.extensions["durchwahl"].versions.bump(session, accounts.SETUP_VERSION)


@pytest.fixture
def house(app: Flask, phones: PhoneSystem, make_user: Any) -> House:
    return House(app, phones, make_user)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", list(EXPECTED))
def test_every_place_shows_the_same_calls(house: House, name: str, scope: str) -> None:
    house.choose(name, scope)
    expected = house.expected(name, scope)
    user_id = house.users[name]
    client, api = logged_in_client(house.app, user_id), Api(house.app, tokens.create(name, "test"))
    watcher = accounts.watcher(user_id)

    page = client.get("/callcenter/calls").get_data(as_text=True)
    assert {int(found) for found in re.findall(r'<tr[^>]* data-call-id="(\d+)"', page)} == expected
    assert {call["id"] for call in api.get("/calls").get_json()["items"]} == expected
    for call in house.ids.values():
        status = 200 if call in expected else 404
        assert client.get(f"/callcenter/calls/{call}").status_code == status
        assert api.get(f"/calls/{call}").status_code == status
        assert (note_source.prefill(f"call:{call}", user_id) is not None) == (call in expected)
        forbidden = client.get(f"/callcenter/calls/{call}/number").status_code
        assert forbidden == 404 or call in expected
        sent = {"csrf_token": csrf_of(client, "/apps/"), "who": str(house.address)}
        assert call in expected or client.post(f"/callcenter/calls/{call}/assign", data=sent).status_code == 404
    bell = client.get("/callcenter/bell").get_data(as_text=True)
    assert {int(found) for found in re.findall(r'data-call-id="(\d+)"', bell)} <= expected
    history = client.get(f"/addresses/{house.address}/timeline?kind=calls").get_data(as_text=True)
    at_address = {call for call in expected if call != house.ids["inside"] and call != house.ids["no_direction"]}
    assert {int(found) for found in re.findall(r'href="/callcenter/calls/(\d+)"', history.partition("<main")[2])} == (
        at_address
    )
    with reading() as session:
        ended = select(CALL.c.id).where(CALL.c.id.in_(expected), CALL.c.phase == "ended", CALL.c.direction == "in")
        counted = len(list(session.execute(ended)))
    assert total(statistics.buckets(*EVER, seen_by=watcher)).incoming == counted


@pytest.mark.parametrize("scope", SCOPES)
def test_the_database_and_the_domain_say_the_same(house: House, scope: str) -> None:
    with reading() as session:
        rows = [stored(row) for row in session.execute(select(CALL)).mappings()]
        for user_id in house.users.values():
            found = accounts.watcher(user_id)
            assert found is not None
            watcher = replace(found, scope=scope)  # type: ignore[arg-type] # one of SCOPES
            asked = set(session.execute(select(CALL.c.id).where(visible(watcher))).scalars())
            assert asked == {row.id for row in rows if sees(call_of(row), row.line_key, watcher)}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    row=st.fixed_dictionaries(
        {
            "assigned_to": st.sampled_from([None, 1, 2]),
            "created_by": st.sampled_from([None, 1, 2]),
            "line_key": st.sampled_from([None, LINE_E164, SALES_E164]),
            "kind": st.sampled_from(["manual", "missed"]),
        }
    ),
    scope=st.sampled_from(SCOPES),
    lines=st.frozensets(st.sampled_from([LINE_E164, SALES_E164])),
    own=st.frozensets(st.sampled_from([LINE_E164, SALES_E164])),
)
def test_of_call_backs_too(house: House, row: dict[str, Any], scope: Any, lines: Any, own: Any) -> None:
    names = ("anna", "ben", "clara")
    for column in ("assigned_to", "created_by"):
        row[column] = row[column] and house.users[names[row[column]]]
    watcher = Watcher(house.users["ben"], True, True, True, scope, frozenset(), lines | own, own)
    with transaction() as session:
        task = Callback(party="x", wanted_at=NOW, created_at=NOW, **row)
        session.add(task)
        session.flush()
        asked = session.execute(select(Callback.id).where(Callback.id == task.id, concerns(watcher))).first()
        assert (asked is not None) == is_concerned(watcher, row)
        session.delete(task)


def test_a_telephone_that_changes_hands_takes_no_old_calls_along(house: House) -> None:
    house.choose("dora", "mine")
    give_old, taken = house.users["dora"], house.ids["dialled_by_anna"]
    from app.modules.callcenter import configuring
    from app.modules.callcenter.written_lists import AccountEntry

    configuring.save(configuring.Changes(accounts=[AccountEntry(ANNA, give_old)]))
    assert logged_in_client(house.app, give_old).get(f"/callcenter/calls/{taken}").status_code == 404
    house.choose("anna", "mine")
    anna = logged_in_client(house.app, house.users["anna"])
    assert anna.get(f"/callcenter/calls/{taken}").status_code == 200
    assert anna.get(f"/callcenter/calls/{house.ids['passed_on']}").status_code == 200


def test_what_is_set_for_everybody_holds_for_those_who_did_not_choose(house: House) -> None:
    ben = logged_in_client(house.app, house.users["ben"])
    assert ben.get(f"/callcenter/calls/{house.ids['claras']}").status_code == 200
    groups.set_default_scope("mine")
    assert ben.get(f"/callcenter/calls/{house.ids['claras']}").status_code == 404
    house.choose("ben", "all")
    assert ben.get(f"/callcenter/calls/{house.ids['claras']}").status_code == 200


def test_who_may_not_see_everybodys_calls_sees_those_of_his_lines_whatever_he_chose(house: House) -> None:
    house.choose("ben", "all")
    service.update_user(house.users["ben"], permissions={"callcenter.all_calls": False})
    watcher = accounts.watcher(house.users["ben"])
    assert watcher is not None
    assert watcher.scope == "lines"
    client = logged_in_client(house.app, house.users["ben"])
    assert client.get(f"/callcenter/calls/{house.ids['claras']}").status_code == 404
    page = client.get("/account/settings").get_data(as_text=True)
    assert 'name="callcenter.scope" value="lines"' in page
    assert 'name="callcenter.scope" value="all"' not in page


def test_call_backs_of_calls_that_one_may_not_see_are_neither_shown_nor_worked_on(house: House) -> None:
    house.choose("dora", "mine")
    dora = house.users["dora"]
    tasks = callback_tasks.listed("open", accounts.watcher(house.users["ben"]))[0]
    assert tasks
    ids = [task.row["id"] for task in tasks]
    assert callback_tasks.listed("open", accounts.watcher(dora)) == ([], None)
    assert callback_tasks.finish(ids, dora) == 0
    client = logged_in_client(house.app, dora)
    assert client.get(f"/callcenter/callbacks/{ids[0]}").status_code == 404
    callback_tasks.assign(ids[:1], dora, house.users["ben"])
    assert client.get(f"/callcenter/callbacks/{ids[0]}").status_code == 200
    # The task is hers now; the call that made it is not.
    assert callback_tasks.calls_of(ids[0], dora) == []


def test_a_change_of_rights_takes_cards_away_and_brings_them_at_once(house: House, browser: Any) -> None:
    from tests.integration.callcenter.open_browser import Browser

    clara = Browser(house.app, house.users["clara"])
    try:
        assert house.ids["unknown_line"] in {call["id"] for call in clara.ask()["calls"]}
        groups.set_default_scope("lines")
        (state,) = clara.heard("calls")[-1:]
        assert {call["id"] for call in state["calls"]} == {house.ids["claras"], house.ids["sales"]}
        assert state["me"]["rights"] == f"lines:{SALES_E164},{CLARAS_E164}"
        groups.store(house.group, "Verkauf", [house.users["ben"]])
        assert {call["id"] for call in clara.heard("calls")[-1]["calls"]} == {house.ids["claras"]}
        service.update_user(house.users["clara"], permissions={"callcenter.calls": False})
        assert clara.heard("calls")[-1]["active"] is False
    finally:
        clara.socket.disconnect()


def test_who_took_a_call_that_was_passed_on_is_kept_once(house: House) -> None:
    from app.modules.callcenter.visibility import TAKER

    with reading() as session:
        query = select(TAKER.c.user_id, TAKER.c.other_id).where(TAKER.c.call_id == house.ids["passed_on"])
        anna, ben = house.users["anna"], house.users["ben"]
        assert {tuple(row) for row in session.execute(query)} == {(anna, ben), (ben, anna)}
        taken = session.execute(select(CALL.c.answered_by).where(CALL.c.id == house.ids["passed_on"])).scalar_one()
        assert set(json.loads(taken)) == {ANNA, BEN}
        assert session.execute(select(TAKER).where(TAKER.c.call_id != house.ids["passed_on"])).first() is None

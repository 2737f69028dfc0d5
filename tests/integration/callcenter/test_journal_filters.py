"""The journal's filters: what each finds, page by page both ways, along an index on both databases."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.accounts import personal
from app.core.database import reading, transaction
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import accounts, choices, journal
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from app.modules.callcenter.domain.visibility import SCOPES, Watcher
from app.modules.callcenter.journal import Filters
from app.modules.callcenter.journal_filters import wanted
from app.modules.callcenter.journal_walks import page_of, place_of
from app.modules.callcenter.stored import CALL, StoredCall, stored
from app.modules.callcenter.visibility import TAKER, visible
from tests.conftest import NOW, csrf_of, logged_in_client
from tests.integration.callcenter.phone_system import LINE_E164, PhoneSystem, call_id, the_call
from tests.integration.callcenter.test_visibility import SALES_E164, House

PAGE = "/callcenter/calls"
FILTERS = [
    Filters(direction=direction, missed=missed, mine=mine, unknown=unknown, line=line)
    for direction, missed, mine, unknown, line in product(
        ("", "in", "out"), (False, True), (False, True), (False, True), ("", LINE_E164, SALES_E164)
    )
]


@pytest.fixture
def house(app: Flask, phones: PhoneSystem, make_user: Any) -> House:
    return House(app, phones, make_user)


def fits(row: StoredCall, filters: Filters, watcher: Watcher, taken: set[int]) -> bool:
    """What each filter means, in plain words."""
    on_line = row.direction != "out" and row.line_key in watcher.lines
    is_mine = row.user_id == watcher.user_id or row.id in taken or on_line
    stranger = row.grade == "none" and row.remote_kind in ("dialable", "unverified")
    return (
        (not filters.direction or row.direction == filters.direction)
        and (not filters.missed or row.missed)
        and (not filters.mine or is_mine)
        and (not filters.unknown or stranger)
        and (not filters.line or row.line_key == filters.line)
    )


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", ["anna", "ben", "dora"])
def test_every_combination_finds_what_it_says_within_the_rights(house: House, name: str, scope: str) -> None:
    house.choose(name, scope)
    user_id = house.users[name]
    watcher = accounts.watcher(user_id)
    assert watcher is not None
    with reading() as session:
        seen = [stored(row) for row in session.execute(select(CALL).where(visible(watcher))).mappings()]
        taken = set(session.execute(select(TAKER.c.call_id).where(TAKER.c.user_id == user_id)).scalars())
    for filters in FILTERS:
        found = [entry.call.id for entry in journal.page(filters, viewer=user_id).entries]
        expected = [row for row in seen if fits(row, filters, watcher, taken)]
        expected.sort(key=lambda row: (row.received_at, row.id), reverse=True)
        assert found == [row.id for row in expected], filters
        all_ids = list(house.ids.values())
        assert [entry.call.id for entry in journal.those(filters, user_id, all_ids)] == found, filters


def test_colleagues_and_periods_narrow_too(house: House, clock: Any) -> None:
    anna, ben = house.users["anna"], house.users["ben"]
    ids = house.ids

    def found(**more: Any) -> set[int]:
        return {entry.call.id for entry in journal.page(Filters(**more), viewer=anna).entries}

    assert found(user=ben) == {ids["taken_by_ben"], ids["passed_on"]}
    assert found(user=anna) == {ids["dialled_by_anna"], ids["passed_on"], ids["inside"]}
    assert found(user=4711) == set()
    assert found(since=NOW) == set(ids.values())
    assert found(since=NOW + timedelta(seconds=1)) == set()
    assert found(until=NOW) == set()
    assert found(since=NOW - timedelta(days=1), until=NOW + timedelta(seconds=1), user=ben, missed=True) == set()


def test_a_number_is_found_in_any_spelling_and_a_name_as_it_is_shown(house: House) -> None:
    viewer = house.users["anna"]
    known = {call for name, call in house.ids.items() if name not in ("inside", "no_direction")}
    for typed in ("0171 3920001", "+49 171 3920001", "0049 (171) 392-0001", "01713920001", "0171 392", "Muster GmbH"):
        found = {entry.call.id for entry in journal.page(Filters(search=typed), viewer=viewer).entries}
        assert found == known, typed
    assert journal.page(Filters(search="Niemand heißt so"), viewer=viewer).entries == []
    assert journal.page(Filters(search="030 99"), viewer=viewer).entries == []


@pytest.mark.parametrize("typed", ["(030) 231/25-123", "( 030 ) 23125123", "(+49) 30 23125123", "030 23125123"])
def test_whoever_types_a_number_finds_its_calls_alone(phones: PhoneSystem, make_user: Any, typed: str) -> None:
    viewer = make_user()
    create_address({"name": "Rheinwerk"}, [NumberInput("030 23125-123"), NumberInput("030 23125-140")])
    meant = call_id()
    phones.incoming(meant, caller="03023125123")
    phones.incoming(call_id(), caller="03023125140")
    found = [entry.call.id for entry in journal.page(Filters(search=typed), viewer=viewer).entries]
    assert found == [the_call(meant).id]


def test_numbers_that_begin_alike_are_found_however_many_they_are(phones: PhoneSystem, make_user: Any) -> None:
    viewer = make_user()
    made = [call_id() for _ in range(20)]
    for place, call in enumerate(made):
        phones.incoming(call, caller=f"030231256{place:02}")
    found = [entry.call.id for entry in journal.page(Filters(search="030 231256"), viewer=viewer).entries]
    assert sorted(found) == sorted(the_call(call).id for call in made)


def test_whoever_chose_for_himself_finds_a_call_by_that_name_alone_and_others_by_each(
    phones: PhoneSystem, make_user: Any
) -> None:
    first = create_address({"name": "Erste AG"}, [NumberInput("0171 3920001")])
    create_address({"name": "Zweite AG"}, [NumberInput("0171 3920001")])
    call = call_id()
    phones.incoming(call)
    anna, ben = make_user(), make_user()
    choices.choose(the_call(call).id, Person(first, None), anna, Scope.MINE)
    found = {
        (name, user): [entry.call.id for entry in journal.page(Filters(search=name), viewer=user).entries]
        for name in ("Erste", "Zweite")
        for user in (anna, ben)
    }
    here = [the_call().id]
    assert found == {("Erste", anna): here, ("Zweite", anna): [], ("Erste", ben): here, ("Zweite", ben): here}


def test_a_call_that_several_may_have_made_is_found_by_each_of_their_names_until_somebody_chooses(
    phones: PhoneSystem, make_user: Any
) -> None:
    first = create_address({"name": "Erste AG"}, [NumberInput("0171 3920001"), NumberInput("030 23125-0")])
    create_address({"name": "Zweite AG"}, [NumberInput("0171 3920001")])
    create_address({"name": "Dritte AG"}, [NumberInput("030 23125", switchboard=True)])
    create_address({"name": "Vierte AG"}, [NumberInput("0171 3920002")])
    direct, behind, strange = call_id(), call_id(), call_id()
    phones.incoming(direct)
    phones.incoming(behind, caller="030 23125-57")
    phones.incoming(strange, caller="0171 3920009")
    ids = {call: the_call(call).id for call in (direct, behind)}
    viewer = make_user()

    def found(name: str) -> list[int]:
        listed = [entry.call.id for entry in journal.page(Filters(search=name), viewer=viewer).entries]
        assert [entry.call.id for entry in journal.those(Filters(search=name), viewer, list(ids.values()))] == listed
        return sorted(listed)

    assert found("Erste AG") == sorted(ids.values())
    assert found("Zweite AG") == [ids[direct]]
    assert found("Dritte AG") == [ids[behind]]
    assert found("Vierte AG") == []
    choices.choose(ids[direct], Person(first, None), viewer, Scope.CALL)
    assert found("Erste AG") == sorted(ids.values())
    assert found("Zweite AG") == []


@pytest.mark.parametrize("filters", [Filters(), Filters(missed=True), Filters(mine=True), Filters(line=LINE_E164)])
@pytest.mark.parametrize("scope", ["all", "lines"])
def test_pages_lead_on_and_back_though_calls_come_meanwhile(
    house: House, phones: PhoneSystem, clock: Any, filters: Filters, scope: str
) -> None:
    house.choose("anna", scope)
    viewer = house.users["anna"]
    for number in range(8):
        phones.hung_up(call_id(), type="missed", duration="0")
        clock.advance(number % 2)
    whole = [entry.call.id for entry in journal.page(filters, viewer=viewer).entries]
    forward: list[list[int]] = []
    page = journal.page(filters, per_page=3, viewer=viewer)
    assert page.after is None
    while True:
        forward.append([entry.call.id for entry in page.entries])
        if page.before is None:
            break
        # Whatever comes in between is on the newest page only.
        phones.hung_up(call_id(), type="missed", duration="0")
        page = journal.page(filters, page.before, per_page=3, viewer=viewer)
    assert [one for part in forward for one in part] == whole
    back = journal.page(filters, None, 3, viewer=viewer, after=page.after)
    assert [entry.call.id for entry in back.entries] == forward[-2]
    newest = journal.page(filters, None, 3, viewer=viewer, after=whole[0])
    assert newest.after is None or newest.entries[-1].call.id not in whole


def test_what_goes_on_stands_above_the_list_once(house: House) -> None:
    client = logged_in_client(house.app, house.users["anna"])
    page = client.get(PAGE).get_data(as_text=True)
    above, below = re.findall(r"<tbody data-r(?:unning-)?.*?</tbody>", page, re.DOTALL)
    running = {int(found) for found in re.findall(r'data-call-id="(\d+)"', above)}
    rest = {int(found) for found in re.findall(r'data-call-id="(\d+)"', below)}
    assert house.ids["claras"] in running
    assert house.ids["missed"] in rest
    assert not running & rest
    assert running | rest == set(house.ids.values())


def test_the_rows_that_a_script_asks_for_are_those_that_fit(house: House) -> None:
    house.choose("anna", "lines")
    client = logged_in_client(house.app, house.users["anna"])
    asked = ",".join(str(call) for call in (*house.ids.values(), 4711)) + ",x,99999999999"
    page = client.get(f"{PAGE}/rows?ids={asked}&missed=1").get_data(as_text=True)
    assert {int(found) for found in re.findall(r'data-call-id="(\d+)"', page)} == {house.ids["missed"]}
    newest = client.get(f"{PAGE}/rows?newest=1").get_data(as_text=True)
    assert {int(found) for found in re.findall(r'data-call-id="(\d+)"', newest)} == house.expected("anna", "lines")
    assert client.get(f"{PAGE}/rows").status_code == 200


def test_the_table_holds_what_the_list_shows_and_no_formula(house: House, phones: PhoneSystem) -> None:
    create_address({"name": "=HYPERLINK(1)"}, [NumberInput("030 23125678")])
    phones.hung_up(call_id(), type="missed", duration="0", **{"from": "03023125678"})
    client = logged_in_client(house.app, house.users["anna"])
    answer = client.get("/callcenter/calls.csv?missed=1")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="anrufe.csv"'
    lines = answer.get_data(as_text=True).removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("Zeit;Richtung;Status;Wer;Firma;Nummer;Leitung;Mitarbeiter")
    assert len(lines) == 4
    assert "'=HYPERLINK(1)" in lines[1]
    assert "23.11.26, 11:10" in lines[1]
    house.choose("dora", "mine")
    nothing = logged_in_client(house.app, house.users["dora"]).get("/callcenter/calls.csv")
    assert len(nothing.get_data(as_text=True).splitlines()) == 1


def test_a_user_chooses_how_many_rows_a_page_has(app: Flask, client_for: Any, admin: Any) -> None:
    client = client_for("anna")
    with transaction() as session:
        first = dict.fromkeys(CALL.c.keys())
        first |= {
            "connection": "placetel", "provider": "placetel", "version": 1, "phase": "ended", "provisional": False,
            "missed": False, "passed_on": False, "answered_by": "[]", "grade": "none", "matches": "[]", "choices": "[]",
            "received_at": NOW,
        }  # fmt: skip
        del first["id"]
        session.execute(CALL.insert(), [{**first, "external_id": str(number)} for number in range(130)])

    def shown() -> int:
        return len(re.findall(r"<tr data-call-id", client.get(PAGE).get_data(as_text=True)))

    assert shown() == 60
    page = "/callcenter/groups"
    sent = {"csrf_token": csrf_of(admin, page), "scope": "all", "rows": "120"}
    assert admin.post(f"{page}/default", data=sent).status_code == 302
    assert shown() == 120
    # What "set for everybody" means is said where one chooses.
    own = client.get("/account/settings").get_data(as_text=True)
    assert "was für alle eingestellt ist (120)" in own
    assert "was für alle eingestellt ist (alle Anrufe)" in own
    from app.core.accounts import service

    user = service.find_user("anna")
    assert user is not None
    personal.save(user.id, {("callcenter", "journal_rows"): "180"})
    assert shown() == 130
    assert admin.post(f"{page}/default", data={**sent, "rows": "7"}).status_code == 400


@pytest.mark.parametrize(
    "query",
    ["?since=x", "?since=2026-11-30&until=2026-11-01", "?user=x&line=%00", "?user=99999999999", "?after=4711",
     "?before=4711", "?after=x", "?mine=2&unknown=1&missed=1&direction=out"],
)  # fmt: skip
def test_odd_questions_show_a_page(staff: Any, query: str) -> None:
    assert staff.get(PAGE + query).status_code == 200


def test_who_took_a_call_is_asked_of_those_alone_that_were_passed_on(house: House, database_kind: str) -> None:
    """Along a number's calls most are others': an index tells nearly all of them apart, without the table of takers."""
    house.choose("anna", "mine")
    with transaction() as session:
        every = session.execute(select(CALL.c.id, CALL.c.passed_on)).all()
    several = {call for call, passed_on in every if passed_on}
    assert several == {house.ids["passed_on"]}
    with reading() as session:
        watcher = accounts.watcher(house.users["anna"])
        question = wanted(session, Filters(search="030 2"), watcher)
        place = place_of(session, question, 1000, Filters(), newer=False)
        statement = str(page_of(question, 61, place, newer=False, period=Filters()))
    before, taker = statement.split("callcenter_call_taker AS also_taken", 1)
    # SQLite asks a condition with another table last, so there what needs none is a condition of its own before it.
    assert before.count("callcenter_call.passed_on = true") == (2 if database_kind == "sqlite" else 1)
    assert "also_taken.call_id = callcenter_call.id" in taker

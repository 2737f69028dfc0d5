"""The journal's filters: what each finds, page by page both ways, along an index on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from app.core.accounts import personal
from app.core.database import reading, transaction
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import accounts, choices, journal, journal_branches
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from app.modules.callcenter.domain.visibility import SCOPES, Watcher
from app.modules.callcenter.journal import Filters
from app.modules.callcenter.journal_filters import conditions_of, wanted
from app.modules.callcenter.journal_walks import page_of
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
            "missed": False, "answered_by": "[]", "grade": "none", "matches": "[]", "choices": "[]", "received_at": NOW,
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


# ------------------------------------------------------------------------------------------------------- query plans


@pytest.fixture
def plan_of(app: Flask) -> Callable[..., str]:
    """How the database finds a page with these indexes of calls.

    On tables of a few rows all ways cost PostgreSQL the same: it has no other index here, and neither scan nor sort.
    """
    database = app.extensions["durchwahl"].database
    said: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        said.append((statement, parameters))

    def plan(filters: Filters, watcher: Watcher, indexes: set[str]) -> str:
        with reading() as session:
            question = wanted(session, filters, watcher)
            query = page_of(question, 61, edge=1000, newer=False, period=filters)
            said.clear()
            event.listen(database.engine, "before_cursor_execute", hear)
            try:
                session.execute(query).all()
            finally:
                event.remove(database.engine, "before_cursor_execute", hear)
            statement, parameters = said[-1]
            if not database.is_sqlite:
                named = "SELECT indexname FROM pg_indexes WHERE tablename = 'callcenter_call' AND indexname LIKE 'ix_%'"
                for index in session.execute(text(named)).scalars().all():
                    if index.removeprefix("ix_callcenter_call_") not in indexes:
                        session.execute(text(f"DROP INDEX {index}"))
                for name in ("seqscan", "sort", "incremental_sort", "bitmapscan"):
                    session.execute(text(f"SET LOCAL enable_{name} = off"))
            explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
            driver = session.connection().connection.dbapi_connection
            assert driver is not None
            cursor = driver.cursor()
            cursor.execute(explain + statement, parameters)
            return "\n".join(str(row) for row in cursor.fetchall())

    return plan


ALL = Watcher(1, True, True, True, "all", frozenset(), frozenset())
LINES = replace(ALL, scope="lines", lines=frozenset({LINE_E164, SALES_E164}))


@pytest.mark.parametrize(
    ("filters", "watcher", "indexes"),
    [
        (Filters(), ALL, {"received"}),
        (Filters(missed=True), ALL, {"missed"}),
        (Filters(direction="out"), ALL, {"direction"}),
        (Filters(unknown=True), ALL, {"unknown"}),
        (Filters(line=LINE_E164), ALL, {"line"}),
        (Filters(line=LINE_E164, missed=True), ALL, {"line_missed"}),
        (Filters(user=3), ALL, {"user", "taker"}),
        (Filters(mine=True), LINES, {"line", "user", "taker"}),
        (Filters(), LINES, {"line", "user", "taker"}),
        (Filters(missed=True), LINES, {"line_missed"}),
        (Filters(missed=True, unknown=True), ALL, {"missed"}),
        (Filters(missed=True, unknown=True), LINES, {"line_missed"}),
        (Filters(line=LINE_E164), LINES, {"line"}),
        (Filters(line=LINE_E164, unknown=True), ALL, {"line"}),
        (Filters(user=3, unknown=True), ALL, {"user", "taker"}),
        (Filters(direction="in", unknown=True), LINES, {"line", "user", "taker"}),
        (Filters(user=3, line=LINE_E164), LINES, {"user_line", "taker_line"}),
        (Filters(user=3, line=LINE_E164), ALL, {"user_line", "taker_line"}),
        (Filters(user=3), replace(LINES, scope="mine", own_lines=LINES.lines), {"user_line", "taker_line", "taker"}),
        (Filters(since=NOW - timedelta(days=3)), ALL, {"received"}),
    ],
)
def test_a_page_is_a_walk_along_an_index(
    plan_of: Callable[..., str], filters: Filters, watcher: Watcher, indexes: set[str]
) -> None:
    plan = plan_of(filters, watcher, indexes)
    # Which index tells whether a call was taken too is all the same: it is asked for one row.
    walked = "\n".join(line for line in plan.splitlines() if "also_taken" not in line)
    used = {name.replace("_received", "") for name in re.findall(r"ix_callcenter_call_(taker_received|\w+)", walked)}
    assert {name if name != "" else "received" for name in used} == indexes, plan
    assert "SCAN callcenter_call\n" not in plan, plan


def test_the_walks_of_several_reasons_are_merged_as_they_are_read(plan_of: Callable[..., str]) -> None:
    """So that a page of many lines reads little more than a page; to sort it would read a page of each."""
    watcher = replace(LINES, lines=LINES.lines | {"+493023125300"})
    for filters in (Filters(), Filters(direction="in"), Filters(unknown=True), Filters(user=3)):
        plan = plan_of(filters, watcher, {"line", "user", "user_line", "taker"})
        if "SEARCH" in plan:
            assert plan.count("MERGE (UNION)") == plan.count("RIGHT") >= 3, plan
            assert "TEMP B-TREE" not in plan, plan
        else:
            assert "Merge Append" in plan, plan
            assert "Sort  (" not in plan, plan
            assert "HashAggregate" not in plan, plan


@pytest.mark.parametrize(
    ("typed", "index"),
    [("030 23125678", "remote"), ("030 2312", "head"), ("030 23", "head"), ("03", "received")],
)
def test_numbers_that_begin_alike_are_walked_along_in_the_order_of_time(
    phones: PhoneSystem, plan_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch, typed: str, index: str
) -> None:
    for end in ("78", "79"):
        phones.incoming(call_id(), caller=f"030231256{end}")
    monkeypatch.setattr(journal_branches, "MOST_NUMBERS", 1)
    monkeypatch.setattr(journal_branches, "FEW_CALLS", 1)
    for filters in (Filters(search=typed), Filters(search=typed, missed=True)):
        plan = plan_of(filters, ALL, {index})
        assert set(re.findall(r"ix_callcenter_call_(\w+)", plan)) == {index}, plan


def test_what_is_sorted_is_planned_for_its_values_and_what_an_index_has_in_order_is_not(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    for end in ("78", "79"):
        phones.incoming(call_id(), caller=f"030231256{end}")
    with reading() as session:
        assert wanted(session, Filters(search="030 231256"), ALL).in_order
        monkeypatch.setattr(journal_branches, "MOST_NUMBERS", 1)
        assert not wanted(session, Filters(search="030 231256"), ALL).in_order
        assert wanted(session, Filters(search="030 2"), ALL).in_order


@pytest.mark.parametrize("watcher", [ALL, LINES])
@pytest.mark.parametrize(
    "filters", [Filters(), Filters(direction="in"), Filters(missed=True), Filters(line=LINE_E164), Filters(user=3)]
)
@pytest.mark.usefixtures("app")
def test_whether_a_call_that_goes_on_fits_is_only_checked(filters: Filters, watcher: Watcher) -> None:
    """No index of what is asked may be taken for it: hundreds of thousands of calls are incoming, a few go on."""
    with reading() as session:
        fits = str(conditions_of(wanted(session, filters, watcher), filters))
    assert fits.startswith("CASE WHEN")
    assert fits.endswith("ELSE false END")

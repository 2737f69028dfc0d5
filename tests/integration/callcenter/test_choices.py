"""Several matches: choosing one, remembering it for oneself or for everybody, and taking it back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.core.database import reading
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import archive, create_address, restore, update_address
from app.modules.callcenter import choices, note_source, remembered
from app.modules.callcenter.choices import NoSuchCall, NotAMatch, Outdated
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from app.modules.callcenter.remembered import REMEMBERED
from app.modules.callcenter.shown import shown
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import (
    CUSTOMER,
    CUSTOMER_E164,
    PhoneSystem,
    all_calls,
    call_id,
    the_call,
)


@pytest.fixture
def first(app: Flask) -> Person:
    return Person(create_address({"name": "Erste"}, [NumberInput("0171 3920001")]))


@pytest.fixture
def second(app: Flask) -> Person:
    return Person(create_address({"name": "Zweite"}, [NumberInput("0171 3920001")]))


@pytest.fixture(autouse=True)
def _two(first: Person, second: Person) -> None:
    """Two addresses have the customer's number."""


def ring(phones: PhoneSystem, caller: str = CUSTOMER) -> int:
    """A call comes in; its number."""
    call = call_id()
    phones.incoming(call, caller)
    return the_call(call).id


def names(told: dict[str, Any]) -> list[str]:
    return [match["name"] for match in told["matches"]]


def card(browser: Browser, call: int) -> tuple[str, list[str]]:
    """What stands on the user's card at present."""
    (told,) = (one for one in browser.ask()["calls"] if one["id"] == call)
    return told["certainty"], names(told)


AMBIGUOUS = ("ambiguous", ["Erste", "Zweite"])


def test_a_choice_for_the_call_shows_on_all_screens_and_not_at_the_next_call(
    phones: PhoneSystem, browser: Any, second: Person
) -> None:
    anna, ben = browser(name="Anna Alt"), browser()
    call = ring(phones)
    assert card(anna, call) == card(ben, call) == AMBIGUOUS
    ben.heard()
    choices.choose(call, second, anna.user_id, Scope.CALL)
    (told,) = ben.heard()
    assert (told["certainty"], names(told), told["version"]) == ("known", ["Zweite"], 2)
    assert told["choice"] == {
        "scope": "call",
        "user": {"id": anna.user_id, "name": "Anna Alt"},
        "remembered": False,
        "undo": told["choice"]["undo"],
    }
    assert [one["name"] for one in told["candidates"]] == ["Erste", "Zweite"]
    assert told["paths"]["address"] == f"/addresses/{second.address_id}"
    assert the_call().address_id == second.address_id
    assert card(anna, ring(phones)) == AMBIGUOUS


def test_a_choice_for_me_concerns_my_screens_only_at_this_and_every_later_call(
    phones: PhoneSystem, browser: Any, first: Person
) -> None:
    anna, ben = browser(), browser()
    call = ring(phones)
    anna.heard(), ben.heard()
    choices.choose(call, first, anna.user_id, Scope.MINE)
    (mine,), (others,) = anna.heard(), ben.heard()
    assert (mine["certainty"], names(mine), mine["choice"]["scope"]) == ("known", ["Erste"], "me")
    assert (others["certainty"], names(others), others["choice"]) == (*AMBIGUOUS, None)
    assert mine["version"] == others["version"] == 2
    assert the_call().address_id is None
    later = ring(phones)
    (mine,), (others,) = anna.heard(), ben.heard()
    assert (mine["certainty"], names(mine), mine["choice"]["undo"]) == ("known", ["Erste"], None)
    assert (others["certainty"], names(others)) == AMBIGUOUS
    assert card(anna, later) == ("known", ["Erste"])
    assert card(ben, later) == AMBIGUOUS


def test_a_choice_for_everybody_shows_on_all_screens_at_every_call(
    phones: PhoneSystem, browser: Any, second: Person
) -> None:
    anna, ben = browser(name="Anna Alt"), browser()
    call = ring(phones)
    choices.choose(call, second, anna.user_id, Scope.ALL)
    later = ring(phones)
    for one in (anna, ben):
        assert card(one, call) == card(one, later) == ("known", ["Zweite"])
    told = ben.ask()["calls"][-1]
    assert told["choice"]["user"] == {"id": anna.user_id, "name": "Anna Alt"}
    assert (told["choice"]["scope"], told["choice"]["remembered"]) == ("all", True)
    assert all_calls()[-1].address_id == second.address_id


def test_calls_that_ring_at_the_same_time_follow_what_is_remembered_at_once(
    phones: PhoneSystem, browser: Any, second: Person
) -> None:
    anna, ben = browser(), browser()
    one, other = ring(phones), ring(phones)
    ben.heard()
    choices.choose(one, second, anna.user_id, Scope.ALL)
    assert [(told["id"], told["certainty"]) for told in ben.heard()] == [(one, "known"), (other, "known")]
    choices.choose(other, second, anna.user_id, Scope.MINE)
    assert card(anna, one) == card(anna, other) == ("known", ["Zweite"])


def test_mine_beats_everybodys(phones: PhoneSystem, browser: Any, first: Person, second: Person) -> None:
    anna, ben = browser(), browser()
    call = ring(phones)
    choices.choose(call, first, anna.user_id, Scope.MINE)
    later = ring(phones)
    choices.choose(later, second, ben.user_id, Scope.ALL)
    for one in (call, later, ring(phones)):
        assert card(anna, one) == ("known", ["Erste"])
        assert card(ben, one) == ("known", ["Zweite"])


def test_who_chooses_for_everybody_forgets_what_he_chose_for_himself(
    phones: PhoneSystem, browser: Any, first: Person, second: Person
) -> None:
    anna = browser()
    call = ring(phones)
    choices.choose(call, first, anna.user_id, Scope.MINE)
    choices.choose(call, second, anna.user_id, Scope.ALL)
    assert card(anna, call) == card(anna, ring(phones)) == ("known", ["Zweite"])


def test_what_is_not_among_the_matches_cannot_be_chosen(phones: PhoneSystem, browser: Any, first: Person) -> None:
    anna = browser()
    call = ring(phones)
    for nobody in (Person(first.address_id, 99), Person(4711)):
        with pytest.raises(NotAMatch):
            choices.choose(call, nobody, anna.user_id, Scope.CALL)
    with pytest.raises(NoSuchCall):
        choices.choose(call + 1, first, anna.user_id, Scope.CALL)
    assert the_call().version == 1


def test_a_remembered_choice_has_no_effect_while_its_owner_is_archived_or_has_lost_the_number(
    phones: PhoneSystem, browser: Any, first: Person, second: Person
) -> None:
    anna = browser()
    choices.choose(ring(phones), first, anna.user_id, Scope.ALL)
    create_address({"name": "Dritte"}, [NumberInput("0171 3920001")])
    assert card(anna, ring(phones)) == ("known", ["Erste"])
    archive(first.address_id)
    assert card(anna, ring(phones)) == ("ambiguous", ["Dritte", "Zweite"])
    restore(first.address_id)
    assert card(anna, ring(phones)) == ("known", ["Erste"])
    update_address(first.address_id, None, {}, [])
    assert card(anna, ring(phones)) == ("ambiguous", ["Dritte", "Zweite"])


def test_a_call_that_rings_while_its_remembered_owner_loses_the_number_is_ambiguous_again(
    phones: PhoneSystem, browser: Any, first: Person
) -> None:
    anna = browser()
    create_address({"name": "Dritte"}, [NumberInput("0171 3920001")])
    choices.choose(ring(phones), first, anna.user_id, Scope.ALL)
    ringing = ring(phones)
    anna.heard()
    update_address(first.address_id, None, {}, [])
    told = [one for one in anna.heard() if one["id"] == ringing][-1]
    assert (told["certainty"], names(told), told["choice"]) == ("ambiguous", ["Dritte", "Zweite"], None)


def test_what_was_chosen_on_a_call_stays_when_its_owner_loses_the_number(
    phones: PhoneSystem, browser: Any, first: Person
) -> None:
    anna, ben = browser(), browser()
    by_scope = {scope: ring(phones) for scope in Scope}
    for scope, call in by_scope.items():
        choices.choose(call, first, anna.user_id, scope)
    update_address(first.address_id, None, {}, [])
    for call in by_scope.values():
        assert card(anna, call) == ("known", ["Erste"])
    assert card(ben, by_scope[Scope.MINE]) == ("known", ["Zweite"])
    assert card(ben, by_scope[Scope.ALL]) == ("known", ["Erste"])
    told = next(one for one in anna.ask()["calls"] if one["id"] == by_scope[Scope.ALL])
    assert [one["name"] for one in told["candidates"]] == ["Zweite"]


def test_a_choice_among_the_companies_behind_a_switchboard_holds_for_its_extension(
    phones: PhoneSystem, browser: Any
) -> None:
    anna = browser()
    one = Person(create_address({"name": "Kontor AG"}, [NumberInput("030 23125-0")]))
    create_address({"name": "Kontor Verwaltung"}, [NumberInput("030 23125-0")])
    call = ring(phones, "03023125677")
    assert card(anna, call)[0] == "probable"
    choices.choose(call, one, anna.user_id, Scope.ALL)
    assert card(anna, ring(phones, "03023125677")) == ("known", ["Kontor AG"])
    assert card(anna, ring(phones, "03023125678"))[0] == "probable"


def test_a_contact_is_chosen_beside_his_company(phones: PhoneSystem, browser: Any, first: Person) -> None:
    anna = browser()
    eva = ContactInput("Eva Muster", numbers=(NumberInput("0171 3920001"),))
    update_address(first.address_id, None, {}, contacts=[eva])
    call = ring(phones)
    contact = next(one["contact_id"] for one in the_call().known if one["name"] == "Eva Muster")
    choices.choose(call, Person(first.address_id, contact), anna.user_id, Scope.MINE)
    (told,) = anna.ask()["calls"]
    assert told["paths"]["address"] == f"/addresses/{first.address_id}?contact={contact}"


def test_a_note_of_whoever_chose_for_himself_goes_to_whom_he_chose(
    phones: PhoneSystem, browser: Any, first: Person
) -> None:
    anna, ben = browser(), browser()
    choices.choose(ring(phones), first, anna.user_id, Scope.MINE)
    mine = note_source.prefill(the_call().origin, anna.user_id)
    others = note_source.prefill(the_call().origin, ben.user_id)
    assert mine is not None
    assert others is not None
    assert (mine.address_id, mine.candidates) == (first.address_id, ())
    assert (others.address_id, len(others.candidates)) == (None, 2)


# ------------------------------------------------------------------------------------------------------------- undoing


def change_of(call: int, user_id: int) -> int:
    """The number of the choice that holds for a user."""
    row = next(one for one in all_calls() if one.id == call)
    choice = shown(row, user_id).choice
    assert choice is not None
    assert choice.change_id is not None
    return choice.change_id


@pytest.mark.parametrize("scope", list(Scope))
def test_a_choice_is_undone_whole(phones: PhoneSystem, browser: Any, first: Person, scope: Scope) -> None:
    anna, ben = browser(), browser()
    call = ring(phones)
    choices.choose(call, first, anna.user_id, scope)
    ben.heard()
    choices.undo(call, change_of(call, anna.user_id), anna.user_id)
    assert ben.heard()[-1]["certainty"] == "ambiguous"
    assert card(anna, call) == card(anna, ring(phones)) == card(ben, call) == AMBIGUOUS
    assert rows() == []


@pytest.mark.parametrize("scope", list(Scope))
def test_undoing_a_second_choice_brings_the_first_one_back(
    phones: PhoneSystem, browser: Any, first: Person, second: Person, scope: Scope
) -> None:
    anna = browser()
    call = ring(phones)
    choices.choose(call, first, anna.user_id, scope)
    was, before = change_of(call, anna.user_id), rows()
    choices.choose(call, second, anna.user_id, scope)
    assert card(anna, call) == ("known", ["Zweite"])
    choices.undo(call, change_of(call, anna.user_id), anna.user_id)
    assert (card(anna, call), rows()) == (("known", ["Erste"]), before)
    choices.undo(call, was, anna.user_id)
    assert (card(anna, call), rows()) == (AMBIGUOUS, [])


def test_undoing_for_everybody_brings_back_what_was_chosen_for_oneself_and_for_the_call(
    phones: PhoneSystem, browser: Any, first: Person, second: Person
) -> None:
    anna, ben = browser(), browser()
    call = ring(phones)
    choices.choose(call, second, ben.user_id, Scope.CALL)
    choices.choose(call, first, anna.user_id, Scope.MINE)
    before = rows()
    choices.choose(call, second, anna.user_id, Scope.ALL)
    choices.undo(call, change_of(call, anna.user_id), anna.user_id)
    assert card(anna, call) == ("known", ["Erste"])
    assert card(ben, call) == ("known", ["Zweite"])
    assert (the_call().assigned_by, rows()) == (ben.user_id, before)


def test_what_somebody_else_has_chosen_since_is_not_undone(
    phones: PhoneSystem, browser: Any, first: Person, second: Person
) -> None:
    anna, ben = browser(), browser()
    call = ring(phones)
    choices.choose(call, first, anna.user_id, Scope.ALL)
    change = change_of(call, anna.user_id)
    choices.choose(call, second, ben.user_id, Scope.ALL)
    with pytest.raises(Outdated):
        choices.undo(call, change, anna.user_id)
    with pytest.raises(NoSuchCall):
        choices.undo(call, change_of(call, ben.user_id), anna.user_id)
    assert card(anna, call) == ("known", ["Zweite"])


def test_undoing_leaves_what_was_remembered_at_another_call_since(
    phones: PhoneSystem, browser: Any, first: Person, second: Person
) -> None:
    anna, ben = browser(), browser()
    one, other = ring(phones), ring(phones)
    choices.choose(one, first, anna.user_id, Scope.ALL)
    choices.choose(other, second, ben.user_id, Scope.ALL)
    assert card(anna, one) == ("known", ["Erste"])
    choices.undo(one, change_of(one, anna.user_id), anna.user_id)
    assert card(anna, one) == card(anna, other) == ("known", ["Zweite"])


def test_choosing_the_same_twice_is_one_choice(phones: PhoneSystem, browser: Any, first: Person) -> None:
    anna = browser()
    call = ring(phones)
    for _ in range(2):
        choices.choose(call, first, anna.user_id, Scope.MINE)
    assert the_call().version == 2
    choices.undo(call, change_of(call, anna.user_id), anna.user_id)
    assert card(anna, call) == AMBIGUOUS


def rows() -> list[dict[str, Any]]:
    """All that is remembered, without the rows' own numbers."""
    with reading() as session:
        query = select(*(REMEMBERED.c[name] for name in remembered.Kept.__dataclass_fields__)).order_by(
            REMEMBERED.c.number, REMEMBERED.c.user_id
        )
        return [dict(row) for row in session.execute(query).mappings()]


# --------------------------------------------------------------------------------------------- the way of notifications


def test_only_a_number_of_several_is_asked_for_what_is_remembered(
    app: Flask, phones: PhoneSystem, browser: Any, first: Person
) -> None:
    create_address({"name": "Allein"}, [NumberInput("030 23125678")])
    choices.choose(ring(phones), first, browser().user_id, Scope.ALL)
    statements: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    engine = app.extensions["durchwahl"].database.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        for caller, asked in (("03023125678", 0), ("03023125679", 0), ("anonymous", 0), (CUSTOMER, 1)):
            statements.clear()
            phones.incoming(call_id(), caller)
            assert len([one for one in statements if "callcenter_remembered" in one]) == asked, caller
    finally:
        event.remove(engine, "before_cursor_execute", count)


def test_later_reports_of_a_call_leave_what_was_chosen(phones: PhoneSystem, browser: Any, first: Person) -> None:
    anna = browser()
    call = call_id()
    phones.incoming(call)
    choices.choose(the_call().id, first, anna.user_id, Scope.MINE)
    phones.accepted(call)
    phones.hung_up(call)
    assert card(anna, the_call().id) == ("known", ["Erste"])
    assert the_call().remote_e164 == CUSTOMER_E164


def test_the_api_names_the_chosen_one(
    app: Flask, phones: PhoneSystem, browser: Any, first: Person, staff: FlaskClient
) -> None:
    from app.core.accounts import tokens

    token = tokens.create("staff", "test", "read")
    call = ring(phones)
    path, headers = f"/api/v1/calls/{call}", {"Authorization": f"Bearer {token}"}
    assert [one["name"] for one in staff.get(path, headers=headers).get_json()["matches"]] == ["Erste", "Zweite"]
    choices.choose(call, first, browser().user_id, Scope.CALL)
    assert [one["name"] for one in staff.get(path, headers=headers).get_json()["matches"]] == ["Erste"]

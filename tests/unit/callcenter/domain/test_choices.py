"""Whose choice holds on whose screen, and what a later look at the number leaves of the choices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.choices import (
    Choice,
    Remembered,
    Scope,
    after_a_look,
    by_hand,
    in_force,
    replaced_by,
    with_choice,
)
from app.modules.callcenter.domain.matching import Person

ANNA, BEN, CLARA = 1, 2, 3
FIRST, SECOND, THIRD = Person(10), Person(20), Person(20, 5)


def match(person: Person, name: str = "") -> dict[str, Any]:
    return {"address_id": person.address_id, "contact_id": person.contact_id, "name": name or f"{person}"}


def choice(scope: str, user: int, person: Person = FIRST, *, hand: bool = True) -> Choice:
    return Choice(Scope(scope), user, match(person), by_hand=hand, remembered=scope != "call")


MATCHES = [match(FIRST), match(SECOND), match(THIRD)]


@pytest.mark.parametrize(
    ("choices", "anna_sees", "ben_sees"),
    [
        ([], None, None),
        ([choice("call", BEN, FIRST)], FIRST, FIRST),
        ([choice("me", ANNA, FIRST)], FIRST, None),
        ([choice("all", BEN, FIRST)], FIRST, FIRST),
        # Mine beats everybody's.
        ([choice("all", BEN, FIRST), choice("me", ANNA, SECOND)], SECOND, FIRST),
        ([choice("all", BEN, FIRST, hand=False), choice("me", ANNA, SECOND, hand=False)], SECOND, FIRST),
        ([choice("all", BEN, FIRST), choice("me", ANNA, SECOND, hand=False)], SECOND, FIRST),
        # What somebody says about this very call beats what I remember, and what I say about it beats that.
        ([choice("call", BEN, FIRST), choice("me", ANNA, SECOND, hand=False)], FIRST, FIRST),
        ([choice("call", BEN, FIRST), choice("me", ANNA, SECOND)], SECOND, FIRST),
        ([choice("call", BEN, FIRST), choice("all", CLARA, SECOND)], FIRST, FIRST),
    ],
)
def test_whose_choice_holds(choices: list[Choice], anna_sees: Person | None, ben_sees: Person | None) -> None:
    for order in (choices, choices[::-1]):
        found = [in_force(order, viewer) for viewer in (ANNA, BEN)]
        assert [one.person if one else None for one in found] == [anna_sees, ben_sees]


def test_somebody_who_chose_nothing_sees_what_everybody_sees() -> None:
    choices = [choice("me", ANNA), choice("all", BEN, SECOND)]
    assert in_force(choices, CLARA) == in_force(choices, None) == choices[1]


@pytest.mark.parametrize("scope", list(Scope))
def test_whoever_chooses_sees_what_he_chose(scope: Scope) -> None:
    before = [choice("call", BEN, FIRST), choice("me", ANNA, FIRST), choice("all", CLARA, FIRST)]
    new = choice(scope.value, ANNA, SECOND)
    assert in_force(with_choice(before, new), ANNA) == new


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Scope)), st.sampled_from([ANNA, BEN]), st.sampled_from([FIRST, SECOND, THIRD]))
    )
)
def test_of_each_kind_a_call_has_one_choice_whoever_chooses_how_often(made: list[tuple[Scope, int, Person]]) -> None:
    choices: tuple[Choice, ...] = ()
    for scope, user, person in made:
        choices = with_choice(choices, choice(scope.value, user, person))
        held = in_force(choices, user)
        assert held is not None
        assert held.person == person
    assert len({one.key for one in choices}) == len(choices)
    for viewer in (ANNA, BEN, CLARA):
        others = [one for one in choices if one.scope is not Scope.MINE or one.user_id == viewer]
        assert in_force(choices, viewer) == in_force(others, viewer)


def test_who_chooses_for_all_means_himself_and_this_call_too() -> None:
    before = [choice("call", BEN), choice("me", ANNA), choice("me", BEN)]
    assert [one.key for one in with_choice(before, choice("all", ANNA, SECOND))] == [("me", BEN), ("all", 0)]
    assert replaced_by(Scope.MINE, ANNA) == (("me", ANNA),)


def test_a_look_adds_what_is_remembered_and_is_among_several_matches() -> None:
    known = [Remembered(None, FIRST, BEN), Remembered(ANNA, SECOND, ANNA), Remembered(CLARA, Person(99), CLARA)]
    found = after_a_look((), known, MATCHES)
    assert {(one.scope, one.user_id, one.person) for one in found} == {
        (Scope.ALL, BEN, FIRST),
        (Scope.MINE, ANNA, SECOND),
    }
    assert not by_hand(found)
    assert all(one.remembered for one in found)


def test_a_number_of_one_person_needs_no_choice() -> None:
    assert after_a_look((), [Remembered(None, FIRST, BEN)], [match(FIRST)]) == ()
    # The same person with the number in two fields is one.
    assert after_a_look((), [Remembered(None, FIRST, BEN)], [match(FIRST), match(FIRST)]) == ()


def test_what_was_chosen_by_hand_stays_without_its_number_and_whatever_is_remembered_since() -> None:
    mine = choice("me", ANNA, FIRST)
    found = after_a_look([mine], [Remembered(ANNA, SECOND, ANNA)], [match(SECOND), match(THIRD)])
    assert found == (replace(mine, remembered=False),)
    assert after_a_look([mine], [], []) == (replace(mine, remembered=False),)


def test_a_choice_by_hand_gets_the_present_name_while_its_person_has_the_number() -> None:
    mine = choice("all", ANNA, FIRST)
    (found,) = after_a_look([mine], [Remembered(None, FIRST, ANNA)], [match(FIRST, "Renamed"), match(SECOND)])
    assert (found.match["name"], found.remembered) == ("Renamed", True)


def test_a_look_that_finds_the_same_changes_nothing() -> None:
    known = [Remembered(ANNA, SECOND, ANNA), Remembered(None, FIRST, BEN)]
    once = after_a_look([choice("call", BEN)], known, MATCHES)
    assert after_a_look(by_hand(once), known[::-1], MATCHES) == once

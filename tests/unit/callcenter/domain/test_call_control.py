"""Which rule decides about an incoming call, and why the others do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.block_list import Entry, EntryKind
from app.modules.callcenter.domain.call_control import (
    Action,
    ActionKind,
    Conditions,
    Facts,
    Rule,
    checks,
    decide,
    examine,
)

ENTRY = Entry(1, EntryKind.EXACT, "+491713920001", "+491713920001")
CALL = Facts("+491713920001", False, "+493023125100", "DE")


def rule(number: int, conditions: Conditions = Conditions(), **more: bool) -> Rule:  # noqa: B008 (frozen)
    return Rule(number, f"rule {number}", conditions, Action(ActionKind.REJECT), **more)


@pytest.mark.parametrize(
    ("conditions", "hit", "miss"),
    [
        (Conditions(blocked=True), replace(CALL, entry=ENTRY), CALL),
        (Conditions(withheld=True), replace(CALL, number=None, withheld=True), CALL),
        (Conditions(withheld=False), CALL, replace(CALL, withheld=True)),
        (Conditions(known=True), replace(CALL, known=True), CALL),
        (Conditions(known=False), CALL, replace(CALL, known=True)),
        (Conditions(delivery_block=True), replace(CALL, delivery_block=True), CALL),
        (Conditions(manager=True), replace(CALL, manager=True), CALL),
        (Conditions(countries=("DE", "AT")), CALL, replace(CALL, country="GB")),
        (Conditions(countries=("DE",)), CALL, replace(CALL, country=None)),
        (Conditions(prefixes=("+49171",)), CALL, replace(CALL, number="+49301234")),
        (Conditions(prefixes=("+49171",)), CALL, replace(CALL, number=None)),
        (Conditions(countries=("GB",), prefixes=("+49171",)), CALL, replace(CALL, number="+49301234")),
        (Conditions(lines=("+493023125100",)), CALL, replace(CALL, line="+4930999")),
        (Conditions(lines=("+493023125100",)), CALL, replace(CALL, line=None)),
    ],
)
def test_a_condition_is_met_or_not(conditions: Conditions, hit: Facts, miss: Facts) -> None:
    assert decide([rule(1, conditions)], hit) is not None
    assert decide([rule(1, conditions)], miss) is None
    assert [len(list(checks(conditions, facts))) for facts in (hit, miss)] == [1, 1]


def test_all_conditions_of_a_rule_must_be_met() -> None:
    both = rule(1, Conditions(known=True, delivery_block=True))
    assert decide([both], replace(CALL, known=True)) is None
    assert decide([both], replace(CALL, known=True, delivery_block=True)) is both


def test_a_rule_without_conditions_fits_every_call() -> None:
    assert decide([rule(1)], CALL) == rule(1)


def test_without_a_rule_nothing_is_decided() -> None:
    assert decide([], CALL) is None
    assert examine([], CALL) == []


def test_a_fallback_holds_only_when_no_rule_of_the_list_does() -> None:
    behind, first = rule(1, fallback=True), rule(2, Conditions(known=True))
    assert decide([behind, first], CALL) == behind
    assert decide([behind, first], replace(CALL, known=True)) == first


CONDITIONS = st.builds(
    Conditions,
    blocked=st.sampled_from([None, True]),
    withheld=st.sampled_from([None, True, False]),
    known=st.sampled_from([None, True, False]),
    delivery_block=st.sampled_from([None, True, False]),
    manager=st.sampled_from([None, True, False]),
    countries=st.sampled_from([(), ("DE",), ("GB", "AT")]),
    prefixes=st.sampled_from([(), ("+49171",), ("+44", "+4930")]),
    lines=st.sampled_from([(), ("+493023125100",)]),
)
FACTS = st.builds(
    Facts,
    number=st.sampled_from([None, "+491713920001", "+442079460123"]),
    withheld=st.booleans(),
    line=st.sampled_from([None, "+493023125100", "+4930999"]),
    country=st.sampled_from([None, "DE", "GB"]),
    known=st.booleans(),
    delivery_block=st.booleans(),
    manager=st.booleans(),
    entry=st.sampled_from([None, ENTRY]),
)
RULES = st.lists(st.tuples(CONDITIONS, st.booleans(), st.booleans()), max_size=6).map(
    lambda made: [rule(n, one, active=active, fallback=behind) for n, (one, active, behind) in enumerate(made)]
)


@given(RULES, FACTS)
def test_the_first_hit_wins_and_the_page_says_the_same(rules: list[Rule], facts: Facts) -> None:
    found = decide(rules, facts)
    seen = examine(rules, facts)
    fitting = [one.rule for one in seen if one.rule.active and one.fits]
    assert found == (fitting[0] if fitting else None)
    assert [one.rule for one in seen if one.decides] == ([found] if found else [])
    assert sorted(one.rule.id for one in seen) == [one.id for one in rules]
    # No fallback stands before a rule of the list.
    assert [one.rule.fallback for one in seen] == sorted(one.rule.fallback for one in seen)


@given(RULES, FACTS)
def test_what_stands_behind_the_rule_that_decides_changes_nothing(rules: list[Rule], facts: Facts) -> None:
    found = decide(rules, facts)
    if found is not None and not found.fallback:
        assert decide(rules[: rules.index(found) + 1], facts) == found
        assert decide([*rules, rule(99, fallback=True)], facts) == found

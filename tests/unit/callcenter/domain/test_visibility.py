"""Whose calls a user sees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.calls import Call, fold
from app.modules.callcenter.domain.events import CallEvent, Direction, Outcome
from app.modules.callcenter.domain.recipients import audience
from app.modules.callcenter.domain.visibility import HOUSE, SCOPES, Watcher, in_force, sees
from tests.unit.callcenter.domain.reports import (
    ANNA,
    BERND,
    BERNDS_SIP,
    EXTENSION,
    LINE,
    accepted_by,
    hung_up,
    hung_up_without_direction,
    incoming,
    outgoing,
)
from tests.unit.callcenter.domain.test_call_properties import real_reports

KEY, OTHER = LINE.e164, "+492214710200"
EVERYBODY = Watcher(1, True, True, True, "all", frozenset(), frozenset())
SHARED = Watcher(2, True, True, True, "lines", frozenset(), frozenset({KEY}))
ALONE = replace(SHARED, scope="mine", own_lines=frozenset({KEY}))
SHARED_BUT_MINE_ONLY = replace(SHARED, scope="mine")
HAS_ANNA = Watcher(3, True, True, True, "mine", frozenset({ANNA}), frozenset())

RINGING, MISSED = fold([incoming()]), fold([incoming(), hung_up(Outcome.MISSED, 0)])
TAKEN_BY_BERND = fold([incoming(), accepted_by(BERND), hung_up(Outcome.ACCEPTED, 42)])
TAKEN_BY_ANNA = fold([incoming(), accepted_by(ANNA), hung_up(Outcome.ACCEPTED, 42)])
PASSED_ON = fold([incoming(), accepted_by(ANNA, 8), accepted_by(BERND, 30)])
DIALLED_BY_ANNA, DIALLED_BY_BERND = fold([outgoing(peer=ANNA)]), fold([outgoing(peer=BERND)])
INSIDE = fold([incoming(remote=EXTENSION, line=BERNDS_SIP)])
NO_DIRECTION = fold([hung_up_without_direction(Outcome.MISSED, LINE, LINE)])


@pytest.mark.parametrize(
    ("call", "line_key", "lines", "mine", "alone", "anna"),
    [
        (RINGING, KEY, True, False, True, False),
        (MISSED, KEY, True, False, True, False),
        (TAKEN_BY_BERND, KEY, True, False, True, False),
        (TAKEN_BY_ANNA, KEY, True, False, True, True),
        (PASSED_ON, OTHER, False, False, False, True),
        (RINGING, OTHER, False, False, False, False),
        (RINGING, "+492214710999", False, False, False, False),
        (RINGING, None, False, False, False, False),
        (DIALLED_BY_BERND, KEY, False, False, False, False),
        (DIALLED_BY_ANNA, KEY, False, False, False, True),
        (INSIDE, None, False, False, False, False),
        (NO_DIRECTION, KEY, True, False, True, False),
    ],
)
def test_what_each_sees(call: Call, line_key: str | None, lines: bool, mine: bool, alone: bool, anna: bool) -> None:
    assert sees(call, line_key, EVERYBODY)
    found = [sees(call, line_key, one) for one in (SHARED, SHARED_BUT_MINE_ONLY, ALONE, HAS_ANNA)]
    assert found == [lines, mine, alone, anna]


def test_without_permission_nobody_sees_his_own_calls_either() -> None:
    for watcher in (EVERYBODY, replace(HAS_ANNA, scope="all")):
        assert not sees(TAKEN_BY_ANNA, KEY, replace(watcher, permitted=False))
        assert not sees(TAKEN_BY_ANNA, KEY, replace(watcher, active=False))


def test_who_wants_no_cards_sees_calls_all_the_same() -> None:
    assert sees(RINGING, KEY, replace(SHARED, notifications=False))


@pytest.mark.parametrize(
    ("chosen", "house", "everybodys", "scope"),
    [
        (HOUSE, "all", True, "all"),
        (HOUSE, "lines", True, "lines"),
        (HOUSE, "mine", False, "mine"),
        (HOUSE, "all", False, "lines"),
        ("all", "mine", True, "all"),
        ("all", "mine", False, "lines"),
        ("lines", "mine", False, "lines"),
        ("mine", "all", True, "mine"),
        ("odd", "all", False, "lines"),
    ],
)
def test_a_choice_counts_within_what_the_permissions_allow(
    chosen: str, house: str, everybodys: bool, scope: str
) -> None:
    assert in_force(chosen, house, everybodys=everybodys) == scope


ACCOUNTS = st.frozensets(st.sampled_from([ANNA, BERND]))
LINES = st.frozensets(st.sampled_from([KEY, OTHER]))
WATCHERS = st.builds(
    lambda scope, accounts, lines, own, allowed: Watcher(1, allowed, True, True, scope, accounts, lines | own, own),
    st.sampled_from(SCOPES),
    ACCOUNTS,
    LINES,
    LINES,
    st.booleans(),
)


@given(st.lists(real_reports, min_size=1, max_size=5), st.sampled_from([None, KEY, OTHER]), WATCHERS)
def test_more_is_seen_with_each_wider_scope_and_cards_show_nothing_else(
    events: list[CallEvent], line_key: str | None, watcher: Watcher
) -> None:
    call = fold(events)
    mine, lines, everything = (
        sees(call, line_key, replace(watcher, scope=scope)) for scope in ("mine", "lines", "all")
    )
    assert mine <= lines <= everything
    assert watcher.user_id not in audience(call, line_key, [watcher]) or sees(call, line_key, watcher)
    assert everything is watcher.allowed
    if call.direction is Direction.OUT and call.peer not in watcher.accounts:
        assert not lines

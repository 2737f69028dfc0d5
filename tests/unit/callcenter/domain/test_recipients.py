from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.modules.callcenter.domain.calls import Call, fold
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome
from app.modules.callcenter.domain.recipients import CardForm, Watcher, audience
from app.modules.callcenter.domain.visibility import Scope
from tests.unit.callcenter.domain.reports import (
    ANNA,
    BERND,
    BERNDS_SIP,
    EXTENSION,
    LINE,
    accepted_by,
    at,
    hung_up,
    hung_up_without_direction,
    incoming,
    outgoing,
)
from tests.unit.callcenter.domain.test_call_properties import real_reports

LINE_KEY = LINE.e164
OTHER_LINE = "+492214710200"
FULL, SHRUNK = CardForm.FULL, CardForm.LINE_ANSWERED_BY_OTHER


def watcher(
    user_id: int,
    scope: Scope = "all",
    *,
    accounts: tuple[str, ...] = (),
    lines: tuple[str, ...] = (),
) -> Watcher:
    return Watcher(user_id, True, True, True, scope, frozenset(accounts), frozenset(lines))


EVERYTHING = watcher(1)
ON_LINE = watcher(2, "lines", lines=(LINE_KEY,))
ELSEWHERE = watcher(3, "lines", lines=(OTHER_LINE,))
HAS_ANNA = watcher(4, "lines", accounts=(ANNA,))
HAS_BERND = watcher(5, "lines", accounts=(BERND,), lines=(LINE_KEY,))
TEAM = [EVERYTHING, ON_LINE, ELSEWHERE, HAS_ANNA, HAS_BERND]

RINGING = fold([incoming()])
TAKEN = fold([incoming(), accepted_by(ANNA)])
OVER = fold([incoming(), accepted_by(ANNA), hung_up(Outcome.ACCEPTED, 42)])
MISSED = fold([incoming(), hung_up(Outcome.MISSED, 0)])


def test_a_ringing_call_goes_to_all_and_to_the_users_of_its_line() -> None:
    assert audience(RINGING, LINE_KEY, TEAM) == {1: FULL, 2: FULL, 5: FULL}


@pytest.mark.parametrize("line_key", [None, "+492214710999"])
def test_a_ringing_call_on_a_line_without_users_goes_to_all_only(line_key: str | None) -> None:
    assert audience(RINGING, line_key, TEAM) == {1: FULL}


@pytest.mark.parametrize("call", [TAKEN, OVER])
def test_when_somebody_accepts_the_others_get_a_line_and_keep_it_after_the_end(call: Call) -> None:
    assert audience(call, LINE_KEY, TEAM) == {1: SHRUNK, 2: SHRUNK, 4: FULL, 5: SHRUNK}


def test_a_missed_call_stays_with_those_who_saw_it_ring() -> None:
    assert audience(MISSED, LINE_KEY, TEAM) == audience(RINGING, LINE_KEY, TEAM)


@pytest.mark.parametrize("peer", ["7779999999@fpbx.de", None])
def test_a_call_taken_by_nobody_of_us_stays_full_for_all_who_saw_it_ring(peer: str | None) -> None:
    taken = fold([incoming(), accepted_by(peer)])
    assert audience(taken, LINE_KEY, TEAM) == audience(RINGING, LINE_KEY, TEAM)


def test_an_accepted_end_that_names_nobody_stays_full_for_all_who_saw_it_ring() -> None:
    over = fold([incoming(), hung_up(Outcome.ACCEPTED, 42)])
    assert audience(over, LINE_KEY, TEAM) == audience(RINGING, LINE_KEY, TEAM)


@pytest.mark.parametrize("lacking", ["permitted", "active", "notifications"])
def test_a_colleague_who_sees_no_cards_still_takes_the_call_from_the_others(lacking: str) -> None:
    silent = Watcher(
        4, lacking != "permitted", lacking != "active", lacking != "notifications", "all",
        frozenset({ANNA}), frozenset({LINE_KEY}),
    )  # fmt: skip
    assert audience(TAKEN, LINE_KEY, [EVERYTHING, silent]) == {1: SHRUNK}


@pytest.mark.parametrize(("permitted", "active", "notifications"), list(product([True, False], repeat=3)))
@pytest.mark.parametrize("call", [RINGING, TAKEN, OVER, MISSED, fold([outgoing()])])
def test_only_the_permitted_the_active_and_the_willing_get_anything(
    call: Call, permitted: bool, active: bool, notifications: bool
) -> None:
    user = Watcher(1, permitted, active, notifications, "all", frozenset({ANNA}), frozenset({LINE_KEY}))
    expected = {1: FULL} if permitted and active and notifications else {}
    assert audience(call, LINE_KEY, [user]) == expected


def test_two_accounts_that_took_a_call_both_keep_the_full_card() -> None:
    passed_on = fold([incoming(), accepted_by(ANNA, 8), accepted_by(BERND, 30)])
    forms = audience(passed_on, LINE_KEY, TEAM)
    assert forms == {1: SHRUNK, 2: SHRUNK, 4: FULL, 5: FULL}


def test_an_account_shared_by_two_gives_both_the_full_card() -> None:
    twin = watcher(6, accounts=(ANNA,))
    assert audience(TAKEN, LINE_KEY, [HAS_ANNA, twin, EVERYTHING]) == {4: FULL, 6: FULL, 1: SHRUNK}


def test_an_outgoing_card_goes_to_the_user_of_the_account_only() -> None:
    everyone = [*TEAM, watcher(6, "all", accounts=(ANNA, BERND))]
    for events in ([outgoing()], [outgoing(), hung_up(Outcome.ACCEPTED, 9, direction=Direction.OUT)]):
        assert audience(fold(events), LINE_KEY, everyone) == {4: FULL, 6: FULL}


def test_an_outgoing_call_of_no_known_account_has_no_audience() -> None:
    assert audience(fold([outgoing(peer=None)]), LINE_KEY, TEAM) == {}


def test_an_internal_call_follows_the_same_rules() -> None:
    dialled = fold([outgoing(remote=EXTENSION, line=None)])
    assert audience(dialled, None, TEAM) == {4: FULL}
    received = fold([incoming(remote=EXTENSION, line=BERNDS_SIP)])
    assert audience(received, None, TEAM) == {1: FULL}


def test_a_call_whose_direction_nobody_told_has_no_audience() -> None:
    call = fold([hung_up_without_direction(Outcome.MISSED, LINE, LINE)])
    assert audience(call, LINE_KEY, TEAM) == {}


def test_an_account_that_only_rings_has_not_taken_the_call() -> None:
    rings_at_anna = replace(incoming(), peer=ANNA)
    assert audience(fold([rings_at_anna]), LINE_KEY, TEAM) == {1: FULL, 2: FULL, 5: FULL}
    missed = fold([rings_at_anna, hung_up(Outcome.MISSED, 0)])
    assert audience(missed, LINE_KEY, TEAM) == {1: FULL, 2: FULL, 5: FULL}


@settings(max_examples=150, deadline=None)
@given(st.lists(real_reports, max_size=5), st.sampled_from([None, LINE_KEY, OTHER_LINE]))
def test_who_saw_an_incoming_call_ring_gets_every_later_snapshot(later: list[CallEvent], line_key: str | None) -> None:
    incoming_only = [e for e in later if e.kind is not EventKind.STARTED]
    ring = CallEvent(EventKind.STARTED, at(0), Direction.IN)
    before, after = fold([ring]), fold([ring, *incoming_only])
    assert audience(before, line_key, TEAM).keys() <= audience(after, line_key, TEAM).keys()


@settings(max_examples=150, deadline=None)
@given(st.lists(real_reports, min_size=1, max_size=5), st.permutations(TEAM))
def test_the_audience_does_not_depend_on_the_order_of_the_watchers(
    events: list[CallEvent], team: list[Watcher]
) -> None:
    call = fold(events)
    forms = audience(call, LINE_KEY, team)
    assert forms == audience(call, LINE_KEY, TEAM)
    assert CardForm.HIDDEN not in forms.values()

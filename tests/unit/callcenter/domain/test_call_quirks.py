"""What the telephone systems really send: reports lost, repeated, out of order and half empty."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from app.core.values import Dialable, Party, SipUser, Unverified
from app.modules.callcenter.domain.calls import LONGEST_TALK_SECONDS, Call, Phase, fold
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome
from tests.unit.callcenter.domain.reports import (
    ANNA,
    ANNAS_SIP,
    BERND,
    BERNDS_SIP,
    CALLER,
    EXTENSION,
    HIDDEN,
    LINE,
    OTHER_CALLER,
    accepted_by,
    at,
    hung_up,
    hung_up_without_direction,
    incoming,
    outgoing,
)

WHOLE_CALL = [incoming(0), accepted_by(ANNA, 8), hung_up(Outcome.ACCEPTED, 42, 50)]


def test_a_whole_call_has_its_parties_times_and_seconds() -> None:
    assert fold(WHOLE_CALL) == Call(
        direction=Direction.IN,
        phase=Phase.ENDED,
        outcome=Outcome.ACCEPTED,
        remote=CALLER,
        line=LINE,
        peers=(ANNA,),
        peer=ANNA,
        started_at=at(0),
        answered_at=at(8),
        ended_at=at(50),
        received_at=at(0),
        talk_seconds=42,
        waiting_seconds=8,
        provisional=False,
        answered_by=(ANNA,),
    )


def test_everything_twice_changes_nothing() -> None:
    again = [replace(event, received_at=at(90 + i)) for i, event in enumerate(WHOLE_CALL)]
    assert fold(WHOLE_CALL + again) == fold(WHOLE_CALL)


def test_a_repeated_hangup_changes_nothing() -> None:
    late = hung_up(Outcome.ACCEPTED, 42, 61)
    assert fold([*WHOLE_CALL, late]) == fold(WHOLE_CALL)


def test_a_lost_hangup_leaves_the_call_talking() -> None:
    call = fold(WHOLE_CALL[:2])
    assert (call.phase, call.outcome, call.talk_seconds, call.waiting_seconds) == (
        Phase.TALKING,
        None,
        None,
        8,
    )


def test_a_hangup_before_the_answer_still_ends_an_answered_call() -> None:
    call = fold([incoming(0), hung_up(Outcome.ACCEPTED, 42, 50), accepted_by(ANNA, 51)])
    assert (call.phase, call.outcome, call.peer, call.talk_seconds) == (
        Phase.ENDED,
        Outcome.ACCEPTED,
        ANNA,
        42,
    )


def test_a_hangup_overtaking_the_answer_never_gives_negative_seconds() -> None:
    call = fold([incoming(60), accepted_by(ANNA, 51), hung_up(Outcome.ACCEPTED, None, 50)])
    assert (call.talk_seconds, call.waiting_seconds) == (0, 0)


def test_an_answer_before_the_start_makes_the_call_talk_and_stay_so() -> None:
    assert fold([accepted_by(ANNA, 8)]).phase is Phase.TALKING
    call = fold([accepted_by(ANNA, 8), incoming(9)])
    assert (call.phase, call.started_at, call.answered_at, call.received_at) == (
        Phase.TALKING,
        at(9),
        at(8),
        at(8),
    )


def test_a_hangup_of_a_call_never_seen_is_a_call_of_its_own() -> None:
    call = fold([hung_up(Outcome.MISSED, 0)])
    assert (call.direction, call.remote, call.line, call.is_missed) == (Direction.IN, CALLER, LINE, True)
    assert (call.started_at, call.waiting_seconds) == (None, None)


def test_a_hangup_without_direction_of_a_call_never_seen_leaves_the_parties_open() -> None:
    call = fold([hung_up_without_direction(Outcome.MISSED, CALLER, LINE)])
    assert (call.direction, call.remote, call.line, call.is_missed) == (None, None, None, False)


def test_a_missing_direction_is_taken_from_another_report() -> None:
    end = hung_up_without_direction(Outcome.MISSED, CALLER, LINE)
    bare_in = CallEvent(EventKind.STARTED, at(0), Direction.IN)
    bare_out = CallEvent(EventKind.STARTED, at(0), Direction.OUT, peer=ANNA)
    call = fold([end, bare_in])
    assert (call.direction, call.remote, call.line) == (Direction.IN, CALLER, LINE)
    call = fold([end, bare_out])
    assert (call.direction, call.remote, call.line) == (Direction.OUT, LINE, CALLER)


def test_the_direction_of_the_start_beats_that_of_the_end() -> None:
    swapped = hung_up(Outcome.MISSED, direction=Direction.OUT, remote=LINE, line=CALLER)
    call = fold([swapped, incoming(0, remote=None, line=None)])
    assert (call.direction, call.remote, call.line) == (Direction.IN, CALLER, LINE)


def test_an_accepted_end_without_an_answer_is_an_answered_call() -> None:
    call = fold([incoming(0), hung_up(Outcome.ACCEPTED, 42, 50)])
    assert (call.answered_at, call.talk_seconds, call.waiting_seconds) == (at(8), 42, 8)
    assert call.is_answered
    assert not call.is_missed
    assert call.peer is None


def test_an_accepted_end_alone_with_no_talk_time_leaves_the_answer_open() -> None:
    call = fold([incoming(0), hung_up(Outcome.ACCEPTED, 0, 50)])
    assert (call.answered_at, call.talk_seconds, call.waiting_seconds) == (None, None, None)


def test_an_answer_computed_from_the_end_is_not_before_the_start() -> None:
    call = fold([incoming(10), hung_up(Outcome.ACCEPTED, 42, 50)])
    assert (call.answered_at, call.talk_seconds, call.waiting_seconds) == (at(10), 42, 0)


def test_an_accepted_incoming_call_with_duration_zero_falls_back_to_the_times() -> None:
    call = fold([incoming(0), accepted_by(ANNA, 8), hung_up(Outcome.ACCEPTED, 0, 50)])
    assert call.talk_seconds == 42


def test_an_accepted_outgoing_call_with_duration_zero_falls_back_to_the_times() -> None:
    call = fold([outgoing(0), hung_up(Outcome.ACCEPTED, 0, 299, direction=Direction.OUT)])
    assert (call.talk_seconds, call.answered_at, call.waiting_seconds) == (299, None, None)


def test_an_outgoing_call_rings_until_its_end_which_tells_talk_and_waiting() -> None:
    start = outgoing(0)
    assert fold([start]).phase is Phase.RINGING
    call = fold([start, hung_up(Outcome.ACCEPTED, 38, 46, direction=Direction.OUT)])
    assert (call.talk_seconds, call.waiting_seconds, call.answered_at) == (38, 8, at(8))
    assert (call.peer, call.answered_by) == (ANNA, ())


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.CANCELED, Outcome.MISSED])
def test_a_call_that_nobody_took_waited_until_its_end(outcome: Outcome) -> None:
    call = fold([outgoing(0), hung_up(outcome, 0, 20, direction=Direction.OUT)])
    assert (call.talk_seconds, call.waiting_seconds, call.outcome) == (0, 20, outcome)


def test_the_longest_reported_talk_time_counts() -> None:
    ends = [hung_up(Outcome.MISSED, 0, 50), hung_up(Outcome.ACCEPTED, 42, 51)]
    assert fold([incoming(), *ends]).talk_seconds == 42


@pytest.mark.parametrize("nonsense", [-1, LONGEST_TALK_SECONDS + 1, 10**30])
def test_an_unbelievable_talk_time_counts_as_not_reported(nonsense: int) -> None:
    call = fold([incoming(0), accepted_by(ANNA, 8), hung_up(Outcome.ACCEPTED, nonsense, 50)])
    assert call.talk_seconds == 42


def test_a_hidden_caller_stays_hidden() -> None:
    call = fold([incoming(0, remote=HIDDEN), hung_up(Outcome.MISSED, remote=HIDDEN)])
    assert call.remote == HIDDEN


@pytest.mark.parametrize("order", list(permutations(range(2))))
@pytest.mark.parametrize(
    ("in_start", "in_end", "expected"),
    [
        (EXTENSION, BERNDS_SIP, EXTENSION),
        (BERNDS_SIP, CALLER, CALLER),
        (HIDDEN, BERNDS_SIP, BERNDS_SIP),
        (None, HIDDEN, HIDDEN),
        (OTHER_CALLER, CALLER, OTHER_CALLER),
        (EXTENSION, CALLER, EXTENSION),
        (Unverified("0301234567890123"), CALLER, Unverified("0301234567890123")),
        (None, None, None),
    ],
)
def test_a_number_beats_a_sip_address_and_the_start_beats_the_end(
    order: tuple[int, ...], in_start: Party | None, in_end: Party | None, expected: Party | None
) -> None:
    events = [
        outgoing(0, remote=in_start),
        hung_up(Outcome.ACCEPTED, 5, direction=Direction.OUT, remote=in_end),
    ]
    assert fold(events[i] for i in order).remote == expected


def test_an_internal_call_keeps_its_extension_and_the_account_that_dialled() -> None:
    end = hung_up(Outcome.ACCEPTED, 5, direction=Direction.OUT, remote=BERNDS_SIP, line=ANNAS_SIP)
    call = fold([outgoing(0, remote=EXTENSION), end])
    assert (call.remote, call.line, call.peer, call.peers) == (EXTENSION, LINE, ANNA, (ANNA,))


def test_an_internal_call_whose_start_was_lost_knows_the_account_from_its_sip_address() -> None:
    end = hung_up(Outcome.ACCEPTED, 5, direction=Direction.OUT, remote=BERNDS_SIP, line=ANNAS_SIP)
    call = fold([end])
    assert (call.remote, call.peer) == (BERNDS_SIP, ANNA)


def test_the_sip_address_that_an_old_outgoing_call_came_from_is_its_account() -> None:
    old = outgoing(0, line=SipUser(ANNA), peer=None)
    assert fold([old]).peer == ANNA
    call = fold([old, hung_up(Outcome.ACCEPTED, 5, direction=Direction.OUT)])
    assert (call.peer, call.line) == (ANNA, LINE)


def test_a_named_account_beats_the_sip_address_the_call_came_from() -> None:
    call = fold([outgoing(0, line=BERNDS_SIP, peer=ANNA)])
    assert (call.peer, call.peers) == (ANNA, (ANNA,))


def test_two_accounts_that_answer_are_both_kept_in_an_order_that_delivery_cannot_change() -> None:
    for early, late in permutations([ANNA, BERND]):
        call = fold([incoming(0), accepted_by(early, 8), accepted_by(late, 30)])
        assert (call.peer, call.peers, call.answered_by) == (ANNA, (ANNA, BERND), (ANNA, BERND))


def test_an_account_that_only_rang_did_not_answer() -> None:
    rang = replace(incoming(0), peer=ANNA)
    call = fold([rang])
    assert (call.peers, call.peer, call.answered_by) == ((ANNA,), None, ())
    call = fold([rang, accepted_by(BERND)])
    assert (call.peers, call.peer, call.answered_by) == ((BERND, ANNA), BERND, (BERND,))


def test_an_answer_that_names_no_account_leaves_the_account_open() -> None:
    call = fold([incoming(), accepted_by(None)])
    assert (call.phase, call.peer, call.answered_by) == (Phase.TALKING, None, ())


def test_an_accepted_end_that_names_the_account_tells_who_answered() -> None:
    call = fold([incoming(), replace(hung_up(Outcome.ACCEPTED, 5), peer=BERND)])
    assert (call.peer, call.answered_by) == (BERND, (BERND,))


def test_one_number_in_several_spellings_keeps_that_of_the_start() -> None:
    foreign = Dialable("0041791234567", "+41791234567")
    end = hung_up(Outcome.MISSED, remote=Dialable("41791234567", "+41791234567"))
    assert fold([end, incoming(0, remote=foreign)]).remote == foreign


def end_naming(field: str, party: Party, second: float) -> CallEvent:
    bare = CallEvent(EventKind.ENDED, at(second), outcome=Outcome.MISSED)
    match field:
        case "remote":
            return replace(bare, direction=Direction.IN, remote=party)
        case "line":
            return replace(bare, direction=Direction.IN, line=party)
        case "first":
            return replace(bare, first=party)
        case _:
            return replace(bare, second=party)


@pytest.mark.parametrize("field", ["remote", "line", "first", "second"])
def test_reports_that_name_different_parties_are_settled_without_looking_at_the_order(field: str) -> None:
    start = CallEvent(EventKind.STARTED, at(0), Direction.IN)
    calls = {
        fold([start, end_naming(field, early, 50), end_naming(field, late, 51)])
        for early, late in permutations([CALLER, OTHER_CALLER])
    }
    assert len(calls) == 1
    assert {call.remote or call.line for call in calls} == {OTHER_CALLER}

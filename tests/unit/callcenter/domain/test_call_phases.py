"""Every phase against every report, every outcome against every other."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from app.modules.callcenter.domain.calls import OUTCOME_PRECEDENCE, Phase, fold
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome
from tests.unit.callcenter.domain.reports import (
    ANNA,
    accepted_by,
    assumed_end,
    at,
    hung_up,
    incoming,
    outgoing,
)

SO_FAR: dict[str, list[CallEvent]] = {
    "nothing": [],
    "ringing": [incoming()],
    "talking": [incoming(), accepted_by(ANNA)],
    "answered, start lost": [accepted_by(ANNA)],
    "ended": [incoming(), hung_up(Outcome.MISSED)],
    "ended, start lost": [hung_up(Outcome.MISSED)],
    "ended after talk": [incoming(), accepted_by(ANNA), hung_up(Outcome.ACCEPTED, 42)],
    "end assumed": [incoming(), assumed_end(300)],
}
REPORTS: dict[str, CallEvent] = {
    "started": incoming(400),
    "answered": accepted_by(ANNA, 400),
    "ended": hung_up(Outcome.MISSED, 0, 400),
    "end assumed": assumed_end(400),
}
R, T, E = Phase.RINGING, Phase.TALKING, Phase.ENDED
EXPECTED: dict[str, tuple[Phase, Phase, Phase, Phase]] = {
    #                        started, answered, ended, end assumed
    "nothing": (R, T, E, E),
    "ringing": (R, T, E, E),
    "talking": (T, T, E, E),
    "answered, start lost": (T, T, E, E),
    "ended": (E, E, E, E),
    "ended, start lost": (E, E, E, E),
    "ended after talk": (E, E, E, E),
    "end assumed": (E, T, E, E),
}


def test_the_table_has_every_situation() -> None:
    assert EXPECTED.keys() == SO_FAR.keys()


@pytest.mark.parametrize(("situation", "report"), list(product(SO_FAR, REPORTS)))
def test_one_more_report_leads_to_the_phase_of_the_table(situation: str, report: str) -> None:
    call = fold([*SO_FAR[situation], REPORTS[report]])
    assert call.phase is EXPECTED[situation][list(REPORTS).index(report)]


@pytest.mark.parametrize(("direction", "kind"), list(product([*Direction, None], EventKind)))
def test_a_single_report_of_any_kind_is_a_call(direction: Direction | None, kind: EventKind) -> None:
    call = fold([CallEvent(kind, at(0), direction)])
    phases = {EventKind.STARTED: R, EventKind.ANSWERED: T, EventKind.ENDED: E}
    assert call.phase is phases[kind]
    assert call.direction is direction
    assert (call.outcome is None) == (kind is not EventKind.ENDED)
    assert call.received_at == at(0)


def test_no_report_is_no_call() -> None:
    with pytest.raises(ValueError, match="at least one event"):
        fold([])


def test_every_outcome_has_its_rank_once() -> None:
    assert sorted(OUTCOME_PRECEDENCE) == sorted(Outcome)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(("one", "other"), list(product(Outcome, Outcome)))
def test_of_two_hangups_the_precedence_decides_and_not_the_order(
    direction: Direction, one: Outcome, other: Outcome
) -> None:
    start = incoming() if direction is Direction.IN else outgoing()
    expected = min(one, other, key=OUTCOME_PRECEDENCE.index)
    for first, second in permutations([one, other]):
        early = hung_up(first, second=50, direction=direction)
        late = hung_up(second, second=51, direction=direction)
        assert fold([start, early, late]).outcome is expected


@pytest.mark.parametrize("outcome", Outcome)
def test_an_answered_call_was_accepted_whatever_its_end_is_called(outcome: Outcome) -> None:
    call = fold([incoming(), accepted_by(ANNA), hung_up(outcome, 0)])
    assert call.outcome is Outcome.ACCEPTED
    assert call.is_answered
    assert not call.is_missed


def test_an_end_without_any_outcome_is_unknown() -> None:
    assert fold([incoming(), hung_up(None)]).outcome is Outcome.UNKNOWN


MISSED = {
    Outcome.MISSED,
    Outcome.VOICEMAIL,
    Outcome.BUSY,
    Outcome.CANCELED,
    Outcome.UNAVAILABLE,
    Outcome.CONGESTION,
    Outcome.UNKNOWN,
}


@pytest.mark.parametrize("outcome", Outcome)
def test_an_incoming_call_that_nobody_took_is_missed_unless_it_was_blocked(outcome: Outcome) -> None:
    assert fold([incoming(), hung_up(outcome)]).is_missed == (outcome in MISSED)


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outgoing_call_is_never_missed(outcome: Outcome) -> None:
    assert not fold([outgoing(), hung_up(outcome, direction=Direction.OUT)]).is_missed


def test_a_call_that_still_goes_on_is_not_missed() -> None:
    assert not fold([incoming()]).is_missed
    assert not fold([incoming(), accepted_by(ANNA)]).is_missed


def test_an_unknown_end_after_talk_is_not_missed() -> None:
    assert not fold([incoming(), hung_up(Outcome.UNKNOWN, 42)]).is_missed

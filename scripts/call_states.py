"""Write docs/call-states.md from the rules themselves: ``python -m scripts.call_states``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.modules.callcenter.domain.calls import OUTCOME_PRECEDENCE, Limits, fold
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome

PAGE = Path(__file__).parent.parent / "docs" / "call-states.md"

_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def _event(kind: EventKind, second: int, outcome: Outcome | None = None, *, assumed: bool = False) -> CallEvent:
    received_at = _START + timedelta(seconds=second)
    return CallEvent(kind, received_at, Direction.IN, outcome=outcome, provisional=assumed)


_STARTED = _event(EventKind.STARTED, 0)
_ANSWERED = _event(EventKind.ANSWERED, 8)
_MISSED = _event(EventKind.ENDED, 30, Outcome.MISSED)
_ASSUMED = _event(EventKind.ENDED, 300, Outcome.UNKNOWN, assumed=True)

_SITUATIONS: dict[str, list[CallEvent]] = {
    "nothing reported yet": [],
    "ringing": [_STARTED],
    "talking": [_STARTED, _ANSWERED],
    "ended": [_STARTED, _MISSED],
    "ended after an answer": [_STARTED, _ANSWERED, _MISSED],
    "end assumed": [_STARTED, _ASSUMED],
}
_NEXT: dict[str, CallEvent] = {
    "started": _event(EventKind.STARTED, 400),
    "answered": _event(EventKind.ANSWERED, 400),
    "ended, accepted": _event(EventKind.ENDED, 400, Outcome.ACCEPTED),
    "ended, missed": _event(EventKind.ENDED, 400, Outcome.MISSED),
    "assumed end": _event(EventKind.ENDED, 400, Outcome.UNKNOWN, assumed=True),
}


_TEMPLATE = """\
# States of a call

Written by `python -m scripts.call_states` from `app/modules/callcenter/domain/calls.py`; a test
compares the two. A call is the fold of all its reports: order and repetition change nothing.

## One more report

An incoming call so far, and what it is after one more report, received later.

{phases}

The phase never goes back, with one exception: an assumed end is dropped for a reported one, and as
soon as the call is answered after it. Ends are assumed {ringing} after an incoming call began to
ring, and {talking} after an answer or the start of an outgoing call (settings).

## Outcomes

When ends with different outcomes are reported, the upper row wins. An answer counts as *accepted*:
that somebody talked is a fact, and a *missed* beside it speaks of another phone that rang for the
same call. The last two columns tell whether an incoming call is missed: over, and nobody took it.

{outcomes}

An *unknown* end with talk time and an assumed end are not missed calls: nobody knows.

## Direction, parties, accounts

| what | rule |
|---|---|
| direction | of the start, else of the answer, else of the end; within these, in before out |
| from and to without direction | kept, and read as soon as another report tells the direction |
| remote, line | number or extension before SIP address before withheld; then start, answer, end |
| account, incoming | the one that answered; of several the first by name |
| account, outgoing | the one named; else the SIP address that the call came from |

## Times and seconds

| what | rule |
|---|---|
| started, answered, ended | earliest receipt of each kind of report |
| answered, no answer reported | end minus the reported talk time; unknown without one |
| talk | longest reported; for an accepted call with none or 0, from answer to end |
| talk, outgoing | the same; without an answer from start to end, so it includes the ringing |
| waiting | from start to answer, or to the end of a call that nobody took |
| after an assumed end | no talk time, and no waiting time unless answered: nobody measured them |
"""


def page() -> str:
    """The whole page, as the code has it."""
    limits = Limits()
    return _TEMPLATE.format(
        phases="\n".join(_phase_table()),
        outcomes="\n".join(_outcome_table()),
        ringing=_words(limits.ringing),
        talking=_words(limits.talking),
    )


def _phase_table() -> list[str]:
    rows = [f"| so far | {' | '.join(_NEXT)} |", "|---|" + "---|" * len(_NEXT)]
    for name, events in _SITUATIONS.items():
        cells = []
        for event in _NEXT.values():
            call = fold([*events, event])
            words: str = call.phase.value
            if call.outcome is not None:
                words += f", {call.outcome.value}"
            cells.append(words + (" (assumed)" if call.provisional else ""))
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return rows


def _outcome_table() -> list[str]:
    rows = ["| outcome | with an answer | missed, without an answer | missed, with one |", "|---|---|---|---|"]
    for outcome in OUTCOME_PRECEDENCE:
        end = _event(EventKind.ENDED, 30, outcome)
        alone, answered = fold([_STARTED, end]), fold([_STARTED, _ANSWERED, end])
        rows.append(f"| {outcome.value} | {answered.outcome} | {_yes(alone.is_missed)} | {_yes(answered.is_missed)} |")
    return rows


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _words(span: timedelta) -> str:
    minutes = span // timedelta(minutes=1)
    return f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} hours"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} written")

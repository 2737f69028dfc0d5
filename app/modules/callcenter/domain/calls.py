"""What a call is: the fold of everything that was reported about it.

A PBX reports at most once or twice, in any order, and leaves reports out. So nothing here is a
transition that could refuse a report: :func:`fold` looks at the whole collection, puts it into one
canonical order that knows no time of receipt, and says what the call is. Times of receipt only ever
become times and seconds, never a decision between two reports; the one exception is an assumed
end, which any later news takes back. ``docs/call-states.md`` shows the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.values import Party, SipUser
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome


class Phase(StrEnum):
    """How far a call is. More reports take it forward, never back; an assumed end is the exception."""

    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


#: The strongest report first: it decides when reports of one call differ, whatever came first.
#: Somebody talked: a fact that no other leg's "missed" undoes (one hang-up may speak of a colleague's
#: phone that rang in vain). Then what names a destination or a rule, then a cause, then the mere
#: absence of an answer, then nothing at all.
OUTCOME_PRECEDENCE: tuple[Outcome, ...] = (
    Outcome.ACCEPTED,
    Outcome.VOICEMAIL,
    Outcome.BLOCKED,
    Outcome.BUSY,
    Outcome.UNAVAILABLE,
    Outcome.CONGESTION,
    Outcome.CANCELED,
    Outcome.MISSED,
    Outcome.UNKNOWN,
)

#: A report of more than a week of talk is a slip of the PBX and counts as not reported.
LONGEST_TALK_SECONDS = 7 * 24 * 3600

_OUTCOME_RANK: dict[Outcome | None, int] = {outcome: i for i, outcome in enumerate(OUTCOME_PRECEDENCE)}
_OUTCOME_RANK[None] = len(OUTCOME_PRECEDENCE)
_KIND_RANK = {EventKind.STARTED: 0, EventKind.ANSWERED: 1, EventKind.ENDED: 2}
_DIRECTION_RANK = {Direction.IN: 0, Direction.OUT: 1, None: 2}
_PARTY_RANK = {"dialable": 0, "internal": 1, "unverified": 2, "sip": 3, "withheld": 4}
#: A number or an extension beats a SIP address, which beats a hidden number, whichever report names it.
_PARTY_CLASS = {"dialable": 0, "internal": 0, "unverified": 0, "sip": 1, "withheld": 2}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we believe that a call goes on without an end (queue calls never report one)."""

    ringing: timedelta = timedelta(minutes=5)
    """An incoming call that nobody answered."""
    talking: timedelta = timedelta(hours=4)
    """A call in talk, and every outgoing call: an answer to those is never reported."""


@dataclass(frozen=True, slots=True)
class Call:
    """The fold of a call's events. Times are UTC times of receipt, the earliest of each kind.

    ``answered_at`` is the receipt of the answer; where only an accepted end with its talk time was
    reported, the end minus that time. Because reports overtake each other, a time may lie before
    one that it should follow; seconds are never negative.
    """

    direction: Direction | None
    """None while no report told it; then both parties are unknown too."""
    phase: Phase
    outcome: Outcome | None
    """None while the call goes on."""
    remote: Party | None
    line: Party | None
    """Our own number: the one called, or the caller id used."""
    peers: tuple[str, ...]
    """Our accounts that any report names; the one in ``peer`` first."""
    peer: str | None
    """Our account that answered (incoming) or dialled (outgoing)."""
    started_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    received_at: datetime
    """Earliest receipt of any report."""
    talk_seconds: int | None
    """As reported; else, for an accepted call, from answer (outgoing: from start) to end; else None."""
    waiting_seconds: int | None
    """From start to answer, or to the end of a call that nobody answered. None where unknown."""
    provisional: bool
    """The end was assumed, because none came in time."""
    answered_by: tuple[str, ...] = ()
    """Incoming calls: all our accounts that took it. Several when it was passed on."""

    @property
    def is_answered(self) -> bool:
        """Somebody took the call. An outgoing call shows it only at its end."""
        return self.phase is Phase.TALKING or self.outcome is Outcome.ACCEPTED

    @property
    def is_missed(self) -> bool:
        """An incoming call that is over and that nobody of us took: one to call back.

        Voicemail counts, and busy. A blocked call does not (it was refused on purpose), nor does an assumed
        end (a queue reports neither answer nor end), nor an end of an unknown type with talk time.
        """
        if self.direction is not Direction.IN or self.phase is not Phase.ENDED or self.provisional:
            return False
        if self.outcome is Outcome.UNKNOWN:
            return not self.talk_seconds
        return self.outcome not in (Outcome.ACCEPTED, Outcome.BLOCKED)


def canonical_order(events: Iterable[CallEvent]) -> list[CallEvent]:
    """The events in the order in which :func:`fold` reads them, however they came.

    Started, answered, ended; within a kind incoming before outgoing, accounts by name, outcomes by
    precedence. The time of receipt is the last key: it only orders reports that are otherwise equal.
    """
    return sorted(events, key=_canonical_key)


def fold(events: Iterable[CallEvent]) -> Call:
    """What the events, taken together, say about their call. Pure and total.

    Any non-empty collection gives a call; order and repetition change nothing, and neither does the
    order of delivery, times and seconds aside. Raises ValueError for no events, nothing else.
    """
    ordered = canonical_order(events)
    if not ordered:
        raise ValueError("a call has at least one event")
    real = [event for event in ordered if not _is_assumed(event)]
    if not any(_shows_talk(event) for event in real):
        # Our own refusal is as good as a report, unless somebody talked: then it was not obeyed.
        real += [event for event in ordered if _is_refusal(event)]
    started_at, answered_at, reported_end = (_earliest(real, kind) for kind in EventKind)
    assumed_end = None
    if reported_end is None:
        assumed_end = _assumed_end(ordered, started_at, answered_at)
    ended_at = reported_end or assumed_end

    outcome = None
    if ended_at is not None:
        outcome = _outcome(real, answered=answered_at is not None)
        phase = Phase.ENDED
    else:
        phase = Phase.TALKING if answered_at is not None else Phase.RINGING

    reported_talk = _reported_talk(real)
    accepted = answered_at is not None or outcome is Outcome.ACCEPTED
    if accepted and answered_at is None and reported_end is not None and reported_talk:
        answered_at = _answer_before(reported_end, reported_talk, started_at)

    direction = next((event.direction for event in real if event.direction is not None), None)
    talk_seconds = None
    if reported_end is not None:
        # Zero seconds of an accepted call is a known slip of the PBX (seen in 2019). Outgoing calls have
        # no reported answer, so their difference of times includes the ringing.
        if accepted and not reported_talk:
            talk_from = answered_at or (started_at if direction is Direction.OUT else None)
            talk_seconds = _seconds(talk_from, reported_end)
        else:
            talk_seconds = reported_talk

    remote, line = _parties(real, direction)
    peers, answered_by = _accounts(real, direction)
    return Call(
        direction=direction,
        phase=phase,
        outcome=outcome,
        remote=remote,
        line=line,
        peers=peers,
        peer=peers[0] if peers and (answered_by or direction is Direction.OUT) else None,
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        received_at=min(event.received_at for event in real or ordered),
        talk_seconds=talk_seconds,
        waiting_seconds=_seconds(started_at, answered_at if accepted else reported_end),
        provisional=assumed_end is not None,
        answered_by=answered_by,
    )


def provisional_end(call: Call, now: datetime, limits: Limits) -> CallEvent | None:
    """The end to assume for a call whose own never came; None while it may still go on.

    It counts as received at the moment the limit ran out, so a late job does not lengthen the call.
    ``fold`` drops it for a reported end, and as soon as the call starts or is answered after it.
    """
    if call.phase is Phase.ENDED:
        return None
    rings = call.phase is Phase.RINGING and call.direction is not Direction.OUT
    news = [at for at in (call.started_at, call.answered_at) if at is not None] or [call.received_at]
    deadline = max(news) + (limits.ringing if rings else limits.talking)
    if now < deadline:
        return None
    return CallEvent(EventKind.ENDED, deadline, outcome=Outcome.UNKNOWN, provisional=True)


def refusal(at: datetime) -> CallEvent:
    """The end of a call that we told the telephone system to refuse: it rings nowhere, whatever is reported of its end.

    ``fold`` drops it when somebody took the call after all, as on a line whose calls do not wait for our answer.
    """
    return CallEvent(EventKind.ENDED, at, outcome=Outcome.BLOCKED, provisional=True)


def _canonical_key(event: CallEvent) -> tuple[object, ...]:
    return (
        event.provisional,
        _KIND_RANK[event.kind],
        _DIRECTION_RANK[event.direction],
        event.peer is None,
        event.peer or "",
        _OUTCOME_RANK[event.outcome],
        -1 if event.talk_seconds is None else event.talk_seconds,
        _party_key(event.remote),
        _party_key(event.line),
        _party_key(event.first),
        _party_key(event.second),
        event.received_at,
    )


def _party_key(party: Party | None) -> tuple[int, str, str]:
    if party is None:
        return (len(_PARTY_RANK), "", "")
    return (_PARTY_RANK[party.kind], party.raw, party.e164 if party.kind == "dialable" else "")


def _is_assumed(event: CallEvent) -> bool:
    return event.provisional and event.kind is EventKind.ENDED


def _is_refusal(event: CallEvent) -> bool:
    return _is_assumed(event) and event.outcome is Outcome.BLOCKED


def _shows_talk(event: CallEvent) -> bool:
    return event.kind is EventKind.ANSWERED or event.outcome in (Outcome.ACCEPTED, Outcome.VOICEMAIL)


def _earliest(events: Sequence[CallEvent], kind: EventKind) -> datetime | None:
    return min((event.received_at for event in events if event.kind is kind), default=None)


def _assumed_end(
    events: Sequence[CallEvent], started_at: datetime | None, answered_at: datetime | None
) -> datetime | None:
    """The first assumed end that no later news contradicts."""
    news = [at for at in (started_at, answered_at) if at is not None]
    ends = (event.received_at for event in events if _is_assumed(event) and not _is_refusal(event))
    return min((end for end in ends if all(at <= end for at in news)), default=None)


def _outcome(real: Sequence[CallEvent], *, answered: bool) -> Outcome:
    """The strongest outcome reported. An answer is itself a report that the call was accepted."""
    if answered:
        return Outcome.ACCEPTED
    reported = (event.outcome for event in real if event.kind is EventKind.ENDED)
    return min((o for o in reported if o is not None), key=_OUTCOME_RANK.__getitem__, default=Outcome.UNKNOWN)


def _reported_talk(real: Sequence[CallEvent]) -> int | None:
    """The longest believable talk time that an end reports."""
    return max(
        (
            event.talk_seconds
            for event in real
            if event.kind is EventKind.ENDED
            and event.talk_seconds is not None
            and 0 <= event.talk_seconds <= LONGEST_TALK_SECONDS
        ),
        default=None,
    )


def _answer_before(ended_at: datetime, talk_seconds: int, started_at: datetime | None) -> datetime | None:
    """When a call that ended after so much talk was answered; never before it started."""
    try:
        answered_at = ended_at - timedelta(seconds=talk_seconds)
    except OverflowError:  # an end in the first days of year 1; fold is total
        return None
    if started_at is not None and answered_at < started_at <= ended_at:
        return started_at
    return answered_at


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None:
        return None
    return max(0, (end - start) // timedelta(seconds=1))


def _sides(event: CallEvent, direction: Direction | None) -> tuple[Party | None, Party | None]:
    """The remote and the line that one report names, seen from the call's direction.

    A report whose own direction is missing only tells from and to. One that claims the other direction
    means the same from and to under the wrong heading.
    """
    if event.direction is direction or event.direction is None:
        remote, line = event.remote, event.line
    else:
        remote, line = event.line, event.remote
    if direction is Direction.IN:
        return remote or event.first, line or event.second
    if direction is Direction.OUT:
        return remote or event.second, line or event.first
    return remote, line


def _parties(real: Sequence[CallEvent], direction: Direction | None) -> tuple[Party | None, Party | None]:
    """Remote and line: the best class of party, and of equals the one in canonical order."""
    best: list[Party | None] = [None, None]
    for event in real:
        for side, party in enumerate(_sides(event, direction)):
            held = best[side]
            if party and (held is None or _PARTY_CLASS[party.kind] < _PARTY_CLASS[held.kind]):
                best[side] = party
    return best[0], best[1]


def _accounts(real: Sequence[CallEvent], direction: Direction | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All our accounts that are named, and those among them that answered."""
    named = [event.peer for event in real if event.peer]
    if direction is Direction.OUT:
        if not named:
            # Until 2020 the caller was the SIP user itself; a hang-up of an internal call still says so.
            lines = (_sides(event, direction)[1] for event in real)
            named = [line.raw for line in lines if isinstance(line, SipUser)]
        return tuple(dict.fromkeys(named)), ()
    answered = [event.peer for event in real if event.peer and _tells_who_answered(event)]
    return tuple(dict.fromkeys(answered + named)), tuple(dict.fromkeys(answered))


def _tells_who_answered(event: CallEvent) -> bool:
    return event.kind is EventKind.ANSWERED or (event.kind is EventKind.ENDED and event.outcome is Outcome.ACCEPTED)

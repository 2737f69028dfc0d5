"""What a call means for the call-backs of its number. Pure.

A missed call is a task: call back. Further misses of the number belong to the same task until somebody talks with the
party; that closes it by itself, whoever of the two called.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.modules.callcenter.domain.calls import Call, Phase
from app.modules.callcenter.domain.events import Direction, Outcome


class Deed(StrEnum):
    """What a call that is over did."""

    MISSED = "missed"
    """Nobody of us took it, or it ended on the voicemail."""
    GOT_THROUGH = "got_through"
    """The party called and talked with one of us."""
    CALLED_BACK = "called_back"
    """One of us called and talked with the party."""
    TRIED = "tried"
    """One of us called and reached nobody."""


TALKED = frozenset({Deed.GOT_THROUGH, Deed.CALLED_BACK})


def deed_of(call: Call) -> Deed | None:
    """What the call did; None while it goes on, and for what is no news (blocked, an end that was only assumed)."""
    if call.phase is not Phase.ENDED or call.direction is None:
        return None
    if call.is_missed:
        return Deed.MISSED
    talked = call.outcome is Outcome.ACCEPTED or (call.outcome is Outcome.UNKNOWN and bool(call.talk_seconds))
    if call.direction is Direction.IN:
        return Deed.GOT_THROUGH if talked else None
    if call.provisional:
        return None
    return Deed.CALLED_BACK if talked else Deed.TRIED


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with a party: our number of the call, when it began, and who called."""

    call_id: int
    at: datetime
    deed: Deed


def closing(last_missed_at: datetime, talks: Iterable[Talk]) -> Talk | None:
    """The first conversation after the last miss: it settles the task. None while there was none."""
    later = [talk for talk in talks if talk.at > last_missed_at and talk.deed in TALKED]
    return min(later, key=lambda talk: (talk.at, talk.call_id), default=None)

"""A call and what can happen to it. Every step answers with the notifications Placetel sends for it.

incoming: ringing ─accept→ talking ─end→ ended, or ringing ─end→ ended (missed, voicemail, blocked)
outgoing: own phone rings ─picked up→ ringing at the callee ─answered→ talking ─end→ ended
A click-to-dial that is never picked up leaves no notification at all.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

Direction = Literal["in", "out"]
Event = Mapping[str, str]

BOTH_WAYS = frozenset({"voicemail", "missed", "blocked", "accepted"})
OUTGOING_ONLY = frozenset({"busy", "canceled", "unavailable", "congestion"})


class Phase(StrEnum):
    """Where a call stands."""

    OWN_PHONE = "own_phone"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


class NotPossible(Exception):
    """The call is not in a state in which this can happen. The text is for people."""


def new_call_id() -> str:
    """64 hexadecimal characters, as Placetel's (a SHA-256)."""
    return hashlib.sha256(secrets.token_bytes(32)).hexdigest()


@dataclass
class Call:
    """One call. `caller` and `called` are the from and to of its notifications, in the form of numbers.py."""

    id: int
    call_id: str
    direction: Direction
    caller: str
    called: str
    started_at: datetime
    phase: Phase = Phase.RINGING
    ringing: set[str] = field(default_factory=set)
    peer: str | None = None
    """The SIP user of ours: who accepted an incoming call, who dials an outgoing one."""
    inner: str | None = None
    """The SIP user an internal call goes to."""
    from_name: str | None = None
    queue: bool = False
    """A call of a contact-centre queue: only its IncomingCall is notified."""
    waits: bool = False
    """Nobody rings yet: the answer to its IncomingCall decides."""
    decision: str = ""
    """What that was, in words."""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    duration: int = 0

    @property
    def line(self) -> str:
        """Our number in this call."""
        return self.called if self.direction == "in" else self.caller

    @property
    def notified(self) -> bool:
        """Whether the called side has been reached, so that the call exists for Notify."""
        return self.phase is not Phase.OWN_PHONE

    def arrives(self) -> Event:
        """An incoming call begins."""
        return self._event("IncomingCall")

    def is_dialled(self) -> Event:
        """The user's own phone is off the hook and the target is dialled."""
        if self.direction != "out" or self.phase not in (Phase.OWN_PHONE, Phase.RINGING):
            raise NotPossible("Dieser Anruf wird nicht gewählt.")
        self.phase = Phase.RINGING
        self.ringing = {self.inner} if self.inner else set()
        return self._event("OutgoingCall", peer=self.peer)

    def accept(self, sipuid: str, now: datetime) -> Event:
        """A phone of ours picks an incoming call up."""
        if self.direction != "in" or self.phase is not Phase.RINGING:
            raise NotPossible("Dieser Anruf klingelt nicht mehr.")
        self._talk(now)
        self.peer = sipuid
        return self._event("CallAccepted", peer=sipuid)

    def is_answered(self, now: datetime) -> None:
        """The callee of an outgoing call picks up. Placetel notifies nothing."""
        if self.direction != "out" or self.phase is not Phase.RINGING:
            raise NotPossible("Bei der Gegenstelle klingelt es nicht.")
        self._talk(now)

    def end(self, now: datetime, outcome: str | None = None, duration: int | None = None) -> Event | None:
        """The call ends; None when it never came to the called side. What is not given is derived."""
        if self.phase is Phase.ENDED:
            raise NotPossible("Dieser Anruf ist schon beendet.")
        outcome = outcome or self._natural_outcome()
        allowed = BOTH_WAYS if self.direction == "in" else BOTH_WAYS | OUTGOING_ONLY
        if outcome not in allowed:
            raise NotPossible(f"Ein solcher Anruf endet nicht mit {outcome!r}.")
        talked = int((now - self.answered_at).total_seconds()) if self.answered_at else 0
        was_notified = self.notified
        self.duration = talked if duration is None else duration
        self.outcome, self.ended_at, self.phase = outcome, now, Phase.ENDED
        self.ringing = set()
        return self._hung_up() if was_notified else None

    def decline(self, sipuid: str) -> None:
        """One of several ringing phones stops ringing."""
        self.ringing.discard(sipuid)

    def _talk(self, now: datetime) -> None:
        self.phase, self.answered_at, self.ringing = Phase.TALKING, now, set()

    def _natural_outcome(self) -> str:
        if self.phase is Phase.TALKING:
            return "accepted"
        return "missed" if self.direction == "in" else "canceled"

    def _hung_up(self) -> Event:
        event = dict(self._event("HungUp"))
        event["type"], event["duration"] = str(self.outcome), str(self.duration)
        if self.inner and self.peer:
            # Placetel names SIP ids here, although OutgoingCall named a number and an extension.
            event["from"], event["to"] = self.peer, self.inner
        return event

    def _event(self, name: str, peer: str | None = None) -> Event:
        event = {
            "event": name,
            "from": self.caller,
            "to": self.called,
            "call_id": self.call_id,
            "direction": self.direction,
        }
        if peer is not None:
            event["peer"] = peer
        return event

"""Our words for what a telephone system reports.

No provider's word survives ``parse``: whatever a PBX says becomes a :class:`ProviderEvent`
with raw parties; the inbox classifies the parties and keeps a :class:`CallEvent`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.values import Party


class EventKind(StrEnum):
    """What a report says: a call began to ring, somebody took it, it is over."""

    STARTED = "started"
    ANSWERED = "answered"
    ENDED = "ended"


class Direction(StrEnum):
    """IN: the far party called us. OUT: one of our accounts dialled."""

    IN = "in"
    OUT = "out"


class Outcome(StrEnum):
    """How a call ended. UNKNOWN: the end has a type that we do not know, or was assumed."""

    ACCEPTED = "accepted"
    MISSED = "missed"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    BLOCKED = "blocked"
    CANCELED = "canceled"
    UNAVAILABLE = "unavailable"
    CONGESTION = "congestion"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """One report about one call, in our words, parties still raw text.

    ``direction`` is None where the PBX did not say and the kind does not tell (an end whose
    direction is missing): the stored call knows, or nobody does.
    ``remote`` is the far party, ``line`` our own number; ``peer`` our account (SIP user) where
    the report names one, always in one spelling: lower case, without ``sip:``. When the direction
    is unknown, ``remote``/``line`` are None and ``first``/``second`` hold from and to as sent, so
    that a later report can settle them.
    ``talk_seconds`` is None where not reported. ``queue``: under which name telephones of ours ring together, where
    that is told besides the number that was called; it is the line where one of that name is set up.
    """

    call_id: str
    kind: EventKind
    direction: Direction | None
    remote: str | None
    line: str | None
    peer: str | None = None
    outcome: Outcome | None = None
    talk_seconds: int | None = None
    first: str | None = None
    second: str | None = None
    queue: str | None = None

    @classmethod
    def between(
        cls,
        caller: str | None,
        called: str | None,
        *,
        call_id: str,
        kind: EventKind,
        direction: Direction | None,
        peer: str | None,
        outcome: Outcome | None,
        talk_seconds: int | None,
        queue: str | None = None,
    ) -> ProviderEvent:
        """A report that names who called whom: by the direction one of them is the far party and the other our line."""
        remote, line = (called, caller) if direction is Direction.OUT else (caller, called)
        known = direction is not None
        return cls(
            call_id=call_id,
            kind=kind,
            direction=direction,
            remote=remote if known else None,
            line=line if known else None,
            peer=peer,
            outcome=outcome,
            talk_seconds=talk_seconds,
            first=None if known else caller,
            second=None if known else called,
            queue=queue if direction is Direction.IN else None,
        )


@dataclass(frozen=True, slots=True)
class CallEvent:
    """A stored report: a ProviderEvent whose parties are classified, with its time of receipt (UTC)."""

    kind: EventKind
    received_at: datetime
    direction: Direction | None = None
    remote: Party | None = None
    line: Party | None = None
    peer: str | None = None
    outcome: Outcome | None = None
    talk_seconds: int | None = None
    first: Party | None = None
    second: Party | None = None
    provisional: bool = False
    """True for an end that nobody reported: assumed because none came in time, when any real event replaces it, or
    (BLOCKED) told to the telephone system by ourselves."""

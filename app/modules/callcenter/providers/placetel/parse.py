"""Placetel's notifications in our words.

Form or JSON, told by the body's first character: subscriptions made through the Web API are said to deliver
JSON without a Content-Type. Four events exist; how a call ended is a type of the fourth. There is no event id
and no time. What is documented, seen or merely inferred stands in this folder's README.

Any bytes lead to a ProviderEvent, to Malformed or to Unsupported, never to another exception.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.modules.callcenter.domain import bodies
from app.modules.callcenter.domain.events import Direction, EventKind, Outcome, ProviderEvent
from app.modules.callcenter.providers.base import Malformed, OwnTest, Unsupported

#: Event → what it tells.
EVENTS: Mapping[str, EventKind] = {
    "IncomingCall": EventKind.STARTED,
    "OutgoingCall": EventKind.STARTED,
    "CallAccepted": EventKind.ANSWERED,
    "HungUp": EventKind.ENDED,
}
#: Type of a HungUp → outcome. Any other type is Outcome.UNKNOWN: the call has ended all the same.
OUTCOMES: Mapping[str, Outcome] = {
    "accepted": Outcome.ACCEPTED,
    "missed": Outcome.MISSED,
    "voicemail": Outcome.VOICEMAIL,
    "blocked": Outcome.BLOCKED,
    "busy": Outcome.BUSY,
    "canceled": Outcome.CANCELED,
    "unavailable": Outcome.UNAVAILABLE,
    "congestion": Outcome.CONGESTION,
}
#: Types that only outgoing calls have: they tell the direction where the field is missing.
OUTGOING_OUTCOMES = frozenset({Outcome.BUSY, Outcome.CANCELED, Outcome.UNAVAILABLE, Outcome.CONGESTION})

#: Events whose name says the direction, whatever the field says.
DIRECTION_BY_NAME: Mapping[str, Direction] = {"IncomingCall": Direction.IN, "OutgoingCall": Direction.OUT}
#: Events whose direction is this one unless the field says otherwise. Accepted is sent for incoming calls only.
DIRECTION_BY_DEFAULT: Mapping[str, Direction] = {"CallAccepted": Direction.IN}

#: Seen in 2019: an accepted call with duration 0 after five minutes. It tells nothing, so it is not reported.
ZERO_OF_ACCEPTED_IS_UNKNOWN = True

#: Inferred, with a wide margin: a call id is a SHA-256 in hex, 64 characters.
MAX_CALL_ID = 200
#: Inferred: a number has 15 digits at most, a SIP id hardly more than 40 characters.
MAX_PARTY = 100
#: No call is longer than a week; a larger duration is cut to it, so that every database can hold it.
MAX_TALK_SECONDS = 7 * 24 * 3600

#: What we send ourselves; no event of Placetel's begins with our name.
TEST_EVENT = "DurchwahlTest"
_READ = frozenset({"event", "call_id", "from", "to", "peer", "direction", "type", "duration"})
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_SECONDS = re.compile(r"([0-9]{1,12})(\.[0-9]*)?")


def parse(body: bytes) -> ProviderEvent:
    """The event in a notification's body. Raises Malformed or Unsupported, whose messages quote no number."""
    fields = _fields(body)
    event = fields.get("event")
    if not event:
        raise Malformed("event is missing")
    kind = EVENTS.get(event)
    if kind is None:
        if event == TEST_EVENT:
            raise OwnTest(fields.get("call_id", ""))
        raise Unsupported(f"event {event}" if _NAME.fullmatch(event) else "an event with an unusual name")
    call_id = fields.get("call_id")
    if not call_id:
        raise Malformed("call_id is missing")
    if len(call_id) > MAX_CALL_ID:
        raise Malformed("call_id is too long")

    outcome = OUTCOMES.get(fields.get("type", "").lower(), Outcome.UNKNOWN) if kind is EventKind.ENDED else None
    direction = _direction(event, fields.get("direction", ""), outcome)
    caller, called, peer = (_party(fields, name) for name in ("from", "to", "peer"))
    peer = _account(peer)
    if direction is Direction.OUT and caller and "@" in caller:
        # Internal calls, and every outgoing call before 2020: the account itself instead of its caller id.
        peer = peer or _account(caller)
        caller = None
    return ProviderEvent.between(
        caller,
        called,
        call_id=call_id,
        kind=kind,
        direction=direction,
        peer=peer,
        outcome=outcome,
        talk_seconds=_talk_seconds(fields.get("duration", ""), outcome),
    )


def _fields(body: bytes) -> dict[str, str]:
    """The fields that we read, trimmed, without blank ones. Raises Malformed.

    A field given twice with different values is malformed: which one is meant nobody knows, and other
    receivers take the first or the last. Given twice with the same value it does no harm.
    """
    fields: dict[str, str] = {}
    try:
        for name, value in bodies.pairs(body):
            if name not in _READ:
                continue
            text = bodies.written(name, value, dialled=name in ("from", "to"))
            if text and fields.setdefault(name, text) != text:
                raise Malformed(f"{name} is given twice with different values")
    except bodies.Unreadable as error:
        raise Malformed(str(error)) from None
    return fields


def _direction(event: str, stated: str, outcome: Outcome | None) -> Direction | None:
    if event in DIRECTION_BY_NAME:
        return DIRECTION_BY_NAME[event]
    if stated.lower() in {direction.value for direction in Direction}:
        return Direction(stated.lower())
    if outcome in OUTGOING_OUTCOMES:
        return Direction.OUT
    return DIRECTION_BY_DEFAULT.get(event)


def _party(fields: Mapping[str, str], name: str) -> str | None:
    party = fields.get(name)
    # Cutting it would make another number of it.
    if party and len(party) > MAX_PARTY:
        raise Malformed(f"{name} is too long")
    return party


def _account(sip_id: str | None) -> str | None:
    """A SIP user as our accounts are written: lower case, without ``sip:``."""
    return sip_id.lower().removeprefix("sip:") if sip_id else None


def _talk_seconds(duration: str, outcome: Outcome | None) -> int | None:
    """Seconds; None where nothing usable was reported."""
    match = _SECONDS.fullmatch(duration)
    if outcome is None or not match:
        return None
    seconds = min(int(match[1]), MAX_TALK_SECONDS)
    if seconds == 0 and outcome is Outcome.ACCEPTED and ZERO_OF_ACCEPTED_IS_UNKNOWN:
        return None
    return seconds

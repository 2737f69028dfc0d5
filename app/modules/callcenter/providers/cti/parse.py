"""A generic CTI notification in our words.

Clients differ in how they spell fields, in which they leave out and in what they mean by a cause; what each of them
sends, and how surely that is known, stands in this folder's README.

Any bytes lead to a ProviderEvent, to Malformed or to Unsupported, never to another exception.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.modules.callcenter.domain import bodies
from app.modules.callcenter.domain.events import Direction, EventKind, Outcome, ProviderEvent
from app.modules.callcenter.providers.base import Malformed, OwnTest, Unsupported

#: Event → what it tells.
EVENTS: Mapping[str, EventKind] = {
    "newcall": EventKind.STARTED,
    "answer": EventKind.ANSWERED,
    "hangup": EventKind.ENDED,
}
DIRECTIONS: Mapping[str, Direction] = {
    "in": Direction.IN,
    "inbound": Direction.IN,
    "out": Direction.OUT,
    "outbound": Direction.OUT,
}
#: What we send ourselves; no event of another program begins with our name.
TEST_EVENT = "durchwahlTest"
ENDED_NORMALLY = "normalclearing"
#: Cause → outcome of an incoming and of an outgoing call, without signs and in lower case. Any other cause is
#: Outcome.UNKNOWN: the call has ended all the same. An ``answer`` is stronger than each of them.
CAUSES: Mapping[str, tuple[Outcome, Outcome]] = {
    # Documented as the end of a conversation. But clients send it for callers who gave up, too, and where nobody
    # reported an answer an incoming call is one to call back.
    ENDED_NORMALLY: (Outcome.MISSED, Outcome.ACCEPTED),
    "busy": (Outcome.BUSY, Outcome.BUSY),
    "cancel": (Outcome.MISSED, Outcome.CANCELED),
    "noanswer": (Outcome.MISSED, Outcome.MISSED),
    "congestion": (Outcome.CONGESTION, Outcome.CONGESTION),
    "notfound": (Outcome.UNAVAILABLE, Outcome.UNAVAILABLE),
    # Somebody else has it now: nobody need call back.
    "forwarded": (Outcome.ACCEPTED, Outcome.ACCEPTED),
    # FreeSWITCH's names, where a script passes them on.
    "originatorcancel": (Outcome.MISSED, Outcome.CANCELED),
    "userbusy": (Outcome.BUSY, Outcome.BUSY),
    "callrejected": (Outcome.MISSED, Outcome.BUSY),
    "nouserresponse": (Outcome.MISSED, Outcome.UNAVAILABLE),
    "usernotregistered": (Outcome.UNAVAILABLE, Outcome.UNAVAILABLE),
    "subscriberabsent": (Outcome.UNAVAILABLE, Outcome.UNAVAILABLE),
    "unallocatednumber": (Outcome.UNAVAILABLE, Outcome.UNAVAILABLE),
    "normaltemporaryfailure": (Outcome.CONGESTION, Outcome.CONGESTION),
    # Asterisk's DIALSTATUS.
    "answer": (Outcome.ACCEPTED, Outcome.ACCEPTED),
    "chanunavail": (Outcome.UNAVAILABLE, Outcome.UNAVAILABLE),
}
#: What the 3CX template says in ``CallType`` of a call in which somebody talked.
TALKED = frozenset({"inbound", "outbound"})
#: Users that are no person: a mailbox took the call.
MAILBOXES = frozenset({"voicemail"})

#: Zammad's documentation allows 250 characters; a call id of ours has 200, and none was seen with more than 40.
MAX_CALL_ID = 200
#: A number has 15 digits at most, a name hardly more than 60 characters; cutting would make another one of it.
MAX_PARTY = 100
MAX_USERS = 50
#: No call is longer than a week; a larger duration is cut to it, so that every database can hold it.
MAX_TALK_SECONDS = 7 * 24 * 3600

#: Names of fields as they are compared: without signs, in lower case (callId, call_id, callid).
_READ = frozenset(
    ("event", "from", "to", "direction", "callid", "queue", "cause", "answeringnumber", "calltype", "duration")
)
_USER = re.compile(r"user(\[[0-9]{0,3}\])?", re.IGNORECASE)
_SIGNS = re.compile(r"[\s_.-]")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_EXTENSION = re.compile(r"[0-9]{1,5}")
#: Asterisk's names of a telephone: SIP/anna, PJSIP/anna-00000019.
_CHANNEL = re.compile(r"(?:pj)?sip[/:]([^/\s]+?)(?:-[0-9a-f]{8})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Told:
    """The fields that were given, trimmed; "" for one that was not."""

    fields: Mapping[str, str]
    users: Sequence[str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


def parse(body: bytes, query: str = "") -> ProviderEvent:
    """The event in a notification. Raises Malformed or Unsupported, whose messages quote no number.

    ``query``: read where there is no body, for clients that put all into the address.
    """
    told = _told(body if body.strip() else query.encode())
    event = told["event"]
    if not event:
        raise Malformed("event is missing")
    kind = EVENTS.get(event.lower())
    if kind is None:
        if event == TEST_EVENT:
            raise OwnTest(told["callid"])
        raise Unsupported(f"event {event}" if _NAME.fullmatch(event) else "an event with an unusual name")
    call_id = told["callid"]
    if not call_id:
        raise Malformed("callId is missing")
    if len(call_id) > MAX_CALL_ID:
        raise Malformed("callId is too long")
    direction = _direction(told["direction"], kind)
    caller, called, queue = (_party(told, name) for name in ("from", "to", "queue"))
    if called is None:
        called, queue = queue, None
    peer = _peer(told, direction)
    outcome = _outcome(told, direction) if kind is EventKind.ENDED else None
    if kind is EventKind.ANSWERED and peer in MAILBOXES:
        # For us the call is over: nobody of us took it, and somebody should call back.
        kind, outcome, peer = EventKind.ENDED, Outcome.VOICEMAIL, None
    if direction is Direction.OUT and caller and (_EXTENSION.fullmatch(caller) or "@" in caller):
        # The telephone that dialled, in place of its caller id.
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
        talk_seconds=_talk_seconds(told, outcome),
        queue=queue,
    )


def _told(body: bytes) -> _Told:
    """Raises Malformed. A field given twice with different values is malformed: which one is meant nobody knows."""
    fields: dict[str, str] = {}
    users: list[str] = []
    try:
        for name, value in bodies.pairs(body):
            if _USER.fullmatch(name):
                users += _users(value)
                continue
            key = _SIGNS.sub("", name).lower()
            text = bodies.written(key, value, dialled=key in ("from", "to")) if key in _READ else ""
            if text and fields.setdefault(key, text) != text:
                raise Malformed(f"{name} is given twice with different values")
    except bodies.Unreadable as error:
        raise Malformed(str(error)) from None
    return _Told(fields, list(dict.fromkeys(users))[:MAX_USERS])


def _users(value: object) -> list[str]:
    """A name, a list of names, or names with commas between them."""
    values = value if isinstance(value, list) else [value]
    names = (name.strip() for one in values for name in bodies.written("user", one).split(","))
    return [name for name in names if name]


def _direction(stated: str, kind: EventKind) -> Direction | None:
    """Of an answer or an end the call knows it; a call that begins without one has no parties."""
    direction = DIRECTIONS.get(stated.lower())
    if direction is None and stated:
        raise Malformed("direction is neither in nor out")
    if direction is None and kind is EventKind.STARTED:
        raise Malformed("direction is missing")
    return direction


def _party(told: _Told, name: str) -> str | None:
    if len(told[name]) > MAX_PARTY:
        raise Malformed(f"{name} is too long")
    return told[name] or None


def _peer(told: _Told, direction: Direction | None) -> str | None:
    """Our telephone or its user, where one is named. Several ring together: none of them is it."""
    user = told.users[0] if len(told.users) == 1 else None
    answering = _party(told, "answeringnumber")
    if direction is Direction.OUT and answering is not None and answering == told["to"]:
        # The far party answered: that is no telephone of ours.
        answering = None
    named = answering or user
    if named is not None and len(named) > MAX_PARTY:
        raise Malformed("user is too long")
    return _account(named) if named else None


def _account(name: str) -> str:
    """As our accounts are written: lower case, without what says that it is a telephone."""
    channel = _CHANNEL.fullmatch(name)
    return (channel[1] if channel else name).lower()


def _outcome(told: _Told, direction: Direction | None) -> Outcome:
    cause = _SIGNS.sub("", told["cause"]).lower()
    if cause == ENDED_NORMALLY and told["calltype"].lower() in TALKED:
        return Outcome.ACCEPTED
    incoming, outgoing = CAUSES.get(cause, (Outcome.UNKNOWN, Outcome.UNKNOWN))
    if direction is None:
        return incoming if incoming is outgoing else Outcome.UNKNOWN
    return outgoing if direction is Direction.OUT else incoming


def _talk_seconds(told: _Told, outcome: Outcome | None) -> int | None:
    """Seconds; None where nothing usable was reported, which is nearly always."""
    if outcome is not Outcome.ACCEPTED or not _SECONDS.fullmatch(told["duration"]):
        return None
    return min(int(told["duration"]), MAX_TALK_SECONDS) or None

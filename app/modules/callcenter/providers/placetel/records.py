"""Records of the Web API in our words. Every field may be missing, null or of another type than documented."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.modules.callcenter.domain.events import Direction, Outcome
from app.modules.callcenter.providers.base import PastCall, PbxLine, PbxUser
from app.modules.callcenter.providers.placetel.parse import MAX_TALK_SECONDS, OUTCOMES

_MAX_TEXT = 200
#: How the lists name a caller without a number.
WITHHELD = frozenset({"anonymous", "unknown", "unbekannt", "anonym"})
#: Hidden digits behind some that are shown; inferred from other lists' ways of hiding.
_MASKED = re.compile(r"[0-9][xX*•]+$|[0-9][xX*•]{2,}")

#: The field of a routing that is filled where the calls of its number wait for our answer; inferred.
ROUTED_HERE = "api"

Record = Mapping[str, Any]


def user(record: Record) -> PbxUser | None:
    """An account; None for a record without a SIP id."""
    uid = text(record.get("sipuid"))
    if uid is None:
        username, domain = text(record.get("username")), text(record.get("domain"))
        if username is None or domain is None:
            return None
        uid = f"{username}@{domain}"
    webuser = _mapping(record.get("webuser"))
    online = record.get("online")
    return PbxUser(
        uid=uid.lower().removeprefix("sip:"),
        name=text(record.get("name")) or _full_name(webuser) or uid,
        type=text(record.get("type")) or "",
        extension=text(record.get("did")),
        caller_id=text(record.get("callerid")),
        online=online if isinstance(online, bool) else None,
        email=text(webuser.get("email")),
        description=text(record.get("description")),
        automatic_prefix=text(record.get("automatic_prefix")),
        blocked_prefixes=text(record.get("blocked_prefixes")),
    )


def line(record: Record) -> PbxLine | None:
    """An own number, in E.164 where the API gives it; None for a record without a number."""
    number = text(record.get("e164")) or text(record.get("number"))
    if number is None:
        return None
    name = text(record.get("name")) or text(record.get("description")) or ""
    return PbxLine(number=number, name=name, active=record.get("activated") is not False)


def unnotified(record: Record) -> str | None:
    """The number of a routing that does not notify; None where it does, or does not say."""
    if record.get("notify_external_api") is not False:
        return None
    return _active_number(record.get("number"))


def decided_here(record: Record) -> dict[str, bool]:
    """For each spelling of a routing's number whether its calls wait for our answer ("External API").

    Inferred: a routing names what it leads to by filling one of its fields, and ``api`` stands for that. Nothing for a
    record that has no such field: it does not tell.
    """
    number = record.get("number")
    found = spellings(number if isinstance(number, dict) else {"number": number})
    return dict.fromkeys(found, bool(record[ROUTED_HERE])) if ROUTED_HERE in record else {}


def spellings(number: Record) -> tuple[str, ...]:
    """The forms in which a record writes its number."""
    return tuple(found for name in ("e164", "number") if (found := text(number.get(name))))


def _active_number(number: Any) -> str | None:
    if isinstance(number, dict):
        if number.get("activated") is False:
            return None
        return text(number.get("e164")) or text(number.get("number"))
    return text(number)


def past_call(record: Record) -> PastCall | None:
    """An incoming call; None for a record without a readable time."""
    received_at = _time(record.get("received_at"))
    if received_at is None:
        return None
    outcome = OUTCOMES.get((text(record.get("type")) or "").lower(), Outcome.UNKNOWN)
    # The duration of a voicemail is the length of the message, not of a talk.
    talked = outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)
    remote, masked = _caller(record.get("from_number"))
    return PastCall(
        received_at=received_at,
        remote=remote,
        line=called_number(record.get("to_number")),
        outcome=outcome,
        talk_seconds=_seconds(record.get("duration")) if talked else 0,
        masked=masked,
    )


def queue_call(record: Record) -> PastCall | None:
    """A call to a queue; None for a record without a readable start."""
    started_at = _time(record.get("started_at"))
    if started_at is None:
        return None
    # Inferred: ANSWER stands for a call that an agent took; the talk begins when it leaves the queue.
    taken = (text(record.get("answer_status")) or "").upper() == "ANSWER"
    talked_from, ended_at = _time(record.get("left_queue_at")), _time(record.get("ended_at"))
    talk = (ended_at - talked_from).total_seconds() if taken and talked_from and ended_at else 0
    remote, masked = _caller(record.get("from"))
    return PastCall(
        received_at=started_at,
        remote=remote,
        line=text(record.get("to")),
        outcome=Outcome.ACCEPTED if taken else Outcome.MISSED,
        talk_seconds=int(min(max(talk, 0), MAX_TALK_SECONDS)),
        masked=masked,
    )


def outgoing_leg(record: Record) -> PastCall | None:
    """A leg of a call that one of our telephones began; None for any other and without a readable time.

    Inferred: a leg that leads in is described as a forwarding ("Weiterleitung auf SIP"); nothing else tells them apart.
    """
    received_at = _time(record.get("received_at"))
    description = (text(record.get("description")) or "").lower()
    if received_at is None or not description or "weiterleitung" in description:
        return None
    seconds = _seconds(record.get("length"))
    remote, masked = _caller(record.get("to"))
    account = text(record.get("answer_uri"))
    return PastCall(
        received_at=received_at,
        remote=remote,
        line=text(record.get("from")),
        outcome=Outcome.ACCEPTED if seconds else Outcome.UNKNOWN,
        talk_seconds=seconds,
        direction=Direction.OUT,
        account=account.lower() if account else None,
        masked=masked,
    )


def _caller(value: Any) -> tuple[str | None, bool]:
    """The number of a far party, None where it was hidden by its owner; whether the list hides digits of it."""
    plain = text(value)
    if plain is None or plain.lower() in WITHHELD:
        return None, False
    return plain, _MASKED.search(plain) is not None


def called_number(value: Any) -> str | None:
    """``to_number`` in its three forms: text, ``{number: text}`` and ``{number: {number: text}}``."""
    for _ in range(3):
        if not isinstance(value, dict):
            break
        value = value.get("number")
    return text(value)


def text(value: Any) -> str | None:
    """Text or a whole number as text, printable and not too long; None for anything else and for nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        plain = "".join(character for character in str(value) if character.isprintable())
    except ValueError:  # a number of more than 4300 digits
        return None
    return plain.strip()[:_MAX_TEXT] or None


def _mapping(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def _full_name(webuser: Record) -> str | None:
    names = (text(webuser.get("first_name")), text(webuser.get("last_name")))
    return " ".join(name for name in names if name) or None


def _time(value: Any) -> datetime | None:
    """ISO with an offset, as UTC. Without an offset nobody knows which moment is meant."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _seconds(value: Any) -> int:
    digits = text(value) or ""
    return min(int(digits), MAX_TALK_SECONDS) if digits.isascii() and digits.isdigit() else 0

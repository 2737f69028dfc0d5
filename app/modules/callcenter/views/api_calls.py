"""Calls as the REST API describes and writes them, and what its filters ask of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, and_, or_, select

from app.core.accounts.models import User
from app.core.accounts.service import username_key
from app.core.database import MAX_ID
from app.core.rest import (
    ID_SCHEMA,
    NULLABLE_TIME,
    ORIGIN_SCHEMA,
    TIME,
    Parameter,
    origin_answer,
    plus_restored,
    read_time,
    timestamp,
)
from app.core.values import Withheld, e164_of
from app.modules.addresses.api import MATCH_SCHEMA, match_answer
from app.modules.callcenter import connections
from app.modules.callcenter.domain.belonging import belonging, plain
from app.modules.callcenter.domain.calls import Phase
from app.modules.callcenter.domain.events import Direction, Outcome
from app.modules.callcenter.home import classify, format_party
from app.modules.callcenter.labels import labels
from app.modules.callcenter.models import CallRow, Line
from app.modules.callcenter.shown import shown
from app.modules.callcenter.snapshots import colleague_of
from app.modules.callcenter.stored import line_key, stored

DIRECTIONS = [direction.value for direction in Direction]
PHASES = [phase.value for phase in Phase]
OUTCOMES = [outcome.value for outcome in Outcome]
CALL = cast(Table, CallRow.__table__)
_USER = cast(Table, User.__table__)
_LINE = cast(Table, Line.__table__)
_SECONDS: dict[str, Any] = {"type": ["integer", "null"], "minimum": 0}
_NUMBER_FORMS = "in any form: `0221…`, `+49221…`, `0049221…`"


def _object(title: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        **more,
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


CALL_SCHEMA = _object(
    "Call",
    {
        "id": ID_SCHEMA,
        "provider": {"type": "string"},
        "connection": _object(
            "CallConnection",
            {
                "key": {"type": "string", "description": "As `flask callcenter connections list` tells it."},
                "name": {"type": "string", "description": "Its name now."},
            },
            description="The telephone system that reported the call.",
        ),
        "call_id": {"type": "string", "description": "The telephone system's own."},
        "direction": {"enum": [*DIRECTIONS, None], "description": "Null where no report told it."},
        "phase": {"enum": PHASES},
        "outcome": {"enum": [*OUTCOMES, None], "description": "Null while the call goes on."},
        "remote": _object(
            "RemoteParty",
            {
                "raw": {"type": "string", "description": "As the telephone system sent it."},
                "e164": {"type": ["string", "null"]},
                "display": {"type": "string", "description": "As people write it."},
                "kind": {"enum": ["dialable", "internal", "unverified", "sip", "withheld"]},
                "origin": ORIGIN_SCHEMA,
                "colleague": {
                    "oneOf": [
                        _object(
                            "RemoteColleague",
                            {
                                "name": {"type": "string", "description": "Empty where nobody has the extension."},
                                "extension": {"type": "string", "description": "Empty where it is not known."},
                            },
                            description="Who of the house the other party is.",
                        ),
                        {"type": "null"},
                    ]
                },
            },
        ),
        "line": {
            "oneOf": [
                _object(
                    "CalledLine",
                    {
                        "number": {"type": "string", "description": "E.164 where it is one, else as sent."},
                        "name": {"type": "string", "description": "Empty where the line has none."},
                    },
                    description="Our own number in the call.",
                ),
                {"type": "null"},
            ]
        },
        "user": {
            "oneOf": [
                _object(
                    "CallUser",
                    {"id": ID_SCHEMA, "username": {"type": "string"}, "name": {"type": "string"}},
                    description="Who of us took the call or dialled.",
                ),
                {"type": "null"},
            ]
        },
        "received_at": TIME,
        "answered_at": NULLABLE_TIME,
        "ended_at": NULLABLE_TIME,
        "waiting_seconds": _SECONDS,
        "talk_seconds": _SECONDS,
        "matches": {
            "type": "array",
            "items": MATCH_SCHEMA,
            "description": "Who it may be, as shown to the token's user: where one of several was chosen, that one.",
        },
    },
)

FILTERS = (
    Parameter("call_id", {"type": "string", "maxLength": 200}, "The telephone system's own."),
    Parameter("provider", {"type": "string", "maxLength": 40}),
    Parameter("connection", {"type": "string", "maxLength": 40}, "The key of a connection."),
    Parameter("direction", {"type": "string", "enum": DIRECTIONS}),
    Parameter("phase", {"type": "string", "enum": PHASES}),
    Parameter("outcome", {"type": "string", "enum": OUTCOMES}),
    Parameter("user", {"type": "string", "maxLength": 80}, "Who took the call or dialled: user name or id."),
    Parameter("line", {"type": "string", "maxLength": 200}, f"Our own number, {_NUMBER_FORMS}."),
    Parameter("number", {"type": "string", "maxLength": 200}, f"The other party's number, {_NUMBER_FORMS}."),
    Parameter("since", {"type": "string", "maxLength": 40}, "ISO 8601; calls received then or later. UTC by default."),
    Parameter("until", {"type": "string", "maxLength": 40}, "ISO 8601; calls received before. UTC by default."),
)


def query_calls() -> Select[Any]:
    """Calls with the name of the line and the user, one query."""
    return (
        select(
            *CALL.c,
            _LINE.c.name.label("line_name"),
            _USER.c.username.label("user_username"),
            _USER.c.name.label("user_name"),
        )
        .join_from(
            CALL,
            _LINE,
            and_(_LINE.c.key == CALL.c.line_key, _LINE.c.connection == CALL.c.connection),
            isouter=True,
        )
        .outerjoin(_USER, _USER.c.id == CALL.c.user_id)
    )


#: Filters that are columns of the call.
_SAME = ("provider", "connection", "direction", "phase", "outcome")


def conditions(given: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """What the checked filters ask. Raises ApiError (422) for a time that is none."""
    same = {"call_id": CALL.c.external_id, **{name: CALL.c[name] for name in _SAME}}
    found: list[ColumnElement[bool]] = [column == given[name] for name, column in same.items() if name in given]
    if "user" in given:
        found.append(_of_user(given["user"]))
    if "line" in given:
        key = line_key(classify(plus_restored(given["line"]))) or ""
        found.append(CALL.c.line_key.in_([belonging(one.key, key) for one in connections.listed()]))
    if "number" in given:
        found.append(_with_number(plus_restored(given["number"])))
    if "since" in given:
        found.append(CALL.c.received_at >= read_time("since", given["since"]))
    if "until" in given:
        found.append(CALL.c.received_at < read_time("until", given["until"]))
    return found


def _of_user(text: str) -> ColumnElement[bool]:
    by_name = select(_USER.c.id).where(_USER.c.username_key == username_key(text))
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_ID:
        # Somebody may be called "7": a name counts before a number.
        return or_(CALL.c.user_id.in_(by_name), and_(CALL.c.user_id == int(text), ~by_name.exists()))
    return CALL.c.user_id.in_(by_name)


def _with_number(text: str) -> ColumnElement[bool]:
    party = classify(text)
    if isinstance(party, Withheld):
        return CALL.c.remote_kind == party.kind
    e164 = e164_of(party)
    return (
        CALL.c.remote_e164 == e164 if e164 else and_(CALL.c.remote_kind == party.kind, CALL.c.remote_raw == party.raw)
    )


def call_answer(row: Mapping[Any, Any], viewer: int) -> dict[str, Any]:
    """A row of ``query_calls`` as the schema ``Call`` describes it, for this user."""
    call = stored({name: value for name, value in row.items() if name in CALL.c})
    party = call.remote or Withheld()
    line = None
    if call.line_raw is not None:
        key = plain(call.line_key or "")
        line = {"number": key if key.startswith("+") else call.line_raw, "name": row["line_name"] or ""}
    user = None
    if call.user_id is not None and row["user_username"] is not None:
        user = {"id": call.user_id, "username": row["user_username"], "name": row["user_name"]}
    return {
        "id": call.id,
        "provider": call.provider,
        "connection": {"key": call.connection, "name": connections.name_of(call.connection)},
        "call_id": call.external_id,
        "direction": call.direction,
        "phase": call.phase,
        "outcome": call.outcome,
        "remote": {
            "raw": call.remote_raw or "",
            "e164": call.remote_e164,
            "display": format_party(party),
            "kind": party.kind,
            "origin": origin_answer(party),
            "colleague": colleague_of(call, labels()),
        },
        "line": line,
        "user": user,
        "received_at": timestamp(call.received_at),
        "answered_at": timestamp(call.answered_at),
        "ended_at": timestamp(call.ended_at),
        "waiting_seconds": call.waiting_seconds,
        "talk_seconds": call.talk_seconds,
        "matches": [match_answer(match) for match in shown(call, viewer).matches],
    }

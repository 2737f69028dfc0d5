"""``/api/v1/calls``."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, or_

from app.core.database import reading
from app.core.rest import (
    CURSOR,
    DEFAULT_LIMIT,
    LIMIT,
    PREFIX,
    ApiError,
    body,
    caller,
    decode_cursor,
    encode_cursor,
    list_schema,
    operation,
    page,
    query,
)
from app.core.rest.paging import unknown_cursor
from app.modules.callcenter import dialling
from app.modules.callcenter.dial_words import sentence
from app.modules.callcenter.dialling import DialResult, DialState
from app.modules.callcenter.domain.dial_rules import Refusal
from app.modules.callcenter.views import api_calls
from app.modules.callcenter.views.api_calls import CALL
from app.modules.callcenter.visibility import visible_to

blueprint = Blueprint("callcenter_api", __name__, url_prefix=PREFIX)

DIAL_SCHEMA: dict[str, Any] = {
    "title": "DialInput",
    "type": "object",
    "required": ["number", "idempotency_key"],
    "additionalProperties": False,
    "properties": {
        "number": {"type": "string", "minLength": 1, "maxLength": 200, "description": "As people write it."},
        "idempotency_key": {
            "type": "string",
            "pattern": "^[!-~]{1,80}$",
            "description": "Up to 80 visible ASCII signs, of your choice. The same key never dials twice.",
        },
    },
}
DIALLED_SCHEMA: dict[str, Any] = {
    "title": "Dialled",
    "type": "object",
    "required": ["order_id", "state", "code", "message", "number"],
    "additionalProperties": False,
    "properties": {
        "order_id": {"type": "integer"},
        "state": {
            "enum": [DialState.ACCEPTED.value, DialState.UNDER_WAY.value, DialState.UNKNOWN.value],
            "description": "accepted: the telephone rings; under_way: the same order is being carried out; "
            "unknown: nobody knows whether it rings, and it is not dialled again.",
        },
        "code": {"type": "string"},
        "message": {"type": "string", "description": "In the user's language."},
        "number": {"type": "string"},
    },
}
#: Refused because of the number, not because of the state of things.
_LIMITS = frozenset({Refusal.HOUR_LIMIT.code, Refusal.DAY_LIMIT.code})
_NUMBER_CODES = frozenset(refusal.code for refusal in Refusal) - _LIMITS


@operation(
    blueprint,
    "GET",
    "/calls",
    permission="callcenter.calls",
    summary="List calls",
    description="Those that the token's user may see, newest first.",
    tag="calls",
    parameters=(*api_calls.FILTERS, LIMIT, CURSOR),
    answers={200: list_schema(api_calls.CALL_SCHEMA)},
)
def list_calls() -> Response:
    """One page."""
    given = query()
    limit = given.get("limit", DEFAULT_LIMIT)
    wanted = (
        api_calls.query_calls()
        .where(visible_to(caller().id), *api_calls.conditions(given), *_after(given.get("cursor")))
        .order_by(CALL.c.received_at.desc(), CALL.c.id.desc())
        .limit(limit + 1)
    )
    with reading() as session:
        rows = session.execute(wanted).mappings().all()
    last = rows[limit - 1] if len(rows) > limit else None
    more = encode_cursor(last["received_at"].isoformat(), last["id"]) if last is not None else None
    return jsonify(page([api_calls.call_answer(row, caller().id) for row in rows[:limit]], more))


@operation(
    blueprint,
    "GET",
    "/calls/<id:call_id>",
    permission="callcenter.calls",
    summary="Read a call",
    description="By our own number, the `id` of the list.",
    tag="calls",
    answers={200: api_calls.CALL_SCHEMA},
)
def read_call(call_id: int) -> Response:
    """The call as it is now."""
    with reading() as session:
        wanted = api_calls.query_calls().where(CALL.c.id == call_id, visible_to(caller().id))
        row = session.execute(wanted).mappings().one_or_none()
    if row is None:
        raise ApiError(404)
    return jsonify(api_calls.call_answer(row, caller().id))


@operation(
    blueprint,
    "POST",
    "/calls",
    permission="callcenter.dial",
    summary="Dial",
    description="Makes the telephone of the token's user ring; picked up, it dials the number. Repeated with the same "
    "key it answers what came of the first request, and dials nothing; with another key within three seconds, or while "
    "the same call is being set up, as well. What the rules for dialling do not allow is 422 with the rule's code, and "
    "429 where the user has ordered too many calls.",
    tag="calls",
    body=DIAL_SCHEMA,
    answers={202: DIALLED_SCHEMA, 409: None, 429: None, 502: None},
)
def dial() -> ResponseReturnValue:
    """202 with what came of it, or an error with a sentence that says what to do."""
    given = body()
    result = dialling.dial(caller().id, given["number"], given["idempotency_key"])
    if result.state not in (DialState.ACCEPTED, DialState.UNDER_WAY, DialState.UNKNOWN):
        _refuse(result)
    answer = jsonify(
        order_id=result.order_id,
        state=result.state.value,
        code=result.code,
        message=sentence(result),
        number=result.number,
    )
    return answer, 202


def _refuse(result: DialResult) -> NoReturn:
    message = sentence(result)
    if result.code in _NUMBER_CODES:
        raise ApiError(422, result.code, message, fields=[("number", message)])
    if result.code == "key_missing":
        raise ApiError(422, fields=[("idempotency_key", "is not a key of up to 80 visible ASCII signs")])
    if result.code == "rate_limited" or result.code in _LIMITS:
        headers = {"Retry-After": str(result.retry_after)} if result.retry_after else {}
        raise ApiError(429, result.code, message, headers=headers)
    # The telephone system said no, or could not be asked; else something is missing on our side.
    status = 502 if result.state is DialState.FAILED and result.code != "not_configured" else 409
    raise ApiError(status, result.code, message, tel=result.tel)


def _after(cursor: str | None) -> list[ColumnElement[bool]]:
    values = decode_cursor(cursor, str, int)
    if values is None:
        return []
    try:
        moment = datetime.fromisoformat(values[0])
    except ValueError as error:
        raise unknown_cursor() from error
    if moment.utcoffset() is None or moment.utcoffset():
        raise unknown_cursor()
    return [or_(CALL.c.received_at < moment, and_(CALL.c.received_at == moment, CALL.c.id < values[1]))]

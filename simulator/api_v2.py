"""The simulated Web API v2: what a client may ask, and the one thing it may do, to dial."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, request

from simulator import numbers
from simulator.api_contacts import Contacts, add_contacts, add_subscriptions, given_parameters
from simulator.api_gate import ApiError, guard
from simulator.calls import BOTH_WAYS, Call, NotPossible, Phase
from simulator.exchange import Exchange, Unknown
from simulator.paging import page_of, placetel_day, placetel_time, wanted_choice, wanted_date
from simulator.phones import CREATED, Record, SipUser

MAX_RECORDS_PER_PAGE = 500
_SIP_PASSWORD = "made-up-not-a-password"


def create_api(exchange: Exchange, contacts: Contacts) -> Blueprint:
    """The blueprint under /v2."""
    api = Blueprint("api_v2", __name__, url_prefix="/v2")
    guard(api, exchange)
    _add_account(api, exchange)
    _add_calls(api, exchange, contacts)
    _add_dialling(api, exchange, contacts)
    _add_records(api, exchange)
    add_contacts(api, exchange, contacts)
    add_subscriptions(api, exchange)

    @api.route("/", defaults={"anything": ""})
    @api.route("/<path:anything>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def _unknown(anything: str) -> Response:
        raise ApiError(404, "Not Found")

    return api


def _add_account(api: Blueprint, exchange: Exchange) -> None:
    quirks = exchange.quirks

    def sip_record(user: SipUser) -> Record:
        return user.record(
            automatic_prefix=quirks.automatic_prefix.get(user.sipuid),
            blocked_prefixes=quirks.blocked_prefixes.get(user.sipuid),
        )

    @api.get("/me")
    def _me() -> Response:
        return jsonify(
            {
                "id": 1,
                "name": "Simulator – kein echtes Placetel",
                "email": "simulator@muster.example",
                "company": "Muster GmbH (Simulator)",
                "primary_sip_user_id": next(iter(exchange.sip_users.values())).id,
                "platform": quirks.platform,
                "rights_numbers": list(exchange.lines),
                "updated_at": CREATED,
                "created_at": CREATED,
            }
        )

    @api.get("/sip_users")
    def _sip_users() -> Response:
        found = [sip_record(user) for user in exchange.sip_users.values()]
        for name in ("did", "username", "name", "description"):
            wanted = request.args.get(f"filter[{name}]")
            if wanted is not None:
                found = [record for record in found if str(record[name]) == wanted]
        return jsonify(page_of(found, fixed_size=quirks.api_page_size))

    @api.get("/sip_users/<int:user_id>")
    def _sip_user(user_id: int) -> Response:
        for user in exchange.sip_users.values():
            if user.id == user_id:
                # The single record carries the SIP password, as with Placetel: no client should ask for it.
                return jsonify(sip_record(user) | {"password": _SIP_PASSWORD})
        raise ApiError(404, "SIP user not found")

    @api.get("/numbers")
    def _numbers() -> Response:
        found = [line.record(with_e164=quirks.number_e164) for line in exchange.lines.values()]
        return jsonify(page_of(found, fixed_size=quirks.api_page_size))

    @api.get("/routings")
    def _routings() -> Response:
        silent = quirks.silent_numbers()
        external = quirks.external_numbers()
        found = [
            line.routing(notified=line.number not in silent, external=line.number in external)
            for line in exchange.lines.values()
        ]
        return jsonify(page_of(found, fixed_size=quirks.api_page_size))


def _add_calls(api: Blueprint, exchange: Exchange, contacts: Contacts) -> None:
    quirks = exchange.quirks

    def listed() -> list[Call]:
        return [call for call in exchange.calls() if call.direction == "in" and call.phase is Phase.ENDED]

    @api.get("/calls")
    def _list_calls() -> Response:
        day = wanted_date("filter[date]", default=placetel_day(exchange.clock()))
        any_date = wanted_choice("filter[any_date]", ("true", "false"), "false") == "true"
        outcome = wanted_choice("filter[type]", sorted(BOTH_WAYS))
        order = wanted_choice("order", ("asc", "desc"), "desc")
        found = [
            call
            for call in listed()
            if (any_date or placetel_day(call.started_at) == day)
            and (outcome is None or call.outcome == outcome)
            and _same(call.caller, request.args.get("filter[from_number]"))
            and _same(call.called, request.args.get("filter[to_number]"))
        ]
        if order == "desc":
            found.reverse()
        return jsonify(
            [_call_record(exchange, contacts, call) for call in page_of(found, fixed_size=quirks.api_page_size)]
        )

    @api.get("/calls/<int:call_number>")
    def _one_call(call_number: int) -> Response:
        for call in listed():
            if call.id == call_number:
                return jsonify(_call_record(exchange, contacts, call))
        raise ApiError(404, "Call not found")


def _add_dialling(api: Blueprint, exchange: Exchange, contacts: Contacts) -> None:
    quirks = exchange.quirks

    @api.post("/calls")
    def _dial() -> Response | tuple[Response | str, int]:
        given = given_parameters()
        missing = [f"{name} is missing" for name in ("sipuid", "target") if not given.get(name)]
        if missing:
            raise ApiError(400, ", ".join(missing))
        call = _ring_own_phone(exchange, given)
        if quirks.api_timeout_after_ringing:
            exchange.stopping.wait(quirks.api_timeout_after_ringing)
        if quirks.api_500_after_ringing:
            raise ApiError(500, "Internal Server Error")
        if quirks.api_empty_201 == "{}":
            return jsonify({}), 201
        if not quirks.api_empty_201:
            return jsonify(_call_record(exchange, contacts, call)), 201
        return Response(status=201, mimetype="application/json")


def _add_records(api: Blueprint, exchange: Exchange) -> None:
    def ended(day: date) -> list[Call]:
        return [
            call
            for call in exchange.calls()
            if call.phase is Phase.ENDED and call.ended_at and placetel_day(call.started_at) == day
        ]

    @api.get("/call_detail_records")
    def _records() -> Response:
        found = [_detail_record(call) for call in ended(wanted_date("date", default=None))]
        return jsonify(page_of(found, fixed_size=exchange.quirks.api_page_size, max_per_page=MAX_RECORDS_PER_PAGE))

    @api.get("/call_center_calls")
    def _queue_calls() -> Response:
        day = wanted_date("date", default=None)
        found = [_queue_record(exchange, call) for call in ended(day) if call.queue]
        return jsonify(page_of(found, fixed_size=exchange.quirks.api_page_size))


def _ring_own_phone(exchange: Exchange, given: dict[str, Any]) -> Call:
    try:
        return exchange.click_to_dial(str(given["sipuid"]), str(given["target"]), given.get("from_name"))
    except Unknown:
        raise ApiError(404, "SIP user not found") from None
    except numbers.NotANumber:
        raise ApiError(400, "target is invalid") from None
    except NotPossible:
        raise ApiError(400, "sipuid is invalid") from None


def _call_record(exchange: Exchange, contacts: Contacts, call: Call) -> Record:
    quirks = exchange.quirks
    line = exchange.lines.get(call.line)
    to_number: object = call.line
    if line is not None and quirks.to_number_form != "string":
        to_number = line.record() if quirks.to_number_form == "flat" else {"number": line.record()}
    known = contacts.with_number(call.caller)
    recorded = call.outcome == "voicemail"
    return {
        "id": call.id,
        "type": call.outcome,
        "from_number": numbers.on_the_wire(call.caller, quirks.foreign_format),
        "to_number": to_number,
        "file_url": f"https://voicemail.example/{call.id}.mp3" if recorded else None,
        "duration": call.duration,
        "contact": known[0] if known else None,
        "received_at": placetel_time(call.started_at),
        "unread": True,
    }


def _same(number: str, wanted: str | None) -> bool:
    if wanted is None:
        return True
    try:
        return number == numbers.canonical(wanted)
    except numbers.NotANumber:
        return False


def _detail_record(call: Call) -> Record:
    incoming = call.direction == "in"
    return {
        "amount": 0.0,
        "description": "Weiterleitung auf SIP" if incoming else "Ausgehender Anruf",
        "from": call.caller,
        "to": call.called,
        "length": call.duration,
        "answer_uri": (call.peer or "").partition("@")[0],
        "received_at": placetel_time(call.started_at),
    }


def _queue_record(exchange: Exchange, call: Call) -> Record:
    accepted = call.answered_at is not None
    agent = exchange.sip_users.get(call.peer or "")
    ended_at = call.ended_at or call.started_at
    return {
        "call_type": "dial_in",
        "call_status": "assigned" if accepted else "unassigned",
        "answer_status": "ANSWER" if accepted else "NOANSWER",
        "started_at": placetel_time(call.started_at),
        "left_queue_at": placetel_time(call.answered_at or ended_at),
        "ended_at": placetel_time(ended_at),
        "last_updated_at": placetel_time(ended_at),
        "iteration": 1,
        "from": call.caller,
        "to": call.called,
        "queue_name": "Warteschlange (Simulator)",
        "agent_name": agent.name if agent else None,
    }

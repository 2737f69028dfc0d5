"""The simulator by HTTP and JSON: everything the page can do, for tests and scripts.

An action returns after its notifications were answered, with the status of each; `"wait": false` returns at once.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from simulator import notify, phones
from simulator.calls import Call, NotPossible
from simulator.control_body import BadRequest, Given
from simulator.exchange import Exchange, Outcome, Unknown
from simulator.numbers import NotANumber
from simulator.quirks import UnfitValue

STATE_CALLS, STATE_LOG = 30, 60


def create_control(exchange: Exchange, reset: Any) -> Blueprint:
    """The blueprint under /control. reset: brings the whole simulator back to its beginning."""
    control = Blueprint("control", __name__, url_prefix="/control")
    _add_errors(control)
    _add_views(control, exchange)
    _add_call_actions(control, exchange)
    _add_phone_actions(control, exchange)
    _add_switches(control, exchange, reset)
    _add_raw_notification(control, exchange)
    return control


def _add_errors(control: Blueprint) -> None:
    @control.errorhandler(Unknown)
    def _not_found(problem: Exception) -> tuple[Response, int]:
        return jsonify({"error": str(problem.args[0])}), 404

    @control.errorhandler(NotPossible)
    def _conflict(problem: Exception) -> tuple[Response, int]:
        return jsonify({"error": str(problem)}), 409

    @control.errorhandler(BadRequest)
    @control.errorhandler(NotANumber)
    @control.errorhandler(UnfitValue)
    def _bad(problem: Exception) -> tuple[Response, int]:
        return jsonify({"error": str(problem)}), 400


def _add_views(control: Blueprint, exchange: Exchange) -> None:
    @control.get("/state")
    def _state() -> Response:
        version = str(exchange.log.version)
        if request.args.get("version") == version:
            return Response(status=204)
        return jsonify(
            {
                "simulator": "Simulator – kein echtes Placetel",
                "version": version,
                "now": exchange.clock().isoformat(),
                "settings": settings_json(exchange),
                "phones": [_phone_json(exchange, user) for user in exchange.sip_users.values()],
                "lines": [{"number": line.number, "name": line.name} for line in exchange.lines.values()],
                "callers": [asdict(caller) for caller in phones.CALLERS],
                "calls": [call_json(call) for call in reversed(exchange.calls()[-STATE_CALLS:])],
                "quirks": exchange.quirks.values(),
                "log": exchange.log.entries(STATE_LOG),
            }
        )

    @control.get("/log")
    def _log() -> Response:
        kind = request.args.get("kind")
        entries = [entry for entry in exchange.log.entries() if kind in (None, entry["kind"])]
        return jsonify({"entries": entries})

    @control.get("/calls/<call_id>")
    def _call(call_id: str) -> Response:
        return jsonify(call_json(exchange.call(call_id)))


def _add_call_actions(control: Blueprint, exchange: Exchange) -> None:
    def answer(outcome: Outcome, given: Given) -> Response:
        return _delivered(exchange, outcome, given)

    @control.post("/incoming")
    def _incoming() -> Response:
        given = Given()
        outcome = exchange.incoming(
            given.optional("from") or "",
            given.text("to"),
            ring=given.texts("ring"),
            call_id=given.optional("call_id"),
        )
        return answer(outcome, given)

    @control.post("/outgoing")
    def _outgoing() -> Response:
        given = Given()
        call_id = given.optional("call_id")
        return answer(exchange.dial_by_hand(given.text("sipuid"), given.text("to"), call_id=call_id), given)

    @control.post("/calls/<call_id>/accept")
    def _accept(call_id: str) -> Response:
        given = Given()
        return answer(exchange.accept(call_id, given.text("sipuid")), given)

    @control.post("/calls/<call_id>/hangup")
    def _hang_up(call_id: str) -> Response:
        given = Given()
        return answer(exchange.end(call_id, given.optional("type"), given.seconds("duration")), given)

    @control.post("/calls/<call_id>/voicemail")
    def _voicemail(call_id: str) -> Response:
        given = Given()
        return answer(exchange.end(call_id, "voicemail", given.seconds("duration") or 0), given)

    @control.post("/calls/<call_id>/callee")
    def _callee(call_id: str) -> Response:
        given = Given()
        return answer(exchange.callee(call_id, given.text("callee")), given)


def _add_phone_actions(control: Blueprint, exchange: Exchange) -> None:
    @control.post("/phones/<sipuid>/pickup")
    def _pick_up(sipuid: str) -> Response:
        return _delivered(exchange, exchange.pick_up(sipuid), Given())

    @control.post("/phones/<sipuid>/hangup")
    def _put_down(sipuid: str) -> Response:
        return _delivered(exchange, exchange.put_down(sipuid), Given())


def _add_switches(control: Blueprint, exchange: Exchange, reset: Any) -> None:
    @control.post("/settings")
    def _settings() -> Response:
        given = Given()
        target, secret = given.optional("target"), given.optional("secret")
        api_key, platform = given.optional("api_key"), given.optional("platform")
        unknown = set(given.values) - {"target", "secret", "api_key", "platform"}
        if unknown:
            raise BadRequest(f"Diese Einstellung gibt es nicht: {', '.join(sorted(unknown))}")
        if target is not None:
            if not target.startswith(("http://", "https://")):
                raise BadRequest("target muss mit http:// oder https:// beginnen.")
            exchange.settings.target = target
        if secret is not None:
            exchange.settings.secret = secret
        if api_key is not None:
            exchange.settings.api_key = api_key
        if platform is not None:
            exchange.quirks.switch("platform", platform)
        exchange.log.touch()
        return jsonify(settings_json(exchange))

    @control.post("/quirks")
    def _quirks() -> Response:
        for name, value in Given().values.items():
            exchange.quirks.switch(name, value)
        exchange.log.touch()
        return jsonify(exchange.quirks.values())

    @control.post("/reset")
    def _reset() -> Response:
        reset()
        return jsonify({"reset": True})


def _add_raw_notification(control: Blueprint, exchange: Exchange) -> None:
    @control.post("/notify")
    def _notify() -> Response:
        given = Given()
        params, options = given.values.get("params", {}), given.values.get("options", {})
        if not isinstance(params, dict) or not isinstance(options, dict):
            raise BadRequest("params und options müssen JSON-Objekte sein.")
        texts = {str(name): str(value) for name, value in params.items() if value is not None}
        letter = _letter(exchange, texts, options)
        delivery = exchange.dispatch.raw(texts.get("event", "(roh)"), texts.get("call_id"), letter)
        return jsonify({"notification": delivery.as_json()})


def _letter(exchange: Exchange, params: dict[str, str], options: dict[str, Any]) -> notify.Letter:
    allowed = {"sign", "secret", "json", "content_type", "signature", "raw", "raw_base64", "target"}
    unknown = set(options) - allowed
    if unknown:
        raise BadRequest(f"Diese Option gibt es nicht: {', '.join(sorted(unknown))}")
    as_json = bool(options.get("json", False))
    body = notify.encode_json(params) if as_json else notify.encode_form(params)
    if "raw" in options:
        body = str(options["raw"]).encode("utf-8")
    if "raw_base64" in options:
        try:
            body = base64.b64decode(str(options["raw_base64"]), validate=True)
        except binascii.Error:
            raise BadRequest("raw_base64 ist kein Base64.") from None
    content_type = options.get("content_type", notify.JSON if as_json else notify.FORM)
    secret = str(options.get("secret", exchange.settings.secret))
    signature = options.get("signature")
    if signature is None and secret and options.get("sign", True):
        signature = notify.sign(secret, body)
    target = str(options.get("target", exchange.settings.target))
    return notify.Letter(target, body, content_type, signature)


def settings_json(exchange: Exchange) -> dict[str, object]:
    """The settings without their secrets."""
    settings = exchange.settings
    return {
        "target": notify.without_credentials(settings.target),
        "secret_set": bool(settings.secret),
        "api_key_set": bool(settings.api_key),
        "platform": exchange.quirks.platform,
    }


def call_json(call: Call) -> dict[str, object]:
    """A call as the control API tells it."""
    return {
        "call_id": call.call_id,
        "direction": call.direction,
        "from": call.caller,
        "to": call.called,
        "phase": call.phase.value,
        "outcome": call.outcome,
        "peer": call.peer,
        "inner": call.inner,
        "ringing": sorted(call.ringing),
        "queue": call.queue,
        "decision": call.decision,
        "from_name": call.from_name,
        "duration": call.duration,
        "started_at": call.started_at.isoformat(),
        "answered_at": call.answered_at.isoformat() if call.answered_at else None,
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
    }


def _phone_json(exchange: Exchange, user: phones.SipUser) -> dict[str, object]:
    taking_part = exchange.calls_of(user.sipuid)
    state, call = taking_part[0] if taking_part else ("idle", None)
    return {
        "sipuid": user.sipuid,
        "name": user.name,
        "did": user.did,
        "callerid": user.callerid,
        "type": user.type,
        "rings": user.rings,
        "online": user.online,
        "state": state,
        "call_id": call.call_id if call else None,
        "with": _other_side(call) if call else None,
        "calls": [{"state": one_state, "call_id": one.call_id} for one_state, one in taking_part],
    }


def _other_side(call: Call) -> str:
    return call.caller if call.direction == "in" else call.called


def _delivered(exchange: Exchange, outcome: Outcome, given: Given) -> Response:
    exchange.deliver(outcome, wait=given.wait)
    return jsonify(
        {
            "call_id": outcome.call.call_id,
            "call": call_json(outcome.call),
            "notifications": [delivery.as_json() for delivery in outcome.deliveries],
            "delivered": given.wait,
        }
    )

"""Where a telephone system posts what happens.

| request | answer |
|---|---|
| authentic: processed, repeated, unknown event, malformed, our own failure after storing | 200 |
| authentic, but the database is away, locked, full, or has not answered for some seconds: written to the spool | 200 |
| signature missing, malformed or wrong, or no secret configured | 403 |
| the address belongs to no connection in use: its token is wrong, or the connection is deactivated | 403 |
| module inactive, or unknown provider | 404 |
| other method | 405 |
| signed rightly, but without the log-in (basic auth) that the settings demand besides | 401; never 429 |
| body over 64 KiB | 413 |
| one of these two refusals, from a source that has had too many | 429 with Retry-After; never an authentic request |
| neither database nor spool can take it | 503 |
| database away since this worker started, so that it knows no secret | 503 |
"""

from __future__ import annotations

import time
from math import ceil
from urllib.parse import unquote_plus

from flask import Blueprint, Response, abort, current_app, request

from app.core import patience
from app.core.accounts.access import public
from app.core.hosts import any_host
from app.core.metrics import Family
from app.modules.callcenter import connection, connections, refusals, spooling, webhook_secrets
from app.modules.callcenter.connection import Intake
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import Complains, Malformed, NotAuthentic, RawRequest, Receives

#: What names the connection in the address; absent, the first one is meant.
PARAMETER = "connection"
#: Largest body of a notification, in bytes; a real one has some 300.
MAX_BODY = 64 * 1024
WEBHOOKS = Family(
    "durchwahl_notifications_total",
    "counter",
    "Notifications of telephone systems by what became of them.",
    ("provider", "result"),
)
SECONDS = Family("durchwahl_notification_seconds", "histogram", "Time from a notification's arrival to our answer.")

blueprint = Blueprint("callcenter_webhook", __name__)
gate = refusals.Gate()


@blueprint.post("/callcenter/webhook/<provider>", provide_automatic_options=False)
@public
@any_host
def receive(provider: str) -> Response:
    """Take a notification: authenticate, store, process, answer."""
    return accept(provider, request.args.get(PARAMETER))


def accept(kind: str, token: str | None) -> Response:
    """The answer to the notification at hand, of the connection of this kind whose address has this token.

    None means the first connection. Aborts with 404 where this kind takes no notifications.
    """
    started = time.perf_counter()
    declared = registry.provider_types().get(kind)
    if declared is None or not issubclass(declared.implementation, Receives):
        abort(404)
    result = spooling.UNAVAILABLE
    try:
        with patience.at_most(spooling.ANSWERED_WITHIN):
            found = connections.find(kind, token)
            answer, result = _take(kind, connection.intake_for(found.key) if found is not None else None)
    finally:
        metrics = current_app.extensions["durchwahl"].metrics
        metrics.count(WEBHOOKS, kind, result)
        metrics.observe(SECONDS, time.perf_counter() - started)
    return answer


def _take(kind: str, intake: Intake | None) -> tuple[Response, str]:
    """The answer, and what became of the notification in one word."""
    whose = intake.connection if intake is not None else None
    body = _body()
    if body is None:
        return _refused(kind, whose, "too_large", _plain("Too large.", 413))
    if intake is None:
        # As if its signature were wrong: nobody learns which addresses there are.
        return _refused(kind, None, "unknown_connection", _plain("Refused.", 403))
    raw = RawRequest(
        method=request.method,
        path=request.path,
        query=_query(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        remote_addr=request.remote_addr or "",
        received_at=current_app.extensions["durchwahl"].clock.now(),
    )
    try:
        intake.provider.authenticate(raw)
    except NotAuthentic as refusal:
        return _refused(kind, whose, refusal.code, _plain("Refused.", 403))
    if not webhook_secrets.is_logged_in(connection.own_settings(intake.connection), raw.headers):
        # Not counted as a flood: a program may wait for this challenge before it sends its log-in.
        refusals.tell(gate, kind, whose, raw.remote_addr, "no_log_in")
        challenged = _plain("Log in.", 401)
        challenged.headers["WWW-Authenticate"] = 'Basic realm="Durchwahl", charset="UTF-8"'
        return challenged, "no_log_in"
    # On disk, in the database or in the spool; whatever becomes of it, the answer is 200.
    processed = spooling.take(intake, raw)
    if not processed.on_disk:
        return _plain("Try again.", 503), processed.state
    if processed.fault is not None and isinstance(intake.provider, Complains):
        answer = intake.provider.complain(Malformed(processed.fault))
    else:
        answer = intake.provider.answer(processed.decision)
    return Response(answer.body, answer.status, content_type=answer.media_type), processed.state


def _query() -> str:
    """What stands behind the question mark, without the token: that is a secret, and what comes here is stored."""
    told = request.query_string.decode("latin-1")
    return "&".join(part for part in told.split("&") if unquote_plus(part.partition("=")[0]) != PARAMETER)


def _body() -> bytes | None:
    """The raw body, read before anything touches ``request.form`` (which would leave it empty); None if too large."""
    if request.content_length is not None and request.content_length > MAX_BODY:
        return None
    # A chunked body tells no length. One byte more than allowed, as reading stops in silence at the limit.
    request.max_content_length = MAX_BODY + 1
    body = request.get_data(cache=False, parse_form_data=False)
    return body if len(body) <= MAX_BODY else None


def _refused(kind: str, whose: str | None, reason: str, answer: Response) -> tuple[Response, str]:
    wait = refusals.record(gate, kind, whose, request.remote_addr or "", reason)
    if not wait:
        return answer, "too_large" if reason == "too_large" else "refused"
    slower = _plain("Too many requests.", 429)
    slower.headers["Retry-After"] = str(ceil(wait.total_seconds()))
    return slower, "slowed_down"


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status, content_type="text/plain; charset=utf-8")

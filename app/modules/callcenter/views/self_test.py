"""*Selbsttest*: a notification of our own, through the real address to this browser, step by step."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.core.accounts.access import requires
from app.modules.callcenter import connection, connections, self_test
from app.modules.callcenter.connections import Connection, UnknownConnection
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION
from app.modules.callcenter.refusal_words import refusal_sentence
from app.modules.callcenter.self_test import Step

blueprint = Blueprint("callcenter_self_test", __name__, url_prefix="/callcenter")


@blueprint.get("/self-test")
@requires("callcenter.configure")
def show() -> str:
    """What the test does, and the button that begins it."""
    return _page("callcenter/self_test.html", _asked(), told=None, token="")


@blueprint.post("/self-test")
@requires("callcenter.configure")
def run() -> str:
    """Send one, and say what came of each step; the browser adds the last one."""
    one = _asked()
    token, steps = self_test.run(current_user.id, _address(one), one.key)
    told = [(step.level, _sentence(step, connections.system_name(one.key))) for step in steps]
    template = "callcenter/self_test_told.html" if request.headers.get("HX-Request") else "callcenter/self_test.html"
    reached = all(step.level == "ok" for step in steps)
    return _page(template, one, told=told, token=token if reached else "")


def _page(template: str, one: Connection, **more: Any) -> str:
    return render_template(
        template,
        address=_address(one),
        one=one,
        at=connections.asked(one.key),
        system=connections.system_name(one.key),
        signs=connection.signs(one),
        tested=[other for other in connections.active() if self_test.can_test(other)],
        url_of=lambda key: url_for("callcenter_self_test.show", connection=connections.asked(key).get("connection")),
        **more,
    )


def _asked() -> Connection:
    """The connection that is meant; the first one where none is named."""
    try:
        return connections.connection(request.args.get("connection", FIRST_CONNECTION))
    except UnknownConnection:
        abort(404)


def _address(one: Connection) -> str:
    """Where its telephone system has to post, without the log-in."""
    base = current_app.extensions["durchwahl"].config.public_url or request.host_url.rstrip("/")
    return connections.address(one, base)


def _sentence(step: Step, system: str) -> str:
    given = {"address": "", "reason": "", "status": "", **step.params}
    sentences = {
        "signed": _("A notification was built and signed with the shared secret."),
        "built": _("A notification was built; the token in its address shows where it comes from."),
        "taken": _("It was sent to %(address)s and taken.", address=given["address"]),
        "stored": _("It is in the inbox of this installation."),
        "understood": _("It was understood."),
        "no_webhook": _("This telephone system sends no notifications."),
        "no_secret": _(
            "There is no shared secret: notifications are refused, so no call is shown. Dialling works without."
        ),
        "no_token": _(
            "The token of this connection cannot be read any more, because SECRET_KEY has changed. Please add a "
            "connection anew and enter its address in the telephone system."
        ),
        "wrong_token": _(
            "It was refused: the token in the address was not accepted. The connection is deactivated, or another "
            "installation answers at this address."
        ),
        "redirects": _(
            "%(address)s leads on to another address (status %(status)s). Please enter the final address, with https, "
            "as PUBLIC_URL and in %(system)s.",
            system=system,
            address=given["address"],
            status=given["status"],
        ),
        "unreachable": _(
            "%(address)s cannot be reached from this server (%(reason)s). Please check the name, the certificate and "
            "the firewall. Some routers do not let a server reach itself by its public name: then test from outside.",
            address=given["address"],
            reason=given["reason"],
        ),
        "timeout": _(
            "There was no answer from %(address)s in time. Please check the reverse proxy in front of this server.",
            address=given["address"],
        ),
        "broken": _(
            "The connection to %(address)s broke off (%(reason)s). Please check the reverse proxy in front of this "
            "server.",
            address=given["address"],
            reason=given["reason"],
        ),
        "redirect": _(
            "%(address)s leads on to another address (status %(status)s). %(system)s does not follow: please enter "
            "the final address, with https, as PUBLIC_URL and at %(system)s.",
            system=system,
            address=given["address"],
            status=given["status"],
        ),
        "status_401": refusal_sentence("no_log_in", system),
        "status_403": _(
            "It was refused: the signature did not fit when it arrived. Something on the way changes the request, or "
            "another installation answers at %(address)s.",
            address=given["address"],
        ),
        "status_404": _(
            "Nothing takes notifications at %(address)s. Please check PUBLIC_URL and the reverse proxy.",
            address=given["address"],
        ),
        "status_405": _("%(address)s takes no POST. Please check the reverse proxy.", address=given["address"]),
        "status_413": _("The reverse proxy refused it as too large. Please allow bodies of 64 KiB."),
        "status_429": _("Too many forged requests came from this server's own address. Please try again in a minute."),
        "status_503": _("The database could not be reached."),
        "status": _(
            "%(address)s answered with status %(status)s. Something else than Durchwahl seems to answer there.",
            address=given["address"],
            status=given["status"],
        ),
        "stored_elsewhere": _(
            "It was taken, but not by this installation: another one answers at %(address)s.", address=given["address"]
        ),
        "not_understood": _("It was stored, but could not be processed. The log tells more."),
    }
    return str(sentences[step.code])

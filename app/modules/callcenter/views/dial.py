"""The phone button, the box *Anrufen*, and what both send their orders to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import phones
from app.core.accounts.access import requires
from app.core.database import storable
from app.core.security import safe_next
from app.modules.callcenter import accounts, dial_policy, dialling, home
from app.modules.callcenter.dial_words import sentence
from app.modules.callcenter.dialling import DialResult, DialState

blueprint = Blueprint("callcenter_dial", __name__, url_prefix="/callcenter")
_LEVELS = {DialState.ACCEPTED: "success", DialState.UNDER_WAY: "info", DialState.UNKNOWN: "warning"}


@blueprint.post("/dial")
@requires("callcenter.dial")
def dial() -> BaseResponse | str:
    """Dial ``number`` for whoever is logged in; a form or JSON, answered as it was asked."""
    given: Any = request.get_json(silent=True) if request.is_json else request.form
    given = given if isinstance(given, Mapping) else {}
    number, key, account = (_text(given.get(name)) for name in ("number", "idempotency_key", "account"))
    if account:
        accounts.choose(current_user.id, account)
    result = dialling.dial(current_user.id, number, key, account or None)
    if request.is_json or request.accept_mimetypes.best == "application/json":
        return _as_json(result)
    if result.state is DialState.TEL:
        # Without a script nobody follows the link for the user.
        return render_template("callcenter/dial_result.html", message=sentence(result), result=result)
    flash(sentence(result), _LEVELS.get(result.state, "error"))
    return redirect(safe_next(given.get("next")) or url_for("callcenter_phonebook.overview"))


def _as_json(result: DialResult) -> Response:
    return jsonify(
        state=result.state.value,
        code=result.code,
        message=sentence(result),
        number=result.number,
        tel=result.tel,
        order=result.order_id,
    )


def _text(value: object) -> str:
    return storable(value) if isinstance(value, str) else ""


def own_accounts() -> tuple[str, ...]:
    """The accounts of whoever is logged in, looked up once a request."""
    found: tuple[str, ...] | None = getattr(g, "callcenter_accounts", None)
    if found is None:
        found = g.callcenter_accounts = accounts.accounts_of(current_user.id)
    return found


def number_button(number: str, e164: str | None, kind: str = "phone", name: str = "") -> dict[str, Any] | None:
    """What the slot beside a number needs; None where nothing may be dialled: fax, and what cannot be read."""
    if kind == "fax" or e164 is None:
        return None
    display = home.format_display(e164)
    label = _("Call %(name)s: %(number)s", name=name, number=display) if name else _("Call %(number)s", number=display)
    return {
        "e164": e164,
        "tel": phones.tel_uri(e164),
        "label": label,
        "display": display,
        "has_account": bool(own_accounts()),
        "blocked": why_blocked(e164),
    }


def why_blocked(e164: str) -> str:
    """Why the rules do not let the number be dialled, as a sentence; '' where they do. Limits are not asked."""
    refusal = dial_policy.verdict_of(e164).refusal
    if refusal is None:
        return ""
    return sentence(DialResult(DialState.REFUSED, refusal.code, country=phones.charged_country(e164)))


def dial_form() -> dict[str, Any]:
    """What every page needs for its phone buttons: one form, with a key for the press without a script."""
    return {"key": secrets.token_urlsafe(16)}

"""Choose among several matches: from a card by script, from a call's page without one."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import may, requires
from app.core.database import MAX_ID
from app.core.ui.undo import flash_with_undo
from app.modules.callcenter import cards, choices, visibility
from app.modules.callcenter.choices import NoSuchCall, NotAMatch, Outdated
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from app.modules.callcenter.domain.visibility import sees
from app.modules.callcenter.shown import shown
from app.modules.callcenter.snapshots import all_matches
from app.modules.callcenter.stored import StoredCall, call_of

blueprint = Blueprint("callcenter_choices", __name__, url_prefix="/callcenter")
PERMISSION = "callcenter.calls"
#: To remember for everybody.
FOR_EVERYBODY = "callcenter.remember"
#: An address, and a contact there where one is meant.
_WHO = re.compile(r"([0-9]{1,40})(?:,([0-9]{1,40}))?")


@blueprint.post("/calls/<int:call_id>/assign")
@requires(PERMISSION)
def choose(call_id: int) -> BaseResponse:
    """Say which of several matches it is: for this call (default), and for the number, for oneself or everybody."""
    scope = asked_scope("scope", Scope.CALL)
    person = asked_person()
    try:
        call = choices.choose(_id(call_id), person, current_user.id, scope)
    except NoSuchCall:
        abort(404)
    except NotAMatch:
        return _refused(call_id, _("The number does not belong to that address any more."))
    if _wants_json():
        return _as_card(call)
    said = {
        Scope.CALL: _("The call belongs to the address that you chose."),
        Scope.MINE: _("The choice is remembered for you, for every call from this number."),
        Scope.ALL: _("The choice is remembered for everybody, for every call from this number."),
    }
    choice = shown(call, current_user.id).choice
    if choice is not None and choice.change_id is not None:
        url = url_for("callcenter_choices.undo", call_id=call_id)
        flash_with_undo(said[scope], url, _("Undo"), change=choice.change_id)
    return redirect(url_for("callcenter_calls.call", call_id=call_id))


@blueprint.get("/calls/<int:call_id>/matches")
@requires(PERMISSION)
def matches(call_id: int) -> Response:
    """All among whom can be chosen; a card that there are more of than it lists fetches them."""
    watcher = visibility.viewer(current_user.id)
    call = cards.read(_id(call_id))
    if call is None or watcher is None or not sees(call_of(call), call.line_key, watcher):
        abort(404)
    return jsonify(matches=all_matches(call, current_user.id))


@blueprint.post("/calls/<int:call_id>/assign/undo")
@requires(PERMISSION)
def undo(call_id: int) -> BaseResponse:
    """Take back what one chose on this call; ``change`` names the choice."""
    change = request.form.get("change", "")
    if not (change.isascii() and change.isdigit() and len(change) < 20):
        abort(400)
    try:
        call = choices.undo(_id(call_id), min(int(change), MAX_ID), current_user.id)
    except NoSuchCall:
        abort(404)
    except Outdated:
        return _refused(call_id, _("Somebody has chosen anew meanwhile; nothing was undone."))
    if _wants_json():
        return _as_card(call)
    flash(_("The choice is undone."), "success")
    return redirect(url_for("callcenter_calls.call", call_id=call_id))


def asked_scope(name: str, default: Scope | None = None) -> Scope:
    """For what the form chooses; 400 for nonsense, 403 where it needs a permission that the user lacks."""
    text = request.form.get(name, default.value if default else "")
    if text not in set(Scope):
        abort(400)
    if text == Scope.ALL and not may(FOR_EVERYBODY):
        abort(403)
    return Scope(text)


def asked_person() -> Person:
    """Whom the form chooses; 400 for nonsense."""
    who = _WHO.fullmatch(request.form.get("who", "")) or abort(400)
    # A larger number is the number of no row.
    return Person(min(int(who[1]), MAX_ID), min(int(who[2]), MAX_ID) if who[2] else None)


def _id(call_id: int) -> int:
    return call_id if call_id <= MAX_ID else abort(404)


def _wants_json() -> bool:
    return bool(request.accept_mimetypes.best == "application/json")


def _as_card(call: StoredCall) -> Response:
    return jsonify(call=cards.card_of(call, current_user.id))


def _refused(call_id: int, text: str) -> BaseResponse:
    """Nothing was changed, because things are other than the page thought: it gets them as they are."""
    if not _wants_json():
        flash(text, "warning")
        return redirect(url_for("callcenter_calls.call", call_id=call_id))
    call: Any = cards.read(call_id)
    answer = jsonify(call=cards.card_of(call, current_user.id) if call is not None else None, message=text)
    answer.status_code = 409
    return answer

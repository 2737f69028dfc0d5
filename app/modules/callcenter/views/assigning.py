"""Give a caller's number to an address that is there: a dialog on every page, and a page of its own without scripts.

Search, choose an address or a contact there, say of what kind the number is, save. Who changed or took the number
meanwhile is named, and whatever was typed stays.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import may, requires
from app.core.ui.undo import flash_with_undo
from app.modules.addresses.api import Added, Invalid, NotAdded
from app.modules.callcenter import assigning
from app.modules.callcenter.storable import is_number
from app.modules.callcenter.stored import StoredCall
from app.modules.callcenter.views.assign_form import (
    AssignForm,
    added_of_fields,
    fields_of_added,
    form_as_asked,
    form_as_sent,
    show_conflict,
    show_problems,
)
from app.modules.callcenter.views.assign_words import already_there, nothing_to_undo, stored_where, taken_back

blueprint = Blueprint("callcenter_assigning", __name__, url_prefix="/callcenter")
#: What storing needs; seeing the call is asked for besides.
PERMISSION = "addresses.edit"
SEES_CALLS = "callcenter.calls"


@blueprint.route("/calls/<int:call_id>/number", methods=["GET", "POST"])
@requires(PERMISSION)
def assign(call_id: int) -> str | BaseResponse | tuple[str, int]:
    """The form; ``pick`` searches, ``owner`` is who was chosen. Sent, it is done once, however often it is sent.

    The dialog gets the inside alone, and JSON when it is done.
    """
    call = _call(call_id)
    if request.method == "GET":
        return _shown(form_as_asked(call, dialog=_is_dialog()))
    form = form_as_sent(call, dialog=_is_dialog())
    if form.problems:
        return _shown(form), 422
    try:
        added = assigning.store(call, form.owner(), form.seen(), kind=form.kind, label=form.label, by=current_user.id)
    except Invalid as refused:
        return _shown(show_problems(form, refused.problems)), 422
    except NotAdded as refused:
        if refused.reason == "has_it":
            return _done(call, already_there(refused.name), None)
        return _shown(show_conflict(form, refused)), 409
    return _done(call, stored_where(call, added), added)


@blueprint.get("/calls/<int:call_id>/number/owner")
@requires(PERMISSION)
def owner(call_id: int) -> str:
    """The part about the chosen ``owner``, for htmx."""
    form = form_as_asked(_call(call_id), dialog=request.args.get("dialog") == "1")
    return render_template("callcenter/_assign_owner.html", form=form)


@blueprint.post("/calls/<int:call_id>/number/undo")
@requires(PERMISSION)
def undo(call_id: int) -> BaseResponse:
    """Take back what was stored, as the confirmation's fields name it."""
    call = _call(call_id)
    added = added_of_fields(request.form) or abort(400)
    try:
        assigning.take_back(call, added, by=current_user.id)
    except NotAdded as refused:
        return _said(call, nothing_to_undo(refused.reason), "warning")
    return _said(call, taken_back(added), "success")


def page_part() -> dict[str, Any] | None:
    """The dialog, on every page of those who may store numbers."""
    return {} if may(PERMISSION) else None


def _call(call_id: int) -> StoredCall:
    """The call, where the user may see calls and it has a number that can be stored."""
    if not may(SEES_CALLS):
        abort(403)
    call = assigning.find(call_id, current_user.id)
    if call is None or not is_number(call):
        abort(404)
    return call


def _is_dialog() -> bool:
    return "HX-Request" in request.headers


def _shown(form: AssignForm) -> str:
    return render_template("callcenter/_assign.html" if form.dialog else "callcenter/assign.html", form=form)


def _done(call: StoredCall, text: str, added: Added | None) -> BaseResponse:
    url = url_for("callcenter_assigning.undo", call_id=call.id)
    if _is_dialog():
        back = {"url": url, "fields": fields_of_added(added)} if added is not None else None
        answer: BaseResponse = jsonify(message=text, undo=back)
        return answer
    if added is None:
        flash(text, "info")
    else:
        flash_with_undo(text, url, _("Undo"), **fields_of_added(added))
    return redirect(url_for("callcenter_calls.call", call_id=call.id))


def _said(call: StoredCall, text: str, level: str) -> BaseResponse:
    if _is_dialog():
        answer: BaseResponse = jsonify(message=text, undo=None)
        return answer
    flash(text, level)
    return redirect(url_for("callcenter_calls.call", call_id=call.id))

"""*Datenschutz → Auskunft*: who is meant, everything about him as one file, and his removal."""

from __future__ import annotations

import secrets

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts import service
from app.core.accounts.access import requires
from app.core.database import storable
from app.core.privacy import persons, removing
from app.core.privacy.pages import PERMISSION as PERMISSION
from app.core.privacy.pages import blueprint as blueprint

#: Unclear things that one form can choose: more than a page shows.
MOST_CHOSEN = 500


@blueprint.get("/persons")
@requires("core.privacy")
def find_persons() -> str:
    """A field for a name or a number, and who may be meant."""
    return render_template("core/persons.html", query="", found=None, removals=removing.listed())


@blueprint.post("/persons")
@requires("core.privacy")
def found_persons() -> str:
    """The same with what was found. No GET: a name or a number does not belong into an address, nor into a log."""
    query = storable(request.form.get("q", "")).strip()[:200]
    found = persons.find(query) if query else None
    return render_template("core/persons.html", query=query, found=found, removals=removing.listed())


@blueprint.post("/persons/export")
@requires("core.privacy")
def export_person() -> BaseResponse:
    """The file with everything about a person; it is written down that it was made."""
    packed = persons.export(_key(), current_user.id, current_user.name)
    if packed is None:
        return _gone()
    answer = Response(packed, content_type="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="person.zip"'
    return answer


@blueprint.post("/persons/removal")
@requires("core.privacy")
def show_removal() -> BaseResponse | str:
    """What would go, be anonymised, and stay. Nothing is changed."""
    preview = removing.preview(_key(), by=current_user.id)
    return _gone() if preview is None else _page(preview, secrets.token_hex(16))


@blueprint.post("/persons/remove")
@requires("core.privacy")
def remove_person() -> BaseResponse | tuple[str, int]:
    """Have the person removed; a form that is sent twice does it once."""
    submission = storable(request.form.get("submission", ""))[:64]
    successor = _successor()
    unblock = request.form.get("unblock") == "1"
    also = [storable(key)[:80] for key in request.form.getlist("also")[:MOST_CHOSEN]]
    preview = removing.preview(_key(), unblock=unblock, successor=successor, by=current_user.id, also=also)
    if preview is None:
        return _gone()
    if request.form.get("confirmed") != "1" or not submission:
        return _page(preview, submission or secrets.token_hex(16), unconfirmed=True), 422
    try:
        ordered = removing.order(preview.removal, submission, current_user.name)
    except removing.Refused as refused:
        flash(str(refused), "error")
        return redirect(url_for("privacy.find_persons"))
    if ordered:
        flash(_("The removal has begun. What it did is shown below once it is over."), "success")
        current_app.extensions["durchwahl"].jobs.apart(removing.work_off)
    else:
        flash(_("The removal of this person is under way already."), "warning")
    return redirect(url_for("privacy.find_persons"))


def _page(preview: removing.Preview, submission: str, *, unconfirmed: bool = False) -> str:
    user_id = preview.removal.person.user_id
    users = [user for user in service.list_users(active_only=True) if user.id != user_id] if user_id else []
    return render_template(
        "core/removal.html",
        preview=preview,
        former=persons.former_words(preview.removal.person),
        submission=submission,
        unconfirmed=unconfirmed,
        users=users,
    )


def _successor() -> int | None:
    chosen = request.form.get("successor", type=int)
    known = {user.id for user in service.list_users(active_only=True)}
    return chosen if chosen in known else None


def _key() -> str:
    return storable(request.form.get("key", ""))[:80]


def _gone() -> BaseResponse:
    flash(_("This person is not there any more."), "error")
    return redirect(url_for("privacy.find_persons"))

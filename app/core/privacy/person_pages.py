"""*Datenschutz → Auskunft*: who is meant, and everything about him as one file."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import storable
from app.core.privacy import persons
from app.core.privacy.pages import PERMISSION as PERMISSION
from app.core.privacy.pages import blueprint as blueprint


@blueprint.get("/persons")
@requires("core.privacy")
def find_persons() -> str:
    """A field for a name or a number, and who may be meant."""
    return render_template("core/persons.html", query="", found=None)


@blueprint.post("/persons")
@requires("core.privacy")
def found_persons() -> str:
    """The same with what was found. No GET: a name or a number does not belong into an address, nor into a log."""
    query = storable(request.form.get("q", "")).strip()[:200]
    return render_template("core/persons.html", query=query, found=persons.find(query) if query else None)


@blueprint.post("/persons/export")
@requires("core.privacy")
def export_person() -> BaseResponse:
    """The file with everything about a person; it is written down that it was made."""
    packed = persons.export(storable(request.form.get("key", ""))[:80], current_user.id, current_user.name)
    if packed is None:
        flash(_("This person is not there any more."), "error")
        return redirect(url_for("privacy.find_persons"))
    answer = Response(packed, content_type="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="person.zip"'
    return answer

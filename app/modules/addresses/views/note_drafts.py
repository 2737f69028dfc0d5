"""Drafts of notes: kept while somebody types, listed, discarded and brought back. Each user sees only the own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import looking, reading, storable
from app.core.i18n import show_duration
from app.core.ui.undo import flash_with_undo
from app.modules.addresses import note_drafts
from app.modules.addresses.note_drafts import DISCARDED_DAYS, KEPT_DAYS, Draft, Place
from app.modules.addresses.note_extras import extra_fields
from app.modules.addresses.note_services import KINDS
from app.modules.addresses.note_sources import prefill_of
from app.modules.addresses.paths import crm_path, new_note_path, note_path
from app.modules.addresses.records import Invalid
from app.modules.addresses.views.note_form import DRAFTED, id_of
from app.modules.addresses.views.note_words import told

blueprint = Blueprint("addresses_drafts", __name__, url_prefix="/addresses/notes/drafts")
PERMISSION = "addresses.edit"
#: Characters of a draft's text in a list.
BEGINNING = 160


@dataclass(frozen=True, slots=True)
class Row:
    """A draft in a list."""

    draft: Draft
    about: str
    """Whom the note is about, as far as that is known."""
    beginning: str
    path: str
    """Where it is gone on with."""


@blueprint.get("")
@requires(PERMISSION)
def index() -> str:
    """The user's own drafts."""
    with reading() as session:
        rows = [row_of(draft) for draft in note_drafts.drafts_of(session, current_user.id)]
    return render_template("addresses/drafts.html", rows=rows, kept_days=KEPT_DAYS)


@blueprint.post("")
@requires(PERMISSION)
def keep() -> Response | tuple[Response, int]:
    """Keep what was typed; answers with what is there now, also what other windows typed."""
    kind, origin = request.form.get("kind", ""), storable(request.form.get("origin", ""))[:80] or None
    typed, base = _typed(), request.form.get("base", type=int)
    if kind not in KINDS or typed is None or base is None:
        abort(400)
    place = Place(kind, origin, id_of(request.form.get("address_id")))
    submission = request.form.get("submission", "")[:40]
    try:
        kept = note_drafts.keep(current_user.id, place, submission, typed, base, request.form.get("window", "")[:40])
    except Invalid as refused:
        return jsonify(refused=sorted(refused.problems)), 422
    prefill = prefill_of(origin)
    with reading() as session:
        places = note_drafts.open_places(session, current_user.id)
    return jsonify(
        draft=_told(kept.draft) if kept.draft is not None else None,
        note=note_path(kept.note_id) if kept.note_id is not None else None,
        duration=show_duration(prefill.duration_seconds) if prefill is not None else "",
        places=places,
    )


@blueprint.get("/token")
@requires(PERMISSION)
def token() -> Response:
    """A new token for a page whose log-in was ended and begun anew meanwhile, and whose it is."""
    return jsonify(token=generate_csrf(), user_id=current_user.id)


@blueprint.post("/<int:draft_id>/discard")
@requires(PERMISSION)
def discard(draft_id: int) -> BaseResponse:
    """Put a draft away, with a way back."""
    if not note_drafts.discard(draft_id, current_user.id):
        abort(404)
    back = url_for("addresses_drafts.restore", draft_id=draft_id)
    message = _("The draft is discarded. For %(days)s days it can be brought back.", days=DISCARDED_DAYS)
    if request.headers.get("HX-Request"):
        return jsonify(message=message, undo=back)
    flash_with_undo(message, back, _("Undo"))
    return redirect(url_for("addresses_drafts.index"))


@blueprint.post("/<int:draft_id>/restore")
@requires(PERMISSION)
def restore(draft_id: int) -> BaseResponse:
    """Bring a discarded draft back."""
    draft = note_drafts.find(draft_id, current_user.id) or abort(404)
    done = note_drafts.restore(draft_id, current_user.id)
    message = (
        _("The draft is back.")
        if done
        else _("You have begun another draft of this meanwhile. Save or discard it first.")
    )
    if request.headers.get("HX-Request"):
        return jsonify(message=message, path=path_of(draft) if done else None)
    flash(message, "success" if done else "warning")
    return redirect(url_for("addresses_drafts.index"))


def row_of(draft: Draft) -> Row:
    """A draft as lists show it."""
    values = draft.values
    prefill = prefill_of(draft.origin)
    number = values.get("number") or (prefill.number_display if prefill is not None else "")
    text = " ".join((values.get("subject") or values.get("text") or "").split())
    return Row(draft, draft.address_name or number, text[:BEGINNING], path_of(draft))


def path_of(draft: Draft) -> str:
    """Where a draft is gone on with."""
    if draft.origin is not None:
        return new_note_path(origin=draft.origin)
    if draft.address_id is not None:
        return crm_path(draft.address_id, new=draft.kind)
    return new_note_path()


def header() -> dict[str, Any]:
    """What the head of every page shows."""
    with looking() as connection:
        return {"places": note_drafts.open_places(connection, current_user.id)}


def page_end() -> dict[str, Any]:
    """What the scripts of every page are told."""
    return {"note_told": told()}


def _typed() -> dict[str, str] | None:
    """What was typed, of the fields that a draft keeps; None where it is no such thing."""
    try:
        sent = json.loads(request.form.get("typed", ""))
    except ValueError:
        return None
    if not isinstance(sent, dict):
        return None
    known = {*DRAFTED, *extra_fields()}
    return {name: value for name, value in sent.items() if name in known and isinstance(value, str)}


def _told(draft: Draft) -> dict[str, Any]:
    return {
        "version": draft.version,
        "submission": draft.submission,
        "fields": draft.values,
        "saved_at": draft.updated_at.astimezone(UTC).isoformat(),
        "discard": url_for("addresses_drafts.discard", draft_id=draft.id),
    }

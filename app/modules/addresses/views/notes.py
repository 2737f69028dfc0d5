"""The tab CRM with phone notes and notes, and the notes that belong to no address yet."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import may, requires
from app.core.database import reading, storable
from app.core.ui.paging import Paging, asked_page
from app.core.ui.undo import flash_with_undo
from app.modules.addresses import note_services
from app.modules.addresses.note_extras import ExtraRefused, read_extras
from app.modules.addresses.note_reading import (
    PER_PAGE,
    NoteDetail,
    count_notes,
    count_without_address,
    get_note,
    notes_of_address,
    notes_without_address,
)
from app.modules.addresses.note_services import AlreadyCreated, NoteInput
from app.modules.addresses.note_sources import NotePrefill, prefill_of
from app.modules.addresses.paths import crm_path
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import Invalid, Stale
from app.modules.addresses.views.note_answers import answered, drop_draft, is_part, own_drafts, place_of, sent_again
from app.modules.addresses.views.note_begin import begun, clock, page_of, show_refusal
from app.modules.addresses.views.note_form import NoteForm, NotePage, is_same, sent_note, strings_of_note
from app.modules.addresses.views.pages import frame
from app.modules.addresses.views.timeline import history

blueprint = Blueprint("addresses_notes", __name__, url_prefix="/addresses")
#: What happened last, beside the notes; the rest stands on a page of its own.
MOST_IN_TAB = 20


@blueprint.get("/<int:address_id>/crm")
@requires("addresses.view")
def crm(address_id: int) -> str | tuple[str, int]:
    """The tab. ``?telefon_notiz_erstellen=1`` (the old name) and ``?new=phone|note`` open the form of a note."""
    around = frame(address_id)
    lists: dict[str, tuple[list[NoteDetail], Paging]] = {}
    with reading() as session:
        for kind in note_services.KINDS:
            total = count_notes(session, address_id, kind)
            last = max(1, -(-total // PER_PAGE))
            page = min(asked_page(f"{kind}_page"), last)
            rows = notes_of_address(session, address_id, kind, page=page)

            def link(one: int, kind: str = kind) -> str:
                return crm_path(address_id, **{f"{kind}_page": one})

            lists[kind] = (rows, Paging(page, PER_PAGE, total, link))
    asked = request.args.get("new", "")
    wanted = asked if asked in note_services.KINDS else ""
    if request.args.get("telefon_notiz_erstellen") == "1":
        wanted = "phone"
    if wanted and is_part() and may("addresses.edit"):
        return answered(begun(wanted, around.address))
    return render_template(
        "addresses/crm.html",
        frame=around,
        address=around.address,
        lists=lists,
        begun=begun(wanted, around.address) if wanted and may("addresses.edit") else None,
        drafts=own_drafts(address_id) if may("addresses.edit") else [],
        history=history(around, crm_path, "#history", MOST_IN_TAB),
    )


@blueprint.get("/notes")
@requires("addresses.view")
def loose() -> str:
    """Notes without an address: written about unknown callers, to be attached."""
    with reading() as session:
        total = count_without_address(session)
        page = min(asked_page(), max(1, -(-total // PER_PAGE)))
        notes = notes_without_address(session, page=page)
    paging = Paging(page, PER_PAGE, total, lambda one: url_for("addresses_notes.loose", page=one))
    return render_template("addresses/notes.html", notes=notes, paging=paging)


@blueprint.route("/notes/new", methods=["GET", "POST"])
@requires("addresses.edit")
def new() -> str | BaseResponse | tuple[str, int]:
    """A new note, at an address or for now at its call alone."""
    given = request.args if request.method == "GET" else request.form
    address = get_address(given.get("address_id", 0, int))
    kind = given.get("kind", "phone")
    kind = kind if kind in note_services.KINDS else "phone"
    if request.method == "GET":
        return answered(begun(kind, address))
    origin = storable(request.form.get("origin", ""))[:80]
    prefill = prefill_of(origin)
    form = NoteForm(request.form, {}, address)
    place = place_of(kind, origin, address)
    page = sent_again(
        page_of(form, kind, address, None, origin, prefill, request.form.get("duration_shown", "")), place
    )
    if not form.validate():
        return answered(page, 422)
    try:
        note = sent_note(page, prefill, clock())
        along = [*(read_extras(request.form.to_dict()) if kind == "phone" else ()), drop_draft(place)]
    except (Invalid, ExtraRefused) as refused:
        return _refused(page, refused)
    try:
        note_id = note_services.create_note(note, by=current_user.id, along=along)
    except Invalid as refused:
        return _refused(page, refused)
    except AlreadyCreated as already:
        return _once_more(already.note_id, note, page, prefill)
    return _saved(note_id)


def _saved(note_id: int) -> BaseResponse:
    """To where the note is seen; the drawer says so beside the page that is open."""
    message = _("The note is saved.")
    if is_part() and not request.headers.get("X-Note-Page"):
        return jsonify(message=message, path=_place(note_id))
    flash(message, "success")
    return jsonify(path=_place(note_id)) if is_part() else redirect(_place(note_id))


def _refused(page: NotePage, refused: Invalid | ExtraRefused) -> str | tuple[str, int]:
    if isinstance(refused, ExtraRefused):
        page = replace(page, refused=refused.problems)
    else:
        show_refusal(page.form, refused)
    return answered(page, 422)


def _once_more(
    note_id: int, given: NoteInput, page: NotePage, prefill: NotePrefill | None
) -> str | BaseResponse | tuple[str, int]:
    """The form was sent before: nothing new is made, and what differs is shown beside what was saved."""
    note = _note(note_id)
    if not is_same(given, note):
        address = get_address(note.address_id) if note.address_id is not None else None
        form = NoteForm(request.form, {}, address)
        page = page_of(
            form, note.kind, address, note, "", prefill, page.duration_shown, version=note.version, theirs=note
        )
        return answered(page, 409)
    return _saved(note_id)


@blueprint.route("/notes/<int:note_id>/edit", methods=["GET", "POST"])
@requires("addresses.edit")
def edit(note_id: int) -> str | BaseResponse | tuple[str, int]:
    """Edit a note, or attach it to an address. Who saves second sees the other's text beside the own."""
    note = _note(note_id)
    address = get_address(note.address_id) if note.address_id is not None else None
    prefill = prefill_of(note.origin)
    if request.method == "GET":
        form = NoteForm(None, strings_of_note(note), address)
        shown = strings_of_note(note)["duration"]
        page = page_of(form, note.kind, address, note, "", prefill, shown, version=note.version)
        return answered(page)
    form = NoteForm(request.form, {}, address)
    shown, version = request.form.get("duration_shown", ""), request.form.get("version", 0, int)
    page = page_of(form, note.kind, address, note, "", prefill, shown, version=version)
    if not form.validate():
        return answered(page, 422)
    try:
        note_services.update_note(note_id, version, sent_note(page, prefill, clock()), by=current_user.id)
    except Invalid as refused:
        return _refused(page, refused)
    except Stale as stale:
        page = page_of(form, note.kind, address, note, "", prefill, shown, version=stale.version, theirs=note)
        return answered(page, 409)
    return _saved(note_id)


@blueprint.post("/notes/<int:note_id>/delete")
@requires("addresses.edit")
def delete(note_id: int) -> BaseResponse:
    """Delete, with a way back."""
    note = _note(note_id)
    note_services.delete_note(note_id, by=current_user.id)
    flash_with_undo(
        _("The note is deleted: %(subject)s", subject=note.subject),
        url_for("addresses_notes.undelete", note_id=note_id),
        _("Undo"),
    )
    return redirect(_list_of(note))


@blueprint.post("/notes/<int:note_id>/undelete")
@requires("addresses.edit")
def undelete(note_id: int) -> BaseResponse:
    """Bring a deleted note back."""
    with reading() as session:
        note = get_note(session, note_id) or abort(404)
    note_services.undelete_note(note_id, by=current_user.id)
    flash(_("The note is back."), "success")
    return redirect(_list_of(note))


def _note(note_id: int) -> NoteDetail:
    with reading() as session:
        note = get_note(session, note_id)
    if note is None or note.deleted:
        abort(404)
    return note


def _place(note_id: int) -> str:
    """Where a note that was just saved is seen."""
    return _list_of(_note(note_id), anchor=True)


def _list_of(note: NoteDetail, *, anchor: bool = False) -> str:
    path = url_for("addresses_notes.loose") if note.address_id is None else crm_path(note.address_id)
    return f"{path}#note-{note.id}" if anchor else path

"""The tab CRM with phone notes and notes, and the notes that belong to no address yet."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import may, requires
from app.core.clock import Clock
from app.core.database import reading
from app.core.ui.paging import Paging, asked_page
from app.core.ui.undo import flash_with_undo
from app.modules.addresses import note_services
from app.modules.addresses.note_reading import (
    PER_PAGE,
    NoteDetail,
    count_notes,
    count_without_address,
    get_note,
    notes_of_address,
    notes_without_address,
)
from app.modules.addresses.note_sources import NotePrefill, prefill_of
from app.modules.addresses.paths import crm_path
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail, Invalid, Stale
from app.modules.addresses.views.forms import show_problems
from app.modules.addresses.views.note_form import (
    NoteForm,
    NotePage,
    id_of,
    page_name,
    proposed_subject,
    sent_note,
    strings_of_note,
    strings_of_prefill,
)
from app.modules.addresses.views.pages import frame

blueprint = Blueprint("addresses_notes", __name__, url_prefix="/addresses")


def _clock() -> Clock:
    found: Clock = current_app.extensions["durchwahl"].clock
    return found


@blueprint.get("/<int:address_id>/crm")
@requires("addresses.view")
def crm(address_id: int) -> str:
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
    begun = request.args.get("new", "")
    wanted = begun if begun in note_services.KINDS else ""
    if request.args.get("telefon_notiz_erstellen") == "1":
        wanted = "phone"
    return render_template(
        "addresses/crm.html",
        frame=around,
        address=around.address,
        lists=lists,
        begun=_begun(wanted, around.address) if wanted and may("addresses.edit") else None,
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
def new() -> str | BaseResponse:
    """A new note, at an address or for now at its call alone."""
    given = request.args if request.method == "GET" else request.form
    address = get_address(given.get("address_id", 0, int))
    kind = given.get("kind", "phone")
    kind = kind if kind in note_services.KINDS else "phone"
    if request.method == "GET":
        return render_template("addresses/note.html", page=_begun(kind, address))
    origin = request.form.get("origin", "")[:80]
    prefill = prefill_of(origin)
    form = NoteForm(request.form, {}, address)
    page = _page(form, kind, address, None, origin, prefill, request.form.get("duration_shown", ""))
    if not form.validate():
        return render_template("addresses/note.html", page=page)
    try:
        note_id = note_services.create_note(sent_note(page, prefill, _clock()), by=current_user.id)
    except Invalid as refused:
        _show(form, refused)
        return render_template("addresses/note.html", page=page)
    flash(_("The note is saved."), "success")
    return redirect(_place(note_id))


@blueprint.route("/notes/<int:note_id>/edit", methods=["GET", "POST"])
@requires("addresses.edit")
def edit(note_id: int) -> str | BaseResponse:
    """Edit a note, or attach it to an address. Who saves second sees the other's text beside the own."""
    note = _note(note_id)
    address = get_address(note.address_id) if note.address_id is not None else None
    prefill = prefill_of(note.origin)
    if request.method == "GET":
        form = NoteForm(None, strings_of_note(note), address)
        shown = strings_of_note(note)["duration"]
        page = _page(form, note.kind, address, note, "", prefill, shown, version=note.version)
        return render_template("addresses/note.html", page=page)
    form = NoteForm(request.form, {}, address)
    shown, version = request.form.get("duration_shown", ""), request.form.get("version", 0, int)
    page = _page(form, note.kind, address, note, "", prefill, shown, version=version)
    if not form.validate():
        return render_template("addresses/note.html", page=page)
    try:
        note_services.update_note(note_id, version, sent_note(page, prefill, _clock()), by=current_user.id)
    except Invalid as refused:
        _show(form, refused)
        return render_template("addresses/note.html", page=page)
    except Stale as stale:
        page = _page(form, note.kind, address, note, "", prefill, shown, version=stale.version, theirs=note)
        return render_template("addresses/note.html", page=page)
    flash(_("The note is saved."), "success")
    return redirect(_place(note_id))


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


def _begun(kind: str, address: AddressDetail | None) -> NotePage:
    """The form of a new note, filled in by the origin's source."""
    origin = request.args.get("origin", "")[:80] if kind == "phone" else ""
    prefill = prefill_of(origin)
    contact_id = request.args.get("contact_id", None, int)
    if prefill is not None:
        if address is None and prefill.address_id is not None and not prefill.candidates:
            address = get_address(prefill.address_id)
        if contact_id is None and address is not None:
            # The address may have been chosen among several matches: then the contact is the one found there.
            meant = [(prefill.address_id, prefill.contact_id), *((one, who) for one, who, _text in prefill.candidates)]
            contact_id = next((who for one, who in meant if one == address.id), None)
    strings = strings_of_prefill(prefill, kind, _clock(), contact_id)
    form = NoteForm(None, strings, address)
    return _page(form, kind, address, None, origin, prefill, strings.get("duration", ""))


def _page(
    form: NoteForm,
    kind: str,
    address: AddressDetail | None,
    note: NoteDetail | None,
    origin: str,
    prefill: NotePrefill | None,
    duration_shown: str,
    *,
    version: int | None = None,
    theirs: NoteDetail | None = None,
) -> NotePage:
    candidates: tuple[tuple[str, str], ...] = ()
    if address is None and prefill is not None:
        candidates = tuple((f"{one}:{who or ''}", text) for one, who, text in prefill.candidates)
    owner = request.form.get("owner", "")
    page = NotePage(form, kind, address, note, origin, candidates, owner, version, "", duration_shown, theirs)
    return replace(page, proposal=_proposal(page, prefill))


def _proposal(page: NotePage, prefill: NotePrefill | None) -> str:
    """What an empty subject becomes; of a note nothing is known before its text."""
    if page.kind == "note":
        return ""
    if prefill is not None and prefill.subject:
        return prefill.subject
    contact_id = id_of(page.form.contact_id.data)
    name = page_name(page, page.address.id if page.address else None, contact_id)
    at = page.note.occurred_at if page.note else prefill.occurred_at if prefill else _clock().now()
    return proposed_subject(page.kind, name, page.form.direction.data or None, at)


def _show(form: NoteForm, refused: Invalid) -> None:
    problems: MultiDict[str, str] = MultiDict(refused.problems)
    for text in show_problems(form, problems):
        flash(text, "error")


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

"""The page around the form of a note: begun from an address or a call, sent back with what is wrong."""

from __future__ import annotations

from dataclasses import replace

from flask import current_app, flash, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.core.clock import Clock
from app.core.database import reading, storable
from app.modules.addresses.note_drafts import Place, draft_of
from app.modules.addresses.note_reading import NoteDetail
from app.modules.addresses.note_sources import NotePrefill, prefill_of
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail, Invalid
from app.modules.addresses.views.forms import show_problems
from app.modules.addresses.views.note_form import (
    NoteForm,
    NotePage,
    id_of,
    new_submission,
    page_name,
    proposed_subject,
    strings_of_prefill,
)
from app.modules.addresses.views.note_taken_up import TakenUp, taken_up


def clock() -> Clock:
    """The application's."""
    found: Clock = current_app.extensions["durchwahl"].clock
    return found


def begun(kind: str, address: AddressDetail | None) -> NotePage:
    """The form of a new note, filled in by the origin's source; a draft of it is taken up."""
    origin = storable(request.args.get("origin", ""))[:80] if kind == "phone" else ""
    prefill = prefill_of(origin)
    contact_id = request.args.get("contact_id", None, int)
    if prefill is not None:
        if address is None and prefill.address_id is not None and not prefill.candidates:
            address = get_address(prefill.address_id)
        if contact_id is None and address is not None:
            # The address may have been chosen among several matches: then the contact is the one found there.
            meant = [(prefill.address_id, prefill.contact_id), *((one, who) for one, who, _text in prefill.candidates)]
            contact_id = next((who for one, who in meant if one == address.id), None)
    place = Place(kind, origin or None, address.id if address is not None else None)
    with reading() as session:
        draft = draft_of(session, current_user.id, place)
    strings = strings_of_prefill(prefill, kind, clock(), contact_id)
    shown = strings.get("duration", "")
    taken = taken_up(draft, address, contact_id) if draft is not None else TakenUp(address)
    strings |= taken.strings
    form = NoteForm(None, strings, taken.address)
    if draft is not None and origin:
        kept_at = draft.address_id if taken.candidates else taken.address.id if taken.address is not None else None
        place = replace(place, address_id=kept_at)
    page = page_of(form, kind, taken.address, None, origin, prefill, shown)
    return replace(
        page,
        submission=draft.submission if draft is not None else new_submission(),
        draft=draft,
        place=place,
        typed=taken.strings,
        owner=taken.owner,
        candidates=(*taken.candidates, *(one for one in page.candidates if one[0] not in dict(taken.candidates))),
        moved=taken.moved,
    )


def page_of(
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
    """Form and everything around it, also as it was sent."""
    candidates: tuple[tuple[str, str], ...] = ()
    if address is None and prefill is not None:
        candidates = tuple((f"{one}:{who or ''}", text) for one, who, text in prefill.candidates)
    owner, submission = request.form.get("owner", ""), request.form.get("submission", "")[:40]
    page = NotePage(
        form,
        kind,
        address,
        note,
        origin,
        candidates,
        owner,
        version,
        "",
        duration_shown,
        theirs,
        submission,
        request.form,
    )
    return replace(page, proposal=_proposal(page, prefill))


def _proposal(page: NotePage, prefill: NotePrefill | None) -> str:
    """What an empty subject becomes; of a note nothing is known before its text."""
    if page.kind == "note":
        return ""
    if prefill is not None and prefill.subject:
        return prefill.subject
    contact_id = id_of(page.form.contact_id.data)
    name = page_name(page, page.address.id if page.address else None, contact_id)
    at = page.note.occurred_at if page.note else prefill.occurred_at if prefill else clock().now()
    return proposed_subject(page.kind, name, page.form.direction.data or None, at)


def show_refusal(form: NoteForm, refused: Invalid) -> None:
    """Put what is wrong beside the fields, and what has no field above the form."""
    problems: MultiDict[str, str] = MultiDict(refused.problems)
    for text in show_problems(form, problems):
        flash(text, "error")

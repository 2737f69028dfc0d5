"""How the pages of notes answer: as a page, or as a part of one for the drawer beside it; and what a draft adds."""

from __future__ import annotations

from dataclasses import replace

from flask import render_template, request
from flask_login import current_user
from sqlalchemy.orm import Session

from app.core.database import reading
from app.modules.addresses import note_drafts
from app.modules.addresses.note_drafts import Place
from app.modules.addresses.note_extras import NewNote, Store
from app.modules.addresses.records import AddressDetail
from app.modules.addresses.views.note_drafts import Row, row_of
from app.modules.addresses.views.note_form import NotePage


def is_part() -> bool:
    """Whether a script asks, which shows the answer in a page that is open already."""
    return bool(request.headers.get("HX-Request"))


def answered(page: NotePage, status: int = 200) -> str | tuple[str, int]:
    """The form, as a page or for the drawer. The status tells scripts only: a browser shows the page either way."""
    if is_part():
        return render_template("addresses/_note_place.html", page=page, part=True), status
    return render_template("addresses/note.html", page=page, part=False)


def place_of(kind: str, origin: str, address: AddressDetail | None) -> Place:
    """Where the draft of a form that was sent belongs."""
    return Place(kind, origin or None, address.id if address is not None else None)


def sent_again(page: NotePage, place: Place) -> NotePage:
    """A form that comes back, with its draft."""
    with reading() as session:
        return replace(page, place=place, draft=note_drafts.draft_of(session, current_user.id, place))


def drop_draft(place: Place) -> Store:
    """The draft goes with the transaction that stores its note."""
    user_id = current_user.id

    def store(session: Session, _note: NewNote) -> None:
        note_drafts.drop(session, user_id, place)

    return store


def own_drafts(address_id: int) -> list[Row]:
    """The user's own drafts about an address."""
    with reading() as session:
        return [row_of(draft) for draft in note_drafts.drafts_of(session, current_user.id, address_id=address_id)]

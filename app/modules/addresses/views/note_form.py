"""The form of a note: what it shows first, what was sent, and the subject that is proposed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import Optional

from app.core.accounts.service import list_users
from app.core.clock import Clock
from app.core.i18n import local, select_timezone, show_duration
from app.core.phones import format_display
from app.modules.addresses.note_drafts import Draft, Place
from app.modules.addresses.note_extras import extra_fields
from app.modules.addresses.note_reading import NoteDetail
from app.modules.addresses.note_services import NoteInput
from app.modules.addresses.note_sources import NotePrefill
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail, Invalid
from app.modules.addresses.settings import address_settings
from app.modules.addresses.views.texts import direction_name

_DURATION = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):([0-5]?\d)|(\d{1,4}))")
#: Fields of the form that a draft keeps.
DRAFTED = (
    *("date", "time", "user_id", "owner", "contact_id", "number"),
    *("direction", "duration", "subject", "text", "tags"),
)
#: Characters of a note's text that may become its subject.
SUBJECT_FROM_TEXT = 80


class NoteForm(FlaskForm):
    """A phone note or a note."""

    kind = HiddenField()
    date = DateField(_l("Date"), [Optional()])
    time = TimeField(_l("Time of day"), [Optional()], format=["%H:%M", "%H:%M:%S"])
    user_id = SelectField(_l("Editor"), validate_choice=False)
    contact_id = SelectField(_l("Contact person"), validate_choice=False)
    number = StringField(_l("Phone number"))
    direction = SelectField(_l("Direction"), validate_choice=False)
    duration = StringField(_l("Duration"))
    tags = StringField(_l("Tags"))
    subject = StringField(_l("Subject"))
    text = TextAreaField(_l("Text"))

    def __init__(self, formdata: Any, strings: dict[str, str], address: AddressDetail | None) -> None:
        """``formdata`` as it was sent, or None; then ``strings`` are shown."""
        given = MultiDict({name: value for name, value in strings.items() if value}) if formdata is None else formdata
        super().__init__(given)
        chosen = given.get("user_id", "")
        self.user_id.choices = [
            *([] if chosen else [("", "–")]),
            *((str(user.id), user.name) for user in list_users() if user.active or str(user.id) == chosen),
        ]
        people = [*address.contacts, *address.former_contacts] if address else []
        self.contact_id.choices = [("", "–"), *((str(person.id), person.name) for person in people)]
        self.direction.choices = [("", "–"), *((way, direction_name(way)) for way in ("in", "out"))]


@dataclass(frozen=True, slots=True)
class NotePage:
    """Everything around the form of a note."""

    form: NoteForm
    kind: str
    address: AddressDetail | None
    note: NoteDetail | None
    origin: str
    candidates: tuple[tuple[str, str], ...]
    """Owners to choose from: ``address:contact`` and a text."""
    owner: str
    version: int | None
    proposal: str
    """The subject that an empty one becomes."""
    duration_shown: str
    """The duration that the form was opened with: another one was typed by hand."""
    theirs: NoteDetail | None = None
    """What somebody else saved in between."""
    submission: str = ""
    """What this form is called, so that sending it twice makes one note."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """All that was sent: the fields of other modules are shown from it."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with those, in sentences."""
    draft: Draft | None = None
    """What was typed before and is taken up again."""
    place: Place | None = None
    """Where its draft belongs; None for a note that is stored already."""
    moved: str = ""
    """Said where the call has another address by now than when the draft was begun."""

    @property
    def draft_config(self) -> dict[str, Any]:
        """What the script that keeps the draft has to know."""
        place, draft = self.place, self.draft
        if place is None:
            return {}
        return {
            "about": place.about,
            "kind": place.kind,
            "origin": place.origin or "",
            "address_id": place.address_id,
            "base": draft.version if draft else 0,
            "touched": [*draft.fields] if draft else [],
            "fields": [*DRAFTED, *extra_fields()],
            "saved_at": draft.updated_at.isoformat() if draft else "",
        }


def strings_of_note(note: NoteDetail) -> dict[str, str]:
    """A stored note as the form would send it."""
    at = local(note.occurred_at)
    return {
        "kind": note.kind,
        "date": at.strftime("%Y-%m-%d"),
        "time": at.strftime("%H:%M"),
        "user_id": str(note.user_id or ""),
        "contact_id": str(note.contact_id or ""),
        "number": note.number_raw,
        "direction": note.direction or "",
        "duration": show_duration(note.duration_seconds),
        "tags": ", ".join(note.tags),
        "subject": note.subject,
        "text": note.text,
    }


def strings_of_prefill(prefill: NotePrefill | None, kind: str, clock: Clock, contact_id: int | None) -> dict[str, str]:
    """What a new note begins with: the call's values, else now and me."""
    at = local(prefill.occurred_at if prefill else clock.now())
    strings = {
        "kind": kind,
        "date": at.strftime("%Y-%m-%d"),
        "time": at.strftime("%H:%M"),
        "user_id": str(current_user.id),
        "contact_id": str(contact_id or ""),
    }
    if prefill is not None:
        region = address_settings().default_country
        display = format_display(prefill.number_e164, region) if prefill.number_e164 else prefill.number_display
        strings |= {
            "number": display,
            "direction": prefill.direction or "",
            "duration": show_duration(prefill.duration_seconds),
        }
    return strings


def proposed_subject(kind: str, name: str, direction: str | None, at: datetime, text: str = "") -> str:
    """What an empty subject becomes: ``Anruf von Max Muster, 23.11.2026 11:10``; of a note its first words."""
    there = local(at)
    locale = get_locale()
    when = f"{format_date(there, 'medium', locale=locale)} {format_time(there, 'short', locale=locale)}"
    if kind == "note":
        first = " ".join(text.split())
        if first:
            return first if len(first) <= SUBJECT_FROM_TEXT else f"{first[: SUBJECT_FROM_TEXT - 1].rstrip()}…"
        return str(_("Note of %(when)s", when=when))
    name = name or _("Unknown")
    if direction == "in":
        return str(_("Call from %(name)s, %(when)s", name=name, when=when))
    return str(_("Conversation with %(name)s, %(when)s", name=name, when=when))


def sent_note(page: NotePage, prefill: NotePrefill | None, clock: Clock) -> NoteInput:
    """What was sent, as the service takes it; an empty subject is filled. Raises Invalid for an unreadable duration.

    A duration that was left as shown still belongs to the call and follows it.
    """
    form = page.form
    at = _moment(form) or (page.note.occurred_at if page.note else clock.now())
    typed = (form.duration.data or "").strip()
    by_hand = typed != page.duration_shown or bool(page.note and page.note.duration_by_hand)
    seconds = seconds_of(typed) if by_hand else (prefill.duration_seconds if prefill else None)
    address_id, contact_id = owner_of(page)
    name = page_name(page, address_id, contact_id)
    direction = form.direction.data or None
    proposal = prefill.subject if prefill and prefill.subject and page.kind == "phone" else ""
    subject = (form.subject.data or "").strip() or proposal
    return NoteInput(
        subject=subject or proposed_subject(page.kind, name, direction, at, form.text.data or ""),
        text=form.text.data or "",
        kind=page.kind,
        occurred_at=at,
        user_id=id_of(form.user_id.data),
        address_id=address_id,
        contact_id=contact_id,
        number=form.number.data or "",
        direction=direction,
        duration_seconds=seconds,
        duration_by_hand=by_hand,
        tags=form.tags.data or "",
        origin=page.origin or None,
        submission=page.submission or None,
    )


def new_submission() -> str:
    """A name for a form that nobody has had."""
    return uuid4().hex


def is_same(given: NoteInput, note: NoteDetail) -> bool:
    """Whether a stored note says what was sent once more."""
    return (
        " ".join(given.subject.split()) == note.subject
        and given.text.replace("\r\n", "\n").strip() == note.text
        and (given.address_id, given.contact_id) == (note.address_id, note.contact_id)
    )


def page_name(page: NotePage, address_id: int | None, contact_id: int | None) -> str:
    """Whom the note is about, for its proposed subject: the contact, the address, the number."""
    address = page.address
    if address_id is not None and (address is None or address.id != address_id):
        address = get_address(address_id)
    if address is not None:
        people = [*address.contacts, *address.former_contacts]
        return next((person.name for person in people if person.id == contact_id), address.name)
    return (page.form.number.data or "").strip()


def owner_of(page: NotePage) -> tuple[int | None, int | None]:
    """Address and contact of the note: as chosen in the pick list, else the address that the form belongs to."""
    chosen = re.fullmatch(r"(\d{1,9}):(\d{0,9})", request.form.get("owner", ""))
    if chosen:
        return int(chosen[1]), int(chosen[2]) if chosen[2] else None
    if page.address is None:
        return None, None
    return page.address.id, id_of(page.form.contact_id.data)


def id_of(text: str | None) -> int | None:
    """The id that a pick list sent; None for the empty choice and for what is no id."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else None


def seconds_of(text: str) -> int | None:
    """``4:30`` and ``1:02:03`` as seconds, a single number as minutes; None for nothing. Raises Invalid."""
    if not text:
        return None
    found = _DURATION.fullmatch(text)
    if found is None:
        raise Invalid({"duration": "bad_duration"})
    hours, minutes, seconds, alone = (int(group) if group else 0 for group in found.groups())
    return alone * 60 if found[4] else hours * 3600 + minutes * 60 + seconds


def _moment(form: NoteForm) -> datetime | None:
    if form.date.data is None or form.time.data is None:
        return None
    return datetime.combine(form.date.data, form.time.data, tzinfo=ZoneInfo(select_timezone())).astimezone(UTC)

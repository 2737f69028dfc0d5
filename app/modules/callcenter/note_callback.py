"""A call-back entered with a phone note: its fields in the note's form, stored in the note's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from app.core.accounts.access import may
from app.core.database import reading
from app.core.kernel import ModuleSetup
from app.modules.addresses.api import ExtraRefused, NewNote, NoteExtra, owner_name, register_note_extra
from app.modules.callcenter import callback_tasks
from app.modules.callcenter.callback_tasks import Written

PERMISSION = "callcenter.callbacks"
FIELDS = ("callback", "callback_when", "callback_due", "callback_for")
#: When it is due: no matter when, an hour after the note is saved, the next day's morning, or as typed.
WHENS = ("any", "hour", "morning", "own")
MORNING_HOUR = 9
MOST_NUMBER, MOST_COMMENT, MOST_NAME = 200, 10_000, 400


def install(setup: ModuleSetup) -> None:
    """Add the fields to the form of a new phone note."""
    setup.slot("note.form", "callcenter/note_callback.html", fields, permission=PERMISSION)

    def read(sent: Mapping[str, str]) -> Callable[[Session, NewNote], None] | None:
        # Asked of the application that answers: the table of extras belongs to the process.
        active = current_app.extensions["durchwahl"].states.is_active("callcenter")
        return _read(sent) if active and may(PERMISSION) else None

    register_note_extra(setup.module.name, NoteExtra(FIELDS, read))


def fields(note: object, kind: str, typed: Mapping[str, str], refused: Mapping[str, str]) -> dict[str, Any] | None:
    """What the form shows; nothing for a note that is stored already, and none without a telephone."""
    if note is not None or kind != "phone":
        return None
    with reading() as session:
        people = callback_tasks.people(session)
    when = typed.get("callback_when", "")
    return {
        "wanted": bool(typed.get("callback")),
        "when": when if when in WHENS else "any",
        "due": typed.get("callback_due", ""),
        "assignee": typed.get("callback_for", str(current_user.id)),
        "people": people,
        "refused": refused,
    }


def due_at(when: str, typed: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the call-back is due, aware; None for no matter when. Raises ValueError for a time that cannot be read."""
    if when == "hour":
        return now + timedelta(hours=1)
    if when == "morning":
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        return datetime(tomorrow.year, tomorrow.month, tomorrow.day, MORNING_HOUR, tzinfo=zone)
    if when == "own":
        found = datetime.fromisoformat(typed)
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)
    return None


def _read(sent: Mapping[str, str]) -> Callable[[Session, NewNote], None] | None:
    if not sent.get("callback"):
        return None
    problems: dict[str, str] = {}
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    due = None
    try:
        due = due_at(sent.get("callback_when", ""), sent.get("callback_due", ""), now, ZoneInfo(current_user.timezone))
    except ValueError:
        problems["callback_due"] = _("Please choose date and time.")
    if due is not None and due <= now:
        problems["callback_due"] = _("This time is over already.")
    number = " ".join(sent.get("number", "").split())
    if not number:
        problems["callback"] = _("To call back, a phone number is needed above.")
    elif len(number) > MOST_NUMBER:
        problems["callback"] = _("This phone number is too long to call back.")
    if problems:
        raise ExtraRefused(problems)
    with reading() as session:
        known = {str(user): user for user, _name in callback_tasks.people(session)}
    assigned_to = known.get(sent.get("callback_for", ""))

    def store(session: Session, note: NewNote) -> None:
        owner = owner_name(session, note.address_id, note.contact_id) if note.address_id is not None else None
        written = Written(
            number=note.number,
            name=owner.name[:MOST_NAME] if owner else "",
            reason=note.subject,
            comment=note.text[:MOST_COMMENT],
            assigned_to=assigned_to,
            due_at=due,
            address_id=note.address_id,
            contact_id=note.contact_id,
        )
        callback_tasks.enter(session, written, note.by)

    return store

"""Fills the form of a phone note from the call that it is about."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.core.accounts.access import may
from app.core.database import MAX_ID, reading, transaction
from app.core.kernel import ModuleSetup
from app.modules.addresses.api import NotePrefill, NoteSaved, register_note_source, set_note_duration
from app.modules.callcenter.callback_tasks import find
from app.modules.callcenter.shown import Shown, shown
from app.modules.callcenter.snapshots import remote_of
from app.modules.callcenter.stored import CALL, StoredCall, stored
from app.modules.callcenter.visibility import visible_to

PREFIX = "call"
CALLBACK_PREFIX = "callback"


def install(setup: ModuleSetup) -> None:
    """Offer calls as origins of notes."""

    def may_tell(permission: str) -> bool:
        # Asked of the application that answers: the table of sources belongs to the process.
        return current_app.extensions["durchwahl"].states.is_active("callcenter") and may(permission)

    def source(origin: str) -> NotePrefill | None:
        # Who may not see calls learns nothing of one by guessing its number.
        return prefill(origin, current_user.id) if may_tell("callcenter.calls") else None

    def callback_source(origin: str) -> NotePrefill | None:
        return prefill_of_callback(origin, current_user.id) if may_tell("callcenter.callbacks") else None

    register_note_source(PREFIX, source)
    register_note_source(CALLBACK_PREFIX, callback_source)
    setup.on(NoteSaved, _tell_duration)


def prefill(origin: str, viewer: int | None = None) -> NotePrefill | None:
    """What a user knows of the call ``call:<id>``; None for a text that names none, or none that he may see.

    ``viewer`` None: what there is to know, for us and for nobody's eyes.
    """
    call_id = _id_in(origin, PREFIX)
    if call_id is None:
        return None
    with reading() as session:
        mine = [visible_to(viewer)] if viewer is not None else []
        row = session.execute(select(CALL).where(CALL.c.id == call_id, *mine)).mappings().one_or_none()
    if row is None:
        return None
    call = stored(row)
    who = shown(call, viewer)
    return NotePrefill(
        address_id=who.address_id,
        contact_id=who.contact_id,
        number_e164=call.remote_e164,
        number_display=str(remote_of(call)["display"]),
        direction=call.direction,
        occurred_at=call.received_at,
        duration_seconds=call.talk_seconds if call.phase == "ended" and call.talk_seconds else None,
        subject=_subject(call),
        candidates=_candidates(who),
    )


def prefill_of_callback(origin: str, viewer: int) -> NotePrefill | None:
    """What is known of the party of the call-back ``callback:<id>``, who is talked with now."""
    callback_id = _id_in(origin, CALLBACK_PREFIX)
    task = find(callback_id, viewer) if callback_id is not None else None
    if task is None:
        return None
    row = task.row
    return NotePrefill(
        address_id=row["address_id"],
        contact_id=row["contact_id"],
        number_e164=row["e164"],
        number_display=row["number_raw"],
        direction="out",
        occurred_at=current_app.extensions["durchwahl"].clock.now(),
        duration_seconds=None,
        subject="",
    )


def _id_in(origin: str, wanted: str) -> int | None:
    prefix, _colon, number = origin.partition(":")
    is_id = prefix == wanted and number.isascii() and number.isdigit() and len(number) <= 15
    return int(number) if is_id and 0 < int(number) <= MAX_ID else None


def _tell_duration(event: NoteSaved) -> None:
    """A note that was begun while the call went on, and saved after its end."""
    prefilled = prefill(event.origin or "")
    if prefilled is not None and prefilled.duration_seconds is not None:
        with transaction() as session:
            set_note_duration(session, str(event.origin), prefilled.duration_seconds)


def _candidates(who: Shown) -> tuple[tuple[int, int | None, str], ...]:
    """Where it is not sure who it is: everybody whom it may be, to choose from."""
    if len(who.matches) < 2:
        return ()
    return tuple((match["address_id"], match["contact_id"], _named(match)) for match in who.matches)


def _named(match: Mapping[str, object]) -> str:
    name, company = str(match["name"]), match["company"]
    return f"{name} ({company})" if company and company != name else name


def _subject(call: StoredCall) -> str:
    if call.direction == "out":
        return str(_("Outgoing call"))
    return str(_("Missed call") if call.missed else _("Incoming call"))

"""Stores the demo data. Loading twice changes nothing: an address is known by its name."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from app.core.accounts.models import User
from app.core.database import reading
from app.modules.addresses.demo_data import ENTRIES
from app.modules.addresses.models import Address, Contact
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.services import archive, create_address

#: Address, contact or "", kind, subject, text, days ago.
NOTES = (
    ("Rheinwerk Maschinenbau GmbH", "Max Mustermann", "phone", "Rückfrage zur Lieferung",
     "Zwei Kisten fehlen. Liefert spätestens Donnerstag nach.", 2),
    ("Rheinwerk Maschinenbau GmbH", "", "note", "Jahresgespräch vereinbart", "Im Januar, bei uns.", 9),
    ("Bäckerei Sonnenschein", "Vroni Huber", "phone", "Angebot für Kühlregal", "Möchte zwei Varianten sehen.", 1),
    ("Kanzlei Vogelsang Rechtsanwälte", "Dr. Marlene Vogelsang", "phone", "Bittet um Rückruf", "", 4),
)  # fmt: skip


def load() -> str:
    """Store what is missing; returns a sentence that says what was done."""
    with reading() as session:
        known = set(session.execute(select(Address.name)).scalars())
        users = dict(session.execute(select(User.username_key, User.id)).all())
    created = 0
    for values, numbers, contacts in ENTRIES:
        if values["name"] in known:
            continue
        fields = {key: value for key, value in values.items() if key not in ("account_manager", "inside_sales")}
        archived = fields.pop("archived", False)
        for role in ("account_manager", "inside_sales"):
            if values.get(role) in users:
                fields[f"{role}_id"] = users[values[role]]
        address_id = create_address(fields, numbers, contacts)
        _write_notes(values["name"], address_id, users.get("anna"))
        if archived:
            archive(address_id)
        created += 1
    return f"Created {created} demo addresses." if created else "The demo addresses are there already."


def _write_notes(name: str, address_id: int, by: int | None) -> None:
    now = current_app.extensions["durchwahl"].clock.now()
    with reading() as session:
        people = dict(session.execute(select(Contact.name, Contact.id).where(Contact.address_id == address_id)).all())
    for address, contact, kind, subject, text, days in NOTES:
        if address != name:
            continue
        create_note(
            NoteInput(
                subject=subject,
                text=text,
                kind=kind,
                occurred_at=now - timedelta(days=days),
                address_id=address_id,
                contact_id=people.get(contact),
                direction="in" if kind == "phone" else None,
            ),
            by=by,
        )

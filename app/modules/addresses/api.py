"""What other modules may use of addresses: all of it is imported from here."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.modules.addresses.adding import add_number, holders, take_back
from app.modules.addresses.additions import Added, GivenNumber, Holder, NotAdded, Owner, OwnerKey, Reason, Seen
from app.modules.addresses.book_rows import PhoneBookRow
from app.modules.addresses.events import AddressChanged, NoteSaved, NumbersChanged
from app.modules.addresses.lookup import Match, Matches, find_by_number
from app.modules.addresses.matches import MATCH_SCHEMA, match_answer
from app.modules.addresses.matching import Standing
from app.modules.addresses.models import Address, Contact
from app.modules.addresses.note_extras import ExtraRefused, NewNote, NoteExtra, register_note_extra
from app.modules.addresses.note_lookups import NoteSummary, notes_of_origins, set_note_duration
from app.modules.addresses.note_sources import NotePrefill, register_note_source
from app.modules.addresses.numbers import guessed_kind
from app.modules.addresses.owners import OwnerName, owner_name
from app.modules.addresses.paths import address_path, crm_path, new_note_path, new_path, note_path
from app.modules.addresses.personal_data import drafts_at, held_numbers
from app.modules.addresses.phonebook import (
    MOST_COUNTED as MOST_OF_PHONE_BOOK,
)
from app.modules.addresses.phonebook import (
    phone_book,
    phone_book_all,
    phone_book_by_number,
    phone_book_count,
    phone_book_meant,
    phone_book_shapes,
)
from app.modules.addresses.picking import People, people_at
from app.modules.addresses.records import Invalid
from app.modules.addresses.retention import forget_origins
from app.modules.addresses.search import AddressHit, search
from app.modules.addresses.settings import NUMBER_KINDS, home_country
from app.modules.addresses.shared import SharedNumbers, shared_numbers
from app.modules.addresses.timeline import Happening, Place, Source, later_than, register_timeline
from app.modules.addresses.views.picker import OnChoice, picker
from app.modules.addresses.views.texts import number_kind_name, problem_text

__all__ = [
    "MATCH_SCHEMA",
    "MOST_OF_PHONE_BOOK",
    "NUMBER_KINDS",
    "Added",
    "AddressChanged",
    "AddressHit",
    "ExtraRefused",
    "GivenNumber",
    "Happening",
    "Holder",
    "Invalid",
    "Match",
    "Matches",
    "NewNote",
    "NotAdded",
    "NoteExtra",
    "NotePrefill",
    "NoteSaved",
    "NoteSummary",
    "NumbersChanged",
    "OnChoice",
    "Owner",
    "OwnerKey",
    "OwnerName",
    "People",
    "PhoneBookRow",
    "Place",
    "Reason",
    "Seen",
    "SharedNumbers",
    "Source",
    "Standing",
    "add_number",
    "address_name",
    "address_path",
    "contact_belongs",
    "crm_path",
    "drafts_at",
    "find_by_number",
    "forget_origins",
    "guessed_kind",
    "held_numbers",
    "holders",
    "home_country",
    "later_than",
    "load_demo",
    "match_answer",
    "new_note_path",
    "new_path",
    "note_path",
    "notes_of_origins",
    "number_kind_name",
    "owner_name",
    "people_at",
    "phone_book",
    "phone_book_all",
    "phone_book_by_number",
    "phone_book_count",
    "phone_book_meant",
    "phone_book_shapes",
    "picker",
    "problem_text",
    "register_note_extra",
    "register_note_source",
    "register_timeline",
    "search",
    "set_note_duration",
    "shared_numbers",
    "take_back",
]


def address_name(session: Session, address_id: int) -> str | None:
    """The name of an address, archived or not; None when there is none."""
    return session.execute(select(Address.name).where(Address.id == address_id)).scalar_one_or_none()


def contact_belongs(session: Session, address_id: int, contact_id: int | None) -> bool:
    """Whether the address exists and the contact, where one is given, is its own."""
    if contact_id is None:
        return address_name(session, address_id) is not None
    found = session.execute(
        select(Contact.id).where(Contact.id == contact_id, Contact.address_id == address_id)
    ).scalar_one_or_none()
    return found is not None


def load_demo() -> str:
    """Store the demo data, unless it is there already; returns a sentence that says what was done."""
    from app.modules.addresses.demo import load  # only this command needs the data

    return load()

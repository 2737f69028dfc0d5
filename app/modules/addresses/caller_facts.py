"""What this module tells of whom a call is with, while it rings: see ``core.facts``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import Executable, FromClause, Integer, String, or_, select
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.asked import ASKED, about_many
from app.core.database import UTCDateTime
from app.core.facts import Fact, FactKind, Part, Subject, Word
from app.core.kernel import ModuleSetup
from app.modules.addresses.models import Address, Note
from app.modules.addresses.paths import address_path, note_path

VIEW = ("addresses.view",)
CUSTOMER = FactKind("addresses.customer_number", _l("Customer number"), "id", 10, VIEW)
SINCE = {"since": _l("since %(time)s", time="{time}")}
BLOCK = FactKind("addresses.delivery_block", _l("Delivery block"), "ban", 0, VIEW, words=SINCE)
MANAGER = FactKind("addresses.account_manager", _l("Account manager"), "user", 20, VIEW)
INSIDE = FactKind("addresses.inside_sales", _l("Inside sales"), "headset", 21, VIEW)
LAST_NOTE = FactKind("addresses.last_note", _l("Last contact"), "note", 30, VIEW, newest_of="last_contact")
_USER = User.__table__
KINDS = (BLOCK, CUSTOMER, MANAGER, INSIDE, LAST_NOTE)


def install(setup: ModuleSetup) -> None:
    """Contribute."""
    setup.facts(KINDS, find)


def find(session: Session, subjects: Sequence[Subject]) -> Mapping[Subject, Sequence[Fact]]:
    """Facts of the addresses that are meant; two statements, however many they are."""
    known = {subject: subject.address_id for subject in subjects if subject.address_id is not None}
    if not known:
        return {}
    addresses = _addresses(session, set(known.values()))
    notes = _last_notes(session, known)
    return {
        subject: [*(_of_address(addresses[address_id]) if address_id in addresses else ()), *notes.get(subject, ())]
        for subject, address_id in known.items()
    }


class _Known(NamedTuple):
    """The columns of an address that facts are made of."""

    id: int
    customer_number: str | None
    delivery_block: bool
    delivery_block_reason: str
    delivery_block_date: date | None
    manager: str | None
    inside: str | None


def _select_addresses(asked: FromClause) -> Executable:
    address, manager, inside = Address.__table__.c, _USER.alias(), _USER.alias()
    return (
        select(
            address.id,
            address.customer_number,
            address.delivery_block,
            address.delivery_block_reason,
            address.delivery_block_date,
            manager.c.name.label("manager"),
            inside.c.name.label("inside"),
        )
        .join_from(Address.__table__, asked, address.id == asked.c.address_id)
        .outerjoin(manager, manager.c.id == address.account_manager_id)
        .outerjoin(inside, inside.c.id == address.inside_sales_id)
    )


_ADDRESSES = about_many({"address_id": Integer}, _select_addresses)


def _addresses(session: Session, address_ids: Iterable[int]) -> dict[int, _Known]:
    rows = _ADDRESSES.rows(session, {ASKED: [(address_id,) for address_id in address_ids]})
    return {known.id: known for known in map(_Known._make, rows)}


def _of_address(row: _Known) -> Iterable[Fact]:
    if row.delivery_block:
        parts: list[Part] = [row.delivery_block_reason] if row.delivery_block_reason else []
        parts += [Word("since", row.delivery_block_date)] if row.delivery_block_date else []
        yield Fact(BLOCK.key, tuple(parts), "danger", address_path(row.id))
    if row.customer_number:
        yield Fact(CUSTOMER.key, (row.customer_number,))
    if row.manager:
        yield Fact(MANAGER.key, (row.manager,))
    if row.inside:
        yield Fact(INSIDE.key, (row.inside,))


def _select_last_notes(asked: FromClause) -> Executable:
    """The last note before each call, by the index that the CRM tab is read by."""
    note = Note.__table__.c
    last = (
        select(note.id)
        .where(
            note.address_id == asked.c.address_id,
            note.deleted_at.is_(None),
            note.occurred_at < asked.c.at,
            or_(note.origin.is_(None), note.origin != asked.c.origin),
        )
        .order_by(note.occurred_at.desc(), note.id.desc())
        .limit(1)
        .correlate(asked)
        .scalar_subquery()
    )
    return (
        select(asked.c.place, note.id, note.occurred_at, note.subject, _USER.c.name)
        .join_from(asked, Note.__table__, note.id == last)
        .outerjoin(_USER, _USER.c.id == note.user_id)
    )


_LAST_NOTES = about_many(
    {"place": Integer, "address_id": Integer, "at": UTCDateTime, "origin": String}, _select_last_notes
)


def _last_notes(session: Session, known: Mapping[Subject, int]) -> dict[Subject, list[Fact]]:
    places = list(known)
    asked = [(place, known[one], one.at, one.origin) for place, one in enumerate(places)]
    return {
        places[place]: [Fact(LAST_NOTE.key, (*((name,) if name else ()), at, about), "plain", note_path(note_id))]
        for place, note_id, at, about, name in _LAST_NOTES.rows(session, {ASKED: asked})
    }

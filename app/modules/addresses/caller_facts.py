"""What this module tells of whom a call is with, while it rings: see ``core.facts``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from app.core.accounts.models import User
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


def _addresses(session: Session, address_ids: Iterable[int]) -> dict[int, Any]:
    manager, inside = aliased(User), aliased(User)
    query = (
        select(
            Address.id,
            Address.customer_number,
            Address.delivery_block,
            Address.delivery_block_reason,
            Address.delivery_block_date,
            manager.name.label("manager"),
            inside.name.label("inside"),
        )
        .outerjoin(manager, manager.id == Address.account_manager_id)
        .outerjoin(inside, inside.id == Address.inside_sales_id)
        .where(Address.id.in_(sorted(address_ids)))
    )
    return {row.id: row for row in session.execute(query)}


def _of_address(row: Any) -> Iterable[Fact]:
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


def _last_notes(session: Session, known: Mapping[Subject, int]) -> dict[Subject, list[Fact]]:
    """The last note before each call, by the index that the CRM tab is read by."""
    places = list(known)
    parts = [
        select(
            literal(place).label("place"),
            select(Note.id)
            .where(
                Note.address_id == known[subject],
                Note.deleted_at.is_(None),
                Note.occurred_at < subject.at,
                or_(Note.origin.is_(None), Note.origin != subject.origin),
            )
            .order_by(Note.occurred_at.desc(), Note.id.desc())
            .limit(1)
            .scalar_subquery()
            .label("note_id"),
        )
        for place, subject in enumerate(places)
    ]
    last = union_all(*parts).subquery()
    query = (
        select(last.c.place, Note.id, Note.occurred_at, Note.subject, User.name)
        .join(Note, Note.id == last.c.note_id)
        .outerjoin(User, User.id == Note.user_id)
    )
    return {
        places[place]: [Fact(LAST_NOTE.key, (*((name,) if name else ()), at, about), "plain", note_path(note_id))]
        for place, note_id, at, about, name in session.execute(query)
    }

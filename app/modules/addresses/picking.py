"""Addresses and their contacts to pick one from: found by a text, and one address with everybody at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core.database import MAX_ID, reading
from app.modules.addresses.folding import both_ways, search_text
from app.modules.addresses.models import Address, Contact
from app.modules.addresses.search import AddressHit, contains, search, words_of
from app.modules.addresses.suggesting import LITTLE, corrections

#: Addresses that a pick list shows.
PICKED = 8
#: Contacts of one address that a pick list names, where the text fits them.
MOST_CONTACTS = 4


@dataclass(frozen=True, slots=True)
class ContactPick:
    """A contact to pick."""

    id: int
    name: str
    position: str


@dataclass(frozen=True, slots=True)
class Pick:
    """An address to pick, with those of its contacts whom the text fits."""

    hit: AddressHit
    contacts: Sequence[ContactPick]


@dataclass(frozen=True, slots=True)
class Picks:
    """What a text finds. Where that is little and words are mistyped: what was probably meant, and what that finds."""

    found: Sequence[Pick]
    corrected: str = ""
    meant: Sequence[Pick] = ()


@dataclass(frozen=True, slots=True)
class People:
    """An address with its contacts, in their order; who was archived is left out."""

    id: int
    name: str
    is_company: bool
    town: str
    customer_number: str | None
    archived: bool
    contacts: Sequence[ContactPick]


def picks(text: str, limit: int = PICKED) -> Picks:
    """What a typed text finds, the best first. A few queries, however much it is."""
    with reading() as session:
        found = _picks(session, text, limit)
        if len(found) >= LITTLE:
            return Picks(found)
        seen = {pick.hit.id for pick in found}
        for corrected in corrections(session, text):
            meant = [pick for pick in _picks(session, corrected, limit) if pick.hit.id not in seen]
            if meant:
                return Picks(found, corrected, meant)
    return Picks(found)


def _picks(session: Session, text: str, limit: int) -> list[Pick]:
    hits = search(session, text, limit)
    fitting = _fitting(session, [hit.id for hit in hits], words_of(text)) if hits else {}
    return [Pick(hit, fitting.get(hit.id, ())[:MOST_CONTACTS]) for hit in hits]


def people_at(address_id: int) -> People | None:
    """An address and everybody at it; None when there is none."""
    if not 0 < address_id <= MAX_ID:
        return None
    with reading() as session:
        row = session.get(Address, address_id)
        if row is None:
            return None
        contacts = session.execute(
            select(Contact.id, Contact.name, Contact.position)
            .where(Contact.address_id == address_id, Contact.archived_at.is_(None))
            .order_by(Contact.sort, Contact.id)
        )
        return People(
            id=row.id,
            name=row.name,
            is_company=row.kind == "company",
            town=f"{row.postcode} {row.city}".strip(),
            customer_number=row.customer_number,
            archived=row.archived_at is not None,
            contacts=[ContactPick(*contact) for contact in contacts],
        )


def _fitting(session: Session, ids: Iterable[int], words: Sequence[str]) -> dict[int, list[ContactPick]]:
    """Of each address the contacts in whom most of the words occur: in the name, the position or the department.

    Not in the e-mail address, which names the company, and so everybody there.
    """
    if not words:
        return {}
    rows = session.execute(
        select(Contact.address_id, Contact.id, Contact.name, Contact.position, Contact.department)
        .where(
            Contact.address_id.in_(list(ids)),
            Contact.archived_at.is_(None),
            or_(*(contains(Contact.search_text, word) for word in words)),
        )
        .order_by(Contact.sort, Contact.id)
    )
    found: dict[int, list[tuple[int, ContactPick]]] = {}
    for address_id, contact_id, name, position, department in rows:
        text = search_text(name, position, department)
        fit = sum(any(way in text for way in both_ways(word)) for word in words)
        found.setdefault(address_id, []).append((fit, ContactPick(contact_id, name, position)))
    return {address_id: _best(contacts) for address_id, contacts in found.items()}


def _best(contacts: Sequence[tuple[int, ContactPick]]) -> list[ContactPick]:
    most = max(fit for fit, _contact in contacts)
    return [contact for fit, contact in contacts if fit == most and fit]

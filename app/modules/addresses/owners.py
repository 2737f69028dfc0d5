"""How the owner of a number is called now, for those who kept its ids."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.modules.addresses.models import Address, Contact


@dataclass(frozen=True, slots=True)
class OwnerName:
    """An address, or a contact at one."""

    name: str
    company: str
    """The address's name where the owner is a contact, else empty."""
    archived: bool


def owner_name(session: Session, address_id: int, contact_id: int | None) -> OwnerName | None:
    """None where there is no such address, or it has no such contact."""
    if contact_id is None:
        row = session.execute(select(Address.name, Address.archived_at).where(Address.id == address_id)).one_or_none()
        return None if row is None else OwnerName(row.name, "", row.archived_at is not None)
    found = session.execute(
        select(Contact.name, Address.name.label("company"), Contact.archived_at, Address.archived_at.label("closed"))
        .join(Address, Address.id == Contact.address_id)
        .where(Contact.id == contact_id, Contact.address_id == address_id)
    ).one_or_none()
    if found is None:
        return None
    return OwnerName(found.name, found.company, found.archived_at is not None or found.closed is not None)

"""The numbers that somebody of the addresses had formerly, and who has a number or a name today."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.privacy.persons import Former, Person
from app.modules.addresses import corrections
from app.modules.addresses.folding import sort_key
from app.modules.addresses.models import Address, Contact, Correction, PhoneNumber
from app.modules.addresses.numbers import as_read


def former(session: Session, person: Person) -> Former:
    """What corrections took away, and what they had put in its place."""
    query = select(Correction.before, Correction.after, Address.country)
    query = query.join(Address, Address.id == Correction.address_id)
    if person.address_id is not None:
        query = query.where(Correction.address_id == person.address_id)
    elif person.contact_id is not None:
        query = query.where(Correction.contact_id == person.contact_id)
    else:
        return Former()
    read = (
        as_read(number, country)["e164"]
        for before, after, country in session.execute(query)
        for text in (before, after)
        for number in corrections.read(text)
    )
    return Former(numbers=frozenset(one for one in read if one))


def held(session: Session, asked: Former) -> Former:
    """Those that an address or a contact has, archived or not; of names also those that are written much the same."""
    numbers = session.execute(select(PhoneNumber.e164).where(PhoneNumber.e164.in_(sorted(asked.numbers)))).scalars()
    keys = {name: sort_key(name) for name in asked.names}
    taken: set[str] = set()
    for column in (Address.name_key, Contact.name_key):
        taken.update(session.execute(select(column).where(column.in_(sorted(keys.values())))).scalars())
    return Former(
        frozenset(one for one in numbers if one), frozenset(name for name, key in keys.items() if key in taken)
    )

"""Numbers that several addresses have: of their calls nobody knows whose they are until somebody says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from app.modules.addresses.models import PhoneNumber

#: So many are told of; an address that shares more is a switchboard of many houses.
MOST = 12


class SharedNumbers(NamedTuple):
    """The numbers (E.164), and the stems of switchboards, that others have too."""

    e164s: frozenset[str]
    stems: frozenset[str]


def shared_numbers(session: Session, address_ids: Sequence[int]) -> SharedNumbers:
    """What one of these addresses, or a contact there, shares with another address; one query, archived ones too."""
    other = aliased(PhoneNumber)
    is_other = (other.address_id != PhoneNumber.address_id,)
    rows = session.execute(
        select(PhoneNumber.e164, PhoneNumber.stem)
        .where(
            PhoneNumber.address_id.in_(address_ids),
            PhoneNumber.e164.is_not(None),
            or_(
                exists().where(other.e164 == PhoneNumber.e164, *is_other),
                exists().where(other.stem == PhoneNumber.stem, *is_other),
            ),
        )
        .order_by(PhoneNumber.id)
        .limit(MOST)
    ).all()
    return SharedNumbers(frozenset(row.e164 for row in rows), frozenset(row.stem for row in rows if row.stem))

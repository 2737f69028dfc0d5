"""Who calls? The addresses and contacts behind a number, in one query, graded by ``matching``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, or_, select
from sqlalchemy.orm import Session

from app.core.phones import extension_behind, prefixes_for_switchboard
from app.core.prepared import Prepared
from app.modules.addresses import matching
from app.modules.addresses.matching import Candidate
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.paths import address_path


@dataclass(frozen=True, slots=True)
class Match:
    """An address or one of its contacts, found by a number."""

    grade: str
    """``exact`` or ``switchboard``."""
    address_id: int
    contact_id: int | None
    name: str
    """The contact's or the address's own name."""
    company: str | None
    """The address's name where the address is a company or the match one of its contacts."""
    customer_number: str | None
    number: str
    """The stored number, E.164."""
    label: str
    kind: str
    """phone, mobile, fax or other."""
    archived: bool
    path: str
    """Of the page to open."""
    extension: str = ""
    """The Durchwahl behind a switchboard: what follows its stem. Empty for an exact match and for the stem itself."""


@dataclass(frozen=True, slots=True)
class Matches:
    """What was found, all of the same, best grade: ``exact``, ``switchboard`` or ``none``."""

    grade: str
    matches: tuple[Match, ...]


NOBODY = Matches(matching.Grade.NONE.value, ())
#: A person may have the same number in several fields; so many rows are read for each match asked for.
ROWS_PER_MATCH = 4


def find_by_number(session: Session, e164: str, *, limit: int = 100) -> Matches:
    """The owners of a number, or of the switchboard in front of it; one query, whatever the number."""
    if not e164:
        return NOBODY
    kinds: dict[Candidate, str] = {}
    for row in _rows(session, e164, limit * ROWS_PER_MATCH):
        candidate = Candidate(
            address_id=row["address_id"],
            contact_id=row["contact_id"],
            name=row["contact_name"] or row["address_name"],
            company=row["address_name"] if row["contact_id"] is not None or row["address_kind"] == "company" else None,
            customer_number=row["customer_number"],
            number_e164=row["e164"],
            stem=row["stem"] if row["stem"] and extension_behind(row["stem"], e164) is not None else None,
            label=row["label"],
            archived=row["address_archived"] is not None or row["contact_archived"] is not None,
        )
        kinds.setdefault(candidate, row["kind"])
    grade, found = matching.grade(e164, kinds)
    return Matches(
        grade.value,
        tuple(
            Match(
                grade=grade.value,
                address_id=one.address_id,
                contact_id=one.contact_id,
                name=one.name,
                company=one.company,
                customer_number=one.customer_number,
                number=one.number_e164 or "",
                label=one.label or "",
                kind=kinds[one],
                archived=one.archived,
                path=address_path(one.address_id, one.contact_id),
                extension=e164[len(one.stem) :] if grade is matching.Grade.SWITCHBOARD and one.stem else "",
            )
            for one in found[:limit]
        ),
    )


#: As many parameters as a number has beginnings that may be stems; a list of any length would be expanded each time.
_STEMS = tuple(f"stem{place}" for place in range(6))


def _statement(*, with_stems: bool) -> Select[tuple[object, ...]]:
    number = PhoneNumber.__table__.c
    address = Address.__table__.c
    contact = Contact.__table__.c
    is_it = number.e164 == bindparam("e164")
    return (
        select(
            number.address_id,
            number.contact_id,
            number.e164,
            number.stem,
            number.label,
            number.kind,
            contact.name.label("contact_name"),
            contact.archived_at.label("contact_archived"),
            address.name.label("address_name"),
            address.kind.label("address_kind"),
            address.customer_number,
            address.archived_at.label("address_archived"),
        )
        .join_from(PhoneNumber.__table__, Address.__table__, address.id == number.address_id)
        .outerjoin(Contact.__table__, contact.id == number.contact_id)
        .where(or_(is_it, number.stem.in_([bindparam(name) for name in _STEMS])) if with_stems else is_it)
        # The best rows first, in case there are more than are read.
        .order_by(
            case((and_(address.archived_at.is_(None), contact.archived_at.is_(None)), 0), else_=1),
            case((is_it, 0), else_=1),
            number.stem.desc(),
            case((number.contact_id.is_(None), 1), else_=0),
            address.name_key,
            number.id,
        )
        .limit(bindparam("most"))
    )


_BY_NUMBER = Prepared(_statement(with_stems=False))
_BY_NUMBER_OR_STEM = Prepared(_statement(with_stems=True))


def _rows(session: Session, e164: str, most: int) -> list[dict[str, Any]]:
    values: dict[str, str | int] = {"e164": e164, "most": most}
    stems = prefixes_for_switchboard(e164)
    if not stems:
        return _BY_NUMBER.mappings(session, values)
    repeated = stems + stems[:1] * (len(_STEMS) - len(stems))
    values.update(zip(_STEMS, repeated, strict=True))
    return _BY_NUMBER_OR_STEM.mappings(session, values)

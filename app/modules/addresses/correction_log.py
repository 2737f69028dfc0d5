"""What was corrected, by whom, and what had been typed before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from app.core.accounts.models import User
from app.core.database import MAX_ID, reading
from app.modules.addresses import corrections
from app.modules.addresses.models import Address, Contact, Correction
from app.modules.addresses.records import NumberInput

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Made:
    """A correction as the history shows it."""

    id: int
    address_id: int
    address: str
    country: str
    contact: str
    finding: str
    before: tuple[NumberInput, ...]
    after: tuple[NumberInput, ...]
    batch: str | None
    made_at: datetime
    made_by: str
    undone_at: datetime | None
    undone_by: str


def history(before: int | None = None, limit: int = PER_PAGE) -> list[Made]:
    """What was corrected, the newest first; further back from the one with the id ``before``."""
    return _made([] if before is None else [Correction.id < before], limit)


def made(correction_id: int) -> Made | None:
    """One correction; None where there is none."""
    return next(iter(_made([Correction.id == correction_id], 1)), None) if 0 < correction_id <= MAX_ID else None


def _made(conditions: Iterable[ColumnElement[bool]], limit: int) -> list[Made]:
    with reading() as session:
        rows = session.execute(
            select(
                *Correction.__table__.c,
                Address.name.label("address"),
                Address.country.label("country"),
                Contact.name.label("contact"),
            )
            .join(Address, Address.id == Correction.address_id)
            .outerjoin(Contact, Contact.id == Correction.contact_id)
            .where(*conditions)
            .order_by(Correction.id.desc())
            .limit(limit)
        ).all()
        users = {user for row in rows for user in (row.made_by, row.undone_by) if user}
        names = dict(session.execute(select(User.id, User.name).where(User.id.in_(users))).all())
    return [
        Made(
            id=row.id,
            address_id=row.address_id,
            address=row.address,
            country=row.country,
            contact=row.contact or "",
            finding=row.finding,
            before=corrections.read(row.before),
            after=corrections.read(row.after),
            batch=row.batch,
            made_at=row.made_at,
            made_by=names.get(row.made_by or 0, ""),
            undone_at=row.undone_at,
            undone_by=names.get(row.undone_by or 0, ""),
        )
        for row in rows
    ]

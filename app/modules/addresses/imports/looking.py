"""Looks through imported tables for a person: refused rows, and files that nobody has imported yet.

Nothing of it is in memory at once: a table may have a million rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import phones
from app.core.privacy.persons import Person
from app.modules.addresses.imports.files import StoredFile
from app.modules.addresses.imports.standing import Standing, Wanted
from app.modules.addresses.imports.stored import FAILURE, IMPORT, Planned
from app.modules.addresses.models import Address
from app.modules.addresses.settings import home_country
from app.modules.addresses.transfer.formats import NoTable
from app.modules.addresses.transfer.source import Table

#: Refused rows in memory at once.
ROWS = 1_000


class Unreadable(Exception):
    """The file cannot be read: nobody can tell who stands in it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A row in which a person stands, or may stand."""

    line: int
    cells: tuple[str, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Refused:
    """The same of a row that was refused."""

    failure_id: int
    file_name: str
    headings: tuple[str, ...]
    hit: Hit


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that may be imported still."""

    import_id: int
    file_name: str
    plan: str

    def hits(self, wanted: Wanted) -> Iterator[Hit]:
        """Its headings count as a row, for a file without any has its first row there. Raises Unreadable."""
        try:
            planned = Planned.from_text(self.plan)
            columns = _columns(planned)
            with Table(StoredFile(self.import_id), planned.format) as table:
                yield from _hit(wanted, 1, table.headings, columns)
                for record in table:
                    yield from _hit(wanted, record.line, record.cells, columns)
        except (NoTable, ValueError, KeyError, OSError) as error:
            raise Unreadable from error

    def headings(self) -> tuple[str, ...]:
        """Of its columns; () where nobody can tell."""
        try:
            return Planned.from_text(self.plan).headings
        except (ValueError, KeyError):
            return ()


def wanted_of(session: Session, person: Person, *, shared: bool = False) -> Wanted:
    """What recognises this person; ``shared``: a number that others have, too, is he perhaps."""
    company = select(Address.name).where(Address.id == person.address_id, Address.kind == "company")
    companies = session.execute(company).scalars().all() if person.address_id is not None else ()
    country = home_country()
    return Wanted(
        person.names,
        companies,
        person.own,
        lambda cell: (found.e164 for found in phones.read_numbers(cell, country)),
        person.shared if shared else (),
    )


def refused(session: Session, wanted: Wanted) -> Iterator[Refused]:
    """Rows of imports that were refused."""
    query = select(FAILURE.c.id, FAILURE.c.import_id, FAILURE.c.line, FAILURE.c.cells)
    told: dict[int, tuple[str, tuple[str, ...], tuple[str, ...]]] = {}
    for row in session.execute(query.execution_options(yield_per=ROWS)):
        if row.import_id not in told:
            told[row.import_id] = _told(session, row.import_id)
        file_name, headings, columns = told[row.import_id]
        for hit in _hit(wanted, row.line, json.loads(row.cells), columns):
            yield Refused(row.id, file_name, headings, hit)


def kept_files(session: Session, states: Sequence[str]) -> list[KeptFile]:
    """The files of imports in these states."""
    query = select(IMPORT.c.id, IMPORT.c.file_name, IMPORT.c.plan).where(IMPORT.c.state.in_(states))
    return [KeptFile(*row) for row in session.execute(query.order_by(IMPORT.c.id))]


def _told(session: Session, import_id: int) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    row = session.execute(select(IMPORT.c.file_name, IMPORT.c.plan).where(IMPORT.c.id == import_id)).one()
    try:
        planned = Planned.from_text(row.plan)
    except (ValueError, KeyError, TypeError):
        return row.file_name, (), ()
    return row.file_name, planned.headings, _columns(planned)


def _columns(planned: Planned) -> tuple[str, ...]:
    """What the columns hold, and what was proposed for those that somebody left out."""
    return tuple(one or two for one, two in zip(planned.assignment, planned.proposed, strict=True))


def _hit(wanted: Wanted, line: int, cells: Sequence[str], columns: Sequence[str]) -> Iterator[Hit]:
    standing = wanted.stands_in(cells, columns)
    if standing != "not":
        yield Hit(line, tuple(map(str, cells)), standing)

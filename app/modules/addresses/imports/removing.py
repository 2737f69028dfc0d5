"""Removes a person from imported tables: refused rows, and files that nobody has imported yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.core import phones
from app.core.database import reading, transaction
from app.core.privacy import batches
from app.core.privacy.persons import NotYet, Part, Person
from app.modules.addresses.imports import services, upkeep
from app.modules.addresses.imports.files import StoredFile, remove_file
from app.modules.addresses.imports.states import AT_WORK, OPEN, NoSuchImport, NotNow
from app.modules.addresses.imports.stored import FAILURE, IMPORT, Planned
from app.modules.addresses.settings import home_country
from app.modules.addresses.transfer.formats import NoTable
from app.modules.addresses.transfer.source import Table

#: A number is read only where so many of its last digits stand in a cell.
LAST_DIGITS = 5
#: Refused rows in memory at once: a table may have a million of them.
ROWS = 1_000
#: Their file may be imported still.
_FILED = (*OPEN, "failed")
#: What cannot be looked through before it ends.
_BUSY = (*AT_WORK, "arriving")

PARTS = (
    Part(
        "addresses.failures",
        _l("Rows of imported tables that were refused"),
        "removed",
        _l("Those in which the name or a number stands."),
    ),
    Part(
        "addresses.imports",
        _l("Files of tables that nobody has imported yet"),
        "removed",
        _l("Those in which the name or a number stands, for an import would bring the person back."),
    ),
)


def plan(session: Session, person: Person) -> Iterator[tuple[str, int]]:
    """How many rows there are, and how many files will be looked through."""
    yield "addresses.failures", len(list(_failures(session, _Wanted(person))))
    files = select(func.count()).select_from(IMPORT).where(IMPORT.c.state.in_(_FILED))
    yield "addresses.imports", session.execute(files).scalar_one()


def remove(person: Person) -> Iterator[tuple[str, int]]:
    """Raises NotYet while a table is read or imported."""
    wanted = _Wanted(person)
    upkeep.drop_given_up()
    with reading() as session:
        busy = select(IMPORT.c.id).where(IMPORT.c.state.in_(_BUSY)).limit(1)
        if session.execute(busy).first() is not None:
            raise NotYet
        failures = list(_failures(session, wanted))
        kept = session.execute(select(IMPORT.c.id, IMPORT.c.plan).where(IMPORT.c.state.in_(_FILED)))
        files = [(import_id, plan) for import_id, plan in kept]
    for start in range(0, len(failures), batches.BATCH):
        some = failures[start : start + batches.BATCH]
        with transaction() as session:
            session.execute(delete(FAILURE).where(FAILURE.c.id.in_(some)))
        yield "addresses.failures", len(some)
    for import_id, plan in files:
        if _holds(import_id, plan, wanted):
            _drop(import_id)
            yield "addresses.imports", 1
        else:
            # Tells that the removal is alive: a file may take a minute.
            yield "addresses.imports", 0


class _Wanted:
    """Recognises a person in the cells of a row."""

    def __init__(self, person: Person) -> None:
        self._names = tuple(name.casefold() for name in person.names if name)
        self._numbers = person.own
        self._ends = tuple(number[-LAST_DIGITS:] for number in person.own)
        self._country = home_country()

    def stands_in(self, cells: Iterable[str]) -> bool:
        """Whether a name, or a number in any spelling, stands in one of them."""
        return any(self._is_in(str(cell)) for cell in cells)

    def _is_in(self, cell: str) -> bool:
        folded = cell.casefold()
        if any(name in folded for name in self._names):
            return True
        digits = "".join(filter(str.isdigit, cell))
        if not any(end in digits for end in self._ends):
            return False
        return any(found.e164 in self._numbers for found in phones.read_numbers(cell, self._country))


def _failures(session: Session, wanted: _Wanted) -> Iterator[int]:
    query = select(FAILURE.c.id, FAILURE.c.cells).execution_options(yield_per=ROWS)
    for failure_id, cells in session.execute(query):
        if wanted.stands_in(json.loads(cells)):
            yield failure_id


def _holds(import_id: int, plan: str, wanted: _Wanted) -> bool:
    """Also where the file cannot be read: nobody can tell then."""
    try:
        with Table(StoredFile(import_id), Planned.from_text(plan).format) as table:
            return wanted.stands_in(table.headings) or any(wanted.stands_in(record.cells) for record in table)
    except (NoTable, ValueError, KeyError, OSError):
        return True


def _drop(import_id: int) -> None:
    """Forget one that was never started; one that failed is never taken up again."""
    try:
        services.discard(import_id)
    except (NotNow, NoSuchImport):
        with transaction() as session:
            this = (IMPORT.c.id == import_id, IMPORT.c.state == "failed")
            session.execute(update(IMPORT).where(*this).values(state="cancelled"))
        remove_file(import_id)

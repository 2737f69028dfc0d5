"""The first rows of a file as they would be read: cell by cell, and row by row. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.core.phones import NumberReading, read_number
from app.modules.addresses.imports.files import StoredFile
from app.modules.addresses.imports.stored import Planned, StoredImport
from app.modules.addresses.numbers import parts_of_field
from app.modules.addresses.transfer.importing import Plan, reader_for
from app.modules.addresses.transfer.proposing import beginning
from app.modules.addresses.transfer.rows import NumberCell, Problem, Row
from app.modules.addresses.transfer.targets import target_of

#: Rows that are shown, and rows among which cells are looked for that are not empty.
ROWS, LOOKED_AT = 5, 25
#: Cells that are shown of a column; one that is refused or cannot be read is among them, if there is any.
CELLS = 3
#: So much of a cell is shown.
SHOWN = 120
#: By these a person knows a row again.
_TELLING = ("name", "customer_number", "supplier_number", "external_id", "street", "postcode", "city")


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """A number of a cell: as it stands there, and as the row's country reads it."""

    raw: str
    kind: str
    reading: NumberReading


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, and what it would become. ``value`` is None where it is taken as it stands."""

    text: str
    value: Any
    numbers: tuple[ReadNumber, ...]
    problems: tuple[Problem, ...]

    @property
    def is_doubtful(self) -> bool:
        """Whether it needs a person's eye."""
        return bool(self.problems) or any(number.reading.e164 is None for number in self.numbers)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file, what it is assigned to, and some of its cells."""

    place: int
    heading: str
    target: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A contact of a row, or the address itself."""

    name: str
    more: str
    numbers: tuple[ReadNumber, ...]


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as an address."""

    line: int
    address: Person
    contacts: tuple[Person, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person sees before an import is checked."""

    columns: tuple[Column, ...]
    rows: tuple[ReadRow, ...]


def preview(session: Session, stored: StoredImport, planned: Planned) -> Preview:
    """Read the first rows as planned."""
    source = StoredFile(stored.id)
    headings, records = beginning(source, planned.format, LOOKED_AT)
    reader = reader_for(Plan(source, planned.format, planned.assignment, planned.options), headings, session)
    rows = [reader.read(record) for record in records]
    return Preview(
        tuple(
            Column(place, headings[place] if place < len(headings) else "", target, _cells(rows, place, target))
            for place, target in enumerate(planned.assignment)
        ),
        tuple(_row(row) for row in rows[:ROWS]),
    )


def _cells(rows: Sequence[Row], place: int, target: str) -> tuple[Cell, ...]:
    found: dict[str, Cell] = {}
    for row in rows:
        text = row.record.cells[place].strip() if place < len(row.record.cells) else ""
        if text and text not in found:
            problems = tuple(problem for problem in row.problems if problem.column == place)
            numbers = tuple(one for cell in row.number_cells if cell.column == place for one in _numbers(cell, row))
            found[text] = Cell(text[:SHOWN], None if problems else _value(row, target, text), numbers, problems)
    cells = list(found.values())
    doubtful = next((cell for cell in cells[CELLS:] if cell.is_doubtful), None)
    if doubtful is not None and not any(cell.is_doubtful for cell in cells[:CELLS]):
        cells[CELLS - 1] = doubtful
    return tuple(cells[:CELLS])


def _value(row: Row, target: str, text: str) -> Any:
    """What is stored, where it is not what stands there."""
    parts = target_of(target)
    if parts is None or parts.contact or parts.field not in row.values:
        return row.archived if target == "archived" else None
    value = row.values[parts.field]
    return None if value is None or str(value) == text else value


def _numbers(cell: NumberCell, row: Row) -> list[ReadNumber]:
    if not cell.text:
        return []
    parts = parts_of_field(cell.text, row.country) if len(cell.text) > 1 else ()
    raws = parts if len(parts) > 1 else (cell.text,)
    return [ReadNumber(raw[:SHOWN], cell.kind, read_number(raw, row.country)) for raw in raws]


def _as_typed(row: Row) -> dict[str, str]:
    """What tells a person which row it is, though the row is refused and so has no values."""
    if not row.problems:
        return {}
    places = {name: row.columns[name] for name in _TELLING if name in row.columns}
    cells = row.record.cells
    return {name: cells[place].strip() for name, place in places.items() if place < len(cells)}


def _row(row: Row) -> ReadRow:
    values = {**_as_typed(row), **row.values}
    name = values.get("name") or ""
    contacts = [
        Person(
            contact.name,
            ", ".join(filter(None, (contact.texts.get("position"), contact.texts.get("department")))),
            tuple(one for cell in row.number_cells if cell.contact == contact.place for one in _numbers(cell, row)),
        )
        for contact in row.contacts
    ]
    own = tuple(one for cell in row.number_cells if cell.contact == 0 for one in _numbers(cell, row))
    town = " ".join(filter(None, (values.get("postcode"), values.get("city"))))
    key = next((values[key] for key in ("customer_number", "supplier_number", "external_id") if values.get(key)), "")
    if not name and contacts:
        # No company is named: the person is the address.
        first, contacts = contacts[0], contacts[1:]
        name, own = first.name, own + first.numbers
    more = ", ".join(filter(None, (key, values.get("street"), town)))
    return ReadRow(row.line, Person(name, more, own), tuple(contacts), tuple(row.problems))

"""Reads the records of a file by the assignment of its columns; see ``rows``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.core.phones import read_numbers
from app.modules.addresses.fields import CONTACT_TEXTS, FLAGS, USERS, cleaned, cleaned_contact, cleaned_numbers
from app.modules.addresses.numbers import parts_of_field
from app.modules.addresses.records import ContactInput, Invalid, NumberInput
from app.modules.addresses.transfer import cells
from app.modules.addresses.transfer.cells import Unreadable
from app.modules.addresses.transfer.headings import label_of
from app.modules.addresses.transfer.rows import ContactRow, NumberCell, Numbers, Problem, Row
from app.modules.addresses.transfer.source import Record
from app.modules.addresses.transfer.targets import (
    ARCHIVED,
    FIRST_NAME,
    HOUSE_NUMBER,
    LABEL,
    LAST_NAME,
    OWN_ID,
    POSTCODE_CITY,
    SWITCHBOARD,
    Target,
    target_of,
)

Converter = Callable[[str], Any]
#: So much of a value is named in a reason.
SHOWN = 100
_PARTS = (FIRST_NAME, LAST_NAME, HOUSE_NUMBER, POSTCODE_CITY)
_NOT_FOR_CLEANING = frozenset((ARCHIVED, OWN_ID))


class RowReader:
    """Reads records into rows. ``users``: folded name → id; ``own_id`` reads what ``own_ids`` wrote."""

    def __init__(
        self,
        headings: Sequence[str],
        assignment: Sequence[str],
        *,
        country: str,
        users: Mapping[str, int],
        own_id: Callable[[str], int | None],
    ) -> None:
        self.width = len(assignment)
        self._country = country
        self._converters: dict[str, Converter] = {
            "kind": cells.kind,
            "country": cells.country,
            "language": cells.language,
            "delivery_block_date": cells.day,
            ARCHIVED: cells.yes_or_no,
            OWN_ID: lambda text: _known(own_id(text)),
            **dict.fromkeys(FLAGS, cells.yes_or_no),
            **dict.fromkeys(USERS, lambda text: cells.user(text, users)),
        }
        self._texts: list[tuple[int, str]] = []
        self._converted: list[tuple[int, str, Converter]] = []
        self._parts: dict[str, int] = {}
        self._numbers: list[tuple[int, Target, int | None, int | None, str]] = []
        self._contacts: dict[int, dict[str, int]] = {}
        self.columns: dict[str, int] = {}
        for column, text in enumerate(assignment):
            target = target_of(text)
            if target is not None:
                self.columns.setdefault(text, column)
                self._assign(column, target, headings[column] if column < len(headings) else "")
        self._mapped = self._mapped_fields()
        #: Labels that stand in headings, not in cells.
        self.from_headings = frozenset(label for *_column, label in self._numbers if label)
        #: Contact (0 is the address) → kind of number → how many columns.
        self.number_columns: dict[int, dict[str, int]] = {}
        for _column, target, *_more in self._numbers:
            kinds = self.number_columns.setdefault(target.contact, {})
            kinds[target.field] = kinds.get(target.field, 0) + 1

    def _assign(self, column: int, target: Target, heading: str) -> None:
        if target.field in (LABEL, SWITCHBOARD):
            if self._numbers:
                number, of, label, switchboard, name = self._numbers[-1]
                self._numbers[-1] = (
                    (number, of, column, switchboard, "")
                    if target.field == LABEL
                    else (number, of, label, column, name)
                )
        elif target.is_number:
            self._numbers.append((column, target, None, None, label_of(heading)))
            if target.contact:
                self._contacts.setdefault(target.contact, {})
        elif target.contact:
            self._contacts.setdefault(target.contact, {})[target.field] = column
        elif target.field in _PARTS:
            self._parts[target.field] = column
        elif target.field in self._converters:
            self._converted.append((column, target.field, self._converters[target.field]))
        else:
            self._texts.append((column, target.field))

    def _mapped_fields(self) -> frozenset[str]:
        mapped = {name for _column, name in self._texts} | {name for _column, name, _read in self._converted}
        if FIRST_NAME in self._parts or LAST_NAME in self._parts:
            mapped.add("name")
        if POSTCODE_CITY in self._parts:
            mapped |= {"postcode", "city"}
        return frozenset(mapped - _NOT_FOR_CLEANING)

    def read(self, record: Record) -> Row:
        """A row; with ``problems`` where it cannot be imported."""
        row = Row(record, columns=self.columns)
        if record.problem:
            row.problems.append(Problem(record.problem, value=record.cells[0][:SHOWN] if record.cells else ""))
            return row
        given = record.cells
        if len(given) > self.width:
            surplus = [cell for cell in given[self.width :] if cell.strip()]
            if surplus:
                row.problems.append(Problem("too_many_cells", value=surplus[0][:SHOWN]))
        elif len(given) < self.width:
            given = given + [""] * (self.width - len(given))
        values = self._values(row, given)
        try:
            row.values = cleaned(values)
        except Invalid as refused:
            for name, code in refused.problems.items():
                row.fail(code, name, str(values[name])[:SHOWN])
        row.empty = self._mapped - values.keys()
        row.number_cells = self._number_cells(row, given)
        row.contacts = [
            contact for place, columns in self._contacts.items() if (contact := _contact(row, place, columns, given))
        ]
        self.read_numbers(row, row.values.get("country") or self._country)
        row.problems.sort(key=lambda problem: self.width if problem.column is None else problem.column)
        return row

    def _values(self, row: Row, given: Sequence[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column, name in self._texts:
            cell = given[column].strip()
            if cell:
                values[name] = f"{values[name]}\n{cell}" if name in values else cell
        for column, name, convert in self._converted:
            cell = given[column].strip()
            if not cell:
                continue
            try:
                value = convert(cell)
            except Unreadable as error:
                row.fail(error.code, name, cell[:SHOWN])
                continue
            if name == OWN_ID:
                row.own_id = value
            elif name == ARCHIVED:
                row.archived = value
            elif value is not None:
                values[name] = value
        if self._parts:
            self._put_together(row, given, values)
        return values

    def _put_together(self, row: Row, given: Sequence[str], values: dict[str, Any]) -> None:
        part = {name: given[column].strip() for name, column in self._parts.items()}
        full = f"{part.get(FIRST_NAME, '')} {part.get(LAST_NAME, '')}".strip()
        if full and "name" not in values:
            values["name"] = full
            row.person = True
        if part.get(HOUSE_NUMBER):
            values["street"] = f"{values.get('street', '')} {part[HOUSE_NUMBER]}".strip()
        if part.get(POSTCODE_CITY):
            first, _blank, rest = part[POSTCODE_CITY].partition(" ")
            postcode, city = (first, rest) if any(map(str.isdigit, first)) else ("", part[POSTCODE_CITY])
            for name, text in (("postcode", postcode), ("city", city.strip())):
                if text:
                    values.setdefault(name, text)

    def _number_cells(self, row: Row, given: Sequence[str]) -> list[NumberCell]:
        found = []
        for column, target, label_column, switchboard_column, label in self._numbers:
            switchboard = False
            if switchboard_column is not None and given[switchboard_column].strip():
                try:
                    switchboard = cells.yes_or_no(given[switchboard_column])
                except Unreadable as error:
                    row.problems.append(Problem(error.code, switchboard_column, given[switchboard_column][:SHOWN]))
            said = " ".join(given[label_column].split()) if label_column is not None else label
            found.append(NumberCell(column, target.contact, target.field, given[column].strip(), said, switchboard))
        return found

    @staticmethod
    def read_numbers(row: Row, country: str) -> None:
        """Part the cells with numbers as the country reads them; once more where another country turns out."""
        row.country = country
        row.numbers = _numbers_of(row, 0)
        for contact in row.contacts:
            contact.numbers = _numbers_of(row, contact.place)


def _known(address_id: int | None) -> int:
    if address_id is None:
        raise Unreadable("foreign_id")
    return address_id


def _numbers_of(row: Row, contact: int) -> Numbers:
    found: Numbers = {}
    for cell in row.number_cells:
        if cell.contact != contact:
            continue
        numbers = found.setdefault(cell.kind, [])
        if not cell.text:
            continue
        several = len(read_numbers(cell.text, row.country)) > 1
        raws = parts_of_field(cell.text, row.country) if several else ()
        try:
            numbers += cleaned_numbers(
                [NumberInput(raw, cell.kind, cell.label, cell.switchboard) for raw in raws or (cell.text,)], ""
            )
        except Invalid:
            problem = Problem("too_long", cell.column, cell.text[:SHOWN])
            if problem not in row.problems:
                row.problems.append(problem)
    return found


def _contact(row: Row, place: int, columns: Mapping[str, int], given: Sequence[str]) -> ContactRow | None:
    """The contact of this place; None where all its cells are empty."""
    texts = {name: text for name, column in columns.items() if (text := given[column].strip())}
    kind = texts.pop("kind", "")
    full = f"{texts.pop(FIRST_NAME, '')} {texts.pop(LAST_NAME, '')}".strip()
    if full:
        texts.setdefault("name", full)
    prefix = f"contact{place}."
    if "name" not in texts:
        _give_to_address(row, place, texts.pop("email", ""))
        if texts:
            row.fail("contact_without_name", f"{prefix}name", next(iter(texts.values()))[:SHOWN])
        return None
    try:
        clean = cleaned_contact(ContactInput(**{name: texts.get(name, "") for name in CONTACT_TEXTS}))  # type: ignore[arg-type] # the four texts
    except Invalid as refused:
        for name, code in refused.problems.items():
            row.fail(code, f"{prefix}{name}", texts.get(name, "")[:SHOWN])
        return None
    contact = ContactRow(
        place,
        {name: getattr(clean, name) for name in texts},
        frozenset(name for name in columns if name in ("position", "department", "email")) - texts.keys(),
        column=columns.get("name", columns.get(LAST_NAME, columns.get(FIRST_NAME))),
    )
    if kind:
        try:
            contact.kind = cells.kind(kind)
        except Unreadable:
            pass  # 'Prof.' is how somebody is addressed, and no mistake; the person is kept without it
    return contact


def _give_to_address(row: Row, place: int, email: str) -> None:
    """Numbers and e-mail address of a contact without a name are the address's own."""
    row.number_cells = [replace(cell, contact=0) if cell.contact == place else cell for cell in row.number_cells]
    if email and "email" not in row.values:
        try:
            row.values.update(cleaned({"email": email}))
        except Invalid:
            row.fail("bad_email", f"contact{place}.email", email[:SHOWN])

"""A record of a file read as an address: clean values, numbers and contacts, or what is wrong in which column.

Free of the database. What an import may not change, and what a row means for an address that is there already, is
decided in ``planning``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.modules.addresses.records import NumberInput
from app.modules.addresses.transfer.source import Record
from app.modules.addresses.transfer.targets import OWN_ID

Numbers = dict[str, list[NumberInput]]
"""Kind → the numbers of its columns, in the order of the file; a kind without a column is missing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is not imported: a code, the column (None: the whole row), what stood there, and what else to say."""

    code: str
    column: int | None = None
    value: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A cell with numbers. ``contact`` counts from 1, 0 is the address."""

    column: int
    contact: int
    kind: str
    text: str
    label: str = ""
    switchboard: bool = False


@dataclass(slots=True)
class ContactRow:
    """A contact as a row gives it. A field that is not in ``texts`` was not given."""

    place: int
    texts: dict[str, str]
    empty: frozenset[str]
    """Fields whose cell is empty."""
    numbers: Numbers = field(default_factory=dict)
    kind: str = ""
    """How the person is addressed, where a column says so."""
    column: int | None = None
    """Of the name."""

    @property
    def name(self) -> str:
        """Never empty."""
        return self.texts["name"]


@dataclass(slots=True)
class Row:
    """A row as read. A field that is not in ``values`` was not given."""

    record: Record
    country: str = ""
    """By which the numbers were read."""
    own_id: int | None = None
    archived: bool | None = None
    values: dict[str, Any] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()
    numbers: Numbers = field(default_factory=dict)
    contacts: list[ContactRow] = field(default_factory=list)
    person: bool = False
    """The name is put together from a first and a last name."""
    number_cells: list[NumberCell] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    columns: Mapping[str, int] = field(default_factory=dict)
    """Target → its column."""

    @property
    def line(self) -> int:
        """Where it begins in the file."""
        return self.record.line

    def all_numbers(self) -> Iterator[NumberInput]:
        """Its own numbers and its contacts'."""
        for numbers in (self.numbers, *(contact.numbers for contact in self.contacts)):
            for of_kind in numbers.values():
                yield from of_kind

    def key(self, name: str) -> Any:
        """What it gives for ``own_id`` or for one of the keys by which addresses are found; None for nothing."""
        return self.own_id if name == OWN_ID else self.values.get(name)

    def fail(self, code: str, target: str | None = None, value: str = "", told: str = "") -> None:
        """The row is not imported, because of this column."""
        self.problems.append(Problem(code, self.columns.get(target or ""), value, told))

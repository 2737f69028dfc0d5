"""What an import knows of an address while it changes it: as stored, as it will be, and what of it differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.modules.addresses.fields import CONTACT_TEXTS, FIELDS, FLAGS
from app.modules.addresses.folding import sort_key
from app.modules.addresses.numbers import Columns, as_read
from app.modules.addresses.records import NumberInput

#: An address with nothing in it but what every new one has.
NEW: Mapping[str, Any] = {
    **dict.fromkeys(FIELDS, ""),
    **dict.fromkeys(FLAGS, False),
    **dict.fromkeys(("customer_number", "supplier_number", "external_id"), None),
    **dict.fromkeys(("account_manager_id", "inside_sales_id", "delivery_block_date"), None),
    "kind": "company",
}
Given = dict[str, tuple[int, Any]]
"""What earlier rows of the file said of an address: field → line and value."""


@dataclass(slots=True)
class ContactState:
    """A contact; without an id it is new."""

    values: dict[str, str]
    numbers: list[Columns] = field(default_factory=list)
    id: int | None = None
    version: int = 0
    archived: bool = False
    sort: int = 0

    @property
    def key(self) -> str:
        """By which the same person is known."""
        return sort_key(self.values["name"])

    def copy(self) -> ContactState:
        """One that can be changed without changing this."""
        return ContactState(dict(self.values), list(self.numbers), self.id, self.version, self.archived, self.sort)

    def is_like(self, other: ContactState) -> bool:
        """Nothing would be written."""
        return self.values == other.values and self.numbers == other.numbers


@dataclass(slots=True, eq=False)
class AddressState:
    """An address with everything that an import may change. ``id`` is None until a new one is stored."""

    values: dict[str, Any]
    numbers: list[Columns] = field(default_factory=list)
    contacts: list[ContactState] = field(default_factory=list)
    id: int | None = None
    version: int = 0
    archived: bool = False
    given: Given = field(default_factory=dict)
    shared: bool = False
    """Several rows of the file speak of it."""
    stored: AddressState | None = None
    """As it was read; None for a new one."""
    kept: set[tuple[int | None, str]] = field(default_factory=set)
    """Numbers that a person wants left as they are: whose, and as typed."""

    def copy(self) -> AddressState:
        """One that can be changed without changing this."""
        return AddressState(
            dict(self.values),
            list(self.numbers),
            [contact.copy() for contact in self.contacts],
            self.id,
            self.version,
            self.archived,
            dict(self.given),
            self.shared,
            self.stored,
            set(self.kept),
        )

    def own_differs(self, other: AddressState) -> bool:
        """Its own fields or numbers are not the other's."""
        return self.values != other.values or self.archived != other.archived or self.numbers != other.numbers

    def differs(self, other: AddressState) -> bool:
        """Anything is not as the other's, contacts included."""
        return self.own_differs(other) or not all_alike(self.contacts, other.contacts)

    def changed_fields(self, other: AddressState) -> list[str]:
        """The fields in which they differ, in the order of the form."""
        return [name for name in FIELDS if self.values[name] != other.values[name]]

    def all_numbers(self) -> Iterator[Columns]:
        """Its own and those of its contacts."""
        yield from self.numbers
        for contact in self.contacts:
            yield from contact.numbers

    def read_again(self, country: str) -> None:
        """Read all numbers anew: the address moved to another country."""
        self.numbers = [read(columns, country) for columns in self.numbers]
        for contact in self.contacts:
            contact.numbers = [read(columns, country) for columns in contact.numbers]


def all_alike(ours: Sequence[ContactState], theirs: Sequence[ContactState]) -> bool:
    """The same contacts with the same values; contacts are only ever added at the end."""
    return len(ours) == len(theirs) and all(map(ContactState.is_like, ours, theirs))


def read(columns: Mapping[str, Any], country: str) -> Columns:
    """The columns of a stored number as another country reads it."""
    return as_read(NumberInput(columns["raw"], columns["kind"], columns["label"], columns["switchboard"]), country)


def contact_state(values: Mapping[str, str]) -> ContactState:
    """A new contact."""
    return ContactState({name: values.get(name, "") for name in CONTACT_TEXTS})


def shown(value: Any) -> str:
    """A value of a field as text, to be compared and told."""
    if value is None or value is False:
        return ""
    return "x" if value is True else value.isoformat() if isinstance(value, date) else str(value)

"""What goes into the services of addresses and what comes out of them: frozen, free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


class NoSuchAddress(LookupError):
    """There is no address, contact or note with this id."""


class Invalid(ValueError):
    """Values were refused: field → code (``required``, ``too_long``, ``taken``, …). Pages and API have the words."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {code}" for field, code in problems.items()))
        self.problems = dict(problems)


class Stale(Exception):
    """Somebody else saved in between; ``version`` is the present one. Nothing was changed."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the present version is {version}")
        self.version = version


@dataclass(frozen=True, slots=True)
class NumberInput:
    """A number as typed. One without any text is dropped."""

    raw: str
    kind: str = "phone"
    label: str = ""
    switchboard: bool = False
    """Marked by hand: numbers that begin like this one belong to the same owner."""


@dataclass(frozen=True, slots=True)
class ContactInput:
    """A contact as typed; with ``id`` an existing one of the address."""

    name: str
    position: str = ""
    department: str = ""
    email: str = ""
    numbers: tuple[NumberInput, ...] = ()
    id: int | None = None


@dataclass(frozen=True, slots=True)
class NumberDetail:
    """A stored number: as typed and as read."""

    raw: str
    e164: str | None
    kind: str
    label: str
    extension: str | None
    switchboard: bool
    problem: str | None
    display: str
    """For the eye: formatted where it was read, else as typed."""
    stem_display: str = ""
    """How the numbers behind this switchboard begin, for the eye; empty for a number that is none."""

    def as_input(self) -> NumberInput:
        """What would be typed to store it again."""
        return NumberInput(self.raw, self.kind, self.label, self.switchboard)


@dataclass(frozen=True, slots=True)
class ContactDetail:
    """A stored contact with its numbers."""

    id: int
    address_id: int
    name: str
    position: str
    department: str
    email: str
    archived_at: datetime | None
    version: int
    updated_by_name: str
    updated_at: datetime
    numbers: tuple[NumberDetail, ...]


@dataclass(frozen=True, slots=True)
class AddressDetail:
    """A stored address with everything that belongs to it but its notes."""

    id: int
    kind: str
    name: str
    contact_person: str
    department: str
    subdepartment: str
    address_supplement: str
    street: str
    postcode: str
    city: str
    country: str
    email: str
    website: str
    salutation: str
    language: str
    vat_id: str
    customer_number: str | None
    supplier_number: str | None
    external_id: str | None
    account_manager_id: int | None
    inside_sales_id: int | None
    is_customer: bool
    is_supplier: bool
    is_employee: bool
    delivery_block: bool
    delivery_block_reason: str
    delivery_block_date: date | None
    notes: str
    archived_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
    account_manager_name: str
    inside_sales_name: str
    updated_by_name: str
    numbers: tuple[NumberDetail, ...]
    """The address's own; those of contacts are with the contacts."""
    contacts: tuple[ContactDetail, ...]
    former_contacts: tuple[ContactDetail, ...]
    """Archived ones."""

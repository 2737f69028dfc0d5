"""What a column of a file can hold: the fields of an address, its numbers, its contacts. Pure.

A target is a text: ``city``, ``phone``, ``contact1.name``; ``''`` leaves the column out. ``label`` and ``switchboard``
say more of the number column to their left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.modules.addresses.settings import NUMBER_KINDS

#: Of the number to the left.
LABEL, SWITCHBOARD = "label", "switchboard"
OF_NUMBERS = (LABEL, SWITCHBOARD)
#: Parts that are put together: a name of two, a street with its number, a postcode with its town.
FIRST_NAME, LAST_NAME, HOUSE_NUMBER, POSTCODE_CITY = "first_name", "last_name", "house_number", "postcode_city"
#: Our own id with its check (``transfer.own_ids``), and whether the address is archived.
OWN_ID, ARCHIVED = "own_id", "archived"
#: By these an address is found again; the first that is given decides.
MATCHED = (OWN_ID, "external_id", "customer_number", "supplier_number")
#: ``kind`` counts where the person turns out to be the address itself, for want of a company's name.
OF_CONTACTS = ("kind", "name", FIRST_NAME, LAST_NAME, "position", "department", "email", *NUMBER_KINDS)
#: Several columns may hold these.
REPEATED = frozenset((*NUMBER_KINDS, *OF_NUMBERS, "notes"))
MAX_CONTACTS_A_ROW = 9

#: Headings of groups → targets, in the order in which they are offered.
GROUPS: dict[str, tuple[str, ...]] = {
    "address": (
        *("kind", "name", FIRST_NAME, LAST_NAME, "contact_person", "department", "subdepartment", "address_supplement"),
        *("street", HOUSE_NUMBER, "postcode", "city", POSTCODE_CITY, "country"),
    ),
    "reach": (*NUMBER_KINDS, *OF_NUMBERS, "email", "website", "salutation", "language"),
    "assignment": (
        *("customer_number", "supplier_number", "external_id", OWN_ID, "vat_id"),
        *("is_customer", "is_supplier", "is_employee", "account_manager_id", "inside_sales_id"),
        *("delivery_block", "delivery_block_reason", "delivery_block_date", "notes", ARCHIVED),
    ),
}
ADDRESS_TARGETS = tuple(target for targets in GROUPS.values() for target in targets)
_CONTACT = re.compile(r"contact([1-9])\.([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Target:
    """A target taken apart. ``contact`` counts from 1; 0 is the address itself."""

    contact: int
    field: str

    @property
    def is_number(self) -> bool:
        """Whether it holds phone numbers."""
        return self.field in NUMBER_KINDS

    def __str__(self) -> str:
        return f"contact{self.contact}.{self.field}" if self.contact else self.field


def target_of(text: str) -> Target | None:
    """The target of this text; None for '' and for what is none."""
    if text in ADDRESS_TARGETS:
        return Target(0, text)
    found = _CONTACT.fullmatch(text)
    return Target(int(found[1]), found[2]) if found and found[2] in OF_CONTACTS else None


def contact_targets(contact: int) -> tuple[str, ...]:
    """The targets of the contact with this place."""
    return tuple(f"contact{contact}.{field}" for field in OF_CONTACTS)


def highest_contact(assignment: Sequence[str]) -> int:
    """The largest place of a contact that a column is assigned to; 0 for none."""
    return max((found.contact for text in assignment if (found := target_of(text))), default=0)


def twice(assignment: Sequence[str]) -> tuple[str, ...]:
    """Targets that two columns claim though only one can hold them."""
    seen: set[str] = set()
    again: dict[str, None] = {}
    for text in assignment:
        found = target_of(text)
        if found is None or found.field in REPEATED:
            continue
        if text in seen:
            again[text] = None
        seen.add(text)
    return tuple(again)


def lacking(assignment: Sequence[str]) -> str | None:
    """What keeps the assignment from being imported: ``nothing``, ``no_name``, ``no_number_left``; None when complete.

    A name is not needed where addresses are found by a key: such a file changes what is there.
    """
    found = [target for text in assignment if (target := target_of(text))]
    if not found:
        return "nothing"
    names = {"name", FIRST_NAME, LAST_NAME}
    if not any(target.field in names for target in found) and not any(text in MATCHED for text in assignment):
        return "no_name"
    number_seen = False
    for target in found:
        if target.field in OF_NUMBERS and not number_seen:
            return "no_number_left"
        number_seen = number_seen or target.is_number
    return None

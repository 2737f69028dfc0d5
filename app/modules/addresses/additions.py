"""What goes into ``adding`` and what comes out of it: frozen, free of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "gone",  # the address is no longer there
    "archived",  # the address was archived
    "contact_gone",  # the contact is no longer one of the address
    "renamed",  # it has another name than the person saw who chose it
    "contact_exists",  # the contact to be added is there already
    "has_it",  # the owner has the number already
    "elsewhere",  # others got the number, whom the person has not seen
    "misread",  # the address's country would make another subscriber's number of it
    "changed",  # what is to be taken back is no longer as it was stored
]
#: Who has a number: an address, or a contact there.
OwnerKey = tuple[int, int | None]


class NotAdded(Exception):
    """Nothing was stored. ``name`` is the present name of what stands in the way, ``owners`` the others by name."""

    def __init__(
        self, reason: Reason, name: str = "", *, contact_id: int | None = None, owners: Sequence[Holder] = ()
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.name = name
        self.contact_id = contact_id
        self.owners = tuple(owners)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a number, by name."""

    address_id: int
    contact_id: int | None
    name: str
    company: str | None
    """The address's name, where the holder is a contact there."""


@dataclass(frozen=True, slots=True)
class GivenNumber:
    """A number as it came. ``e164`` is None for one that no numbering plan has."""

    raw: str
    e164: str | None
    stem: str = ""
    """Of the switchboard that it lies behind: its Durchwahl is then set apart."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is to get it: the address itself, a contact, or a new contact of this name."""

    address_id: int
    contact_id: int | None = None
    new_contact: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the person knew who chose. An empty name, and nobody as holder, ask for nothing."""

    name: str = ""
    """Of the address, or of the contact where one was chosen."""
    holders: frozenset[OwnerKey] = frozenset()
    """Who else has the number; the person wants it here all the same."""


@dataclass(frozen=True, slots=True)
class Added:
    """What was stored, and what is needed to take it back."""

    address_id: int
    contact_id: int | None
    raw: str
    kind: str
    label: str
    contact_version: int = 0
    """Of the contact that was added with it; 0 where none was."""
    notes: tuple[tuple[int, int], ...] = ()
    """Id and version of the notes that got the address."""
    name: str = ""
    company: str = ""
    """The address's name."""

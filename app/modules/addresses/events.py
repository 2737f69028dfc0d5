"""What others may learn after a commit of this module."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumbersChanged:
    """Who is found by these numbers may have changed.

    They were added, changed, moved or removed, or their owner was renamed, archived or restored. ``stems`` are the
    switchboards among them: every number that begins so is concerned. ``address_id`` is None for those of several
    addresses, as an import changes them.
    """

    e164s: frozenset[str]
    address_id: int | None
    stems: frozenset[str] = frozenset()
    by: int | None = None
    """Who did it, where a user did."""


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """What is stored of an address, its contacts or numbers was saved; perhaps as it was before."""

    address_id: int | None
    """None: of several, as an import changes them."""


@dataclass(frozen=True, slots=True)
class NoteSaved:
    """A note was created, changed, attached, deleted or brought back."""

    note_id: int
    origin: str | None
    address_id: int | None
    former_address_id: int | None = None
    """Whose it was until now, where that is another one."""

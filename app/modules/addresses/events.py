"""What others may learn after a commit of this module."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumbersChanged:
    """Who is found by these numbers may have changed: added, changed, moved, removed, or their owner renamed,
    archived, restored.
    """  # fmt: skip

    e164s: frozenset[str]
    address_id: int


@dataclass(frozen=True, slots=True)
class NoteSaved:
    """A note was created, changed, attached, deleted or brought back."""

    note_id: int
    origin: str | None
    address_id: int | None

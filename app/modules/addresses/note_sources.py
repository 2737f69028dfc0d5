"""Where the form of a phone note gets its first values from: another module registers a source for its origins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NotePrefill:
    """What is known of a call when a note about it is begun."""

    address_id: int | None
    contact_id: int | None
    number_e164: str | None
    number_display: str
    direction: str | None
    """``in`` or ``out``."""
    occurred_at: datetime
    duration_seconds: int | None
    subject: str
    candidates: tuple[tuple[int, int | None, str], ...] = ()
    """Several matches to choose from: address, contact, text."""


Source = Callable[[str], NotePrefill | None]
_sources: dict[str, Source] = {}


def register_note_source(prefix: str, source: Source) -> None:
    """Have origins ``prefix:…`` filled in by ``source``, which gets the whole origin and may know nothing of it.

    The table belongs to the process, so a second application in it replaces the first one's equal source.
    """
    _sources[prefix] = source


def prefill_of(origin: str | None) -> NotePrefill | None:
    """What the origin's source knows; None for an unknown origin or none at all."""
    source = _sources.get((origin or "").partition(":")[0])
    return source(origin) if source is not None and origin else None

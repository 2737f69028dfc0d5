"""What other modules add to the form of a new phone note, stored with it in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class NewNote:
    """A phone note that was just stored, in the transaction that is still open."""

    note_id: int
    subject: str
    text: str
    number: str
    """As typed; may be empty."""
    origin: str | None
    address_id: int | None
    contact_id: int | None
    by: int | None


Store = Callable[[Session, NewNote], None]


class ExtraRefused(ValueError):
    """What was sent cannot be stored: field → sentence in the user's language."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class NoteExtra:
    """Further fields of the form. Their markup comes through the slot ``note.form``."""

    fields: tuple[str, ...]
    """Their names; drafts keep them too."""
    read: Callable[[Mapping[str, str]], Store | None]
    """What is to be stored along with the note, from the form as it was sent; None for nothing. Raises ExtraRefused."""


_extras: dict[str, NoteExtra] = {}


def register_note_extra(module: str, extra: NoteExtra) -> None:
    """Add a module's fields. Raises ValueError for a field that another module has already.

    The table belongs to the process, so a second application in it replaces the first one's equal extra.
    """
    taken = {name for other, one in _extras.items() if other != module for name in one.fields}
    if taken & set(extra.fields):
        raise ValueError(f"{module}: fields that another module has already: {sorted(taken & set(extra.fields))}")
    _extras[module] = extra


def extra_fields() -> tuple[str, ...]:
    """The names of all further fields."""
    return tuple(name for extra in _extras.values() for name in extra.fields)


def read_extras(sent: Mapping[str, str]) -> list[Store]:
    """What all modules store along. Raises ExtraRefused with the problems of all."""
    stores: list[Store] = []
    problems: dict[str, str] = {}
    for extra in _extras.values():
        try:
            store = extra.read(sent)
        except ExtraRefused as refused:
            problems |= refused.problems
        else:
            stores += [store] if store is not None else []
    if problems:
        raise ExtraRefused(problems)
    return stores

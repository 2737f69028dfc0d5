"""The addresses of this module's pages, for whoever has no request at hand (cards, jobs)."""

from __future__ import annotations

from urllib.parse import quote_plus


def _path(path: str, **query: object) -> str:
    given = "&".join(f"{name}={quote_plus(str(value))}" for name, value in query.items() if value is not None)
    return f"{path}?{given}" if given else path


def address_path(address_id: int, contact_id: int | None = None) -> str:
    """The page of an address, with the contact marked where one is given."""
    # Two numbers need no quoting; this stands on the way of every call.
    return f"/addresses/{address_id}" if contact_id is None else f"/addresses/{address_id}?contact={contact_id}"


def crm_path(address_id: int, **query: object) -> str:
    """The CRM tab; ``telefon_notiz_erstellen=1`` opens the form of a phone note, ``origin`` fills it."""
    return _path(f"/addresses/{address_id}/crm", **query)


def new_path(*, number: str | None = None, origin: str | None = None) -> str:
    """The form of a new address, a number filled in; notes of the origin are attached when it is saved."""
    return _path("/addresses/new", number=number, origin=origin)


def new_note_path(*, origin: str | None = None, address_id: int | None = None, contact_id: int | None = None) -> str:
    """The form of a phone note."""
    return _path("/addresses/notes/new", origin=origin, address_id=address_id, contact_id=contact_id)


def note_path(note_id: int) -> str:
    """Where a note is seen and edited."""
    return f"/addresses/notes/{note_id}/edit"


def timeline_path(address_id: int, **query: object) -> str:
    """All that happened with an address, in one list."""
    return _path(f"/addresses/{address_id}/timeline", **query)

"""What of a call's number can be stored with an address. Pure."""

from __future__ import annotations

from typing import Literal

from app.modules.callcenter.stored import StoredCall

Storable = Literal["number", "extension"]


def storable(row: StoredCall) -> Storable | None:
    """The ``number``, where nobody present has it, or the ``extension`` behind a switchboard that we know.

    None where somebody has it, and for what is nobody's number: withheld ones, extensions of ours, SIP users.
    """
    if not is_number(row):
        return None
    known = row.known
    if row.grade == "switchboard":
        return "extension" if any(match.get("extension") for match in known) else "number"
    # Whoever is archived is shown when nobody else has the number; somebody present may get it.
    return "number" if all(match["archived"] for match in known) else None


def is_number(row: StoredCall) -> bool:
    """Whether the far party has a number that could stand at an address; one of no numbering plan could, too."""
    if row.anonymised_at is not None:
        return False
    return row.remote_kind == "dialable" or (row.remote_kind == "unverified" and bool((row.remote_raw or "").strip()))


def extension_at(row: StoredCall, address_id: int) -> str:
    """The Durchwahl of the call behind this address's switchboard; empty where it has none in front of it."""
    found = (str(match.get("extension") or "") for match in row.known if match["address_id"] == address_id)
    return next(found, "")

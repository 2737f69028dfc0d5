"""What a browser is told about a call: one small, whole picture with a version, never a difference.

A snapshot holds values and paths, no texts: the page brings those in the language of its user.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.core.phones import classify, format_display, format_party
from app.modules.addresses import api as addresses
from app.modules.callcenter.domain.recipients import CardForm
from app.modules.callcenter.labels import Labels
from app.modules.callcenter.stored import StoredCall

#: Matches that a card lists; how many more there are is told beside.
MOST_MATCHES = 5
#: Which form of a card a snapshot is for, in the browser's words.
FORMS = {CardForm.FULL: "full", CardForm.LINE_ANSWERED_BY_OTHER: "line", CardForm.HIDDEN: "hidden"}


def snapshot(row: StoredCall, form: CardForm, labels: Labels, now: datetime) -> dict[str, Any]:
    """The call as its cards show it. ``now`` tells the browser how its clock differs from ours."""
    matches = matches_of(row)
    return {
        "now": iso(now),
        "id": row.id,
        "version": row.version,
        "form": FORMS[form],
        "direction": row.direction,
        "phase": row.phase,
        "outcome": row.outcome,
        "missed": row.missed,
        "provisional": row.provisional,
        "remote": remote_of(row),
        "certainty": certainty(row, matches),
        "matches": [_match(row, match) for match in matches[:MOST_MATCHES]],
        "more": max(0, len(matches) - MOST_MATCHES),
        "line": line_of(row, labels),
        "user": user_of(row, labels),
        "received_at": iso(row.received_at),
        "answered_at": iso(row.answered_at),
        "ended_at": iso(row.ended_at),
        "talk_seconds": row.talk_seconds,
        "paths": paths_of(row),
    }


def withdrawal(row: StoredCall, now: datetime) -> dict[str, Any]:
    """Says that a card is no longer for the reader, and nothing else."""
    return {"now": iso(now), "id": row.id, "version": row.version, "form": FORMS[CardForm.HIDDEN]}


def matches_of(row: StoredCall) -> list[dict[str, Any]]:
    """Who it may be; only the one whom somebody chose, where somebody did."""
    matches = row.known
    if row.assigned_by is None:
        return matches
    chosen = [m for m in matches if (m["address_id"], m["contact_id"]) == (row.address_id, row.contact_id)]
    return chosen or matches


def certainty(row: StoredCall, matches: list[dict[str, Any]]) -> str:
    """``known``, ``ambiguous``, ``probable`` or ``unknown``: what may be claimed about the far party."""
    if row.assigned_by is not None:
        return "known"
    if not matches:
        return "unknown"
    if row.grade == "switchboard":
        return "probable"
    return "known" if len({(m["address_id"], m["contact_id"]) for m in matches}) == 1 else "ambiguous"


def remote_of(row: StoredCall) -> dict[str, Any]:
    """The far party: how it is shown, its kind, and E.164 where it can be dialled."""
    party = row.remote
    return {
        "display": format_party(party) if party else "",
        "kind": row.remote_kind or "withheld",
        "e164": row.remote_e164,
    }


def line_of(row: StoredCall, labels: Labels) -> dict[str, Any] | None:
    """Our own number in the call, with the name given to it."""
    if row.line_raw is None or row.line_key is None:
        return None
    display = format_display(row.line_key) if row.line_key.startswith("+") else format_party(classify(row.line_raw))
    return {"key": row.line_key, "name": labels.lines.get(row.line_key, ""), "display": display}


def user_of(row: StoredCall, labels: Labels) -> dict[str, Any] | None:
    """Who of us took the call or dialled."""
    if row.user_id is None or row.user_id not in labels.users:
        return None
    return {"id": row.user_id, "name": labels.users[row.user_id]}


def paths_of(row: StoredCall) -> dict[str, str | None]:
    """Where the card's buttons lead. ``address`` only where one address is meant, surely or probably."""
    contact = {"contact_id": row.contact_id} if row.contact_id is not None else {}
    if row.address_id is not None:
        address: str | None = addresses.address_path(row.address_id, row.contact_id)
        note = addresses.crm_path(row.address_id, telefon_notiz_erstellen=1, origin=row.origin, **contact)
    else:
        address = None
        note = addresses.new_note_path(origin=row.origin)
    return {
        "call": f"/callcenter/calls/{row.id}",
        "address": address,
        "note": note,
        "new_address": addresses.new_path(number=row.remote_e164 or _written(row), origin=row.origin),
    }


def _written(row: StoredCall) -> str | None:
    """The number as it came, where it is one that could belong into an address."""
    return row.remote_raw if row.remote_kind == "unverified" else None


def _match(row: StoredCall, match: Mapping[str, Any]) -> dict[str, Any]:
    contact = {"contact_id": match["contact_id"]} if match["contact_id"] is not None else {}
    return {
        "name": match["name"],
        "company": match["company"],
        "customer_number": match["customer_number"],
        "label": match["label"],
        "archived": match["archived"],
        "address_id": match["address_id"],
        "path": match["path"],
        "note_path": addresses.crm_path(match["address_id"], telefon_notiz_erstellen=1, origin=row.origin, **contact),
    }


def iso(value: datetime | None) -> str | None:
    """UTC with milliseconds, as browsers read it; None for None."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None

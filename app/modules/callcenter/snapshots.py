"""What a browser is told about a call: one small, whole picture with a version, never a difference.

A snapshot holds values and paths, no texts: the page brings those in the language of its user. Names of places and
countries are values, in both languages: a page does not know all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.i18n import LANGUAGES
from app.core.phones import Origin, origin
from app.modules.addresses import api as addresses
from app.modules.callcenter import connection
from app.modules.callcenter.dial_policy import verdict_of
from app.modules.callcenter.domain.belonging import plain
from app.modules.callcenter.domain.calls import Phase
from app.modules.callcenter.domain.recipients import CardForm
from app.modules.callcenter.home import classify, format_display, format_party
from app.modules.callcenter.labels import Labels
from app.modules.callcenter.shown import Shown, shown
from app.modules.callcenter.storable import storable
from app.modules.callcenter.stored import StoredCall

#: Matches that a card lists; how many more there are is told beside.
MOST_MATCHES = 5
#: Which form of a card a snapshot is for, in the browser's words.
FORMS = {CardForm.FULL: "full", CardForm.LINE_ANSWERED_BY_OTHER: "line", CardForm.HIDDEN: "hidden"}


def snapshot(
    row: StoredCall, form: CardForm, labels: Labels, now: datetime, viewer: int | None = None
) -> dict[str, Any]:
    """The call as its cards show it to a user, or to all who chose nobody for themselves (``viewer`` None).

    ``now`` tells the browser how its clock differs from ours. ``facts`` follow in a message of their own; only what a
    browser fetches contains them. They hold as long as the call is ``about`` the same party.
    """
    who = shown(row, viewer)
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
        "origin": _told_origin(origin_of(row, who)),
        "colleague": colleague_of(row, labels),
        "certainty": who.certainty,
        "matches": [_match(row, match) for match in who.matches[:MOST_MATCHES]],
        "candidates": [_match(row, match) for match in who.candidates[:MOST_MATCHES]] if who.choice else [],
        "more": max(0, len(who.candidates or who.matches) - MOST_MATCHES),
        "choice": choice_of(who, labels),
        "line": line_of(row, labels),
        "user": user_of(row, labels),
        "received_at": iso(row.received_at),
        "answered_at": iso(row.answered_at),
        "ended_at": iso(row.ended_at),
        "silent_at": iso(silent_at(row)),
        "talk_seconds": row.talk_seconds,
        "about": about(row, viewer),
        "facts": None,
        "storable": storable(row),
        "paths": paths_of(row, who),
    }


def about(row: StoredCall, viewer: int | None) -> str:
    """Names the far party as this user sees it; another one has another name."""
    who = shown(row, viewer)
    return f"{who.address_id or ''}.{who.contact_id or ''}.{row.remote_e164 or ''}"


def silent_at(row: StoredCall) -> datetime | None:
    """From when on nothing more is heard of a ringing call, unless something is; None where silence means nothing.

    The answer to an outgoing call is never reported, and a conversation may last.
    """
    if row.phase != Phase.RINGING.value or row.direction == "out":
        return None
    return row.received_at + timedelta(seconds=connection.settings().silent_seconds)


def all_matches(row: StoredCall, viewer: int) -> list[dict[str, Any]]:
    """Everybody among whom this user can choose, in the order of the snapshot, which lists the first of them."""
    who = shown(row, viewer)
    return [_match(row, match) for match in who.candidates or who.matches]


def withdrawal(row: StoredCall, now: datetime) -> dict[str, Any]:
    """Says that a card is no longer for the reader, and nothing else."""
    return {"now": iso(now), "id": row.id, "version": row.version, "form": FORMS[CardForm.HIDDEN]}


def remote_of(row: StoredCall) -> dict[str, Any]:
    """The far party: how it is shown, its kind, and E.164 where it can be dialled."""
    party = row.remote
    return {
        "display": format_party(party) if party else "",
        "kind": "anonymised" if row.anonymised_at else row.remote_kind or "withheld",
        "e164": row.remote_e164,
        "blocked": _blocked(row.remote_e164),
    }


def _blocked(e164: str | None) -> str | None:
    """The code of the rule for dialling that keeps the number from being called back."""
    refusal = verdict_of(e164).refusal if e164 is not None else None
    return refusal.code if refusal is not None else None


def origin_of(row: StoredCall, who: Shown) -> Origin | None:
    """Where the number comes from, for a far party of whom that says something: nobody whom we know for sure."""
    return origin(row.remote) if who.certainty in ("unknown", "probable") else None


def _told_origin(found: Origin | None) -> dict[str, Any] | None:
    """One snapshot goes to users of both languages, so names of places stand in it in both."""
    if found is None:
        return None
    home = addresses.home_country()
    where = {language: found.where(language, home) for language in LANGUAGES}
    return {"where": where, "line_type": found.line_type}


def colleague_of(row: StoredCall, labels: Labels) -> dict[str, str] | None:
    """Who of the house the far party is, where it is one; name or extension may be empty."""
    found = labels.colleague(row.remote, row.connection)
    return {"name": found.name, "extension": found.extension} if found is not None else None


def line_of(row: StoredCall, labels: Labels) -> dict[str, Any] | None:
    """Our own number in the call, with the name given to it."""
    if row.line_raw is None or row.line_key is None:
        return None
    key = plain(row.line_key)
    display = format_display(key) if key.startswith("+") else format_party(classify(row.line_raw))
    return {"key": row.line_key, "name": labels.lines.get(row.line_key, ""), "display": display}


def user_of(row: StoredCall, labels: Labels) -> dict[str, Any] | None:
    """Who of us took the call or dialled."""
    if row.user_id is None or row.user_id not in labels.users:
        return None
    return {"id": row.user_id, "name": labels.users[row.user_id]}


def choice_of(who: Shown, labels: Labels) -> dict[str, Any] | None:
    """The choice that the matches come from: who made it, for whom, and what takes it back."""
    choice = who.choice
    if choice is None:
        return None
    by = {"id": choice.user_id, "name": labels.users.get(choice.user_id or 0, "")}
    return {"scope": choice.scope.value, "user": by, "remembered": choice.remembered, "undo": choice.change_id}


def paths_of(row: StoredCall, who: Shown) -> dict[str, str | None]:
    """Where the card's buttons lead. ``address`` only where one address is meant, surely or probably."""
    contact = {"contact_id": who.contact_id} if who.contact_id is not None else {}
    if who.address_id is not None:
        address: str | None = addresses.address_path(who.address_id, who.contact_id)
        note = addresses.crm_path(who.address_id, telefon_notiz_erstellen=1, origin=row.origin, **contact)
    else:
        address = None
        note = addresses.new_note_path(origin=row.origin)
    return {
        "call": f"/callcenter/calls/{row.id}",
        "address": address,
        "note": note,
        "new_address": addresses.new_path(number=row.remote_e164 or _written(row), origin=row.origin),
        "number": f"/callcenter/calls/{row.id}/number" if storable(row) else None,
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
        "extension": match.get("extension") or "",
        "archived": match["archived"],
        "address_id": match["address_id"],
        "contact_id": match["contact_id"],
        "path": match["path"],
        "note_path": addresses.crm_path(match["address_id"], telefon_notiz_erstellen=1, origin=row.origin, **contact),
    }


def iso(value: datetime | None) -> str | None:
    """UTC with milliseconds, as browsers read it; None for None."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None

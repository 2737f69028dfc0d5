"""A draft is taken up again: what was typed stays, everything else follows the call as it is known by now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from app.core.database import reading
from app.modules.addresses.note_drafts import Draft
from app.modules.addresses.owners import owner_name
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What a draft makes of the form that would open without it."""

    address: AddressDetail | None
    """The address that the form belongs to; None where there is more than one to choose from."""
    strings: Mapping[str, str] = field(default_factory=dict)
    """What was typed, over what the call says."""
    owner: str = ""
    """Who is chosen among ``candidates``."""
    candidates: tuple[tuple[str, str], ...] = ()
    moved: str = ""
    """Said where the call has another address by now."""


def taken_up(draft: Draft, address: AddressDetail | None, contact_id: int | None) -> TakenUp:
    """The form with a draft in it. ``address`` and ``contact_id``: whom the call, or the link, means now.

    Whom a person chose for the draft stays chosen, and the one who is meant now stands beside; whom nobody chose
    follows the call. Both is said.
    """
    typed = dict(draft.values)
    if not typed.get("duration"):
        typed.pop("duration", None)  # emptied again: it follows the call
    chosen = typed.get("owner", "")
    if not chosen and draft.address_id is not None and typed.get("contact_id"):
        chosen = f"{draft.address_id}:{typed['contact_id']}"
    meant = f"{address.id}:{contact_id or ''}" if address is not None else ""
    if chosen and chosen.partition(":")[0] != meant.partition(":")[0]:
        candidates = tuple((one, name) for one in (chosen, meant) if (name := _named(one)))
        said = ""
        if meant:
            said = _(
                "You chose %(chosen)s; by now the call is with %(meant)s. Your choice stays.",
                chosen=_named(chosen),
                meant=_named(meant),
            )
        return TakenUp(None, typed, chosen, candidates, said)
    if address is None and draft.address_id is not None:
        return TakenUp(get_address(draft.address_id), typed)
    moved = ""
    if address is not None and draft.address_id is not None and draft.address_id != address.id:
        moved = _(
            "When you began, the call was with %(before)s; the note now goes to %(now)s.",
            before=draft.address_name,
            now=address.name,
        )
    return TakenUp(address, typed, chosen, moved=moved)


def _named(owner: str) -> str:
    address, _colon, contact = owner.partition(":")
    if not address.isdigit():
        return ""
    with reading() as session:
        found = owner_name(session, int(address), int(contact) if contact.isdigit() else None)
    if found is None:
        return ""
    return f"{found.name} ({found.company})" if found.company else found.name

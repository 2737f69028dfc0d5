"""*Verlauf*: notes, calls and call-backs of an address or of one of its contacts in one list.

The newest stand in the tab *CRM*, all of them on a page of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request

from app.core.accounts.access import requires
from app.core.database import MAX_ID, reading
from app.modules.addresses import timeline
from app.modules.addresses.paths import timeline_path
from app.modules.addresses.records import ContactDetail
from app.modules.addresses.timeline import Happening, Place
from app.modules.addresses.views.pages import Frame, frame

blueprint = Blueprint("addresses_timeline", __name__, url_prefix="/addresses")
#: A place as it stands in the address of a page: microseconds since 1970, kind, number.
_PLACE = re.compile(r"(\d{1,17})\.([a-z]{1,20})\.(\d{1,10})")
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class History:
    """What a page shows of what happened, and where its filters lead."""

    place: str
    happenings: Sequence[Happening]
    older: str | None
    newest: str | None
    everything: str
    offered: Sequence[tuple[str, Any, str]]
    kinds: Sequence[str]
    people: Sequence[ContactDetail]
    contact_id: int | None


@blueprint.get("/<int:address_id>/timeline")
@requires("addresses.view")
def show(address_id: int) -> str:
    """The list, newest first; ``?kind=`` and ``?contact=`` narrow it."""
    around = frame(address_id)
    found = history(around, timeline_path)
    return render_template("addresses/timeline.html", frame=around, address=around.address, history=found)


def history(around: Frame, path: Callable[..., str], anchor: str = "", most: int = timeline.PER_PAGE) -> History:
    """What is asked for of an address, at most so many; its filters lead to ``path``, what is older to its own page."""
    address_id = around.address.id
    offered = timeline.sources()
    kinds = [source.kind for source in offered if source.kind in request.args.getlist("kind")]
    people = [*around.address.contacts, *around.address.former_contacts]
    contact = request.args.get("contact", 0, int)
    contact_id = contact if contact in {person.id for person in people} else None
    behind = _place(request.args.get("behind", ""))
    with reading() as session:
        shown, older = timeline.page(session, address_id, contact_id, kinds, behind, most)

    def narrowed(kind: str | None) -> str:
        return path(address_id, kind=kind, contact=contact_id) + anchor

    first = kinds[0] if kinds else None
    behind_these = timeline_path(address_id, kind=first, contact=contact_id, behind=_written(older) if older else None)
    return History(
        place=path(address_id) + anchor,
        happenings=shown,
        older=behind_these if older else None,
        newest=narrowed(first) if behind else None,
        everything=narrowed(None),
        offered=[(source.kind, source.title, narrowed(source.kind)) for source in offered],
        kinds=kinds,
        people=people,
        contact_id=contact_id,
    )


def _written(place: Place) -> str:
    moment = round(place.at.timestamp() * _MICROSECONDS)
    return f"{moment}.{place.kind}.{place.number}"


def _place(text: str) -> Place | None:
    found = _PLACE.fullmatch(text)
    if found is None or int(found[3]) > MAX_ID:
        return None
    seconds, rest = divmod(int(found[1]), _MICROSECONDS)
    try:
        return Place(datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), found[2], int(found[3]))
    except (OverflowError, ValueError, OSError):
        return None

"""*Verlauf*: notes, calls and call-backs of an address or of one of its contacts in one list."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Blueprint, render_template, request

from app.core.accounts.access import requires
from app.core.database import MAX_ID, reading
from app.modules.addresses import timeline
from app.modules.addresses.paths import timeline_path
from app.modules.addresses.timeline import Place
from app.modules.addresses.views.pages import frame

blueprint = Blueprint("addresses_timeline", __name__, url_prefix="/addresses")
#: A place as it stands in the address of a page: microseconds since 1970, kind, number.
_PLACE = re.compile(r"(\d{1,17})\.([a-z]{1,20})\.(\d{1,10})")
_MICROSECONDS = 1_000_000


@blueprint.get("/<int:address_id>/timeline")
@requires("addresses.view")
def show(address_id: int) -> str:
    """The list, newest first; ``?kind=`` and ``?contact=`` narrow it."""
    around = frame(address_id)
    offered = timeline.sources()
    kinds = [source.kind for source in offered if source.kind in request.args.getlist("kind")]
    people = [*around.address.contacts, *around.address.former_contacts]
    contact = request.args.get("contact", 0, int)
    contact_id = contact if contact in {person.id for person in people} else None
    behind = _place(request.args.get("behind", ""))
    with reading() as session:
        shown, older = timeline.page(session, address_id, contact_id, kinds, behind)

    def link(kind: str | None = None, behind: Place | None = None) -> str:
        chosen = kinds if kind is None else [kind] if kind else []
        return timeline_path(
            address_id,
            kind=chosen[0] if chosen else None,
            contact=contact_id,
            behind=_written(behind) if behind else None,
        )

    return render_template(
        "addresses/timeline.html",
        frame=around,
        address=around.address,
        happenings=shown,
        older=link(behind=older) if older else None,
        newest=link() if behind else None,
        offered=[(source.kind, source.title, link(source.kind)) for source in offered],
        everything=link(""),
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

"""The menu: what core and the active modules declare, as far as the user may open it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app, request, url_for

from app.core.accounts.access import LOGGED_IN, may
from app.core.modules import MenuItem

GROUPS = ("main", "mine", "administration")


def visible(core_items: tuple[MenuItem, ...]) -> dict[str, list[MenuItem]]:
    """Entries by group, in order, for the user who is logged in."""
    items = list(core_items)
    for module in current_app.extensions["durchwahl"].states.active():
        items.extend(module.menu)
    items.sort(key=lambda item: (item.order, str(item.title)))
    return {
        group: [
            item for item in items if item.group == group and (item.permission == LOGGED_IN or may(item.permission))
        ]
        for group in GROUPS
    }


def entry_of_page(entries: Mapping[str, list[MenuItem]]) -> MenuItem | None:
    """The entry that the page of this request belongs to, among those of ``visible``.

    The one that names the page's blueprint, else the one whose address is the longest beginning of the page's: one
    address may begin another.
    """
    best, longest = None, 0
    for item in (item for group in GROUPS for item in entries[group]):
        if request.blueprint in item.blueprints:
            return item
        url = url_for(item.endpoint)
        if request.path.startswith(url) and len(url) > longest:
            best, longest = item, len(url)
    return best

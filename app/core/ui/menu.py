"""The menu: what core and the active modules declare, as far as the user may open it."""

from __future__ import annotations

from flask import current_app

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

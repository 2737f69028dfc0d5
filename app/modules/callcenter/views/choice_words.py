"""Who chose whom a call is with, and for whom, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _


def choice_texts() -> dict[str, str]:
    """The sentences by key, with ``{name}`` for a colleague: for cards, which fill them in themselves."""
    return {
        "chosen_by": _("assigned by %(name)s", name="{name}"),
        "chosen_by_me": _("assigned by you"),
        "chosen_for_me": _("assigned by you, for yourself only"),
        "remembered_by": _("remembered by %(name)s for everybody", name="{name}"),
        "remembered_by_me": _("remembered by you for everybody"),
        "remembered_for_me": _("remembered by you, for yourself only"),
        "a_colleague": _("somebody"),
    }


def choice_sentence(choice: Mapping[str, Any], viewer: int) -> str:
    """The sentence about one choice, as ``snapshots.choice_of`` describes it."""
    texts = choice_texts()
    mine = choice["user"]["id"] == viewer
    if choice["scope"] == "me":
        return texts["remembered_for_me" if choice["remembered"] else "chosen_for_me"]
    key = "remembered_by" if choice["scope"] == "all" and choice["remembered"] else "chosen_by"
    if mine:
        return texts[f"{key}_me"]
    return texts[key].replace("{name}", choice["user"]["name"] or texts["a_colleague"])


def may_undo(choice: Mapping[str, Any] | None, viewer: int) -> bool:
    """Whether the user made this choice on the call himself, so that he may take it back there."""
    return choice is not None and choice["undo"] is not None and choice["user"]["id"] == viewer

"""The search for an address or a contact as a part of other pages, also of other modules."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from app.modules.addresses.picking import Picks, picks


@dataclass(frozen=True, slots=True)
class OnChoice:
    """What is fetched when somebody is chosen, and the selector of what it replaces the inside of."""

    url: str
    target: str


def picker(id: str, query: str = "", owner: str = "", on_choice: OnChoice | None = None) -> Markup:
    """A search field ``pick`` with what it finds as radio buttons ``owner``: ``7:`` an address, ``7:12`` a contact.

    ``id`` is unique in the page; ``query`` and ``owner`` are shown as typed and chosen before.
    """
    found = picks(query) if query.strip() else Picks(())
    markup = render_template(
        "addresses/_picker.html", id=id, query=query, picks=found, owner=owner, on_choice=on_choice
    )
    return Markup(markup)  # noqa: S704 (made by an autoescaping template)

"""Places in pages to which active modules add something.

A page says ``{{ slot("addresses.number", number=…) }}``; what active modules registered there is rendered in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, g, request, url_for
from jinja2 import Template
from markupsafe import Markup

#: Every slot, with what it is for. Core names them, so that a misspelt one is refused at the start.
SLOTS = {
    "page.head": "in <head>: style sheets and modules of a page part that is on every page (module, logged in)",
    "page.header": "beside the user's menu, on every page of a logged-in user",
    "page.end": "before the end of <body>, on every page of a logged-in user",
    "page.shortcuts": "in the list of keyboard shortcuts: a <div> with <dt><kbd> and <dd> for each",
    "personal.settings": "a further box in the personal settings",
    "number.actions": "beside a phone number: given number (raw), e164, kind, name",
    "address.heading": "beside the heading of an address: given address_id",
    "address.details": "a box in the details of an address: given address_id",
    "address.crm": "a box in the CRM tab of an address: given address_id",
    "note.form": "more in the form of a note: given note (none while it is new), kind, typed and refused by field",
}


@dataclass(frozen=True, slots=True)
class SlotFill:
    """What one module adds to one slot."""

    module: str
    template: str
    context: Callable[..., dict[str, Any] | None] | None
    permission: str | None
    order: int


class Slots:
    """What was registered for which slot."""

    def __init__(self) -> None:
        self._fills: dict[str, list[SlotFill]] = {name: [] for name in SLOTS}

    def add(self, slot: str, fill: SlotFill) -> None:
        """Register; KeyError for an unknown slot."""
        self._fills[slot].append(fill)
        self._fills[slot].sort(key=lambda entry: entry.order)

    def render(self, slot: str, /, **given: Any) -> Markup:
        """The markup of all active modules for this slot; KeyError for an unknown slot."""
        page = _page()
        fills = page.fills.get(slot)
        if fills is None:
            fills = page.fills[slot] = self._shown(slot)
        parts: list[str] = []
        for fill, template in fills:
            context = fill.context(**given) if fill.context else given
            if context is not None:
                # As ``template.render`` does it, but that what every template knows is put together once a page.
                known = template.new_context({**page.given, **context}, shared=True)
                parts.extend(template.root_render_func(known))
        # Each part is the output of an autoescaping template.
        return Markup("".join(parts))  # noqa: S704 (rendered templates only)

    def _shown(self, slot: str) -> list[tuple[SlotFill, Template]]:
        """What the user gets there, with its template."""
        from app.core.accounts.access import may

        states = current_app.extensions["durchwahl"].states
        return [
            (fill, current_app.jinja_env.get_template(fill.template))
            for fill in self._fills[slot]
            if states.is_active(fill.module) and (not fill.permission or may(fill.permission))
        ]


@dataclass(frozen=True, slots=True)
class _Page:
    """What is the same for all parts of a page: a page may have hundreds of numbers."""

    asked: object
    """The request."""
    given: dict[str, Any]
    """What every template knows, and ``icons``, the address of the icons."""
    fills: dict[str, list[tuple[SlotFill, Template]]] = field(default_factory=dict)


def _page() -> _Page:
    """That of this request."""
    asked = request._get_current_object()  # type: ignore[attr-defined] # what stands behind the proxy
    page: _Page | None = g.get("durchwahl_page")
    if page is None or page.asked is not asked:
        given: dict[str, Any] = {"icons": url_for("static", filename="vendor/icons.svg")}
        current_app.update_template_context(given)
        page = g.durchwahl_page = _Page(asked, {**current_app.jinja_env.globals, **given})
    return page

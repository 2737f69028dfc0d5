"""The page with the demo phones."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, Response, render_template, send_from_directory

from simulator import phones
from simulator.exchange import Exchange

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def create_page(exchange: Exchange) -> Blueprint:
    """The blueprint of / and its own static files."""
    page = Blueprint("page", __name__, template_folder="templates")

    @page.get("/")
    def _page() -> Response:
        groups = groupby(exchange.quirks.describe(), key=lambda one: one.group)
        body = render_template(
            "simulator.html",
            callers=phones.CALLERS,
            lines=list(exchange.lines.values()),
            quirk_defaults={one.name: one.default for one in exchange.quirks.describe()},
            quirk_groups=[(name, list(quirks)) for name, quirks in groups],
        )
        return Response(body, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})

    @page.get("/static/<path:name>")
    def _static(name: str) -> Response:
        return send_from_directory("static", name, max_age=0)

    return page

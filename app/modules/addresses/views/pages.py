"""Pages of addresses."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.core.accounts.access import requires

blueprint = Blueprint("addresses", __name__, url_prefix="/addresses")


@blueprint.get("/")
@requires("addresses.view")
def index() -> str:
    """The list."""
    return render_template("core/home.html")

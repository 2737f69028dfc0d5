"""*Administration → AppStore* and *Mein Bereich → Meine Apps*: tiles, search, and the switch of each app."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import LOGGED_IN, access_of, logged_in, may, requires
from app.core.modules import Module, Permission
from app.core.security import safe_next

PERMISSION = Permission("core.apps", _l("Activate and deactivate apps"), staff=False)
blueprint = Blueprint("appstore", __name__)


@dataclass(frozen=True, slots=True)
class Tile:
    """An app as the page shows it; ``home`` only where the user may open it."""

    module: Module
    active: bool
    home: str | None

    def matches(self, words: list[str]) -> bool:
        """Whether every word occurs in what the app says of itself."""
        text = f"{self.module.name} {self.module.title} {self.module.description} {self.module.keywords}".casefold()
        return all(word in text for word in words)


def _tiles(text: str) -> list[Tile]:
    kernel = current_app.extensions["durchwahl"]
    tiles = []
    for module in kernel.modules.values():
        active = kernel.states.is_active(module.name)
        tiles.append(Tile(module, active, module.home if active and _may_open(module.home) else None))
    words = text.casefold().split()
    return sorted((tile for tile in tiles if tile.matches(words)), key=lambda tile: str(tile.module.title))


def _may_open(endpoint: str | None) -> bool:
    if endpoint is None:
        return False
    stated = access_of(current_app.view_functions[endpoint])
    return stated == LOGGED_IN or (stated is not None and may(stated))


@blueprint.get("/appstore/")
@requires("core.apps")
def index() -> str:
    """All installed apps."""
    text = request.args.get("q", "").strip()
    return render_template("core/appstore.html", tiles=_tiles(text), text=text, manage=True)


@blueprint.get("/apps/")
@logged_in
def mine() -> str:
    """The apps that this user may open."""
    text = request.args.get("q", "").strip()
    tiles = [tile for tile in _tiles(text) if tile.home]
    return render_template("core/appstore.html", tiles=tiles, text=text, manage=False)


@blueprint.post("/appstore/<name>/switch")
@requires("core.apps")
def switch(name: str) -> BaseResponse:
    """Activate (``active=1``) or deactivate an app; back to ``next``, or to the app store."""
    kernel = current_app.extensions["durchwahl"]
    module = kernel.modules.get(name)
    if module is None:
        abort(404)
    active = request.form.get("active") == "1"
    if module.locked and not active:
        flash(_("%(app)s cannot be deactivated: others build on it.", app=module.title), "error")
        return redirect(url_for("appstore.index"))
    kernel.states.set_active(name, active)
    if active:
        flash(_("%(app)s is active. Everything is there again.", app=module.title), "success")
    else:
        flash(_("%(app)s is deactivated. Nothing is lost: activate it again at any time.", app=module.title), "success")
    target = safe_next(request.form.get("next"))
    return redirect(target if active and target else url_for("appstore.index"))

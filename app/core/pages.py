"""Pages of core itself: home, errors, old addresses that nobody knows; and what every template may use."""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from app.core import appstore, health_checks, health_pages, logs
from app.core.accounts import administration, personal_data
from app.core.accounts import pages as personal
from app.core.accounts.access import LOGGED_IN, logged_in, may, public
from app.core.database import MAX_ID, is_unavailable
from app.core.jobs import Job
from app.core.modules import MenuItem
from app.core.privacy import person_pages as privacy
from app.core.privacy import removing, running
from app.core.rest.install import failed, is_api
from app.core.ui import menu

log = logging.getLogger(__name__)
blueprint = Blueprint("pages", __name__)

#: Core's own entries of the menu.
MENU = (
    MenuItem(_l("Personal settings"), "personal.settings", LOGGED_IN, "user", "mine", 10),
    MenuItem(_l("My apps"), "appstore.mine", LOGGED_IN, "apps", "mine", 20),
    MenuItem(_l("Users"), "users.index", "core.users", "users", "administration", 10),
    MenuItem(_l("AppStore"), "appstore.index", "core.apps", "apps", "administration", 20),
    MenuItem(_l("Privacy"), "privacy.show", "core.privacy", "shield", "administration", 80),
    MenuItem(_l("System health"), "health.show", "core.health", "activity", "administration", 90),
)


@blueprint.get("/")
@logged_in
def home() -> BaseResponse | str:
    """The first page: the first entry of the menu that the user may open."""
    entries = menu.visible(MENU)["main"]
    if entries:
        return redirect(url_for(entries[0].endpoint))
    return render_template("core/home.html")


@blueprint.route("/unknown-action", methods=["GET", "POST"])
@public
def unknown_action() -> BaseResponse:
    """Where an old address leads that no installed app knows."""
    raise NotFound(_("This address belongs to no app that is installed and active here."))


class RowConverter(IntegerConverter):
    """``<int:…>`` in the rules of pages, the number of a row: one that no row can have leads to no page."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, min=1, max=MAX_ID)

    def to_python(self, value: str) -> int:
        """The number. Raises NotFound: "no match" would become 405 where another method has a rule."""
        try:
            number: int = super().to_python(value)
        except ValueError:
            raise NotFound from None
        return number


def install(app: Flask) -> None:
    """Register core's pages, the error pages and the template globals."""
    app.url_map.converters["int"] = RowConverter
    kernel = app.extensions["durchwahl"]
    parts = (administration, appstore, health_pages, privacy)
    for part in parts:
        kernel.declare_permission("core", part.PERMISSION)
    for pages in (blueprint, personal.blueprint, *(part.blueprint for part in parts)):
        app.register_blueprint(pages)
    kernel.jobs.add(Job("core.retention", running.LOOK_SECONDS, running.run_when_due, long=True))
    kernel.jobs.add(Job("core.removals", removing.LOOK_SECONDS, removing.work_on_all, long=True))
    kernel.privacy.sources.append(personal_data.SOURCE)
    health_checks.install(kernel.health)
    app.extensions["csrf"].exempt(unknown_action)
    app.jinja_env.globals.update(
        slot=lambda slot, /, **given: current_app.extensions["durchwahl"].slots.render(slot, **given),
        may=may,
        menu=lambda: menu.visible(MENU),
        menu_entry=menu.entry_of_page,
    )

    @app.errorhandler(HTTPException)
    def on_error(error: HTTPException) -> tuple[str, int] | HTTPException | Response:
        if is_api():
            return failed(error)
        if error.code is None or error.code < 400:
            return error
        return _page(error.code, error.description if isinstance(error, NotFound | CSRFError) else None)

    @app.errorhandler(Exception)
    def on_failure(error: Exception) -> tuple[str, int] | Response:
        if is_api():
            return failed(error)
        if is_unavailable(error):
            log.error("database away: %s %s", request.method, kernel.shown_path(request.path))
            # Flask-Login would ask the database again who it is, only to find the page's language.
            g._login_user = AnonymousUserMixin()
            return _page(503, None)
        if isinstance(error, DataError | OverflowError):
            # Somebody sent what no row can hold: a NUL sign, a page number of twenty digits.
            log.warning("values refused by the database: %s %s", request.method, kernel.shown_path(request.path))
            return _page(400, None)
        log.error("failed: %s %s", request.method, kernel.shown_path(request.path), exc_info=error)
        return _page(500, None)


def _page(status: int, description: str | None) -> tuple[str, int]:
    """An error in words; must itself need neither database nor log-in."""
    try:
        current_user.is_authenticated  # noqa: B018 (asked, so that it is known or has failed before the page is made)
    except Exception:  # noqa: BLE001 (whatever keeps the database from telling: the page is shown in German then)
        g._login_user = AnonymousUserMixin()
    texts = {
        400: _("The request could not be understood. Please go back and try again."),
        401: _("You are not logged in any more. Please log in again; what you typed is still in the other tab."),
        403: _("You do not have the right to open this page. An administrator can give it to you."),
        404: _("This page does not exist, or its app is not active."),
        405: _("This address cannot be called that way."),
        413: _("That is too large."),
        500: _("Something went wrong on our side. It has been written to the log."),
        503: _("The database cannot be reached at the moment. Please try again shortly."),
    }
    custom = description if description and description != NotFound.description else None
    text = custom or texts.get(status, texts[500] if status >= 500 else texts[400])
    # Without what modules give every template, which may come from the database.
    return current_app.jinja_env.get_template("core/error.html").render(
        status=status, text=text, request_id=logs.current_id() if status >= 500 else None
    ), status

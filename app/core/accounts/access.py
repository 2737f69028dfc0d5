"""Who may open what: every endpoint states it, and an endpoint that states nothing stops the start.

``@requires("module.permission")``, ``@logged_in`` and ``@public`` mark views; ``install`` enforces the marks
before each request. Permissions are declared by modules; administrators have all of them, staff those that are declared
so, and each user besides what he was given, without what was taken from him.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.models import ADMINISTRATOR, STAFF

log = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])
MARK = "_durchwahl_access"
#: On views that authenticate each request themselves, by a token: those that core.rest registers.
TOKEN_MARK = "_durchwahl_token"  # noqa: S105 (the name of an attribute, no token)
PUBLIC = "public"
LOGGED_IN = "logged_in"
#: Flask's own endpoint for files, and Flask-SocketIO's, which checks at connect.
UNMARKED = frozenset({"static"})
#: What is open to whoever has to choose another password.
CHANGING = frozenset({"personal.password", "accounts.logout"})


def requires(permission: str) -> Callable[[F], F]:
    """The view needs this permission; without a log-in it leads to the log-in page."""

    def mark(view: F) -> F:
        setattr(view, MARK, permission)
        return view

    return mark


def logged_in(view: F) -> F:
    """The view needs a log-in and nothing more."""
    setattr(view, MARK, LOGGED_IN)
    return view


def public(view: F) -> F:
    """Anybody may open the view."""
    setattr(view, MARK, PUBLIC)
    return view


def access_of(view: Callable[..., Any]) -> str | None:
    """What a view states: a permission, ``logged_in``, ``public``, or None when it states nothing."""
    found: str | None = getattr(view, MARK, None)
    return found


def role_allows(role: str, permission: str) -> bool:
    """Whether a role contains a permission, as the installed modules declare it."""
    if role == ADMINISTRATOR:
        return True
    declared = current_app.extensions["durchwahl"].permissions
    return role == STAFF and permission in declared and declared[permission].staff


def allows(role: str, own: str, permission: str) -> bool:
    """The same for a user with this role; ``own`` is what differs for him, as ``User.permissions`` holds it."""
    if role == STAFF and own != "{}":
        given = json.loads(own).get(permission)
        if given is not None:
            return bool(given) and permission in current_app.extensions["durchwahl"].permissions
    return role_allows(role, permission)


def may(permission: str, user: Any = None) -> bool:
    """Whether ``user`` (default: who is logged in) is active and has the permission."""
    # What stands behind the proxy: that is looked for anew at each of its attributes, and a page asks dozens of times.
    user = current_user._get_current_object() if user is None else user
    return bool(user.is_authenticated and user.is_active and allows(user.role, user.permissions, permission))


def missing_marks(app: Flask) -> list[str]:
    """Endpoints that state no access."""
    return sorted(name for name, view in app.view_functions.items() if name not in UNMARKED and access_of(view) is None)


def install(app: Flask) -> None:
    """Enforce the marks before each request. Operations of the API check their token and the same mark themselves."""

    @app.before_request
    def enforce() -> BaseResponse | None:
        if request.endpoint is None or request.endpoint in UNMARKED:
            return None
        view = app.view_functions[request.endpoint]
        stated = access_of(view)
        if stated == PUBLIC or getattr(view, TOKEN_MARK, False):
            return None
        if not current_user.is_authenticated:
            if request.method == "GET" and not request.headers.get("HX-Request"):
                return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))
            abort(401)
        if current_user.must_change_password and request.endpoint not in CHANGING:
            if request.method == "GET" and not request.headers.get("HX-Request"):
                return redirect(url_for("personal.password"))
            abort(401)
        if stated != LOGGED_IN and (stated is None or not may(stated)):
            log.warning("user %s was refused %s, which needs %s", current_user.id, request.endpoint, stated)
            abort(403)
        return None

"""Log-in, log-out, and whom a request belongs to."""

from __future__ import annotations

from flask import Blueprint, Flask, Request, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager, current_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from app.core import uploads
from app.core.accounts import access, service
from app.core.accounts.access import logged_in, public
from app.core.accounts.models import User
from app.core.realtime import SESSION_KEY
from app.core.security import safe_next

blueprint = Blueprint("accounts", __name__)


class LoginForm(FlaskForm):
    """User name and password."""

    username = StringField(_l("User name"), [DataRequired(_l("Please enter your user name."))])
    password = PasswordField(_l("Password"), [DataRequired(_l("Please enter your password."))])


@blueprint.route("/login", methods=["GET", "POST"])
@public
def login() -> str | BaseResponse | tuple[str, int]:
    """The log-in page."""
    target = safe_next(request.values.get("next")) or url_for("pages.home")
    if current_user.is_authenticated:
        return redirect(target)
    form = LoginForm()
    if form.validate_on_submit():
        user = service.verify(form.username.data, form.password.data)
        if user is not None:
            # A new cookie for the new log-in: nothing of the old one is taken over.
            cookie.clear()
            cookie[SESSION_KEY] = service.start_session(user.id)
            cookie.permanent = True
            return redirect(target)
        flash(_("User name or password is wrong."), "error")
        return render_template("core/login.html", form=form, next=target), 401
    return render_template("core/login.html", form=form, next=target)


@blueprint.post("/logout")
@logged_in
def logout() -> BaseResponse:
    """End this log-in; its sockets are closed."""
    session_id = cookie.get(SESSION_KEY)
    if isinstance(session_id, str):
        service.end_session(session_id)
    cookie.clear()
    return redirect(url_for("accounts.login"))


def install(app: Flask) -> None:
    """Flask-Login on our own sessions, CSRF protection, access checks, and the log-in pages."""
    manager = LoginManager(app)
    # The sid in our signed cookie is all; Flask-Login's own cookie is not used.
    manager.session_protection = None

    @manager.request_loader
    def load(asked: Request) -> User | None:
        if asked.path.startswith("/api/"):
            return None  # the API knows tokens only: a cookie would let any page use somebody's log-in
        session_id = cookie.get(SESSION_KEY)
        return service.load_session(session_id) if isinstance(session_id, str) else None

    @app.before_request
    def compare_versions() -> None:
        app.extensions["durchwahl"].versions.check()

    uploads.install(app)
    csrf = CSRFProtect(app)
    app.extensions["csrf"] = csrf
    access.install(app)
    app.register_blueprint(blueprint)

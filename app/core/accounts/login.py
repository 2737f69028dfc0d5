"""Log-in, log-out, and whom a request belongs to."""

from __future__ import annotations

import logging
from datetime import timedelta
from math import ceil

from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
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
from app.core.accounts import access, log_ins, service, throttle
from app.core.accounts.access import logged_in, public
from app.core.accounts.models import User
from app.core.realtime import SESSION_KEY
from app.core.security import safe_next

log = logging.getLogger(__name__)
blueprint = Blueprint("accounts", __name__)


class LoginForm(FlaskForm):
    """User name and password."""

    username = StringField(_l("User name"), [DataRequired(_l("Please enter your user name."))])
    password = PasswordField(_l("Password"), [DataRequired(_l("Please enter your password."))])


@blueprint.route("/login", methods=["GET", "POST"])
@public
def login() -> str | BaseResponse | tuple[str, int]:
    """The log-in page. Who is there and who is not gets the same answers."""
    target = safe_next(request.values.get("next")) or url_for("pages.home")
    if current_user.is_authenticated:
        return redirect(target)
    form = LoginForm()
    if form.validate_on_submit():
        username, address = form.username.data, request.remote_addr or ""
        now, browser = current_app.extensions["durchwahl"].clock.now(), throttle.known_browser(request)
        wait = throttle.log_ins().begin(username, address, browser, now)
        if wait:
            log.warning("log-in from %s refused: too many attempts", address)
            return _later(form, target, wait)
        user = service.verify(username, form.password.data)
        if user is not None:
            throttle.log_ins().succeeded(username, address, browser, now)
            log.info("user %s logged in from %s", user.id, address)
            # A new cookie for the new log-in: nothing of the old one is taken over.
            cookie.clear()
            used, system = log_ins.named(request.headers.get("User-Agent", ""))
            cookie[SESSION_KEY] = service.start_session(user.id, browser=used, system=system, address=address)
            cookie.permanent = True
            answer = make_response(redirect(target))
            throttle.make_known(answer, browser, username)
            return answer
        log.warning("log-in from %s refused: user name or password", address)
        flash(_("User name or password is wrong."), "error")
        return render_template("core/login.html", form=form, next=target), 401
    return render_template("core/login.html", form=form, next=target)


def _later(form: LoginForm, target: str, wait: timedelta) -> Response:
    """Too many attempts: the page says when to come again."""
    flash(too_many(), "error")
    answer = make_response(render_template("core/login.html", form=form, next=target), 429)
    answer.headers["Retry-After"] = str(ceil(wait.total_seconds()))
    return answer


def too_many() -> str:
    """In words that there were too many attempts. There is one again within a minute, whatever ran out."""
    return str(_("There were too many attempts with a wrong password. Please try again in a minute."))


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

    throttle.install(app)
    uploads.install(app)
    csrf = CSRFProtect(app)
    app.extensions["csrf"] = csrf
    access.install(app)
    app.register_blueprint(blueprint)

"""*Administration → Benutzer*: create, edit, deactivate, reset the password."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.core.accounts import passwords, service
from app.core.accounts.access import allows, requires
from app.core.accounts.models import ADMINISTRATOR, STAFF, User
from app.core.accounts.pages import EMAIL, LANGUAGES, TIMEZONES
from app.core.accounts.service import AccountError
from app.core.modules import Permission

PERMISSION = Permission("core.users", _l("Manage users"), staff=False)
blueprint = Blueprint("users", __name__, url_prefix="/users")

ROLES = [SelectChoice(STAFF, _l("Staff")), SelectChoice(ADMINISTRATOR, _l("Administrator"))]
#: What an AccountError says in the page.
SENTENCES = {
    "username_taken": _l("There is a user with this name already."),
    "bad_username": _l("Up to 80 characters, without blanks and without : , ; / \\"),
    **passwords.SENTENCES,
    "last_administrator": _l("This is the last active administrator: make somebody else administrator first."),
}


class UserForm(FlaskForm):
    """A user as an administrator edits him."""

    name = StringField(_l("Name"), [DataRequired(_l("Please enter a name.")), Length(max=200)])
    email = EmailField(
        _l("E-mail"), [Optional(), Regexp(EMAIL, message=_l("This is no e-mail address.")), Length(max=254)]
    )
    role = SelectField(_l("Role"), choices=ROLES)
    language = SelectField(_l("Language"), choices=LANGUAGES)
    timezone = SelectField(_l("Time zone"), choices=TIMEZONES)
    active = BooleanField(_l("Active: may log in"))


class NewUserForm(UserForm):
    """The same with user name and first password."""

    username = StringField(_l("User name"), [DataRequired(_l("Please enter a user name.")), Length(max=80)])
    password = PasswordField(
        _l("Password"),
        [DataRequired(_l("Please enter a password."))],
    )


def _show(form: FlaskForm, error: AccountError) -> None:
    field = form[error.field] if error.field and error.field in form else form["name"]
    field.errors = [*field.errors, SENTENCES.get(error.code, error.code)]


def _values(form: UserForm) -> dict[str, Any]:
    return {
        "name": form.name.data.strip(),
        "email": (form.email.data or "").strip(),
        "role": form.role.data,
        "language": form.language.data,
        "timezone": form.timezone.data,
        "active": form.active.data,
    }


def _permissions(user: User | None) -> list[tuple[str, Any, bool]]:
    """Every permission: name, title, and whether the user has it, or the form says so."""
    declared = current_app.extensions["durchwahl"].permissions
    sent = _sent_permissions()
    # As staff, so that the page says what an administrator has once he is none.
    own = user.permissions if user else "{}"
    return [
        (name, one.title, sent[name] if sent is not None else allows(STAFF, own, name))
        for name, one in declared.items()
    ]


def _sent_permissions() -> dict[str, bool] | None:
    """What the form says of each; None where it does not speak of them."""
    if "permissions_shown" not in request.form:
        return None
    chosen = set(request.form.getlist("permissions"))
    return {name: name in chosen for name in current_app.extensions["durchwahl"].permissions}


def _get(user_id: int) -> User:
    user = service.get_user(user_id)
    if user is None:
        abort(404)
    return user


@blueprint.get("/")
@requires("core.users")
def index() -> str:
    """All users."""
    return render_template("core/users.html", users=service.list_users())


@blueprint.route("/new", methods=["GET", "POST"])
@requires("core.users")
def new() -> str | BaseResponse:
    """Create a user."""
    form = NewUserForm(active=True, timezone="Europe/Berlin", language="de")
    if form.validate_on_submit():
        try:
            service.create_user(form.username.data, form.password.data, must_change_password=True, **_values(form))
        except AccountError as error:
            _show(form, error)
        else:
            flash(_("The user %(name)s is created.", name=form.name.data), "success")
            return redirect(url_for("users.index"))
    return render_template("core/user.html", form=form, user=None, permissions=None)


@blueprint.route("/<int:user_id>", methods=["GET", "POST"])
@requires("core.users")
def edit(user_id: int) -> str | BaseResponse:
    """Change or deactivate a user."""
    user = _get(user_id)
    form = UserForm(obj=user)
    if form.validate_on_submit():
        try:
            sent = _sent_permissions()
            service.update_user(user_id, **_values(form), **({} if sent is None else {"permissions": sent}))
        except AccountError as error:
            _show(form, error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("users.index"))
    return render_template("core/user.html", form=form, user=user, permissions=_permissions(user))


@blueprint.post("/<int:user_id>/password")
@requires("core.users")
def reset_password(user_id: int) -> BaseResponse:
    """Give a user a new random password, shown once, that he has to replace; all his log-ins end."""
    user = _get(user_id)
    password = secrets.token_urlsafe(12)
    service.set_password(user_id, password, must_change=True)
    flash(
        _(
            "The new password of %(name)s is %(password)s – it is shown only now and holds for the next log-in, at "
            "which another one has to be chosen. All log-ins of this user have ended.",
            name=user.name,
            password=password,
        ),
        "success",
    )
    return redirect(url_for("users.edit", user_id=user_id))

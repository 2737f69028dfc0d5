"""*Persönliche Einstellungen* and the change of one's own password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length, Optional, Regexp

from app.core.accounts import log_ins, passwords, personal, service, throttle
from app.core.accounts.access import logged_in, may
from app.core.accounts.login import too_many
from app.core.accounts.service import AccountError
from app.core.modules import PersonalSetting
from app.core.realtime import SESSION_KEY

blueprint = Blueprint("personal", __name__)

#: How a page names a log-in.
MARK = re.compile(rf"[0-9a-f]{{{log_ins.MARK_LENGTH}}}\Z")
#: Only what is surely no address is refused; whether it exists shows when something is sent.
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+\Z"
LANGUAGES = [SelectChoice("de", "Deutsch"), SelectChoice("en", "English")]
THEMES = [
    SelectChoice("auto", _l("like the system")),
    SelectChoice("light", _l("light")),
    SelectChoice("dark", _l("dark")),
]
#: Zones of continents; the rest of the list are old names and fixed offsets that nobody looks for.
TIMEZONES = [
    SelectChoice(name, name.replace("_", " "))
    for name in sorted(available_timezones())
    if name.split("/")[0]
    in ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "UTC")
]


class PersonalForm(FlaskForm):
    """What every user sets for himself."""

    name = StringField(_l("Name"), [DataRequired(_l("Please enter your name.")), Length(max=200)])
    email = EmailField(
        _l("E-mail"), [Optional(), Regexp(EMAIL, message=_l("This is no e-mail address.")), Length(max=254)]
    )
    language = SelectField(_l("Language"), choices=LANGUAGES)
    timezone = SelectField(_l("Time zone"), choices=TIMEZONES)
    theme = SelectField(_l("Appearance"), choices=THEMES)
    shortcuts = BooleanField(_l("Keyboard shortcuts of a single character"))


class PasswordForm(FlaskForm):
    """The change of one's own password."""

    present = PasswordField(_l("Present password"), [DataRequired(_l("Please enter your present password."))])
    password = PasswordField(
        _l("New password"),
        [DataRequired(_l("Please enter a new password."))],
    )
    again = PasswordField(_l("New password again"), [EqualTo("password", _l("The two entries differ."))])


class EndForm(FlaskForm):
    """The end of log-ins elsewhere."""

    own_password = PasswordField(_l("Present password"), [DataRequired(_l("Please enter your present password."))])


@dataclass(frozen=True, slots=True)
class Choice:
    """A module's personal setting with this user's value."""

    key: str
    setting: PersonalSetting
    value: Any

    @property
    def offered(self) -> tuple[tuple[str, Any], ...]:
        """The values that this user may choose."""
        return self.setting.offered(may)


def _choices() -> list[tuple[tuple[str, str], Choice]]:
    kernel = current_app.extensions["durchwahl"]
    return [
        ((module, name), Choice(f"{module}.{name}", setting, personal.get(current_user.id, module, name)))
        for (module, name), setting in kernel.personal_settings.items()
        if kernel.states.is_active(module) and (setting.permission is None or may(setting.permission))
    ]


def _chosen(choices: list[tuple[tuple[str, str], Choice]]) -> dict[tuple[str, str], Any]:
    """What the form says of each; a value that the declaration refuses is left as it was."""
    values: dict[tuple[str, str], Any] = {}
    for key, choice in choices:
        sent: Any = request.form.get(choice.key)
        value = sent if choice.setting.choices else sent is not None
        if choice.setting.accepts(value) and (not choice.setting.choices or value in dict(choice.offered)):
            values[key] = value
    return values


@blueprint.route("/account/settings", methods=["GET", "POST"])
@logged_in
def settings() -> str | BaseResponse:
    """Personal settings: core's and those that active modules declare."""
    form = PersonalForm(obj=current_user)
    choices = _choices()
    if form.validate_on_submit():
        service.update_user(
            current_user.id,
            name=form.name.data.strip(),
            email=(form.email.data or "").strip(),
            language=form.language.data,
            timezone=form.timezone.data,
            theme=form.theme.data,
            shortcuts=form.shortcuts.data,
        )
        personal.save(current_user.id, _chosen(choices))
        flash(_("Saved."), "success")
        return redirect(url_for("personal.settings"))
    return _page(form=form, choices=_shown(choices))


def _shown(choices: list[tuple[tuple[str, str], Choice]]) -> list[Choice]:
    """The choices for the page: after a mistake elsewhere in the form as they were typed, else as stored."""
    if request.method != "POST" or "language" not in request.form:
        return [choice for _key, choice in choices]
    chosen = _chosen(choices)
    return [Choice(choice.key, choice.setting, chosen.get(key, choice.value)) for key, choice in choices]


@blueprint.route("/account/password", methods=["GET", "POST"])
@logged_in
def password() -> str | BaseResponse | tuple[str, int]:
    """Change one's own password; all other log-ins of this user end. A page of its own for whoever has to."""
    form, had_to = PasswordForm(), current_user.must_change_password
    if form.validate_on_submit() and _is_himself(form.present):
        if form.password.data == form.present.data:
            form.password.errors = [_("This is the present one. Please choose another.")]
        elif _is_set(form.password):
            flash(_("The password is changed. You are logged out everywhere else."), "success")
            return redirect(url_for("pages.home" if had_to else "personal.settings"))
    if had_to:
        return render_template("core/password.html", form=form), 422 if request.method == "POST" else 200
    if request.method == "GET":
        return redirect(url_for("personal.settings", _anchor="password-change"))
    return _page(password_form=form), 422


def _is_set(field: PasswordField) -> bool:
    """Whether this is the user's password from now on; else the field says what is wrong with it."""
    try:
        service.set_password(current_user.id, field.data, keep_session=service.session_hash(cookie[SESSION_KEY]))
    except AccountError as error:
        field.errors = [passwords.SENTENCES[error.code]]
        return False
    return True


@blueprint.post("/account/log-ins/end")
@logged_in
def end_log_ins() -> BaseResponse | tuple[str, int]:
    """End log-ins of one's own elsewhere: those that are ticked, or all. The password says that it is oneself."""
    form = EndForm()
    marks = None if "all" in request.form else [mark for mark in request.form.getlist("log_in") if MARK.match(mark)]
    if form.validate_on_submit():
        if marks == []:
            form.own_password.errors = [_("Please tick what shall end.")]
        elif _is_himself(form.own_password):
            ended = log_ins.end(current_user.id, cookie[SESSION_KEY], marks)
            flash(ngettext("%(num)d log-in has ended.", "%(num)d log-ins have ended.", ended), "success")
            return redirect(url_for("personal.settings", _anchor="log-ins"))
    return _page(end_form=form, ticked=frozenset(marks or ())), 422


def _is_himself(field: PasswordField) -> bool:
    """Whether the field has the user's present password, which is counted; else the field says what is wrong."""
    # Whoever finds a window open must not try passwords in it.
    now = current_app.extensions["durchwahl"].clock.now()
    if throttle.log_ins().begin_change(current_user.id, now):
        field.errors = [too_many()]
        return False
    if not service.check_password(current_user, field.data or ""):
        field.errors = [_("This is not your present password.")]
        return False
    throttle.log_ins().changed(current_user.id, now)
    return True


def _page(**given: Any) -> str:
    """The personal settings, with those forms that were sent as they were."""
    forms = {
        "form": given.get("form") or PersonalForm(formdata=None, obj=current_user),
        "password_form": given.get("password_form") or PasswordForm(formdata=None),
        "end_form": given.get("end_form") or EndForm(formdata=None),
    }
    return render_template(
        "core/personal.html",
        **forms,
        choices=given.get("choices") or [choice for _key, choice in _choices()],
        log_ins=log_ins.of_user(current_user.id, cookie[SESSION_KEY]),
        ticked=given.get("ticked", frozenset()),
    )

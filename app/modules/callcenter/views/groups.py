"""*Gruppen und Rechte*: who answers which lines together, and whose calls people see."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.core.accounts.access import may, requires
from app.core.database import MAX_ID, storable
from app.modules.callcenter import accounts, configuring, groups
from app.modules.callcenter.domain.visibility import SCOPES
from app.modules.callcenter.groups import NameTaken, Team
from app.modules.callcenter.labels import labels, line_name
from app.modules.callcenter.settings import ROWS

blueprint = Blueprint("callcenter_groups", __name__, url_prefix="/callcenter/groups")
PERMISSION = "callcenter.configure"


class GroupForm(FlaskForm):
    """A group's name; its members are ticked beside it."""

    name = StringField(_l("Name"), [DataRequired(_l("Please enter a name.")), Length(max=80)])


@blueprint.get("")
@requires(PERMISSION)
def index() -> str:
    """The groups, what holds for everybody, and what each user sees now."""
    names = labels().users
    return render_template(
        "callcenter/groups.html",
        groups=groups.listed(),
        names=names,
        scopes=_scope_titles(),
        default_scope=groups.default_scope(),
        rows=ROWS,
        default_rows=groups.default_rows(),
        seen=_what_each_sees(),
        may_edit_users=may("core.users"),
    )


@blueprint.post("/default")
@requires(PERMISSION)
def default() -> BaseResponse:
    """Set whose calls users see who did not choose otherwise."""
    try:
        rows = request.form.get("rows", type=int)
        groups.set_default_scope(request.form.get("scope", ""), rows, by=current_user.id)
    except ValueError:
        abort(400)
    flash(_("Saved. It holds at once, also in open windows."), "success")
    return redirect(url_for("callcenter_groups.index"))


@blueprint.route("/new", methods=["GET", "POST"])
@requires(PERMISSION)
def new() -> str | BaseResponse | tuple[str, int]:
    """Make a group."""
    return _edited(None)


@blueprint.route("/<int:group_id>", methods=["GET", "POST"])
@requires(PERMISSION)
def edit(group_id: int) -> str | BaseResponse | tuple[str, int]:
    """Change a group's name and members."""
    return _edited(_group(group_id))


@blueprint.post("/<int:group_id>/remove")
@requires(PERMISSION)
def remove(group_id: int) -> BaseResponse:
    """Dissolve a group."""
    group = _group(group_id)
    groups.remove(group.id)
    flash(_("The group %(name)s is dissolved.", name=group.name), "success")
    return redirect(url_for("callcenter_groups.index"))


def _group(group_id: int) -> Team:
    return (groups.find(group_id) if group_id <= MAX_ID else None) or abort(404)


def _edited(group: Team | None) -> str | BaseResponse | tuple[str, int]:
    form = GroupForm(name=group.name if group else "")
    members = set(group.user_ids) if group else set()
    if form.is_submitted():
        typed = (text for text in request.form.getlist("members") if text.isascii() and text.isdigit())
        members = {int(text) for text in typed if len(text) < 10}
    if form.validate_on_submit():
        try:
            groups.store(group.id if group else None, storable(form.name.data or ""), members)
        except NameTaken:
            form.name.errors = [_("There is a group with this name already.")]
        except LookupError:
            abort(404)
        else:
            flash(_("Saved. It holds at once, also in open windows."), "success")
            return redirect(url_for("callcenter_groups.index"))
    users = [user for user in configuring.known_users() if user.active or user.id in members]
    page = render_template("callcenter/group.html", form=form, group=group, users=users, members=members)
    return (page, 422) if form.is_submitted() else page


def _scope_titles() -> dict[str, str]:
    titles = {
        "all": _("all calls"),
        "lines": _("the calls on their lines, and their own"),
        "mine": _("only their own calls"),
    }
    return {scope: titles[scope] for scope in SCOPES}


def _what_each_sees() -> list[dict[str, Any]]:
    """What is in force for each user who may see calls at all."""
    known = labels()
    found = [
        {
            "id": watcher.user_id,
            "name": known.users.get(watcher.user_id, ""),
            "scope": watcher.scope,
            "lines": [line_name(key) for key in sorted(watcher.lines)],
        }
        for watcher in accounts.assignments().watchers
        if watcher.allowed
    ]
    return sorted(found, key=lambda one: one["name"].casefold())

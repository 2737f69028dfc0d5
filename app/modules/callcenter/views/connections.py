"""*Verbindungen*: the telephone systems that are connected; one is added, named, taken into use and out of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import storable
from app.modules.callcenter import configuring, connecting, connections
from app.modules.callcenter.connecting import BadConnection
from app.modules.callcenter.connections import UnknownConnection
from app.modules.callcenter.views.settings import settings_url

blueprint = Blueprint("callcenter_connections", __name__, url_prefix="/callcenter/settings/connections")
PERMISSION = "callcenter.configure"


@blueprint.get("")
@requires(PERMISSION)
def index() -> str:
    """The list, and the form that adds one."""
    return _page()


@blueprint.post("")
@requires(PERMISSION)
def add() -> BaseResponse | tuple[str, int]:
    """Connect one more; its settings come next."""
    kind, name = request.form.get("kind", ""), storable(request.form.get("name", ""))
    try:
        made = connecting.add(kind, name, by=current_user.id)
    except BadConnection as fault:
        return _page(new={"kind": kind, "name": name}, fault=_sentence(fault)), 422
    flash(_("The connection %(name)s was added. Enter its address at the telephone system.", name=made.name), "success")
    return redirect(url_for("callcenter_settings.show", connection=made.key))


@blueprint.post("/<connection_key>/name")
@requires(PERMISSION)
def rename(connection_key: str) -> BaseResponse | tuple[str, int]:
    """Call one otherwise."""
    name = storable(request.form.get("name", ""))
    try:
        connecting.rename(connection_key, name, by=current_user.id)
    except UnknownConnection:
        abort(404)
    except BadConnection as fault:
        return _page(renamed=(connection_key, name), fault=_sentence(fault)), 422
    flash(_("Saved. It holds at once, also in open windows."), "success")
    return redirect(url_for("callcenter_connections.index"))


@blueprint.post("/<connection_key>/active")
@requires(PERMISSION)
def switch(connection_key: str) -> BaseResponse:
    """Take one into use or out of it."""
    if request.form.get("active") not in ("0", "1"):
        abort(400)
    active = request.form["active"] == "1"
    try:
        connecting.set_active(connection_key, active=active, by=current_user.id)
        name = connections.connection(connection_key).name
    except UnknownConnection:
        abort(404)
    if active:
        flash(_("The connection %(name)s is in use again.", name=name), "success")
    else:
        flash(_("The connection %(name)s is not in use any more. Its calls stay.", name=name), "success")
    return redirect(url_for("callcenter_connections.index"))


def _page(*, new: dict[str, str] | None = None, renamed: tuple[str, str] = ("", ""), fault: str = "") -> str:
    kinds = connecting.kinds()
    rows: list[dict[str, Any]] = [
        {
            "one": one,
            "kind": kinds.get(one.provider, one.provider),
            "name": renamed[1] if one.key == renamed[0] else one.name,
            "fault": fault if one.key == renamed[0] else "",
            "accounts": len(configuring.accounts(one.key)),
            "lines": len(configuring.lines(one.key)),
        }
        for one in connections.listed()
    ]
    return render_template(
        "callcenter/connections.html",
        rows=rows,
        kinds=kinds,
        new=new or {"kind": "", "name": ""},
        fault=fault if new is not None else "",
        most=connecting.NAME_LENGTH,
        settings_url=settings_url,
    )


def _sentence(fault: BadConnection) -> str:
    sentences = {
        "no_name": _("Please enter a name."),
        "long_name": _("Please enter %(most)s characters at most.", most=connecting.NAME_LENGTH),
        "name_taken": _("There is a connection with this name already."),
        "unknown_kind": _("Please choose the kind of the telephone system."),
    }
    return str(sentences[fault.code])

"""*Nicht stören* behind the bell, and the box of the personal settings about this browser's sound and notifications."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.i18n import show_datetime
from app.modules.callcenter import attention

blueprint = Blueprint("callcenter_attention", __name__, url_prefix="/callcenter")
UNTIL_MORNING = "morning"


@blueprint.post("/quiet")
@requires("callcenter.calls")
def quiet() -> BaseResponse | tuple[str, int]:
    """Do not disturb for ``minutes``, until ``morning``, or (0) no longer. Open pages hear of it by their sockets."""
    wanted = request.form.get("minutes", "")
    if wanted == UNTIL_MORNING:
        until = attention.be_quiet_until_morning(current_user.id, ZoneInfo(current_user.timezone))
    elif wanted in {"0", *map(str, attention.QUIET_MINUTES)}:
        until = attention.be_quiet(current_user.id, int(wanted))
    else:
        abort(400)
    if request.headers.get("HX-Request"):
        return "", 204
    flash(
        _("You are not disturbed until %(time)s.", time=show_datetime(until))
        if until
        else _("Calls are told to you again."),
        "success",
    )
    return redirect(url_for("callcenter_calls.index"))

"""The journal of calls, and what is behind the bell."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import MAX_ID
from app.modules.callcenter import journal, recognition
from app.modules.callcenter.concerned import concerned
from app.modules.callcenter.journal import Filters
from app.modules.callcenter.views.call_words import history_line, state_words

blueprint = Blueprint("callcenter_calls", __name__, url_prefix="/callcenter")
PERMISSION = "callcenter.calls"
#: An address, and a contact there where one is meant.
_WHO = re.compile(r"([0-9]{1,40})(?:,([0-9]{1,40}))?")


@blueprint.get("/calls")
@requires(PERMISSION)
def index() -> str:
    """The journal, newest first."""
    direction = request.args.get("direction", "")
    filters = Filters(
        direction=direction if direction in ("in", "out") else "",
        missed=request.args.get("missed") == "1",
        search=request.args.get("q", "").strip()[:100],
    )
    before = request.args.get("before", type=int)
    page = journal.page(filters, before if before is not None and 0 < before <= MAX_ID else None)

    def link(**changes: Any) -> str:
        shown: dict[str, Any] = {
            "direction": filters.direction,
            "missed": "1" if filters.missed else "",
            "q": filters.search,
        }
        shown.update(changes)
        return url_for("callcenter_calls.index", **{name: value for name, value in shown.items() if value})

    return render_template(
        "callcenter/journal.html",
        page=page,
        filters=filters,
        before=before,
        link=link,
        state_words=state_words,
    )


@blueprint.get("/calls/<int:call_id>")
@requires(PERMISSION)
def call(call_id: int) -> str:
    """One call with its history and its notes."""
    found = journal.find(call_id) if call_id <= MAX_ID else None
    if found is None:
        abort(404)
    entry, reports = found
    history = [(report.received_at, *history_line(report, entry.call)) for report in reports]
    return render_template("callcenter/call.html", entry=entry, history=history, state_words=state_words)


@blueprint.post("/calls/<int:call_id>/assign")
@requires(PERMISSION)
def assign(call_id: int) -> BaseResponse:
    """Say which of several matches it was."""
    who = _WHO.fullmatch(request.form.get("who", "")) or abort(400)
    if not recognition.assign(call_id, int(who[1]), int(who[2]) if who[2] else None, current_user.id):
        abort(404)
    flash(_("The call belongs to the address that you chose."), "success")
    return redirect(url_for("callcenter_calls.call", call_id=call_id))


@blueprint.get("/bell")
@requires(PERMISSION)
def bell() -> str:
    """The last calls that concern the user, as a part of a page."""
    watcher = concerned().by_id.get(current_user.id)
    entries = journal.latest(watcher) if watcher else []
    return render_template("callcenter/_bell_calls.html", entries=entries, state_words=state_words)

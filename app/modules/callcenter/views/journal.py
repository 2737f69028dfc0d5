"""The journal of calls, and what is behind the bell."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import current_user

from app.core.accounts.access import requires
from app.core.database import MAX_ID
from app.modules.callcenter import journal
from app.modules.callcenter.concerned import concerned
from app.modules.callcenter.journal import Filters
from app.modules.callcenter.views.assign_words import title_of
from app.modules.callcenter.views.call_words import (
    colleague_text,
    one_of,
    origin_text,
    probably,
    state_words,
    with_extension,
)
from app.modules.callcenter.views.choice_words import choice_sentence, may_undo
from app.modules.callcenter.views.timeline import timeline

blueprint = Blueprint("callcenter_calls", __name__, url_prefix="/callcenter")
PERMISSION = "callcenter.calls"
_WORDS = {
    "state_words": state_words,
    "choice_sentence": choice_sentence,
    "probably": probably,
    "one_of": one_of,
    "with_extension": with_extension,
    "store_title": title_of,
    "origin_text": origin_text,
    "colleague_text": colleague_text,
}


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
    last = before if before is not None and 0 < before <= MAX_ID else None
    page = journal.page(filters, last, viewer=current_user.id)

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
        **_WORDS,
    )


@blueprint.get("/calls/<int:call_id>")
@requires(PERMISSION)
def call(call_id: int) -> str:
    """One call with its history and its notes."""
    found = journal.find(call_id, current_user.id) if call_id <= MAX_ID else None
    if found is None:
        abort(404)
    entry = found.entry
    return render_template(
        "callcenter/call.html",
        entry=entry,
        timeline=timeline(found, current_user.id),
        may_undo=may_undo(entry.choice, current_user.id),
        **_WORDS,
    )


@blueprint.get("/bell")
@requires(PERMISSION)
def bell() -> str:
    """The last calls that concern the user, as a part of a page."""
    watcher = concerned().by_id.get(current_user.id)
    entries = journal.latest(watcher) if watcher else []
    return render_template("callcenter/_bell_calls.html", entries=entries, **_WORDS)

"""The journal of calls, and what is behind the bell."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, current_app, render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from app.core.accounts.access import requires
from app.core.database import MAX_ID
from app.modules.callcenter import accounts, control_log, journal, journal_news
from app.modules.callcenter.concerned import concerned
from app.modules.callcenter.labels import labels, line_name
from app.modules.callcenter.views import control_words
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
from app.modules.callcenter.views.journal_asked import Asked, asked, asked_place, rows_shown
from app.modules.callcenter.views.timeline import timeline

blueprint = Blueprint("callcenter_calls", __name__, url_prefix="/callcenter")
PERMISSION = "callcenter.calls"
#: Rows that are asked for at once.
MOST_ROWS = 100
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
    """The journal, newest first; what is going on stands above the newest page."""
    wanted, viewer = asked(), current_user.id
    page = journal.page(wanted.filters, asked_place("before"), rows_shown(), viewer=viewer, after=asked_place("after"))
    is_first = page.after is None
    running = journal.running(wanted.filters, viewer) if is_first else []
    above = {entry.call.id for entry in running}
    journal_news.remember(viewer)
    return render_template(
        "callcenter/journal.html",
        page=replace(page, entries=[entry for entry in page.entries if entry.call.id not in above]),
        running=running,
        is_first=is_first,
        asked=wanted,
        narrow=_narrower(wanted),
        lines=_lines(),
        users=_users(),
        now=current_app.extensions["durchwahl"].clock.now(),
        **_WORDS,
    )


@blueprint.get("/calls/rows")
@requires(PERMISSION)
def rows() -> str:
    """Rows for the journal's script: of the calls ``ids``, or the ``newest``, as far as they fit and may be seen."""
    filters, viewer = asked().filters, current_user.id
    journal_news.remember(viewer)
    if request.args.get("newest") == "1":
        entries = journal.page(filters, None, rows_shown(), viewer=viewer).entries
    else:
        texts = request.args.get("ids", "").split(",")[:MOST_ROWS]
        ids = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 11]
        entries = journal.those(filters, viewer, [one for one in ids if 0 < one <= MAX_ID])
    return render_template("callcenter/journal_rows.html", entries=entries, **_WORDS)


def _lines() -> list[tuple[str, str]]:
    """The lines that the user may narrow to: those whose calls he sees."""
    watcher = accounts.watcher(current_user.id)
    everything = accounts.assignments().lines
    seen = everything if watcher is None or watcher.scope == "all" else watcher.lines
    return sorted(((key, line_name(key)) for key in seen), key=lambda one: one[1].casefold())


def _users() -> list[tuple[int, str]]:
    """Colleagues with a telephone, by name."""
    names = labels().users
    with_telephone = set(accounts.assignments().users_of_accounts.values())
    return sorted(((one, names[one]) for one in with_telephone if one in names), key=lambda one: one[1].casefold())


def _narrower(wanted: Asked) -> list[tuple[str, str]]:
    """Where nothing fits: the same without one of several filters."""
    titles = {
        "q": _("Without the search"),
        "since": _("At any time"),
        "user": _("Of all colleagues"),
        "line": _("On all lines"),
    }
    if len(wanted.query) < 2:
        return []
    also = {"since": ("since", "until")}
    shown = [name for name in titles if name in wanted.query or (name == "since" and "until" in wanted.query)]
    return [(titles[name], wanted.without(*also.get(name, (name,)))) for name in shown]


@blueprint.get("/calls/<int:call_id>")
@requires(PERMISSION)
def call(call_id: int) -> str:
    """One call with its history and its notes."""
    found = journal.find(call_id, current_user.id) if call_id <= MAX_ID else None
    if found is None:
        abort(404)
    journal_news.remember(current_user.id)
    entry = found.entry
    return render_template(
        "callcenter/call.html",
        entry=entry,
        timeline=timeline(found, current_user.id),
        may_undo=may_undo(entry.choice, current_user.id),
        decided=control_log.logged(entry.call.control),
        control_words=control_words,
        **_WORDS,
    )


@blueprint.get("/bell")
@requires(PERMISSION)
def bell() -> str:
    """The last calls that concern the user, as a part of a page."""
    watcher = concerned().by_id.get(current_user.id)
    entries = journal.latest(watcher) if watcher else []
    return render_template("callcenter/_bell_calls.html", entries=entries, **_WORDS)

"""*Abgleich*: the telephone system's own lists of calls beside ours, and what is left for a person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import reading
from app.modules.callcenter import comparing, connections, gaps
from app.modules.callcenter.comparing import CannotCompare
from app.modules.callcenter.connections import Connection
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, belonging
from app.modules.callcenter.gap_models import DoubtfulEntry
from app.modules.callcenter.gap_words import doubt_words, failure_sentence, filled_sentence
from app.modules.callcenter.home import classify, format_party
from app.modules.callcenter.labels import labels
from app.modules.callcenter.stored import line_key
from app.modules.callcenter.views.asked_days import day as asked_day
from app.modules.callcenter.views.call_words import state_key, words_of

blueprint = Blueprint("callcenter_gaps", __name__, url_prefix="/callcenter")
#: Entries that are shown at once.
MOST_SHOWN = 100


@blueprint.get("/gaps")
@requires("callcenter.configure")
def show() -> str:
    """The last comparisons, and the entries that wait for a decision."""
    with reading() as session:
        query = select(DoubtfulEntry).where(DoubtfulEntry.state == "open")
        waiting = list(session.execute(query.order_by(DoubtfulEntry.at.desc()).limit(MOST_SHOWN)).scalars())
    return render_template(
        "callcenter/gaps.html",
        comparisons=comparing.compared(),
        errors=failure_sentence,
        doubtful=[_told(entry) for entry in waiting],
        more=max(0, gaps.open_doubts() - len(waiting)),
        today=comparing.today(),
        earliest=comparing.today() - comparing.LOOKED_BACK,
        asked=_asked(),
        names={one.key: one.name for one in connections.listed()} if connections.are_several() else {},
    )


@blueprint.post("/gaps")
@requires("callcenter.configure")
def fill() -> BaseResponse:
    """Compare a day now, and say what came of it."""
    day = asked_day(request.form.get("day", "").strip())
    if day is None or not comparing.today() - comparing.LOOKED_BACK <= day <= comparing.today():
        flash(_("Please choose a day of the last %(days)s days.", days=comparing.LOOKED_BACK.days), "error")
        return redirect(url_for("callcenter_gaps.show"))
    key = request.form.get("connection", FIRST_CONNECTION)
    if key not in {one.key for one in connections.active()}:
        abort(404)
    try:
        filled = gaps.fill(day, key, by_hand=True)
    except CannotCompare as error:
        flash(failure_sentence(error.code, key), "error")
    else:
        flash(filled_sentence(filled), "success")
        if filled.doubtful:
            asks = ngettext(
                "%(num)d entry is left for you to decide.",
                "%(num)d entries are left for you to decide.",
                filled.doubtful,
            )
            flash(asks, "warning")
    return redirect(url_for("callcenter_gaps.show"))


@blueprint.post("/gaps/<int:entry_id>")
@requires("callcenter.configure")
def decide(entry_id: int) -> BaseResponse:
    """Add an entry as a call, or drop it."""
    add = request.form.get("decision") == "add"
    decided = gaps.decide(entry_id, current_user.id, add=add)
    if decided is None:
        abort(404)
    if not decided:
        flash(_("Somebody has decided this already."), "warning")
    else:
        flash(_("The call was added.") if add else _("The entry was dropped."), "success")
    return redirect(url_for("callcenter_gaps.show"))


def _asked() -> list[Connection]:
    """The connections whose list can be read."""
    return [one for one in connections.active() if comparing.keeps_list(one.key)]


def _told(entry: DoubtfulEntry) -> dict[str, Any]:
    line = classify(entry.line) if entry.line else None
    key = line_key(line)
    name = labels().lines.get(belonging(entry.connection, key), "") if key else ""
    return {
        "id": entry.id,
        "connection": entry.connection,
        "at": entry.at,
        "state": words_of(state_key(entry.direction, "ended", entry.outcome)),
        "number": format_party(classify(entry.remote)) if entry.remote else _("Number withheld"),
        "line": name or (format_party(line) if line else ""),
        "talk_seconds": entry.talk_seconds,
        "doubt": doubt_words()[entry.doubt],
    }

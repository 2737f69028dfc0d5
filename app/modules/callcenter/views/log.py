"""*Protokoll*: what the telephone system told us lately and what became of it; refused requests without content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, literal, select, union_all

from app.core.accounts.access import requires
from app.core.database import reading
from app.core.ui.paging import Paging, asked_page
from app.modules.callcenter.models import CallRow, Notification, Refusal
from app.modules.callcenter.refusal_words import refusal_sentence

blueprint = Blueprint("callcenter_log", __name__, url_prefix="/callcenter")
PER_PAGE = 100
#: States that an administrator should look at.
PROBLEMS = ("malformed", "unsupported", "failed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log, in words."""

    at: datetime
    event: str
    result: str
    level: str
    """ok, muted, warning or error."""
    error: str
    detail: str
    """The reason as the program noted it; English, without content."""
    answer: str
    source: str
    call_url: str | None


@blueprint.get("/log")
@requires("callcenter.configure")
def show() -> str:
    """The last notifications and refusals, the newest first, 100 a page."""
    problems = request.args.get("show") == "problems"
    page = asked_page()
    entries, total = _entries(problems, page)
    more: dict[str, Any] = {"show": "problems"} if problems else {}

    def url(one: int) -> str:
        return url_for("callcenter_log.show", **more, page=one) if one > 1 else url_for("callcenter_log.show", **more)

    return render_template(
        "callcenter/log.html", entries=entries, problems=problems, paging=Paging(page, PER_PAGE, total, url)
    )


def _entries(problems: bool, page: int) -> tuple[list[Entry], int]:
    told = select(Notification.id, Notification.received_at.label("at"), literal("told").label("kind"))
    if problems:
        told = told.where(Notification.state.in_(PROBLEMS))
    refused = select(Refusal.id, Refusal.received_at.label("at"), literal("refused").label("kind"))
    both = union_all(told, refused).subquery()
    with reading() as session:
        total = session.execute(select(func.count()).select_from(both)).scalar_one()
        picked = session.execute(
            select(both.c.kind, both.c.id)
            .order_by(both.c.at.desc(), both.c.kind.desc(), both.c.id.desc())
            .limit(PER_PAGE)
            .offset((page - 1) * PER_PAGE)
        ).all()
        ids: dict[str, list[int]] = {"told": [], "refused": []}
        for kind, row_id in picked:
            ids[kind].append(row_id)
        found: dict[tuple[str, int], Entry] = {}
        notifications = session.execute(
            select(
                Notification.id,
                Notification.received_at,
                Notification.state,
                Notification.event,
                Notification.reason,
                Notification.answer,
                Notification.next_attempt_at,
                Notification.remote_addr,
                Notification.call_id,
                CallRow.direction,
            )
            .outerjoin(CallRow, CallRow.id == Notification.call_id)
            .where(Notification.id.in_(ids["told"]))
        )
        found.update({("told", row.id): _told(row) for row in notifications})
        refusals = session.execute(select(Refusal).where(Refusal.id.in_(ids["refused"]))).scalars()
        found.update({("refused", row.id): _refused(row) for row in refusals})
    return [found[kind, row_id] for kind, row_id in picked], total


def _told(row: Any) -> Entry:
    results = {
        "new": (_("not processed yet"), "muted", ""),
        "processed": (_("processed"), "ok", ""),
        "repeated": (_("repeated"), "muted", _("This had been reported before; nothing changed.")),
        "unsupported": (
            _("unknown event"),
            "warning",
            _("Placetel reported something that this version does not know. It is kept and changes no call."),
        ),
        "malformed": (
            _("not readable"),
            "warning",
            _("The notification is authentic, but something that it needs is missing. It is kept and changes no call."),
        ),
        "failed": (_("failed"), "error", _failed(row.next_attempt_at)),
    }
    result, level, error = results.get(row.state, (row.state, "warning", ""))
    return Entry(
        at=row.received_at,
        event=_event(row.event, row.direction),
        result=result,
        level=level,
        error=error,
        detail=row.reason or "",
        answer=_answer(row.answer, row.state),
        source=row.remote_addr,
        call_url=_call_url(row.call_id),
    )


def _refused(row: Refusal) -> Entry:
    return Entry(
        at=row.received_at,
        event=_("Request"),
        result=_("refused"),
        level="error",
        error=refusal_sentence(row.reason),
        detail="",
        answer={"no_log_in": "401", "too_large": "413", "too_many": "429"}.get(row.reason, "403"),
        source=row.remote_addr,
        call_url=None,
    )


def _failed(again: datetime | None) -> str:
    if again is not None:
        return str(_("It could not be processed; it is kept and tried again by itself."))
    return str(_("It could not be processed. It is kept; flask callcenter replay processes it again."))


def _event(event: str | None, direction: str | None) -> str:
    if event == "started":
        return str(_("Outgoing call") if direction == "out" else _("Incoming call"))
    words = {"answered": _("Call accepted"), "ended": _("Call ended")}
    return str(words.get(event or "", _("Notification")))


def _answer(decision: str | None, state: str) -> str:
    if state == "new":
        return ""
    words = {"reject": _("reject the call"), "busy": _("sound busy")}
    return f"200, {words[decision]}" if decision in words else "200"


def _call_url(call_id: int | None) -> str | None:
    endpoint = "callcenter_calls.call"
    if call_id is None or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, call_id=call_id)

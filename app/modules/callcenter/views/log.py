"""*Protokoll*: what the telephone system told us lately and what became of it; refused requests without content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import Select, func, literal, select, union_all
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import may, requires
from app.core.database import MAX_ID, reading
from app.core.ui.paging import Paging, asked_page
from app.modules.callcenter import configuring, connection, connections, control_log, rereading
from app.modules.callcenter.domain import redaction
from app.modules.callcenter.inbox import TEST
from app.modules.callcenter.models import CallRow, Notification, Refusal
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import WEBHOOK
from app.modules.callcenter.refusal_words import refusal_sentence
from app.modules.callcenter.settings import NOTIFICATION_DAYS
from app.modules.callcenter.views.asked_days import day, midnight, midnight_after

blueprint = Blueprint("callcenter_log", __name__, url_prefix="/callcenter")
PER_PAGE = 100
#: States that an administrator should look at.
PROBLEMS = ("malformed", "unsupported", "failed")
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as it stands in the form. ``show``: a state, ``refused``, ``problems``, or empty for all."""

    show: str
    since: str
    until: str

    @property
    def asked(self) -> dict[str, str]:
        """What belongs into the address of another page."""
        values = {"show": self.show, "since": self.since, "until": self.until}
        return {name: value for name, value in values.items() if value}


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
    connection: str
    """The name of the connection, where there are several; empty too where none was told apart."""
    call_url: str | None
    notification_id: int | None
    """None of a refused request, of which nothing is kept."""


@blueprint.get("/log")
@requires("callcenter.configure")
def show() -> str:
    """The last notifications and refusals, the newest first, 100 a page."""
    filters = _asked(request.args)
    page = asked_page()
    entries, total = _entries(filters, page)

    def url(one: int) -> str:
        more: dict[str, Any] = {**filters.asked, **({"page": one} if one > 1 else {})}
        return url_for("callcenter_log.show", **more)

    return render_template(
        "callcenter/log.html",
        entries=entries,
        filters=filters,
        shown=_shown_words(),
        paging=Paging(page, PER_PAGE, total, url),
        days=connection.settings().notification_days,
        limits=NOTIFICATION_DAYS,
        oldest=rereading.oldest(),
    )


@blueprint.get("/log/<int:notification_id>")
@requires("callcenter.configure")
def notification(notification_id: int) -> str:
    """One notification as it came, redacted; in full for those who may see it so."""
    row = rereading.stored(notification_id)
    if row is None:
        abort(404)
    in_full = may("callcenter.payloads")
    pairs = redaction.fields(row["body"])
    values = None
    if pairs is not None:
        values = (
            pairs
            if in_full
            else [(redaction.redacted_name(name), redaction.redacted(name, value)) for name, value in pairs]
        )
    with reading() as session:
        entry = _told(session.execute(_of_notifications([notification_id])).one())
    return render_template(
        "callcenter/log_entry.html",
        entry=entry,
        row=row,
        values=values,
        in_full=in_full,
        size=len(row["body"]),
        raw=row["body"].decode("utf-8", "replace") if in_full else None,
    )


@blueprint.post("/log/reread")
@requires("callcenter.configure")
def reread() -> BaseResponse:
    """Read the marked notifications again, and say what came of it."""
    marked = [int(one) for one in request.form.getlist("ids") if one.isascii() and one.isdigit() and len(one) < 11]
    more: dict[str, Any] = dict(_asked(request.form).asked)
    back = redirect(url_for("callcenter_log.show", **more))
    if not marked:
        flash(_("Please mark the notifications that are to be read again."), "error")
        return back
    done = rereading.reread([one for one in marked if 0 < one <= MAX_ID])
    told = ngettext("%(num)d notification was read again.", "%(num)d notifications were read again.", done.read)
    if done.changed:
        changed = ngettext("Of %(num)d the result changed.", "Of %(num)d the result changed.", done.changed)
        told = f"{told} {changed}"
    elif done.read:
        unchanged = _("Nothing changed.")
        told = f"{told} {unchanged}"
    flash(told, "success" if done.read else "warning")
    if done.failed:
        again = ngettext(
            "%(num)d could not be processed again; it stays in the log with its reason.",
            "%(num)d could not be processed again; they stay in the log with their reasons.",
            done.failed,
        )
        flash(again, "error")
    if request.form.get("back") == "entry" and done.read == 1:
        return redirect(url_for("callcenter_log.notification", notification_id=marked[0]))
    return back


@blueprint.post("/log/retention")
@requires("callcenter.configure")
def retention() -> BaseResponse:
    """Set for how many days notifications are kept."""
    typed = request.form.get("days", "").strip()
    low, high = NOTIFICATION_DAYS
    if typed.isascii() and typed.isdigit() and len(typed) < 6 and low <= int(typed) <= high:
        configuring.save(configuring.Changes(settings={"notification_days": int(typed)}), by=current_user.id)
        flash(_("Saved."), "success")
    else:
        flash(_("Please enter a whole number of days from %(low)s to %(high)s.", low=low, high=high), "error")
    return redirect(url_for("callcenter_log.show"))


def _asked(given: Any) -> Filters:
    show, since, until = (given.get(name, "").strip() for name in ("show", "since", "until"))
    return Filters(show if show in _shown_words() else "", since if day(since) else "", until if day(until) else "")


def _shown_words() -> dict[str, str]:
    return {
        "": _("All"),
        "problems": _("Problems only"),
        "processed": _("processed"),
        "repeated": _("repeated"),
        "unsupported": _("unknown event"),
        "malformed": _("not readable"),
        "failed": _("failed"),
        "new": _("not processed yet"),
        REFUSED: _("refused"),
    }


def _entries(filters: Filters, page: int) -> tuple[list[Entry], int]:
    told = select(Notification.id, Notification.received_at.label("at"), literal("told").label("kind"))
    refused = select(Refusal.id, Refusal.received_at.label("at"), literal("refused").label("kind"))
    if filters.show == "problems":
        told = told.where(Notification.state.in_(PROBLEMS))
    elif filters.show:
        told = told.where(Notification.state == filters.show)
    since, until = day(filters.since), day(filters.until)
    if since:
        told = told.where(Notification.received_at >= midnight(since))
        refused = refused.where(Refusal.received_at >= midnight(since))
    if until:
        told = told.where(Notification.received_at < midnight_after(until))
        refused = refused.where(Refusal.received_at < midnight_after(until))
    if filters.show == REFUSED:
        both = refused.subquery()
    else:
        both = (union_all(told, refused) if filters.show in ("", "problems") else told).subquery()
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
        notifications = session.execute(_of_notifications(ids["told"]))
        found.update({("told", row.id): _told(row) for row in notifications})
        refusals = session.execute(select(Refusal).where(Refusal.id.in_(ids["refused"]))).scalars()
        found.update({("refused", row.id): _refused(row) for row in refusals})
    return [found[kind, row_id] for kind, row_id in picked], total


def _of_notifications(ids: list[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Notification.id,
            Notification.received_at,
            Notification.state,
            Notification.event,
            Notification.reason,
            Notification.answer,
            Notification.next_attempt_at,
            Notification.remote_addr,
            Notification.connection,
            Notification.call_id,
            CallRow.direction,
        )
        .outerjoin(CallRow, CallRow.id == Notification.call_id)
        .where(Notification.id.in_(ids))
    )


def _told(row: Any) -> Entry:
    results = {
        "new": (_("not processed yet"), "muted", ""),
        "processed": (_("processed"), "ok", ""),
        "repeated": (_("repeated"), "muted", _("This had been reported before; nothing changed.")),
        "unsupported": (
            _("unknown event"),
            "warning",
            _(
                "%(system)s reported something that this version does not know. It is kept and changes no call.",
                system=connections.system_name(row.connection),
            ),
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
        connection=_connection(row.connection),
        call_url=_call_url(row.call_id),
        notification_id=row.id,
    )


def _refused(row: Refusal) -> Entry:
    return Entry(
        at=row.received_at,
        event=_("Request"),
        result=_("refused"),
        level="error",
        error=refusal_sentence(row.reason, connections.system_name(row.connection, row.provider)),
        detail="",
        answer={"no_log_in": "401", "too_large": "413", "too_many": "429"}.get(
            row.reason, _not_authentic(row.provider)
        ),
        source=row.remote_addr,
        connection=_connection(row.connection),
        call_url=None,
        notification_id=None,
    )


def _connection(key: str | None) -> str:
    return connections.connection(key).name if key and connections.are_several() else ""


def _not_authentic(kind: str) -> str:
    """What the address of a kind answers then: those of the interface for other programs answer as it does."""
    declared = registry.provider_types().get(kind)
    return "403" if declared is None or declared.path == WEBHOOK else "401"


def _failed(again: datetime | None) -> str:
    if again is not None:
        return str(_("It could not be processed; it is kept and tried again by itself."))
    return str(_("It could not be processed. It is kept: mark it and have it read again."))


def _event(event: str | None, direction: str | None) -> str:
    if event == "started":
        return str(_("Outgoing call") if direction == "out" else _("Incoming call"))
    words = {"answered": _("Call accepted"), "ended": _("Call ended"), TEST: _("Test of our own")}
    return str(words.get(event or "", _("Notification")))


def _answer(decision: str | None, state: str) -> str:
    if state == "new":
        return ""
    words = {
        "reject": _("reject the call"),
        "busy": _("sound busy"),
        "forward": _("ring, one after the other"),
        "group": _("ring a group"),
        "routing_plan": _("follow a routing plan"),
        "queue": _("put into a queue"),
        "prompt": _("play an announcement"),
    }
    kind = control_log.given(decision).decision.kind.value if decision else ""
    return f"200, {words[kind]}" if kind in words else "200"


def _call_url(call_id: int | None) -> str | None:
    endpoint = "callcenter_calls.call"
    if call_id is None or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, call_id=call_id)

"""The filtered journal as a table for a spreadsheet, sent as it is read."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, stream_with_context
from flask_babel import gettext as _
from flask_login import current_user

from app.core.accounts.access import requires
from app.core.i18n import show_datetime, show_duration
from app.core.spreadsheets import BOM, csv_line
from app.modules.callcenter import journal
from app.modules.callcenter.journal import Entry
from app.modules.callcenter.views.call_words import colleague_text, one_of, state_words
from app.modules.callcenter.views.journal_asked import asked

blueprint = Blueprint("callcenter_calls_csv", __name__, url_prefix="/callcenter")
#: Calls that are read at once; the connection to the database is free between two of them.
AT_ONCE = 500


@blueprint.get("/calls.csv")
@requires("callcenter.calls")
def save() -> Response:
    """All calls that fit the filters and that the user may see, newest first, in his language and zone."""
    filters, viewer = asked().filters, current_user.id
    heading = [
        _("Time"), _("Direction"), _("State"), _("Who"), _("Company"), _("Number"), _("Line"), _("Colleague"),
        _("Waited"), _("Talked"), _("Notes"),
    ]  # fmt: skip
    name = _("calls")

    def lines() -> Iterator[str]:
        yield BOM + csv_line(heading)
        before: int | None = None
        while True:
            page = journal.page(filters, before, AT_ONCE, viewer=viewer)
            yield "".join(csv_line(_cells(entry)) for entry in page.entries)
            before = page.before
            if before is None:
                return

    response = Response(stream_with_context(lines()), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cells(entry: Entry) -> list[str]:
    call = entry.call
    who, company = _who(entry)
    return [
        show_datetime(call.received_at),
        {"in": _("incoming"), "out": _("outgoing")}.get(call.direction or "", ""),
        state_words(call).title,
        who,
        company,
        # 0041 for +41: a plus would be the beginning of a formula.
        str(entry.remote["display"]).replace("+", "00", 1),
        str(entry.line["name"] or entry.line["display"]).replace("+", "00", 1) if entry.line else "",
        str(entry.user["name"]) if entry.user else "",
        show_duration(call.waiting_seconds),
        show_duration(call.talk_seconds or None),
        "; ".join(note.subject or _("Phone note") for note in entry.notes),
    ]


def _who(entry: Entry) -> tuple[str, str]:
    """Name and company of the far party, as surely as the page tells it."""
    if entry.colleague:
        return colleague_text(entry.colleague), ""
    if entry.certainty == "known":
        match = entry.matches[0]
        return str(match["name"]), str(match["company"] or "")
    if entry.certainty == "probable":
        return one_of(match["company"] or match["name"] for match in entry.matches), ""
    if entry.certainty == "ambiguous":
        return ", ".join(str(match["name"]) for match in entry.matches), ""
    words = {"withheld": _("Number withheld"), "anonymised": _("Anonymised")}
    return str(words.get(str(entry.remote["kind"]), _("Unknown"))), ""

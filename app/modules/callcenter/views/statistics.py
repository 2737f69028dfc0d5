"""*Statistik*: calls of a period by day, hour, weekday and line, as charts with the same figures in tables beneath."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, get_day_names
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import may, requires
from app.core.i18n import local
from app.modules.callcenter import accounts, configuring, connection, statistics
from app.modules.callcenter.domain import statistics as domain
from app.modules.callcenter.domain.statistics import Bucket, Figures, Period
from app.modules.callcenter.home import line_display
from app.modules.callcenter.labels import labels, line_name

blueprint = Blueprint("callcenter_statistics", __name__, url_prefix="/callcenter/statistics")
PERMISSION = "callcenter.statistics"
PERSONS = "callcenter.person_figures"
DEFAULT = "30_days"
#: A longer period is cut to the newest days.
MOST_DAYS = 5 * 366
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Table:
    """One chart with its table: the heading of the first column, and the rows with their names."""

    key: str
    title: str
    heading: str
    rows: list[tuple[str, Figures]]


@blueprint.get("")
@requires(PERMISSION)
def show() -> str:
    """The figures of the period that is asked for, by default of the last 30 days."""
    chosen, period, problem = _asked_period()
    zone = ZoneInfo(current_user.timezone)
    personal = frozenset[str]() if _shows_persons() else statistics.lines_of_one_person()
    line = request.args.get("line", "")
    known = {key: name for key, name in _lines() if key not in personal}
    found = statistics.buckets(
        *period.bounds(zone), line if line in known else None, seen_by=accounts.watcher(current_user.id)
    )
    tables = _tables(found, period, zone)
    return render_template(
        "callcenter/statistics.html",
        total=domain.total(found),
        tables=tables,
        charts=_charts(tables),
        days=_days_in_words(period),
        by_line=[(_line_name(key, personal), figures) for key, figures in domain.by_line(found, personal)],
        by_person=_persons(found) if _shows_persons() else None,
        hidden_lines=bool(personal),
        period=period,
        chosen=chosen,
        problem=problem,
        presets=_preset_titles(),
        line=line,
        lines=sorted(known.items(), key=lambda item: item[1].casefold()),
        may_switch=may(PERSONS),
        shows_persons=_shows_persons(),
        sees_all=_sees_all(),
        series=_series_titles(),
    )


@blueprint.post("/persons")
@requires(PERSONS)
def switch_persons() -> BaseResponse:
    """Show figures per person, or no longer."""
    wanted = request.form.get("shown") == "1"
    configuring.save(configuring.Changes(settings={"person_figures": wanted}), by=current_user.id)
    flash(_("Figures per person are shown.") if wanted else _("Figures per person are hidden."), "success")
    return redirect(url_for("callcenter_statistics.show"))


def _preset_titles() -> Mapping[str, str]:
    """The periods to choose from, in order."""
    return {
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "week": _("This week"),
        "last_week": _("Last week"),
        "30_days": _("Last 30 days"),
        "month": _("This month"),
        "last_month": _("Last month"),
        "year": _("This year"),
        "custom": _("From – to"),
    }


def _series_titles() -> Mapping[str, str]:
    return {"answered": _("Answered"), "missed": _("Missed"), "outgoing": _("Outgoing")}


def _asked_period() -> tuple[str, Period, str]:
    """What is asked for, its days, and what is wrong with them in words."""
    today = local(current_app.extensions["durchwahl"].clock.now()).date()
    named = dict(domain.presets(today))
    chosen = request.args.get("period", DEFAULT)
    if chosen != "custom":
        chosen = chosen if chosen in named else DEFAULT
        return chosen, named[chosen], ""
    typed = [request.args.get(name, "").strip() for name in ("since", "until")]
    days = [_day(text) for text in typed]
    problem = ""
    if any(text and day is None for text, day in zip(typed, days, strict=True)):
        problem = _("A date could not be read; another one is used instead.")
    last = days[1] or today
    first = days[0] or domain.months_back(last, 0)
    if first > last:
        first, last = last, first
    if (last - first).days >= MOST_DAYS:
        first = date.fromordinal(last.toordinal() - MOST_DAYS + 1)
        problem = _("At most five years are shown at once: the newest ones.")
    return chosen, Period(first, last), problem


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # No call is older, and the calendar's ends would have no day before or after them.
    return day if EARLIEST <= day <= date(2200, 1, 1) else None


def _tables(found: Iterable[Bucket], period: Period, zone: ZoneInfo) -> list[Table]:
    found = list(found)
    locale = get_locale()
    names = get_day_names("wide", "stand-alone", locale)
    step = period.step
    headings = {"day": _("Day"), "week": _("Week from"), "month": _("Month")}
    titles = {"day": _("Calls by day"), "week": _("Calls by week"), "month": _("Calls by month")}
    shapes = {"day": "yMEd", "week": "yMd", "month": "yMMM"}
    return [
        Table(
            "calendar",
            titles[step],
            headings[step],
            [
                (format_skeleton(shapes[step], day, locale=locale), figures)
                for day, figures in domain.by_calendar(found, period, zone).items()
            ],
        ),
        Table(
            "hour",
            _("Calls by hour"),
            _("Hour"),
            [(f"{hour}–{hour + 1}", figures) for hour, figures in domain.by_hour(found, zone).items()],
        ),
        Table(
            "weekday",
            _("Calls by weekday"),
            _("Weekday"),
            [(names[day], figures) for day, figures in domain.by_weekday(found, zone).items()],
        ),
    ]


def _lines() -> list[tuple[str, str]]:
    named = labels().lines
    configured = {key for watcher in accounts.assignments().watchers for key in watcher.lines}
    return [(key, line_name(key)) for key in sorted({*named, *configured})]


def _line_name(key: str | None, personal: frozenset[str]) -> str:
    if key is None:
        return str(_("No line, or the line of one person") if personal else _("No line"))
    name, written = labels().lines.get(key, ""), line_display(key)
    return f"{name} ({written})" if name and name != written else line_name(key)


def _persons(found: Iterable[Bucket]) -> list[tuple[str, Figures]]:
    names = labels().users
    return [(names[user], figures) for user, figures in domain.by_user(found) if user in names]


def _sees_all() -> bool:
    watcher = accounts.watcher(current_user.id)
    return watcher is not None and watcher.allowed and watcher.scope == "all"


def _shows_persons() -> bool:
    return may(PERSONS) and connection.settings().person_figures


def _charts(tables: Iterable[Table]) -> list[dict[str, Any]]:
    """What the browser draws: names and three rows of numbers."""
    return [
        {
            "key": table.key,
            "labels": [name for name, _figures in table.rows],
            "answered": [figures.answered for _name, figures in table.rows],
            "missed": [figures.missed for _name, figures in table.rows],
            "outgoing": [figures.outgoing for _name, figures in table.rows],
        }
        for table in tables
    ]


def _days_in_words(period: Period) -> str:
    """The period's days in words."""
    first, last = (format_date(day, "medium", locale=get_locale()) for day in (period.first, period.last))
    return f"{first} – {last}" if period.days > 1 else str(first)

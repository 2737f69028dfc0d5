"""*Revisionsprotokoll*: who ordered which call, what came of it, and who changed rules and settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from app.core import phones
from app.core.accounts.access import may, requires
from app.core.database import MAX_ID, storable
from app.core.i18n import show_datetime
from app.core.privacy import persons
from app.modules.callcenter import audit, configuring, home, own_settings
from app.modules.callcenter.audit import KINDS, Wanted
from app.modules.callcenter.audit_models import AuditEntry
from app.modules.callcenter.connections import FIRST_CONNECTION
from app.modules.callcenter.dial_results import DialResult, DialState
from app.modules.callcenter.dial_words import country_name, kind_names, rule_words, sentence
from app.modules.callcenter.domain.belonging import connection_of, plain
from app.modules.callcenter.providers.fields import Asked
from app.modules.callcenter.views.asked_days import day, midnight, midnight_after
from app.modules.callcenter.views.audited_rules import entry_told, rule_told

blueprint = Blueprint("callcenter_audit", __name__, url_prefix="/callcenter")
PER_PAGE = 50
#: Digits of a number that everybody sees who may see the log: enough to know country and area.
SHOWN_DIGITS = 5
#: Days that may be no end at all.
_KEPT_DAYS = ("unknown_days", "call_days", "order_days", "callback_days", "note_days", "deleted_note_days")
_LEVELS = {"accepted": "ok", "ordered": "warning", "unknown": "warning", "tel": "muted"}


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in words."""

    at: datetime
    kind: str
    what: str
    who: str
    number: str
    account: str
    result: str
    level: str
    why: str
    rule: str
    changes: tuple[tuple[str, str, str], ...]
    """Setting, before, after."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as it stands in the form."""

    kind: str
    user: str
    number: str
    since: str
    until: str

    @property
    def asked(self) -> dict[str, str]:
        """What belongs into the address of another page."""
        values = {name: getattr(self, name) for name in ("kind", "user", "number", "since", "until")}
        return {name: value for name, value in values.items() if value}


@blueprint.get("/audit")
@requires("callcenter.audit")
def show() -> str:
    """The newest entries, or those before or after one; 50 a page."""
    filters, wanted = _asked()
    before, after = _row("before"), _row("after")
    found = audit.listed(wanted, PER_PAGE, before=before, after=None if before else after)
    in_full = may("callcenter.audit_numbers")

    def link(**more: Any) -> str:
        return url_for("callcenter_audit.show", **{**filters.asked, **more})

    return render_template(
        "callcenter/audit.html",
        lines=[line_of(entry, found.results.get(entry.order_id or 0), in_full) for entry in found.entries],
        filters=filters,
        kinds=[(kind, _kinds()[kind]) for kind in KINDS],
        users=configuring.known_users(),
        in_full=in_full,
        newest=link() if before or after else None,
        newer=link(after=found.newer) if found.newer else None,
        older=link(before=found.older) if found.older else None,
    )


def _asked() -> tuple[Filters, Wanted]:
    def given(name: str) -> str:
        return storable(request.args.get(name, "")).strip()[:100]

    number, user = given("number"), given("user")
    # Who may not see numbers must not find them out by asking for each.
    if not may("callcenter.audit_numbers"):
        number = ""
    target = phones.dialable_target(number, home.region()) if number else None
    wanted_number = None
    if target is not None:
        wanted_number = getattr(target, "e164", None) or number
    filters = Filters(
        kind=given("kind") if given("kind") in KINDS else "",
        user=user if user.isascii() and user.isdigit() and len(user) < 10 else "",
        number=number,
        since=given("since") if day(given("since")) else "",
        until=given("until") if day(given("until")) else "",
    )
    since, until = day(filters.since), day(filters.until)
    return filters, Wanted(
        kind=filters.kind,
        user_id=int(filters.user) if filters.user else None,
        number=wanted_number,
        since=midnight(since) if since else None,
        until=midnight_after(until) if until else None,
    )


def _row(name: str) -> int | None:
    text = request.args.get(name, "")
    return min(int(text), MAX_ID) if text.isascii() and text.isdigit() and 0 < len(text) < 12 else None


def _kinds() -> dict[str, str]:
    return {"order": _("Order to dial"), "refused": _("Refused order"), "change": _("Change of settings")}


def line_of(entry: AuditEntry, result: AuditEntry | None, in_full: bool) -> Line:
    """The entry in the reader's language; ``result`` is what came of an order, as far as it is known."""
    said = result or entry
    return Line(
        at=entry.at,
        kind=entry.kind,
        what=_kinds().get(entry.kind, entry.kind),
        who=entry.user_name or (_("Command line") if entry.user_id is None else f"#{entry.user_id}"),
        number=_number(entry.number, in_full),
        account=plain(entry.account or ""),
        result=_result(said),
        level=_LEVELS.get(said.result, "error"),
        why=_why(said),
        rule=rule_words(entry.rule) if entry.rule else "",
        changes=_changes(entry, in_full),
    )


def _number(number: str | None, in_full: bool) -> str:
    if not number:
        return ""
    if in_full:
        return home.format_display(number) if number.startswith("+") else number
    return masked(number)


def masked(number: str) -> str:
    """The beginning of a number; of a short one, or of what is none, nothing but its length.

    >>> masked("+492214710123"), masked("23")
    ('+49221…', '…')
    """
    return f"{number[: 1 + SHOWN_DIGITS]}…" if number.startswith("+") and len(number) > SHOWN_DIGITS + 4 else "…"


def _result(entry: AuditEntry) -> str:
    if entry.kind == "change":
        return ""
    words = {
        "ordered": _("under way"),
        DialState.ACCEPTED: _("telephone rang"),
        DialState.REFUSED: _("refused"),
        DialState.FAILED: _("not dialled"),
        DialState.UNKNOWN: _("unknown"),
        DialState.TEL: _("given to the device"),
    }
    return str(words.get(entry.result, entry.result))


def _why(entry: AuditEntry) -> str:
    if entry.kind == "change" or not entry.code or entry.result in (DialState.ACCEPTED, DialState.TEL):
        return _("Settled by the report of the call.") if entry.code == "reported" else ""
    country = entry.rule.removeprefix("country ") if entry.rule.startswith("country ") else None
    whose = connection_of(entry.account or "")
    return sentence(DialResult(DialState(entry.result), entry.code, country=country, connection=whose))


def _changes(entry: AuditEntry, in_full: bool) -> tuple[tuple[str, str, str], ...]:
    if entry.kind != "change":
        return ()
    before, after = (json.loads(side or "{}") for side in (entry.before, entry.after))
    named = setting_names()
    return tuple(
        (_named(name, named), _told(name, before.get(name), in_full), _told(name, after[name], in_full))
        for name in after
    )


def _told(name: str, value: Any, in_full: bool) -> str:
    """A value in words; a choice of a setting that only one kind of telephone system has, as that calls it."""
    own = _own(name)
    chosen = own_settings.shown(own, value) if own is not None else None
    return chosen if chosen is not None else _value(name.partition(" ")[0], value, in_full)


def _own(name: str) -> Asked | None:
    """A setting that a provider declares; None for all others, and for one that it does not declare any more."""
    setting, _space, key = name.partition(" ")
    return own_settings.asked(key or FIRST_CONNECTION).get(setting) if setting.startswith(own_settings.PREFIX) else None


def _named(name: str, named: Mapping[str, str]) -> str:
    """What a setting is called; one of a connection besides the first names it."""
    setting, _space, key = name.partition(" ")
    own = _own(name)
    title = own_settings.worded(own.label) if own is not None else named.get(setting, setting)
    return f"{title} ({key})" if key else title


def setting_names() -> dict[str, str]:
    """What settings are called."""
    return {
        "api_key": _("API key"),
        "shared_secret": _("Shared secret"),
        "old_shared_secret": _("Former shared secret"),
        "old_secret_until": _("Former shared secret valid until"),
        "webhook_user": _("User in the address"),
        "webhook_password": _("Password in the address"),
        "base_url": _("Address of the API"),
        "target_style": _("Numbers are dialled as"),
        "silent_seconds": _("Cards stop ringing after"),
        "ringing_minutes": _("A call rings at most"),
        "talking_hours": _("A conversation lasts at most"),
        "notification_days": _("Days for which notifications are kept"),
        "unknown_days": _("Days until calls with unknown callers are anonymised"),
        "call_days": _("Days until calls are anonymised"),
        "order_days": _("Days for which orders to dial keep their number"),
        "callback_days": _("Days for which call-backs that are done are kept"),
        "note_days": _("Days for which notes are kept"),
        "person_told": _("Information given about a person (code)"),
        "removal": _("Removal of a person ordered"),
        "removal_done": _("Person removed"),
        "deleted_note_days": _("Days for which deleted notes can be brought back"),
        "default_scope": _("Calls that users see who did not choose otherwise"),
        "journal_rows": _("Calls on a page"),
        "person_figures": _("Figures per person"),
        "connection": _("Connection"),
        "connection_active": _("Connection in use"),
        "accounts": _("Accounts"),
        "lines": _("Lines"),
        "control_inside": _("Inside sales for incoming calls"),
        "control_rules": _("Rules for incoming calls"),
        "block_list": _("Block list"),
        "dial_blocked_kinds": _("Blocked kinds of numbers"),
        "dial_countries": _("Allowed countries"),
        "dial_allowed": _("Always allowed"),
        "dial_blocked": _("Always blocked"),
        "dial_hour_limit": _("Calls of one user in an hour, at most"),
        "dial_day_limit": _("Calls of one user in 24 hours, at most"),
    }


def _value(name: str, value: Any, in_full: bool) -> str:
    if value is None or value in ("", []):
        return str(_("nothing"))
    if value == "***":
        return str(_("set"))
    if name in _KEPT_DAYS and value == 0:
        return str(_("for ever"))
    if isinstance(value, bool):
        return str(_("on") if value else _("off"))
    if name == "old_secret_until":
        return show_datetime(datetime.fromisoformat(value))
    if name == "dial_countries":
        return str(_("every country")) if "*" in value else ", ".join(country_name(one) for one in value)
    if name == "dial_blocked_kinds":
        return ", ".join(kind_names().get(one, one) for one in value)
    if name in ("removal", "removal_done"):
        return ", ".join(_of_removal(one) for one in value)
    if name == "block_list":
        number = [one if one.endswith("*") or in_full else masked(one) for one in value[:1]]
        return ", ".join(number + entry_told(value[1:]))
    if name == "control_rules":
        return ", ".join(map(rule_told, value))
    if name in ("dial_allowed", "dial_blocked"):
        return ", ".join(one if one.endswith("*") else _number(one, in_full) for one in value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _of_removal(told: str) -> str:
    """What a removed person was, or a part of what was stored about him with its count."""
    kinds = {"contact": _("Contact"), "address": _("Address"), "user": _("User"), "number": _("Phone number")}
    key, part, count = told.partition(": ")
    titles = {one.key: one.title for source in persons.sources() for one in source.parts}
    return f"{titles.get(key, key)}: {count}" if part else str(kinds.get(key, key))

"""*Anrufregeln*: what the telephone system is told to do with incoming calls, and what was decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import MAX_ID, reading, storable
from app.core.values import e164_of
from app.modules.callcenter import (
    accounts,
    configuring,
    connection,
    connections,
    control,
    control_book,
    control_log,
    control_rules,
    home,
    recognition,
    stored,
)
from app.modules.callcenter.control_list import decisions
from app.modules.callcenter.control_rules import TooMany
from app.modules.callcenter.dial_words import countries_by_name
from app.modules.callcenter.domain import calls
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, belonging, connection_of, plain
from app.modules.callcenter.domain.call_control import Rule, examine
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind
from app.modules.callcenter.labels import line_name
from app.modules.callcenter.views import control_form, control_words
from app.modules.callcenter.views.control_form import ControlForm
from app.modules.callcenter.views.control_words import ShownRule
from app.modules.callcenter.written_lists import line_key

blueprint = Blueprint("callcenter_control", __name__, url_prefix="/callcenter/control")
PERMISSION = "callcenter.configure"
ROWS = 60


@dataclass(frozen=True, slots=True)
class Tried:
    """What would happen, in words."""

    sentence: str
    reason: str
    elsewhere: bool
    """The telephone system does not wait for us on this line, so no rule counts."""
    rules: tuple[ShownRule, ...]


@blueprint.get("")
@requires(PERMISSION)
def index() -> str:
    """The rules in the order in which they are asked."""
    return _page()


@blueprint.post("/inside")
@requires(PERMISSION)
def inside() -> BaseResponse | tuple[str, int]:
    """Set whom rules ring as inside sales where the caller has none."""
    typed = storable(request.form.get("inside", "")).strip()
    target = control_form.read_target(typed) if typed else ""
    if target is None:
        fault = _("“%(text)s” is no telephone, extension or number.", text=typed[:60])
        return _page(inside_typed=typed, inside_fault=fault), 422
    control_rules.set_inside(target, by=current_user.id)
    flash(_("Saved. It holds from now on."), "success")
    return redirect(url_for("callcenter_control.index"))


@blueprint.route("/new", methods=["GET", "POST"])
@requires(PERMISSION)
def new() -> str | BaseResponse | tuple[str, int]:
    """Add a rule."""
    return _edited(None)


@blueprint.route("/<int:rule_id>", methods=["GET", "POST"])
@requires(PERMISSION)
def edit(rule_id: int) -> str | BaseResponse | tuple[str, int]:
    """Change a rule."""
    return _edited((control_rules.find(rule_id) if rule_id <= MAX_ID else None) or abort(404))


@blueprint.post("/<int:rule_id>/move")
@requires(PERMISSION)
def move(rule_id: int) -> BaseResponse:
    """Ask a rule earlier or later; the focus stays on its button."""
    up = request.form.get("to") == "up"
    _done(rule_id, lambda: control_rules.move(rule_id, up=up, by=current_user.id))
    return redirect(url_for("callcenter_control.index", moved=rule_id, to="up" if up else "down"))


@blueprint.post("/<int:rule_id>/switch")
@requires(PERMISSION)
def switch(rule_id: int) -> BaseResponse:
    """Activate or deactivate a rule."""
    active = request.form.get("active") == "1"
    _done(rule_id, lambda: control_rules.switch(rule_id, active=active, by=current_user.id))
    flash(_("The rule holds from now on.") if active else _("The rule does not hold any more."), "success")
    return redirect(url_for("callcenter_control.index"))


@blueprint.post("/<int:rule_id>/remove")
@requires(PERMISSION)
def remove(rule_id: int) -> BaseResponse:
    """Delete a rule."""
    _done(rule_id, lambda: control_rules.remove(rule_id, by=current_user.id))
    flash(_("The rule is deleted."), "success")
    return redirect(url_for("callcenter_control.index"))


@blueprint.post("/try")
@requires(PERMISSION)
def try_out() -> str:
    """What would happen with a call now. Nobody is called."""
    sent = {name: storable(request.form.get(name, "")).strip()[:200] for name in ("caller", "line")}
    tried = _try(sent["caller"], sent["line"])
    if request.headers.get("HX-Request"):
        return render_template("callcenter/control_tried.html", tried=tried)
    return _page(tried=tried, sent=sent)


@blueprint.get("/decisions")
@requires(PERMISSION)
def log() -> str:
    """What was decided about the last calls."""
    before = request.args.get("before", type=int)
    found = decisions(ROWS, before if before is not None and 0 < before <= MAX_ID else None)
    rows = [(call, control_log.logged(call.control)) for call in found.calls]
    return render_template("callcenter/control_log.html", rows=rows, older=found.older, words=control_words)


def _done(rule_id: int, act: Callable[[], None]) -> None:
    if rule_id > MAX_ID:
        abort(404)
    try:
        act()
    except LookupError:
        abort(404)


def _edited(rule: Rule | None) -> str | BaseResponse | tuple[str, int]:
    if request.method == "GET":
        return _form(control_form.stored(rule), rule)
    sent = control_form.read(request.form)
    draft = control_form.draft(sent)
    if draft is not None:
        try:
            control_rules.store(rule.id if rule else None, draft, by=current_user.id)
        except LookupError:
            abort(404)
        except TooMany:
            most = control_rules.MAX_RULES
            sent.faults["name"] = _("There are %(most)s rules already, more are not possible.", most=most)
        else:
            flash(_("Saved. It holds from now on."), "success")
            return redirect(url_for("callcenter_control.index"))
    return _form(sent, rule), 422


def _form(sent: ControlForm, rule: Rule | None) -> str:
    return render_template(
        "callcenter/control_rule.html",
        sent=sent,
        rule=rule,
        conditions=control_words.condition_titles(),
        actions=control_words.action_titles(),
        steps=control_words.step_titles(),
        countries=countries_by_name(),
        lines=_lines(sent.lines),
        first=connections.connection(FIRST_CONNECTION).name if connections.are_several() else "",
    )


def _page(
    tried: Tried | None = None,
    sent: dict[str, str] | None = None,
    inside_typed: str | None = None,
    inside_fault: str = "",
) -> str:
    rules = control_rules.listed()
    context: dict[str, Any] = {
        "listed": [rule for rule in rules if not rule.fallback],
        "behind": [rule for rule in rules if rule.fallback],
        "words": control_words,
        "routed": _routed(),
        "tried": tried,
        "sent": sent or {},
        "lines": _named(accounts.assignments().lines),
        "first": connections.connection(FIRST_CONNECTION).name if connections.are_several() else "",
        "inside": connection.settings().control_inside if inside_typed is None else inside_typed,
        "inside_fault": inside_fault,
        "blocks": control_words.holds_block_list(rules),
        "moved": (request.args.get("moved", type=int), request.args.get("to")),
    }
    return render_template("callcenter/control.html", **context)


def _routed() -> list[tuple[str, bool | None]]:
    """Each line, and whether its telephone system waits for our answer, as far as its lists tell."""
    found: dict[str, bool | None] = {}
    for connection_key in _obeying():
        listed = ((line_key(line.number), line.decides) for line in configuring.listed(connection_key).lines)
        told = {key: decides for key, decides in listed if key}
        keys = dict.fromkeys([*(line.key for line in configuring.lines(connection_key)), *told])
        found.update((belonging(connection_key, key), told.get(key)) for key in keys)
    named = ((line_name(key), decides) for key, decides in found.items())
    return sorted(named, key=lambda one: one[0].casefold())


def _obeying() -> list[str]:
    """The connections whose telephone systems obey rules: those of the first one's kind that are in use."""
    kind = connections.connection(FIRST_CONNECTION).provider
    return [one.key for one in connections.active() if one.provider == kind]


def _lines(also: Iterable[str]) -> list[tuple[str, str]]:
    """Lines for which rules hold that ask for them."""
    obeying = _obeying()
    own = (key for key in accounts.assignments().lines if connection_of(key) in obeying)
    return _named([*own, *also])


def _named(keys: Iterable[str]) -> list[tuple[str, str]]:
    return sorted(((key, line_name(key)) for key in dict.fromkeys(keys)), key=lambda one: one[1].casefold())


def _try(caller: str, line: str) -> Tried:
    now = current_app.extensions["durchwahl"].clock.now()
    whose = connection_of(line)
    book = control_book.fresh().of(whose)
    remote, called = (home.classify(one or None) for one in (caller, plain(line)))
    call = calls.fold([CallEvent(EventKind.STARTED, now, Direction.IN, remote, called)])
    e164 = e164_of(call.remote) if call.remote is not None else None
    with reading() as session:
        found = recognition.recognise(session, e164) if e164 else recognition.Recognised(dict(recognition.NOBODY), ())
    standing = control.standing_of(found.columns, found.matches)
    number = stored.line_key(call.line)
    key = belonging(whose, number) if number is not None else None
    asked = control.caller_of(book, call, key, bool(found.matches), standing, now)
    logged = control.verdict(book, asked)
    elsewhere = asked.facts.line in book.elsewhere
    return Tried(
        control_words.answer_in_words(logged.decision, whose),
        control_words.reason_in_words(logged),
        elsewhere,
        tuple(control_words.examined_in_words(examine(book.rules, asked.facts))),
    )

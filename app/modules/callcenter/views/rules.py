"""*Wählregeln*: what may be dialled by click, and what would happen if somebody dialled."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import phones
from app.core.accounts.access import requires, role_allows
from app.core.accounts.service import get_user
from app.core.database import reading
from app.modules.callcenter import accounts, configuring, connection, dial_policy, home
from app.modules.callcenter.dial_results import DialResult, DialState
from app.modules.callcenter.dial_words import countries_by_name, country_name, kind_names, rule_words, sentence
from app.modules.callcenter.domain.belonging import plain
from app.modules.callcenter.domain.dial_rules import DAY, HOUR, KINDS, limit
from app.modules.callcenter.settings import EUROPE, CallcenterSettings
from app.modules.callcenter.views import rules_form
from app.modules.callcenter.views.rules_form import MAX_LIMIT, BadLine, RulesForm

blueprint = Blueprint("callcenter_rules", __name__, url_prefix="/callcenter/settings/dialling")


@dataclass(frozen=True, slots=True)
class Tried:
    """What would happen, in words."""

    level: str
    """ok, warning or error."""
    sentence: str
    number: str
    rule: str
    details: tuple[str, ...]


@blueprint.get("")
@requires("callcenter.configure")
def show() -> str:
    """The rules in force."""
    return _page(rules_form.stored(connection.settings(), home.region()))


@blueprint.post("")
@requires("callcenter.configure")
def save() -> BaseResponse | tuple[str, int]:
    """Store the rules, all or nothing; what is wrong is shown again as it was typed."""
    sent = rules_form.read(request.form)
    values, faults = rules_form.changes(sent, home.region())
    if faults:
        flash(_("Nothing was saved yet. What is marked below is kept here as you typed it."), "error")
        return _page(sent, faults=faults), 422
    configuring.save(configuring.Changes(settings=values), by=current_user.id)
    flash(_("The rules are saved. They hold from now on."), "success")
    return redirect(url_for("callcenter_rules.show"))


@blueprint.post("/try")
@requires("callcenter.configure")
def try_out() -> str:
    """What would happen with the rules in the form, saved or not. Nothing is dialled."""
    sent = rules_form.read(request.form)
    values, faults = rules_form.changes(sent, home.region())
    template = "callcenter/rules_tried.html" if request.headers.get("HX-Request") else "callcenter/rules.html"
    return _page(sent, faults=faults, tried=_try(sent, values), template=template)


def _try(sent: RulesForm, values: dict[str, object]) -> Tried:
    chosen: CallcenterSettings = dataclasses.replace(connection.settings(), **values)  # type: ignore[arg-type] # names and types are those of the form's settings
    rules = dial_policy.rules_of(chosen)
    judged = dial_policy.judged(sent.try_number, rules)
    user_id = int(sent.try_user) if sent.try_user.isascii() and sent.try_user.isdigit() else 0
    user = get_user(user_id) if 0 < len(sent.try_user) < 10 else None
    if user is None:
        return Tried("warning", _("Please choose who dials."), "", "", ())
    refusal, retry_after = judged.verdict.refusal, None
    rule = judged.verdict.rule
    if refusal is not None:
        result = DialResult(DialState.REFUSED, refusal.code, number=judged.number, country=judged.country)
        return Tried("error", sentence(result), judged.number, rule_words(rule), _details(judged))
    if not (user.active and role_allows(user.role, "callcenter.dial")):
        return Tried("error", _("This user may not dial by click."), judged.number, "", _details(judged))
    now = current_app.extensions["durchwahl"].clock.now()
    with reading() as session:
        given = dial_policy.orders_within_a_day(session, user_id, now)
    verdict, wait = limit(given, rules, now)
    hour, day = (sum(at > now - span for at in given) for span in (HOUR, DAY))
    counted = _("Ordered in the last hour: %(hour)s, in the last 24 hours: %(day)s.", hour=hour, day=day)
    details = (*_details(judged), counted)
    if verdict.refusal is not None:
        retry_after = int(wait.total_seconds()) + 1 if wait is not None else None
        result = DialResult(DialState.REFUSED, verdict.refusal.code, number=judged.number, retry_after=retry_after)
        return Tried("error", sentence(result), judged.number, rule_words(verdict.rule), details)
    own = accounts.accounts_of(user_id)
    if not own:
        said = _("The number is dialled by the telephone program of the user's device: no telephone is assigned.")
        return Tried("warning", said, judged.number, rule_words(rule), details)
    said = _("The number is dialled. The telephone %(account)s rings first.", account=plain(own[0]))
    return Tried("ok", said, judged.number, rule_words(rule), details)


def _details(judged: dial_policy.Judged) -> tuple[str, ...]:
    if judged.e164 is None:
        return ()
    country = _("no country") if judged.country == "001" else country_name(judged.country)
    kind = kind_names().get(phones.tariff(judged.e164), _("ordinary number"))
    return (_("Country: %(country)s", country=country), _("Kind: %(kind)s", kind=kind))


def _page(
    sent: RulesForm,
    faults: dict[str, list[BadLine]] | None = None,
    tried: Tried | None = None,
    template: str = "callcenter/rules.html",
) -> str:
    region = home.region()
    near, far = _countries(region)
    context: dict[str, Any] = {
        "sent": sent,
        "faults": {name: [_fault(one) for one in bad] for name, bad in (faults or {}).items()},
        "tried": tried,
        "kinds": [(kind, kind_names()[kind]) for kind in KINDS],
        "near": near,
        "far": far,
        "home": region,
        "users": [user for user in configuring.known_users() if user.active],
        "every_stored": "*" in connection.settings().dial_countries,
    }
    return render_template(template, **context)


def _countries(region: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Code and name: those that are allowed unless somebody chooses otherwise, and all others; by name."""
    named = countries_by_name()
    near = {*EUROPE, region}
    return [pair for pair in named if pair[0] in near], [pair for pair in named if pair[0] not in near]


def _fault(bad: BadLine) -> str:
    words = {
        "number": _("Line %(line)s: “%(text)s” is no phone number.", line=bad.line, text=bad.text),
        "beginning": _(
            "Line %(line)s: “%(text)s” is no beginning of numbers. Write it with its country code, such as +49900*.",
            line=bad.line,
            text=bad.text,
        ),
        "twice": _("Line %(line)s: “%(text)s” stands there twice.", line=bad.line, text=bad.text),
        "many": _("These are too many exceptions."),
        "limit": _("Please enter a number from %(low)s to %(high)s.", low=0, high=MAX_LIMIT),
    }
    return str(words[bad.code])

"""The form of a rule for incoming calls as it was sent, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core import phones
from app.core.database import storable
from app.core.values import MAX_INTERNAL_DIGITS
from app.modules.callcenter import home
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.call_control import BY_ID, RINGING, Action, ActionKind, Conditions, Rule, Step, To

SECONDS = (1, 300)
GROUP_SECONDS = (10, 60)
MAX_PREFIXES = 50
MAX_TARGETS = 20
YES_OR_NO = ("blocked", "withheld", "known", "delivery_block", "manager")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SIP_USER = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,120}")


@dataclass(slots=True)
class ControlForm:
    """What was typed and chosen; ``faults`` by field, in words."""

    name: str = ""
    kind: str = ActionKind.FORWARD.value
    fallback: bool = False
    asked: dict[str, str] = field(default_factory=dict)
    """Of YES_OR_NO: '', yes or no."""
    countries: tuple[str, ...] = ()
    prefixes: str = ""
    lines: tuple[str, ...] = ()
    seconds: dict[str, str] = field(default_factory=dict)
    """By step; '' leaves it out."""
    targets: str = ""
    voicemail: bool = True
    pbx_id: str = ""
    group_seconds: str = ""
    faults: dict[str, str] = field(default_factory=dict)


def stored(rule: Rule | None) -> ControlForm:
    """The form as it would be sent with what is stored."""
    if rule is None:
        return ControlForm(seconds={To.LINE.value: "30"})
    asked = {name: {None: "", True: "yes", False: "no"}[getattr(rule.conditions, name)] for name in YES_OR_NO}
    numbers = next((step.targets for step in rule.action.steps if step.to is To.NUMBERS), ())
    return ControlForm(
        name=rule.name or str(_("Block list")),
        kind=rule.action.kind.value,
        fallback=rule.fallback,
        asked=asked,
        countries=rule.conditions.countries,
        prefixes="\n".join(f"{one}*" for one in rule.conditions.prefixes),
        lines=rule.conditions.lines,
        seconds={step.to.value: str(step.seconds) for step in rule.action.steps},
        targets="\n".join(home.format_display(one) if one.startswith("+") else one for one in numbers),
        voicemail=rule.action.voicemail,
        pbx_id=rule.action.pbx_id,
        group_seconds=str(rule.action.seconds or ""),
    )


def read(form: MultiDict[str, str]) -> ControlForm:
    """What was sent; whatever is missing counts as empty."""

    def text(name: str) -> str:
        return storable(form.get(name, "")).strip()

    kinds = {one.value for one in ActionKind}
    return ControlForm(
        name=" ".join(text("name").split()),
        kind=text("kind") if text("kind") in kinds else ActionKind.NOTHING.value,
        fallback=form.get("fallback") == "1",
        asked={name: text(name) for name in YES_OR_NO},
        countries=tuple(one for one in form.getlist("countries") if one in phones.regions()),
        prefixes=text("prefixes"),
        lines=tuple(dict.fromkeys(storable(one)[:200] for one in form.getlist("lines"))),
        seconds={to.value: text(f"seconds_{to.value}") for to in To},
        targets=text("targets"),
        voicemail=form.get("voicemail") == "1",
        pbx_id=text("pbx_id"),
        group_seconds=text("group_seconds"),
    )


def draft(sent: ControlForm) -> Draft | None:
    """The rule that the form stands for; None where something is wrong, which is told in its faults."""
    faults = sent.faults
    if not sent.name:
        faults["name"] = _("Please enter a name.")
    if len(sent.name) > 80:
        faults["name"] = _("Please enter at most %(most)s characters.", most=80)
    conditions = _conditions(sent)
    action = _action(sent)
    if sent.fallback and conditions != Conditions(lines=conditions.lines):
        faults["fallback"] = _("Behind the list only lines can be asked for: it must hold when nothing else is known.")
    return Draft(sent.name, conditions, action, sent.fallback) if not faults else None


def _conditions(sent: ControlForm) -> Conditions:
    prefixes: dict[str, None] = {}
    for line in sent.prefixes.splitlines():
        typed = line.strip().removesuffix("*").strip()
        if not typed:
            continue
        begins = phones.beginning(typed, home.region())
        if begins is None or len(prefixes) >= MAX_PREFIXES:
            sent.faults["prefixes"] = _(
                "“%(text)s” is no beginning of numbers. Write it with its country code, such as +49900*.",
                text=line.strip()[:60],
            )
            break
        prefixes[begins] = None
    answers: dict[str, Any] = {name: {"yes": True, "no": False}.get(sent.asked[name]) for name in YES_OR_NO}
    return Conditions(**answers, countries=sent.countries, prefixes=tuple(prefixes), lines=sent.lines)


def _action(sent: ControlForm) -> Action:
    kind = ActionKind(sent.kind)
    steps = _steps(sent) if kind in RINGING else ()
    if kind is ActionKind.FORWARD and not steps and not {"targets", "steps"} & sent.faults.keys():
        sent.faults["steps"] = _("Please enter for at least one of them how many seconds it rings.")
    pbx_id = sent.pbx_id if kind in BY_ID else ""
    if kind in BY_ID and not _ID.fullmatch(pbx_id):
        sent.faults["pbx_id"] = _("Please enter its number as the telephone system shows it: digits, letters, hyphens.")
    ring = None
    if kind is ActionKind.GROUP and sent.group_seconds:
        ring = _number(sent.group_seconds, GROUP_SECONDS)
        if ring is None:
            sent.faults["group_seconds"] = _range_text(GROUP_SECONDS)
    return Action(kind, steps, sent.voicemail, pbx_id, ring)


def _steps(sent: ControlForm) -> tuple[Step, ...]:
    found = []
    for to in To:
        typed = sent.seconds[to.value]
        if typed in ("", "0"):
            continue
        seconds = _number(typed, SECONDS)
        if seconds is None:
            sent.faults["steps"] = _range_text(SECONDS)
            continue
        targets = _targets(sent) if to is To.NUMBERS else ()
        if to is not To.NUMBERS or targets:
            found.append(Step(to, seconds, targets))
    return tuple(found)


def _targets(sent: ControlForm) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for line in sent.targets.splitlines():
        if not line.strip():
            continue
        target = read_target(line)
        if target is None or len(found) >= MAX_TARGETS:
            sent.faults["targets"] = _("“%(text)s” is no telephone, extension or number.", text=line.strip()[:60])
            return ()
        found[target] = None
    if not found:
        sent.faults["targets"] = _("Please enter at least one telephone or number.")
    return tuple(found)


def read_target(typed: str) -> str | None:
    """A SIP user, an extension, or a number in E.164; None for anything else, and for emergency numbers."""
    text = typed.strip()
    if _SIP_USER.fullmatch(text):
        return text.lower()
    if phones.is_emergency(text):
        return None
    if text.isascii() and text.isdigit() and len(text) <= MAX_INTERNAL_DIGITS:
        return text
    return phones.read_number(text, home.region()).e164


def _number(typed: str, limits: tuple[int, int]) -> int | None:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        return None
    return int(typed) if limits[0] <= int(typed) <= limits[1] else None


def _range_text(limits: tuple[int, int]) -> str:
    return str(_("Please enter a number from %(low)s to %(high)s.", low=limits[0], high=limits[1]))

"""Rules for incoming calls, what they ask and what they do, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.modules.callcenter import accounts, connection, control_log, home
from app.modules.callcenter.control_log import Logged
from app.modules.callcenter.dial_words import country_name
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, belonging, connection_of
from app.modules.callcenter.domain.call_control import ActionKind, Check, Conditions, Examined, Rule, Step, To
from app.modules.callcenter.labels import labels
from app.modules.callcenter.labels import line_name as line_name
from app.modules.callcenter.providers.base import Decision, DecisionKind


def rule_title(name: str) -> str:
    """What a rule is called; the one that an installation begins with in the reader's words."""
    return name or str(_("Block list"))


def action_titles() -> dict[str, str]:
    """What a rule can do, by key, in the order of the form."""
    return {
        ActionKind.FORWARD.value: _("Ring, one after the other"),
        ActionKind.REJECT.value: _("Refuse the call"),
        ActionKind.BUSY.value: _("Sound busy"),
        ActionKind.BLOCK.value: _("As the block list says: refuse or sound busy"),
        ActionKind.GROUP.value: _("Ring a group of the telephone system"),
        ActionKind.ROUTING_PLAN.value: _("Follow a routing plan of the telephone system"),
        ActionKind.QUEUE.value: _("Put into a queue of the telephone system"),
        ActionKind.PROMPT.value: _("Play an announcement of the telephone system and hang up"),
        ActionKind.NOTHING.value: _("Nothing: as the telephone system has it for the line"),
    }


def condition_titles() -> dict[str, tuple[str, str]]:
    """The conditions that are yes or no, each with its words for both."""
    return {
        "blocked": (_("The caller is in the block list"), _("The caller is not in the block list")),
        "withheld": (_("The number is withheld"), _("The number is sent")),
        "known": (_("The caller is known"), _("The caller is unknown")),
        "delivery_block": (_("The address has a delivery block"), _("The address has no delivery block")),
        "manager": (
            _("The account manager is known and has a telephone"),
            _("There is no account manager with a telephone"),
        ),
    }


def conditions_in_words(conditions: Conditions) -> list[str]:
    """What a rule asks, a text for each condition."""
    found = []
    for name, (yes, no) in condition_titles().items():
        wanted = getattr(conditions, name)
        if wanted is not None:
            found.append(yes if wanted else no)
    if conditions.countries or conditions.prefixes:
        found.append(_numbers(conditions))
    if conditions.lines:
        found.append(_lines(conditions))
    return found


def check_words(check: Check, conditions: Conditions) -> str:
    """A condition as it was asked."""
    if check.condition == "number":
        return _numbers(conditions)
    if check.condition == "line":
        return _lines(conditions)
    yes, no = condition_titles()[check.condition]
    return yes if check.wanted else no


def _numbers(conditions: Conditions) -> str:
    wanted = [country_name(one) for one in conditions.countries] + [f"{one}*" for one in conditions.prefixes]
    return str(_("The number is from: %(where)s", where=", ".join(wanted)))


def _lines(conditions: Conditions) -> str:
    return str(_("Called: %(lines)s", lines=", ".join(line_name(key) for key in conditions.lines)))


def action_in_words(rule: Rule) -> str:
    """What a rule does."""
    action = rule.action
    title = action_titles()[action.kind.value]
    if action.pbx_id:
        title = str(_("%(action)s (number %(id)s)", action=title, id=action.pbx_id))
    steps = [_step(step, rule.conditions.lines) for step in action.steps]
    if steps:
        if action.voicemail:
            steps.append(_("voicemail"))
        return f"{title}: {' → '.join(steps)}"
    return title


def step_titles() -> dict[str, str]:
    """Whom a step rings."""
    return {
        To.MANAGER.value: _("account manager"),
        To.INSIDE.value: _("inside sales"),
        To.LINE.value: _("users of the line"),
        To.NUMBERS.value: _("numbers"),
    }


def _step(step: Step, lines: Sequence[str]) -> str:
    who = ", ".join(_rung(one, lines) for one in step.targets) or step_titles()[step.to.value]
    return str(_("%(who)s %(seconds)s s", who=who, seconds=step.seconds))


def _rung(target: str, lines: Sequence[str]) -> str:
    """A telephone that a rule for these lines names; as it is where it is another one's at each of their connections.

    Without a line a rule holds for calls of the first connection only.
    """
    names = {target_name(target, connection_of(line)) for line in lines} or {target_name(target)}
    return names.pop() if len(names) == 1 else target


def target_name(target: str, connection_key: str = FIRST_CONNECTION) -> str:
    """A telephone of a connection by its user where it has one, else as it is."""
    user_id = accounts.assignments().users_of_accounts.get(belonging(connection_key, target))
    if user_id is not None:
        return labels().users.get(user_id, target)
    return home.format_display(target) if target.startswith("+") else target


def answer_in_words(decision: Decision, connection_key: str = FIRST_CONNECTION) -> str:
    """What the telephone system of a connection was told."""
    if decision.kind is DecisionKind.NOTHING:
        return str(_("Nothing: as the telephone system has it for the line"))
    title = action_titles()[decision.kind.value]
    if decision.pbx_id:
        title = str(_("%(action)s (number %(id)s)", action=title, id=decision.pbx_id))
    if not decision.stages:
        return title
    steps = []
    for stage in decision.stages:
        who = ", ".join(target_name(one, connection_key) for one in stage.targets)
        steps.append(str(_("%(who)s %(seconds)s s", who=who, seconds=stage.seconds)))
    if decision.voicemail:
        steps.append(_("voicemail"))
    return f"{title}: {' → '.join(steps)}"


def reason_in_words(logged: Logged) -> str:
    """Why it was this answer."""
    if logged.why == control_log.SAFE:
        held = str(_("The notification could not be processed at once: the answer that holds for the line"))
        # Nobody knows of whoever is asked behind the list then, so it is the rule that stands there for the line.
        return f"{held} ({rule_title(logged.rule_name)})" if logged.rule_id is not None else held
    if logged.why == control_log.NONE:
        return str(_("No rule fits"))
    title = rule_title(logged.rule_name)
    if logged.wanted:
        return str(_("%(rule)s – but there was nobody to ring", rule=title))
    return title


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A condition beside a call."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule beside a call, in words."""

    title: str
    state: str
    """decides, off, fits (but another came before it), misses."""
    checks: tuple[ShownCheck, ...]
    action: str


def examined_in_words(rules: Iterable[Examined]) -> list[ShownRule]:
    """Each rule with each of its hits and misses."""
    return [
        ShownRule(
            rule_title(one.rule.name),
            "decides" if one.decides else "off" if not one.rule.active else "fits" if one.fits else "misses",
            tuple(ShownCheck(check_words(check, one.rule.conditions), check.hit) for check in one.checks),
            action_in_words(one.rule),
        )
        for one in rules
    ]


def inside_name() -> str:
    """Whom rules ring as inside sales where the caller has none."""
    target = connection.settings().control_inside
    return target_name(target) if target else ""


def holds_block_list(rules: Sequence[Rule]) -> bool:
    """Whether any rule in force asks for the block list."""
    return any(rule.active and rule.conditions.blocked for rule in rules)

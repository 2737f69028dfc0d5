"""What the telephone system is told to do with an incoming call: a list of rules, the first that fits decides. Pure.

Rules know facts of the caller, no provider and no text for the page. ``decide`` says which rule it is, ``examine``
why each fits or not; both look at the same checks, so the page tells what would happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.modules.callcenter.domain.belonging import connection_of
from app.modules.callcenter.domain.block_list import Entry


class ActionKind(StrEnum):
    """What a rule does with a call."""

    NOTHING = "nothing"
    """What is set at the telephone system for the line."""
    BLOCK = "block"
    """As the entry of the block list says: refuse, or sound busy. Without an entry refuse."""
    REJECT = "reject"
    BUSY = "busy"
    FORWARD = "forward"
    GROUP = "group"
    ROUTING_PLAN = "routing_plan"
    QUEUE = "queue"
    PROMPT = "prompt"


#: What names an object of the telephone system by its id.
BY_ID = frozenset({ActionKind.GROUP, ActionKind.ROUTING_PLAN, ActionKind.QUEUE, ActionKind.PROMPT})
#: With what a call does not get through.
REFUSING = frozenset({ActionKind.BLOCK, ActionKind.REJECT, ActionKind.BUSY})
#: With what a call rings at telephones of ours, one after the other.
RINGING = frozenset({ActionKind.FORWARD, ActionKind.ROUTING_PLAN})


class To(StrEnum):
    """Whom a step of a forwarding rings, in the order of the steps."""

    MANAGER = "manager"
    """The caller's account manager."""
    INSIDE = "inside"
    """The caller's inside sales, else the one that is set for all."""
    LINE = "line"
    """The users of the line that was called."""
    NUMBERS = "numbers"
    """Accounts or numbers that the rule names."""


@dataclass(frozen=True, slots=True)
class Step:
    """Telephones that ring together for so many seconds."""

    to: To
    seconds: int
    targets: tuple[str, ...] = ()
    """Of NUMBERS: SIP users, numbers in E.164, extensions."""


@dataclass(frozen=True, slots=True)
class Action:
    """What is done. ``steps`` of a forwarding, and as the way out of a routing plan."""

    kind: ActionKind = ActionKind.NOTHING
    steps: tuple[Step, ...] = ()
    voicemail: bool = True
    """Whether the mailbox answers when nobody took the call."""
    pbx_id: str = ""
    """Of a group, routing plan, queue or prompt, as the telephone system numbers them."""
    seconds: int | None = None
    """How long a group rings; None for what the telephone system does by itself."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must all be so; None and empty ones ask nothing."""

    blocked: bool | None = None
    withheld: bool | None = None
    known: bool | None = None
    delivery_block: bool | None = None
    manager: bool | None = None
    """Whether the caller's account manager is known."""
    countries: tuple[str, ...] = ()
    """ISO 3166. Of one of them, or with one of these beginnings: one condition."""
    prefixes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    """Keys of lines of ours."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the list. ``fallback``: it stands behind the list, for its lines, and holds when no other does."""

    id: int
    name: str
    conditions: Conditions
    action: Action
    active: bool = True
    fallback: bool = False

    @property
    def refuses_blocked(self) -> bool:
        """Whether it turns callers of the block list away: that can be done at any telephone system."""
        return self.conditions.blocked is True and self.action.kind in REFUSING

    def names_line_of(self, connection: str) -> bool:
        """Whether it asks for a line of this connection."""
        return any(connection_of(line) == connection for line in self.conditions.lines)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a call that begins."""

    number: str | None
    """Digits behind a plus; None without a number."""
    withheld: bool
    line: str | None
    """The key of the line that was called."""
    country: str | None = None
    """ISO 3166."""
    known: bool = False
    delivery_block: bool = False
    manager: bool = False
    entry: Entry | None = None
    """Of the block list."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule, and whether the call is so. ``wanted``: what was asked, where it is yes or no."""

    condition: str
    hit: bool
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Examined:
    """A rule beside a call."""

    rule: Rule
    checks: tuple[Check, ...]
    decides: bool
    """Whether it is the one: active, all of it so, and none before it."""

    @property
    def fits(self) -> bool:
        """Whether all of it is so."""
        return all(check.hit for check in self.checks)


def decide(rules: Iterable[Rule], facts: Facts) -> Rule | None:
    """The first active rule all of whose conditions are so; behind the list the first fallback for the line."""
    for rule in in_order(rules):
        if rule.active and all(check.hit for check in checks(rule.conditions, facts)):
            return rule
    return None


def examine(rules: Iterable[Rule], facts: Facts) -> list[Examined]:
    """Each rule, active or not, in the order in which they are asked, with each of its conditions."""
    ordered = in_order(rules)
    chosen = decide(ordered, facts)
    return [Examined(rule, tuple(checks(rule.conditions, facts)), rule is chosen) for rule in ordered]


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The list as it stands, fallbacks behind it."""
    return sorted(rules, key=lambda rule: rule.fallback)


def checks(conditions: Conditions, facts: Facts) -> Iterator[Check]:
    """The conditions that ask something; a rule without any fits every call."""
    asked = (
        ("blocked", conditions.blocked, facts.entry is not None),
        ("withheld", conditions.withheld, facts.withheld),
        ("known", conditions.known, facts.known),
        ("delivery_block", conditions.delivery_block, facts.delivery_block),
        ("manager", conditions.manager, facts.manager),
    )
    for name, wanted, found in asked:
        if wanted is not None:
            yield Check(name, found is wanted, wanted)
    if conditions.countries or conditions.prefixes:
        number = facts.number
        begins = number is not None and any(number.startswith(one) for one in conditions.prefixes)
        yield Check("number", begins or (facts.country is not None and facts.country in conditions.countries))
    if conditions.lines:
        yield Check("line", facts.line in conditions.lines)

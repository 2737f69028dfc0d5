"""Use cases of whoever sets the rules for incoming calls; each change is audited and counts for the next call."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.modules.callcenter import audit, control_book
from app.modules.callcenter.control_book import CONTROL_VERSION, plain_action, plain_conditions, rule_of
from app.modules.callcenter.control_models import ControlRule
from app.modules.callcenter.domain.call_control import Action, Conditions, Rule
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.settings import CallcenterSettings

#: More than anybody keeps an eye on, and than a call is quickly compared with.
MAX_RULES = 500
#: What the audit log calls the rule that an installation begins with.
BLOCK_LIST = "block list"


class TooMany(Exception):
    """There are as many rules as there may be."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as it is to be."""

    name: str
    conditions: Conditions
    action: Action
    fallback: bool = False


def listed() -> list[Rule]:
    """All rules as they stand, those behind the list last."""
    with reading() as session:
        rows = session.execute(_ordered()).scalars()
        return sorted((rule_of(row) for row in rows), key=lambda rule: rule.fallback)


def find(rule_id: int) -> Rule | None:
    """A rule by its number."""
    with reading() as session:
        row = session.get(ControlRule, rule_id)
        return rule_of(row) if row is not None else None


def store(rule_id: int | None, draft: Draft, by: int | None) -> int:
    """Change a rule, or add one behind the others of its part. Raises LookupError for one that is gone, TooMany."""
    who = audit.actor(by)
    values = {
        "name": draft.name[:80],
        "fallback": draft.fallback,
        "conditions": json.dumps(plain_conditions(draft.conditions), ensure_ascii=False),
        "action": json.dumps(plain_action(draft.action), ensure_ascii=False),
    }
    with transaction() as session:
        before = _locked(session)
        if rule_id is None:
            if len(before) >= MAX_RULES:
                raise TooMany
            added = insert(ControlRule).values(
                connection=FIRST_CONNECTION, position=len(before) + 1, active=True, **values
            )
            rule_id = session.execute(added.returning(ControlRule.id)).scalar_one()
        elif all(rule.id != rule_id for rule in before):
            raise LookupError(rule_id)
        else:
            session.execute(update(ControlRule).where(ControlRule.id == rule_id).values(**values))
        _told(session, who, before)
    return rule_id


def move(rule_id: int, *, up: bool, by: int | None) -> None:
    """Swap a rule with the one before or behind it in its part. Raises LookupError; at the end nothing happens."""
    who = audit.actor(by)
    with transaction() as session:
        before = _locked(session)
        rule = _of(before, rule_id)
        part = [one.id for one in before if one.fallback is rule.fallback]
        others = [one.id for one in before if one.fallback is not rule.fallback]
        place = part.index(rule_id)
        there = place - 1 if up else place + 1
        if not 0 <= there < len(part):
            return
        part[place], part[there] = part[there], part[place]
        for position, one in enumerate([*part, *others], start=1):
            session.execute(update(ControlRule).where(ControlRule.id == one).values(position=position))
        _told(session, who, before)


def switch(rule_id: int, *, active: bool, by: int | None) -> None:
    """Activate or deactivate a rule. Raises LookupError."""
    who = audit.actor(by)
    with transaction() as session:
        before = _locked(session)
        _of(before, rule_id)
        session.execute(update(ControlRule).where(ControlRule.id == rule_id).values(active=active))
        _told(session, who, before)


def remove(rule_id: int, by: int | None) -> None:
    """Delete a rule. Raises LookupError."""
    who = audit.actor(by)
    with transaction() as session:
        before = _locked(session)
        _of(before, rule_id)
        session.execute(delete(ControlRule).where(ControlRule.id == rule_id))
        _told(session, who, before)


def set_inside(target: str, by: int | None) -> None:
    """Whom rules ring as inside sales where the caller has none; '' for nobody."""
    kernel = current_app.extensions["durchwahl"]
    who = audit.actor(by)
    with transaction() as session:
        now = kernel.settings.load(CallcenterSettings, session).control_inside
        kernel.settings.save(session, CallcenterSettings, {"control_inside": target})
        audit.record_change(session, who, {"control_inside": now}, {"control_inside": target})


def holds_block_list() -> bool:
    """Whether any rule in force asks for the block list: without one it blocks nobody."""
    return any(rule.conditions.blocked for rule in control_book.fresh().active)


def _ordered() -> Select[ControlRule]:
    query = select(ControlRule).where(ControlRule.connection == FIRST_CONNECTION)
    return query.order_by(ControlRule.position, ControlRule.id).execution_options(populate_existing=True)


def _locked(session: Session) -> list[Rule]:
    """The rules as they are, and nobody else changes them until the end of the transaction."""
    # The version comes first: whoever raises it has others wait, also those who add a rule at the same place.
    current_app.extensions["durchwahl"].versions.bump(session, CONTROL_VERSION)
    return [rule_of(row) for row in session.execute(_ordered()).scalars()]


def _of(rules: list[Rule], rule_id: int) -> Rule:
    found = next((rule for rule in rules if rule.id == rule_id), None)
    if found is None:
        raise LookupError(rule_id)
    return found


def _told(session: Session, who: audit.Actor, before: list[Rule]) -> None:
    """Write down what became another, and have it hold."""
    after = [rule_of(row) for row in session.execute(_ordered()).scalars()]
    was, now = (_written(rules) for rules in (before, after))
    audit.record_change(
        session,
        who,
        {"control_rules": [one for one in was if one not in now]},
        {"control_rules": [one for one in now if one not in was]},
    )


def _written(rules: list[Rule]) -> list[str]:
    """Rules as the audit log tells them: place, name, what is asked, what is done."""
    found = []
    for place, rule in enumerate(sorted(rules, key=lambda one: one.fallback), start=1):
        parts = (plain_conditions(rule.conditions), plain_action(rule.action))
        asked, done = (json.dumps(one, ensure_ascii=False) for one in parts)
        state = "" if rule.active else " (off)"
        found.append(f"{place}. {rule.name or BLOCK_LIST}{state}: {asked} → {done}")
    return found

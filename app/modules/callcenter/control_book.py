"""The rules for incoming calls and the block list in force, in memory: they stand on the way of every call.

The statement that stores a notification also tells their version, so a change counts for the very next call in every
process, and costs nothing until there is one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from app.core.database import reading
from app.core.prepared import Prepared
from app.core.versions import Version
from app.modules.callcenter.control_models import BlockEntry, ControlRule
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, belonging
from app.modules.callcenter.domain.block_list import BlockList, Entry, EntryKind
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions, Rule, Step, To
from app.modules.callcenter.models import KnownPbxLine
from app.modules.callcenter.statements import CONTROL_VERSION as CONTROL_VERSION
from app.modules.callcenter.written_lists import line_key

if TYPE_CHECKING:
    from app.core.kernel import ModuleSetup

_EXTENSION = "durchwahl.callcenter.control"


_ENTRY = cast(Table, BlockEntry.__table__)
_NAMES = ("id", "kind", "low", "high", "busy", "expires_at")
_BLOCKED = Prepared(select(*(_ENTRY.c[name] for name in _NAMES)).where(_ENTRY.c.connection == bindparam("of")))
"""The columns of an entry, as plain values: ten thousand would be a quarter of a second as objects of the database, and
the call after a change waits for them."""
_KINDS = {kind.value: kind for kind in EntryKind}


@dataclass(frozen=True, slots=True)
class Book:
    """Rules and block list of one version."""

    version: int | None
    rules: tuple[Rule, ...]
    block_list: BlockList
    elsewhere: frozenset[str] = frozenset()
    """Keys of lines of which their telephone system tells that it does not wait for our answer."""

    def of(self, connection: str) -> Book:
        """What of it holds for calls of this connection: the block list for all, other rules for the first one's.

        They ring telephones and name plans of its telephone system: for calls of another one a rule names lines of it.
        """
        if connection == FIRST_CONNECTION:
            return self
        mine = (rule for rule in self.rules if rule.refuses_blocked or rule.names_line_of(connection))
        return replace(self, rules=tuple(mine))

    @property
    def active(self) -> tuple[Rule, ...]:
        """The rules in force, as they were written."""
        return tuple(rule for rule in self.rules if rule.active)

    @property
    def is_idle(self) -> bool:
        """Whether no call whatever can meet a rule: then none is asked, and nothing is kept about it."""
        return not any(self.block_list or rule.conditions.blocked is not True for rule in self.active)

    @property
    def asks_for_countries(self) -> bool:
        """Whether any rule does: to tell a number's country takes longer than all else."""
        return any(rule.conditions.countries for rule in self.active)


def install(setup: ModuleSetup) -> None:
    """Forget what was read when it changed, also while the module is inactive: nothing old is left on activation."""
    app = setup.kernel.app
    setup.kernel.versions.on_change(CONTROL_VERSION, lambda: app.extensions.pop(_EXTENSION, None))


def book(version: int | None) -> Book:
    """What holds at this version of CONTROL_VERSION. Raises what the database raises."""
    kept: Book | None = current_app.extensions.get(_EXTENSION)
    if kept is None or kept.version != version:
        kept = current_app.extensions[_EXTENSION] = fresh()
    return kept


def kept_book() -> Book | None:
    """What was read last, for when nothing can be read."""
    found: Book | None = current_app.extensions.get(_EXTENSION)
    return found


def keep_ready() -> None:
    """Read it where nothing was read yet: when the database is away it is too late. Raises what the database raises."""
    if _EXTENSION not in current_app.extensions:
        current_app.extensions[_EXTENSION] = fresh()


def fresh() -> Book:
    """What holds now, from the database."""
    with reading() as session:
        # The version first: what changes while the rest is read is read again by the next call.
        version = session.execute(select(Version.value).where(Version.name == CONTROL_VERSION)).scalar_one_or_none()
        return Book(version, _rules(session), BlockList(_entries(session)), _elsewhere(session))


def rule_of(row: ControlRule) -> Rule:
    """A row as the domain knows it."""
    return Rule(
        row.id,
        row.name,
        conditions_of(json.loads(row.conditions)),
        action_of(json.loads(row.action)),
        row.active,
        row.fallback,
    )


def conditions_of(found: Mapping[str, Any]) -> Conditions:
    """Conditions as they are stored."""
    return Conditions(
        blocked=found.get("blocked"),
        withheld=found.get("withheld"),
        known=found.get("known"),
        delivery_block=found.get("delivery_block"),
        manager=found.get("manager"),
        countries=tuple(found.get("countries", ())),
        prefixes=tuple(found.get("prefixes", ())),
        lines=tuple(found.get("lines", ())),
    )


def plain_conditions(conditions: Conditions) -> dict[str, Any]:
    """Conditions as they are stored: those that ask something."""
    found = {name: getattr(conditions, name) for name in Conditions.__dataclass_fields__}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value not in (None, ())
    }


def action_of(found: Mapping[str, Any]) -> Action:
    """An action as it is stored."""
    steps = tuple(Step(To(one["to"]), one["seconds"], tuple(one.get("targets", ()))) for one in found.get("steps", ()))
    return Action(
        ActionKind(found["kind"]),
        steps,
        found.get("voicemail", True),
        found.get("id", ""),
        found.get("seconds"),
    )


def plain_action(action: Action) -> dict[str, Any]:
    """An action as it is stored."""
    found: dict[str, Any] = {"kind": action.kind.value}
    if action.steps:
        found["steps"] = [
            {"to": step.to.value, "seconds": step.seconds, **({"targets": list(step.targets)} if step.targets else {})}
            for step in action.steps
        ]
        found["voicemail"] = action.voicemail
    if action.pbx_id:
        found["id"] = action.pbx_id
    if action.seconds is not None:
        found["seconds"] = action.seconds
    return found


def _rules(session: Session) -> tuple[Rule, ...]:
    query = select(ControlRule).where(ControlRule.connection == FIRST_CONNECTION)
    rows = session.execute(query.order_by(ControlRule.position, ControlRule.id)).scalars()
    return tuple(rule_of(row) for row in rows)


def _entries(session: Session) -> list[Entry]:
    rows = _BLOCKED.rows(session, {"of": FIRST_CONNECTION})
    return [Entry(number, _KINDS[kind], *rest) for number, kind, *rest in rows]


def _elsewhere(session: Session) -> frozenset[str]:
    query = select(KnownPbxLine.connection, KnownPbxLine.number).where(KnownPbxLine.decides.is_(False))
    keys = ((connection, line_key(number)) for connection, number in session.execute(query))
    return frozenset(belonging(connection, key) for connection, key in keys if key is not None)

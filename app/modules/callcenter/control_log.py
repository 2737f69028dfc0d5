"""What was decided about a call, as it is kept with the call: which rule, which answer, how long it took."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from app.modules.callcenter.domain.calls import Phase
from app.modules.callcenter.domain.events import Outcome
from app.modules.callcenter.providers.base import REFUSALS, Decision, DecisionKind, Stage
from app.modules.callcenter.stored import StoredCall

#: Why it is this answer: a rule of the list, one behind it, none, or because something failed.
RULE, FALLBACK, NONE, SAFE = "rule", "fallback", "none", "safe"


@dataclass(frozen=True, slots=True)
class Logged:
    """A decision."""

    why: str
    decision: Decision
    milliseconds: float | None = None
    """From the arrival of the notification until it was decided; None where nobody measured."""
    rule_id: int | None = None
    rule_name: str = ""
    """As it was called then."""
    entry_id: int | None = None
    """Of the block list, where that made the rule fit."""
    wanted: str = ""
    """What the rule does, where that could not be done and the answer decides nothing."""


def text(logged: Logged) -> str:
    """As the column keeps it."""
    found = {
        "why": logged.why,
        "answer": _plain(logged.decision),
        "ms": logged.milliseconds,
        "rule": logged.rule_id,
        "name": logged.rule_name,
        "entry": logged.entry_id,
        "wanted": logged.wanted,
    }
    return json.dumps({name: value for name, value in found.items() if value not in (None, "")}, ensure_ascii=False)


def logged(control: str | None) -> Logged | None:
    """A column again; None where no rule was asked."""
    if control is None:
        return None
    found: dict[str, Any] = json.loads(control)
    return Logged(
        found["why"],
        _decision(found["answer"]),
        found.get("ms"),
        found.get("rule"),
        found.get("name", ""),
        found.get("entry"),
        found.get("wanted", ""),
    )


def given(answer: str) -> Logged:
    """What was answered before a notification could be processed, as its row keeps it: whole, or its kind alone."""
    found = logged(answer) if answer.startswith("{") else None
    return found or Logged(SAFE, Decision(DecisionKind(answer)))


def decision_of(call: StoredCall) -> Decision:
    """What was answered when the call began, and is answered again to whoever repeats the question."""
    kept = logged(call.control)
    if kept is not None:
        return kept.decision
    return Decision(DecisionKind(call.decision)) if call.decision else Decision()


def was_refused(call: StoredCall) -> bool:
    """Whether the telephone system was told to refuse it, and nobody talked to the caller after all."""
    refused = call.decision in REFUSALS
    return refused and call.phase == Phase.ENDED.value and call.outcome == Outcome.BLOCKED.value


def _plain(decision: Decision) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": decision.kind.value}
    if decision.stages:
        found["stages"] = [[list(stage.targets), stage.seconds] for stage in decision.stages]
        found["voicemail"] = decision.voicemail
    if decision.pbx_id:
        found["id"] = decision.pbx_id
    if decision.seconds is not None:
        found["seconds"] = decision.seconds
    return found


def _decision(found: dict[str, Any]) -> Decision:
    stages = tuple(Stage(tuple(targets), seconds) for targets, seconds in found.get("stages", ()))
    return Decision(
        DecisionKind(found["kind"]),
        stages,
        found.get("voicemail", True),
        found.get("id", ""),
        found.get("seconds"),
    )

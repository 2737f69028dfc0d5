"""Call Control: a decision in Placetel's XML, its verbs and attributes as documented (docs/placetel.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from app.modules.callcenter.providers.base import Decision, DecisionKind, Stage

MEDIA_TYPE = "application/xml; charset=utf-8"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
NOTHING = _XML + "<Response>\n</Response>\n"
#: Seconds that a group may ring.
GROUP_SECONDS = (10, 60)
#: Seconds that a target may ring; the upper one is ours, as none is documented.
TARGET_SECONDS = (1, 300)
#: Ids are numbers wherever they were seen; letters are let pass, signs are not.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BY_ID = {
    DecisionKind.GROUP: "Group",
    DecisionKind.ROUTING_PLAN: "RoutingPlan",
    DecisionKind.QUEUE: "Queue",
    DecisionKind.PROMPT: "Prompt",
}

Number = Callable[[str], str | None]
"""What stands in a ``<Number>`` for a target; None for one that Placetel cannot ring."""


def written(decision: Decision, number: Number) -> str:
    """The document. What cannot be expressed, or names nothing, becomes the answer that decides nothing."""
    response = Element("Response")
    verb = _verb(decision, number)
    if verb is None:
        return NOTHING
    response.append(verb)
    indent(response, space="    ")
    return _XML + tostring(response, encoding="unicode")


def _verb(decision: Decision, number: Number) -> Element | None:
    if decision.kind is DecisionKind.REJECT:
        return Element("Reject")
    if decision.kind is DecisionKind.BUSY:
        return Element("Reject", {"reason": "busy"})
    if decision.kind is DecisionKind.FORWARD:
        return _forward(decision.stages, decision.voicemail, number)
    name = _BY_ID.get(decision.kind)
    if name is None or not _ID.fullmatch(decision.pbx_id):
        return None
    verb = Element(name, {"id": decision.pbx_id})
    if decision.kind is DecisionKind.GROUP and decision.seconds is not None:
        verb.set("ringtime", str(_within(decision.seconds, GROUP_SECONDS)))
    if decision.kind is DecisionKind.ROUTING_PLAN:
        way_out = _forward(decision.stages, decision.voicemail, number)
        if way_out is not None:
            verb.append(way_out)
    return verb


def _forward(stages: Sequence[Stage], voicemail: bool, number: Number) -> Element | None:
    forward = Element("Forward", {"voicemail": "true" if voicemail else "false"})
    for stage in stages:
        numbers = dict.fromkeys(found for aim in stage.targets if (found := number(aim)))
        if numbers:
            target = SubElement(forward, "Target", {"ringtime": str(_within(stage.seconds, TARGET_SECONDS))})
            for found in numbers:
                SubElement(target, "Number").text = found
    return forward if len(forward) else None


def _within(value: int, limits: tuple[int, int]) -> int:
    return max(limits[0], min(value, limits[1]))

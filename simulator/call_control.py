"""What Call Control is told: the XML answer to the IncomingCall of a number whose routing is External API.

Read by the vendor's description alone. What it names outside of this exchange (groups, plans, queues, announcements) is
shown in words, and rings the telephones of the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

_DEFAULT_SECONDS = 60.0
_MOST_BYTES = 20_000


@dataclass(frozen=True)
class Stage:
    """Numbers and SIP users that ring together, in seconds."""

    numbers: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Plan:
    """What happens to the call; `words` are for people."""

    words: str
    ends: str | None = None
    """The type with which it is over at once."""
    stages: tuple[Stage, ...] = ()
    voicemail: bool = True
    queue: bool = False


#: Nothing usable was answered: the backup routing plan.
BACKUP = Plan("Ausweichrouting: keine Entscheidung")


def read(status: int | None, body: str) -> Plan:
    """The plan of an answer; BACKUP where it decides nothing or cannot be read."""
    if status is None or not 200 <= status < 300 or "<!" in body or len(body) > _MOST_BYTES:
        return BACKUP
    try:
        verbs = list(ET.fromstring(body.strip().encode()))  # noqa: S314 (no DTD is let in, and the answer is our own)
    except ET.ParseError:
        return Plan("Ausweichrouting: die Antwort ist kein XML")
    return _plan(verbs[0]) if verbs else BACKUP


def _plan(verb: ET.Element) -> Plan:
    match verb.tag:
        case "Reject":
            # Inferred: the type of the HungUp that follows is not documented.
            return Plan("abgewiesen: besetzt" if verb.get("reason") == "busy" else "abgewiesen", ends="blocked")
        case "Hangup":
            return Plan("aufgelegt", ends="missed")
        case "Prompt":
            return Plan(f"Ansage {verb.get('id')}, dann aufgelegt", ends="missed")
        case "Forward":
            stages = tuple(_stage(target) for target in verb.findall("Target"))
            voicemail = verb.get("voicemail", "true") == "true"
            return Plan(_words(stages, voicemail), stages=stages, voicemail=voicemail) if stages else BACKUP
        case "Group":
            return Plan(f"Gruppe {verb.get('id')}, {verb.get('ringtime', '40')} s")
        case "RoutingPlan":
            return Plan(f"Routingplan {verb.get('id')}")
        case "Queue":
            return Plan(f"Warteschlange {verb.get('id')}", queue=True)
        case _:
            return Plan(f"Ausweichrouting: unbekannt: {verb.tag}")


def _stage(target: ET.Element) -> Stage:
    numbers = tuple((number.text or "").strip() for number in target.findall("Number"))
    try:
        seconds = float(target.get("ringtime", _DEFAULT_SECONDS))
    except ValueError:
        seconds = _DEFAULT_SECONDS
    return Stage(numbers, min(max(seconds, 1.0), 600.0))


def _words(stages: Sequence[Stage], voicemail: bool) -> str:
    steps = [f"{', '.join(stage.numbers)} {stage.seconds:g} s" for stage in stages]
    return f"weitergeleitet: {' → '.join([*steps, *(['Mailbox'] if voicemail else [])])}"

"""One call, told in every order, by several at once who each repeat all of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from tests.integration.callcenter.phone_system import ANNA, BEN, CUSTOMER, LINE, call_id

Event = dict[str, str]
#: Each is told by so many.
TELLERS = 3
#: What must be the same, whoever told what first: everything but the times.
COMPARED = (
    "direction",
    "phase",
    "outcome",
    "missed",
    "remote_e164",
    "line_key",
    "peer",
    "answered_by",
    "talk_seconds",
    "grade",
    "matches",
)


def events(call: str) -> list[Event]:
    """It rings, two take it, it is over."""
    common = {"call_id": call, "from": CUSTOMER, "to": LINE, "direction": "in"}
    return [
        {"event": "IncomingCall", **common},
        {"event": "CallAccepted", "peer": ANNA, **common},
        {"event": "CallAccepted", "peer": BEN, **common},
        {"event": "HungUp", "type": "accepted", "duration": "9", **common},
    ]


def every_order() -> Iterator[tuple[str, list[list[Event]]]]:
    """A call of its own for each order: its id, and what each teller tells. All of them tell all of it in this order,
    so that everything is repeated, and each begins at another place.
    """  # fmt: skip
    for order in permutations(range(4)):
        call = call_id()
        told = events(call)
        ordered = [told[place] for place in order]
        yield call, [ordered[place:] + ordered[:place] for place in range(TELLERS)]


def compared(call: Any) -> tuple[Any, ...]:
    return tuple(getattr(call, name) for name in COMPARED)

"""How long a telephone system waits for a decision about a call, beside a plain notification in the same run.

    python -m benchmarks.deciding RULES ENTRIES    # stores rules and block list, while the server runs

The two take turns, on lines that differ in nothing but that one of them is not routed to us: no rule is asked there.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from typing import Any

from flask import Flask, current_app
from sqlalchemy import insert

from app import create_app
from app.core.database import transaction
from app.modules.callcenter.control_models import BlockEntry, ControlRule
from app.modules.callcenter.models import FIRST_CONNECTION, KnownPbxLine
from app.modules.callcenter.statements import CONTROL_VERSION
from benchmarks.callers import notification, signed
from benchmarks.posting import Poster
from benchmarks.wire import post_request
from config import Config

#: Lines of ours: no rule holds on the first.
PLAIN, DECIDED = "+498999998003", "+498999998004"
#: The rules before the last one, in turns: none of them fits a known caller from Germany who is nobody's debtor.
MISSES: tuple[dict[str, Any], ...] = (
    {"blocked": True},
    {"withheld": True},
    {"known": False},
    {"delivery_block": True},
    {"known": True, "manager": True},
    {"countries": ["GB", "FR"]},
    {"prefixes": ["+4930999", "+4940999"]},
    {"known": True, "lines": ["+498999998999"]},
)
FORWARD = {"kind": "forward", "steps": [{"to": "numbers", "seconds": 20, "targets": ["+498999998005", "11"]}]}
WARM_UP = 20
OK = 200
_call_ids = itertools.count(1)


def fill(app: Flask, rules: int, entries: int) -> None:
    """So many rules, of which the last one decides, and a block list that holds none of the callers."""
    with app.app_context(), transaction() as session:
        now = current_app.extensions["durchwahl"].clock.now()
        conditions = [*itertools.islice(itertools.cycle(MISSES), rules - 1), {"known": True}]
        rule = {"connection": FIRST_CONNECTION, "active": True, "fallback": False, "action": json.dumps(FORWARD)}
        session.execute(
            insert(ControlRule),
            [
                {**rule, "position": place, "name": f"Rule {place}", "conditions": json.dumps(asked)}
                for place, asked in enumerate(conditions, 10)
            ],
        )
        entry = {"connection": FIRST_CONNECTION, "kind": "exact", "busy": False, "note": "", "created_at": now}
        numbers = (f"+492214710{number:06}" for number in range(entries))
        session.execute(insert(BlockEntry), [{**entry, "low": number, "high": number} for number in numbers])
        line = {"connection": FIRST_CONNECTION, "number": PLAIN, "name": "", "decides": False, "seen_at": now}
        session.execute(insert(KnownPbxLine), [line])
        current_app.extensions["durchwahl"].versions.bump(session, CONTROL_VERSION)


async def measure(post: Poster, port: int, target: str, callers: Iterator[str], count: int) -> dict[str, Any]:
    """Answers to ``count`` calls on each of the two lines, in turns: ``plain_ms``, ``decided_ms`` and ``failed``."""
    found: dict[str, list[float]] = {PLAIN: [], DECIDED: []}
    failed = 0
    for number in range(count + WARM_UP):
        for line in (PLAIN, DECIDED) if number % 2 else (DECIDED, PLAIN):
            body = notification(next(callers), line, f"deciding-{next(_call_ids)}")
            sent = post(post_request(port, target, body, signed(body)))
            if await sent.status != OK:
                failed += 1
            elif number >= WARM_UP:
                found[line].append(round((sent.answered_at - sent.sent_at) * 1000, 3))
    return {"plain_ms": found[PLAIN], "decided_ms": found[DECIDED], "failed": failed}


if __name__ == "__main__":
    fill(create_app(Config.from_env()), *map(int, sys.argv[1:]))

"""One list of a day's calls out of several that may name the same call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.modules.callcenter.domain.events import Outcome
from app.modules.callcenter.providers.base import PastCall

#: Inferred: two lists of the same exchange tell a call's time almost alike.
CLOSE = timedelta(seconds=5)


def merged(calls: Sequence[PastCall], others: Sequence[PastCall]) -> list[PastCall]:
    """All of both, in the order of time; one that both tell is there once, with the more that either knows."""
    result = list(calls)
    used: set[int] = set()
    for other in others:
        twin = next((at for at, call in enumerate(calls) if at not in used and _is_same(call, other)), None)
        if twin is None:
            result.append(other)
        else:
            used.add(twin)
            result[twin] = _both(result[twin], other)
    return sorted(result, key=lambda call: call.received_at)


def _is_same(call: PastCall, other: PastCall) -> bool:
    return (
        call.direction is other.direction
        and abs(call.received_at - other.received_at) <= CLOSE
        and call.line == other.line
        and (call.remote == other.remote or call.masked or other.masked)
    )


def _both(call: PastCall, other: PastCall) -> PastCall:
    unclear = call.outcome is Outcome.UNKNOWN
    return replace(
        call,
        remote=other.remote if call.masked and not other.masked else call.remote,
        masked=call.masked and other.masked,
        outcome=other.outcome if unclear else call.outcome,
        talk_seconds=max(call.talk_seconds, other.talk_seconds),
        account=call.account or other.account,
    )

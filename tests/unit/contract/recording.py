"""A telephone system of our own making, with every capability, for tests of everything above the providers.

It records what it is asked, plays the failures that a test scripts, and its notifications are made with one line::

    pbx = RecordingProvider()
    request = pbx.notification(call_id="c1", kind="started", direction="in", remote="+49221…", line="0221…")
    pbx.fail("dial", ProviderError(Failure.OUTCOME_UNKNOWN, "timeout"))
    assert pbx.orders == [DialOrder("demo@pbx.example", "+49221…")]
"""

from __future__ import annotations

import hmac
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from app.modules.callcenter.domain.events import Direction, EventKind, Outcome, ProviderEvent
from app.modules.callcenter.providers.base import (
    Answer,
    Clock,
    Decision,
    DialOrder,
    DialReceipt,
    Finding,
    Health,
    Malformed,
    NotAuthentic,
    PastCall,
    PbxLine,
    PbxUser,
    ProviderError,
    ProviderType,
    RawRequest,
    Unsupported,
)

HEADER = "x-recording-signature"
_TEXTS = ("remote", "line", "peer", "first", "second")


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    secret: str = field(default="recording-secret", repr=False)


class RecordingProvider:
    """See the module. Lists and ``health`` may be replaced at any time."""

    key = "recording"
    title = "Recording"

    def __init__(self, secret: str = "recording-secret") -> None:
        self._secret = secret
        self.orders: list[DialOrder] = []
        """Every order, also those that then failed."""
        self.received: list[RawRequest] = []
        """Every request that was parsed."""
        self.decisions: list[Decision] = []
        """Every decision that was to be answered."""
        self.asked: list[str] = []
        """The names of all methods called, in order."""
        self.users: list[PbxUser] = []
        self.lines: list[PbxLine] = []
        self.calls: list[PastCall] = []
        self.health = Health((Finding("ok", "ok"),))
        self._failures: defaultdict[str, list[Exception]] = defaultdict(list)

    # What a test says.

    def fail(self, method: str, *errors: Exception) -> None:
        """Raise these, one for each of the next calls of the method; after them it works again."""
        self._failures[method] += errors

    def notification(self, *, received_at: datetime | None = None, **event: Any) -> RawRequest:
        """A signed request that reports an event: fields of ProviderEvent, enums as their values or themselves."""
        return self.signed(json.dumps(event).encode(), received_at=received_at)

    def signed(self, body: bytes, *, received_at: datetime | None = None) -> RawRequest:
        """An authentic request with any body."""
        return RawRequest(
            method="POST",
            path="/callcenter/webhook/recording",
            query="",
            headers={"content-type": "application/json", HEADER: self._signature(body)},
            body=body,
            remote_addr="192.0.2.1",
            received_at=received_at or datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        )

    # What the application asks.

    def check(self) -> Health:
        try:
            self._note("check")
        except ProviderError as error:
            return Health((Finding("error", error.code),))
        return self.health

    def authenticate(self, request: RawRequest) -> None:
        self._note("authenticate")
        if not self._secret:
            raise NotAuthentic("no_secret")
        signature = request.headers.get(HEADER)
        if not signature:
            raise NotAuthentic("missing_signature")
        if not signature.isascii():
            raise NotAuthentic("malformed_signature")
        if not hmac.compare_digest(signature, self._signature(request.body)):
            raise NotAuthentic("wrong_signature")

    def parse(self, request: RawRequest) -> Sequence[ProviderEvent]:
        self._note("parse")
        self.received.append(request)
        try:
            fields = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Malformed("no JSON") from None
        if not isinstance(fields, dict) or not _is_text(fields.get("call_id")):
            raise Malformed("call_id is missing")
        if fields.get("kind") not in {kind.value for kind in EventKind}:
            raise Unsupported("an event of another kind")
        try:
            return (_event(fields),)
        except (TypeError, ValueError):
            raise Malformed("a field has a value that is none of ours") from None

    def answer(self, decision: Decision) -> Answer:
        self._note("answer")
        self.decisions.append(decision)
        return Answer(json.dumps({"decision": decision.kind}).encode(), "application/json")

    def dial(self, order: DialOrder) -> DialReceipt:
        self.orders.append(order)
        self._note("dial")
        return DialReceipt(reference=f"order-{len(self.orders)}")

    def list_users(self) -> Sequence[PbxUser]:
        self._note("list_users")
        return tuple(self.users)

    def list_lines(self) -> Sequence[PbxLine]:
        self._note("list_lines")
        return tuple(self.lines)

    def history(self, day: date) -> Iterator[PastCall]:
        self._note("history")
        return iter([call for call in self.calls if call.received_at.date() == day])

    def _note(self, method: str) -> None:
        self.asked.append(method)
        if self._failures[method]:
            raise self._failures[method].pop(0)

    def _signature(self, body: bytes) -> str:
        return hmac.new(self._secret.encode(), body, sha256).hexdigest()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()


def _event(fields: dict[str, Any]) -> ProviderEvent:
    """Raises ValueError or TypeError."""
    if not all(fields.get(name) is None or _is_text(fields[name]) for name in _TEXTS):
        raise ValueError("no text")
    seconds = fields.get("talk_seconds")
    if seconds is not None and (type(seconds) is not int or not 0 <= seconds < 2**31):
        raise ValueError("no seconds")
    direction, outcome = fields.get("direction"), fields.get("outcome")
    return ProviderEvent(
        call_id=fields["call_id"],
        kind=EventKind(fields["kind"]),
        direction=None if direction is None else Direction(direction),
        remote=fields.get("remote"),
        line=fields.get("line"),
        peer=fields.get("peer"),
        outcome=None if outcome is None else Outcome(outcome),
        talk_seconds=seconds,
        first=fields.get("first"),
        second=fields.get("second"),
    )


def build(settings: RecordingSettings, http: object, clock: Clock) -> RecordingProvider:
    return RecordingProvider(settings.secret)


PROVIDER = ProviderType(
    key=RecordingProvider.key,
    title=RecordingProvider.title,
    settings=RecordingSettings,
    implementation=RecordingProvider,
    build=build,
)

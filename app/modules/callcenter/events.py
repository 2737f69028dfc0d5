"""What others may learn after a commit of this module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.modules.callcenter.stored import StoredCall


@dataclass(frozen=True, slots=True)
class CallChanged:
    """A call began or changed. ``call`` is what was committed, ``before`` what it was until then (None: new)."""

    call: StoredCall
    before: StoredCall | None = None
    reported_at: datetime | None = None
    """When the notification came that changed it, which may have waited; None where it was none."""

    @property
    def call_id(self) -> int:
        """The call's own number."""
        return self.call.id


@dataclass(frozen=True, slots=True)
class RememberedChanged:
    """What is remembered for a number was chosen, changed or forgotten by a user."""

    number: str
    by: int


@dataclass(frozen=True, slots=True)
class OrderSettled:
    """It became known what came of an order to dial, or it became known anew."""

    order_id: int
    user_id: int
    key: str
    """The idempotency key: a browser whose server died before it answered knows no more of its order."""
    state: str
    """As ``DialState``."""
    code: str
    """As ``DialResult.code``; ``reported`` where the report of the call told, ``cut_off`` where the server died."""


@dataclass(frozen=True, slots=True)
class TestHeard:
    """A notification that we sent ourselves to try the way was understood."""

    token: str

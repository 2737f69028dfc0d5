"""What the simulator sent and what it was asked, the last few hundred of each, in memory only."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from simulator.notify import Answer, Letter, without_credentials

KEPT = 500


@dataclass
class Delivery:
    """One notification and what became of it.

    fate: waiting, sent, failed (no answer), held (for reordering), lost (a quirk), not_notified (Placetel
    sends none).
    """

    number: int
    at: datetime
    event: str
    call_id: str | None
    letter: Letter
    fate: str = "waiting"
    reason: str | None = None
    answer: Answer | None = None

    def as_json(self) -> dict[str, object]:
        answer = self.answer
        return {
            "kind": "notification",
            "number": self.number,
            "at": self.at.isoformat(),
            "event": self.event,
            "call_id": self.call_id,
            "target": without_credentials(self.letter.url),
            "body": self.letter.body.decode("utf-8", "replace"),
            "content_type": self.letter.content_type,
            "signature": self.letter.signature,
            "fate": self.fate,
            "reason": self.reason,
            "status": answer.status if answer else None,
            "ms": answer.ms if answer else None,
            "answer": answer.text if answer else None,
            "error": answer.error if answer else None,
        }


@dataclass
class ApiRequest:
    """One request to the simulated Web API. The key is not kept."""

    number: int
    at: datetime
    method: str
    path: str
    query: str
    body: str
    status: int | None
    ms: float

    def as_json(self) -> dict[str, object]:
        return {
            "kind": "api",
            "number": self.number,
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": self.body,
            "status": self.status,
            "ms": self.ms,
        }


class Log:
    """Both lists, with one running number over all entries and one version that any change raises."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deliveries: deque[Delivery] = deque(maxlen=KEPT)
        self._requests: deque[ApiRequest] = deque(maxlen=KEPT)
        self._number = 0
        self.version = time.time_ns()  # a page that is still open must not take a restart for "no change"

    def next_number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def add(self, entry: Delivery | ApiRequest) -> None:
        with self._lock:
            if isinstance(entry, Delivery):
                self._deliveries.append(entry)
            else:
                self._requests.append(entry)
            self.version += 1

    def touch(self) -> None:
        """Something changed that a page shows."""
        with self._lock:
            self.version += 1

    def clear(self) -> None:
        with self._lock:
            self._deliveries.clear()
            self._requests.clear()
            self.version += 1

    def entries(self, limit: int = KEPT) -> list[dict[str, object]]:
        """Newest first."""
        with self._lock:
            both: list[Delivery | ApiRequest] = [*self._deliveries, *self._requests]
        both.sort(key=lambda entry: entry.number, reverse=True)
        return [entry.as_json() for entry in both[:limit]]

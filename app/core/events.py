"""Typed events, published after the commit of the transaction that caused them.

A module publishes a frozen dataclass with ``publish(session, event)``; whoever subscribed to its type
is called once the rows are on disk. A handler that fails is logged and stops nobody else: the work that
was committed stays committed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

log = logging.getLogger(__name__)
E = TypeVar("E")

#: Key in ``session.info`` under which events wait for the commit.
PENDING = "durchwahl.events"


class EventBus:
    """Who is called for which type of event. Exact types: no inheritance, no surprises."""

    def __init__(self) -> None:
        self._handlers: dict[type[Any], list[Callable[[Any], None]]] = {}

    def subscribe(self, event_type: type[E], handler: Callable[[E], None]) -> None:
        """Call ``handler`` after each commit that published an ``event_type``, in order of subscription."""
        self._handlers.setdefault(event_type, []).append(handler)

    def dispatch(self, event: object) -> None:
        """Call all handlers of the event's type now."""
        for handler in self._handlers.get(type(event), ()):
            try:
                handler(event)
            except Exception:
                # The transaction is committed; an effect that failed must not turn it into an error.
                log.exception("handler %s failed for %s", handler, type(event).__name__)


def publish(session: Session, event: object) -> None:
    """Have ``event`` dispatched after this session's transaction is committed; dropped on rollback."""
    session.info.setdefault(PENDING, []).append(event)

"""The states of an import, and what leads from one to the next. Pure.

``arriving`` → ``draft`` ⇄ ``checked`` by ``checking``; ``checked`` → ``running`` → ``done``, ``cancelled`` or
``failed``. A failed one can be taken up again.
"""

from __future__ import annotations

from typing import Literal

State = Literal["arriving", "draft", "checking", "checked", "running", "done", "cancelled", "failed"]

#: A job works on it, or will.
AT_WORK = ("checking", "running")
#: Waits for a person.
OPEN = ("draft", "checked")
#: Nothing will happen to it any more, unless somebody takes a failed one up again.
OVER = ("done", "cancelled", "failed")
#: What becomes of work that somebody ends.
ENDED: dict[str, State] = {"checking": "draft", "running": "cancelled"}


class NotNow(Exception):
    """What somebody asked for does not fit the state that the import is in by now; nothing was changed."""

    def __init__(self, state: str, code: str = "state") -> None:
        super().__init__(f"{code}: {state}")
        self.state = state
        self.code = code
        """``state``, or ``changed``: what would be imported is not what the user has seen."""


class NoSuchImport(LookupError):
    """There is no import with this id."""

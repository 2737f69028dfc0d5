"""What others may learn after a commit of this module."""

from __future__ import annotations

from dataclasses import dataclass

from app.modules.callcenter.stored import StoredCall


@dataclass(frozen=True, slots=True)
class CallChanged:
    """A call began or changed. ``call`` is what was committed, ``before`` what it was until then (None: new)."""

    call: StoredCall
    before: StoredCall | None = None

    @property
    def call_id(self) -> int:
        """The call's own number."""
        return self.call.id


@dataclass(frozen=True, slots=True)
class RememberedChanged:
    """What is remembered for a number was chosen, changed or forgotten by a user."""

    number: str
    by: int

"""Kinds of personal data that grow old, as the modules declare them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from app.core.modules import Text
    from app.core.privacy.persons import PersonSource

#: The setting of a kind that is kept for ever.
FOR_EVER = 0
#: Writes into the audit log: session, id and name of who did it, settings before and after.
Auditor = Callable[[Session, int | None, str, Mapping[str, Any], Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class RetentionKind:
    """A kind of data with an age. ``apply`` is kept going until it ends, and may be broken off after each batch."""

    key: str
    """Begins with the module's name."""
    title: Text
    hint: Text
    """One sentence: what goes, what stays."""
    deed: Literal["removed", "anonymised"]
    settings: type[Any]
    """The module's settings, whose ``field`` holds the days; ``FOR_EVER`` for no end."""
    field: str
    bounds: tuple[int, int]
    """Days, fewest and most."""
    count: Callable[[Session, datetime], int]
    """How many would go that are older than this."""
    apply: Callable[[datetime], Iterator[int]]
    """Lets go what is older than this, each batch in a short transaction of its own; tells how many after each.

    Doing it twice, or at once by two, is as good as once.
    """
    endless: bool = True
    """Whether it may be kept for ever."""

    @property
    def name(self) -> str:
        """What its field in a form is called."""
        return self.key.replace(".", "_")


class Privacy:
    """What the modules declared. Data of an inactive module age like all others."""

    def __init__(self) -> None:
        self._kinds: dict[str, RetentionKind] = {}
        self.auditor: Auditor | None = None
        self.sources: list[PersonSource] = []

    @property
    def kinds(self) -> tuple[RetentionKind, ...]:
        """In the order in which they are worked off."""
        return tuple(self._kinds.values())

    def add(self, kind: RetentionKind) -> None:
        """Declare a kind. Raises ValueError for a second one with this key, or a field that the settings lack."""
        if kind.key in self._kinds:
            raise ValueError(f"the kind {kind.key} is declared twice")
        if not isinstance(getattr(kind.settings(), kind.field, None), int):
            raise ValueError(f"the kind {kind.key} has no field {kind.field} in its settings")
        self._kinds[kind.key] = kind

    def audit(self, session: Session, user_id: int | None, name: str, before: Mapping[str, Any], after: Any) -> None:
        """Tell the audit log of a change, in its transaction."""
        if self.auditor is not None:
            self.auditor(session, user_id, name, before, after)

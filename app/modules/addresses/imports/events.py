"""What others may want to know of imports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportChanged:
    """An import was queued, is to end, has come further, or is over."""

    import_id: int

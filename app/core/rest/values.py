"""How values are written in answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
NULLABLE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}


def timestamp(value: datetime | None) -> str | None:
    """UTC with milliseconds (RFC 3339); None for None."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None

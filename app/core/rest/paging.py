"""Lists: ``{"items": […], "next": cursor or null}``. A cursor is opaque to clients: base64 of a JSON list."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from app.core.rest.errors import ApiError

#: How many entries a page has unless asked otherwise, and at most.
DEFAULT_LIMIT = 50
MAX_LIMIT = 200


def encode_cursor(*values: Any) -> str:
    """An opaque cursor of JSON values."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(text: str | None, *types: type) -> list[Any] | None:
    """The values of a cursor, or None for none. Raises ApiError (422) for one that is not ours."""
    if text is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise _unknown() from error
    if not isinstance(values, list) or len(values) != len(types):
        raise _unknown()
    if not all(type(value) is kind for value, kind in zip(values, types, strict=True)):
        raise _unknown()
    return values


def page(items: Sequence[Any], cursor: str | None) -> dict[str, Any]:
    """The body of a list answer."""
    return {"items": list(items), "next": cursor}


def list_schema(item: dict[str, Any]) -> dict[str, Any]:
    """The schema of a list answer."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": {"type": "array", "items": item}, "next": {"type": ["string", "null"]}},
    }


def _unknown() -> ApiError:
    return ApiError(422, fields=[("cursor", "is not a cursor of this list")])

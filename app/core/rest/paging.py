"""Lists: ``{"items": […], "next": cursor or null}``. A cursor is opaque to clients: base64 of a JSON list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.cursors import cursor_text, cursor_values
from app.core.rest.errors import ApiError
from app.core.rest.operations import Parameter

#: How many entries a page has unless asked otherwise, and at most.
DEFAULT_LIMIT = 50
MAX_LIMIT = 200
#: No cursor of ours is longer.
MAX_CURSOR_LENGTH = 200

LIMIT = Parameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "How many entries a page has.",
)
CURSOR = Parameter(
    "cursor",
    {"type": "string", "maxLength": MAX_CURSOR_LENGTH},
    "The `next` of the page before, with the same filters.",
)


def encode_cursor(*values: Any) -> str:
    """An opaque cursor of JSON values."""
    return cursor_text(*values)


def decode_cursor(text: str | None, *types: type) -> list[Any] | None:
    """The values of a cursor, or None for none. Raises ApiError (422) for one that is not ours."""
    if text is None:
        return None
    try:
        return cursor_values(text, *types)
    except ValueError as error:
        raise unknown_cursor() from error


def page(items: Sequence[Any], cursor: str | None) -> dict[str, Any]:
    """The body of a list answer."""
    return {"items": list(items), "next": cursor}


def list_schema(item: dict[str, Any]) -> dict[str, Any]:
    """The schema of a list answer."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "additionalProperties": False,
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {"type": ["string", "null"], "description": "Cursor of the next page; null on the last one."},
        },
    }


def unknown_cursor() -> ApiError:
    """The refusal of a cursor that is not ours."""
    return ApiError(422, fields=[("cursor", "is not a cursor of this list")])

"""Where a number comes from, as the REST API answers it: of ``/lookup``, and of the calls that modules publish."""

from __future__ import annotations

from typing import Any

from app.core.phones import LINE_TYPES, origin
from app.core.ui.origins import language
from app.core.values import Party

ORIGIN_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {
            "title": "Origin",
            "type": "object",
            "description": "Where a public number comes from, as far as it is sure.",
            "required": ["country", "place", "line_type"],
            "additionalProperties": False,
            "properties": {
                "country": {
                    "type": ["string", "null"],
                    "pattern": "^[A-Z]{2}$",
                    "description": "ISO 3166. Null for numbers of no country, and where several are possible.",
                },
                "place": {
                    "type": ["string", "null"],
                    "description": "Town or region of a landline, in the user's language.",
                },
                "line_type": {"enum": [*LINE_TYPES, None]},
            },
        },
        {"type": "null"},
    ]
}


def origin_answer(party: Party | None) -> dict[str, Any] | None:
    """What the schema describes; None for a party without a public number."""
    found = origin(party)
    if found is None:
        return None
    place = found.place.of(language()) if found.place else None
    return {"country": found.country, "place": place, "line_type": found.line_type}

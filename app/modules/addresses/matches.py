"""A match as the REST API answers it: of ``/lookup``, and of the calls that other modules publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.rest import ID_SCHEMA, absolute

MATCH_SCHEMA: dict[str, Any] = {
    "title": "Match",
    "type": "object",
    "description": "Somebody to whom a number belongs, surely or as one behind the same switchboard.",
    "required": [
        "grade",
        "address_id",
        "contact_id",
        "name",
        "company",
        "customer_number",
        "number",
        "label",
        "extension",
        "url",
    ],
    "additionalProperties": False,
    "properties": {
        "grade": {"enum": ["exact", "switchboard"]},
        "address_id": ID_SCHEMA,
        "contact_id": {"type": ["integer", "null"], "description": "Null where the number is the address's own."},
        "name": {"type": "string", "description": "The contact's name, or the address's own."},
        "company": {"type": "string", "description": "The address's name."},
        "customer_number": {"type": ["string", "null"]},
        "number": {"type": "string", "description": "The stored number, E.164."},
        "label": {"type": "string"},
        "extension": {
            "type": ["string", "null"],
            "description": "The Durchwahl of a number behind a switchboard; null where the number itself is stored.",
        },
        "url": {"type": "string", "format": "uri", "description": "The page of the address."},
    },
}


def match_answer(match: Mapping[str, Any]) -> dict[str, Any]:
    """The match with the fields of ``addresses.api.Match`` (those that are needed) as the schema describes it."""
    return {
        "grade": match["grade"],
        "address_id": match["address_id"],
        "contact_id": match["contact_id"],
        "name": match["name"],
        # A person's own match names no company; the address's name is then the match's.
        "company": match["company"] or match["name"],
        "customer_number": match["customer_number"],
        "number": match["number"],
        "label": match["label"],
        # Calls that were recognised long ago know none.
        "extension": match.get("extension") or None,
        "url": absolute(str(match["path"])),
    }

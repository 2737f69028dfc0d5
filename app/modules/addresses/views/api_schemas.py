"""What the REST API says of addresses: the schemas by which requests are checked and answers are described."""

from __future__ import annotations

from typing import Any

from app.core.database import MAX_ID
from app.core.rest import ID_SCHEMA, ORIGIN_SCHEMA, TIME
from app.modules.addresses.fields import (
    CONTACT_TEXTS,
    KEYS,
    MAX_CONTACTS,
    MAX_LABEL_LENGTH,
    MAX_NUMBER_LENGTH,
    MAX_NUMBERS,
    TEXTS,
)
from app.modules.addresses.matches import MATCH_SCHEMA
from app.modules.addresses.settings import KINDS, NUMBER_KINDS, ROLES

Schema = dict[str, Any]
NOT_BLANK = r"\S"
USER_ID: Schema = {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_ID}
READ_ONLY = "Read from `raw`; what is sent is ignored."


def _text(longest: int) -> Schema:
    return {"type": ["string", "null"], "maxLength": longest}


def _object(properties: Schema, required: tuple[str, ...], title: str = "", description: str = "") -> Schema:
    named = {"title": title} if title else {}
    told = {"description": description} if description else {}
    return {
        **named,
        "type": "object",
        **told,
        "required": list(required),
        "additionalProperties": False,
        "properties": properties,
    }


NUMBER_INPUT = _object(
    {
        "kind": {"enum": list(NUMBER_KINDS), "default": "phone"},
        "label": _text(MAX_LABEL_LENGTH),
        "raw": {
            "type": "string",
            "pattern": NOT_BLANK,
            "maxLength": MAX_NUMBER_LENGTH,
            "description": "As written by people; what cannot be read is kept all the same.",
        },
        "switchboard": {
            "type": "boolean",
            "default": False,
            "description": "Numbers that begin like this one belong here too.",
        },
        "e164": {"type": ["string", "null"], "readOnly": True, "description": READ_ONLY},
        "problem": {"type": ["string", "null"], "readOnly": True, "description": READ_ONLY},
    },
    ("raw",),
    "PhoneNumberInput",
)

NUMBER = _object(
    {
        "kind": {"enum": list(NUMBER_KINDS)},
        "label": {"type": "string"},
        "raw": {"type": "string", "description": "As typed."},
        "e164": {"type": ["string", "null"], "description": "As read by the address's country; null: unreadable."},
        "switchboard": {"type": "boolean"},
        "problem": {"type": ["string", "null"], "description": "Why it could not be read; null where it was."},
    },
    ("kind", "label", "raw", "e164", "switchboard", "problem"),
    "PhoneNumber",
)

CONTACT_INPUT = _object(
    {
        "id": {**ID_SCHEMA, "description": "Of a contact that the address has; without it a new one is added."},
        "name": {"type": "string", "pattern": NOT_BLANK, "maxLength": CONTACT_TEXTS["name"]},
        "position": _text(CONTACT_TEXTS["position"]),
        "department": _text(CONTACT_TEXTS["department"]),
        "email": _text(CONTACT_TEXTS["email"]),
        "phone_numbers": {"type": "array", "maxItems": MAX_NUMBERS, "items": NUMBER_INPUT},
    },
    ("name",),
    "ContactInput",
)

CONTACT = _object(
    {
        "id": ID_SCHEMA,
        "name": {"type": "string"},
        "position": {"type": "string"},
        "department": {"type": "string"},
        "email": {"type": "string"},
        "phone_numbers": {"type": "array", "items": NUMBER},
    },
    ("id", "name", "position", "department", "email", "phone_numbers"),
    "Contact",
)

ROLES_SCHEMA: Schema = {"type": "array", "items": {"enum": list(ROLES)}, "uniqueItems": True}

#: Fields that a request may name, in the order in which an answer has them.
INPUT_FIELDS: Schema = {
    "kind": {"enum": list(KINDS), "default": "company"},
    "name": {"type": "string", "pattern": NOT_BLANK, "maxLength": TEXTS["name"]},
    **{field: _text(TEXTS[field]) for field in ("contact_person", "department", "subdepartment", "address_supplement")},
    **{field: _text(TEXTS[field]) for field in ("street", "postcode", "city")},
    "country": {
        "type": "string",
        "pattern": "^[A-Za-z]{2}$",
        "description": "ISO 3166-1, two letters; DE where none is given, unless the settings say otherwise.",
    },
    **{field: _text(TEXTS[field]) for field in ("email", "website", "salutation")},
    "language": {**_text(2), "description": "ISO 639-1, two letters."},
    "vat_id": _text(TEXTS["vat_id"]),
    "customer_number": {**_text(TEXTS["customer_number"]), "description": "Given out by us where a customer has none."},
    "supplier_number": {**_text(TEXTS["supplier_number"]), "description": "Given out by us where a supplier has none."},
    "external_id": {**_text(TEXTS["external_id"]), "description": "What another system calls the address; unique."},
    "roles": {**ROLES_SCHEMA, "description": "A new address for which none is named is a customer."},
    "account_manager_id": {**USER_ID, "description": "A user's id."},
    "inside_sales_id": {**USER_ID, "description": "A user's id."},
    "delivery_block": {"type": "boolean", "default": False},
    "delivery_block_reason": _text(TEXTS["delivery_block_reason"]),
    "delivery_block_date": {"type": ["string", "null"], "format": "date"},
    "notes": _text(TEXTS["notes"]),
    "phone_numbers": {"type": "array", "maxItems": MAX_NUMBERS, "items": NUMBER_INPUT},
    "contacts": {"type": "array", "maxItems": MAX_CONTACTS, "items": CONTACT_INPUT},
}

CREATE = _object(INPUT_FIELDS, ("name",), "AddressInput")
CHANGE = _object(
    {
        **INPUT_FIELDS,
        "version": {
            "type": "integer",
            "minimum": 0,
            "maximum": MAX_ID,
            "description": "Of the address as it was read: a change by somebody else since then is a conflict (409).",
        },
    },
    (),
    "AddressChange",
)

_NULLABLE = {*KEYS, "delivery_block_date"}
_TEXT: Schema = {"type": "string"}
FIELDS: Schema = {
    "id": ID_SCHEMA,
    **{
        field: {"type": ["string", "null"]} if field in _NULLABLE else _TEXT
        for field in INPUT_FIELDS
        if field not in ("phone_numbers", "contacts")
    },
    "kind": {"enum": list(KINDS)},
    "roles": ROLES_SCHEMA,
    "account_manager_id": {"type": ["integer", "null"]},
    "inside_sales_id": {"type": ["integer", "null"]},
    "delivery_block": {"type": "boolean"},
    "delivery_block_date": {"type": ["string", "null"], "format": "date"},
    "phone_numbers": {"type": "array", "items": NUMBER},
    "contacts": {"type": "array", "items": CONTACT},
    "archived": {"type": "boolean"},
    "version": {"type": "integer"},
    "created_at": TIME,
    "updated_at": TIME,
    "url": {"type": "string", "format": "uri", "description": "The page of the address."},
}

WARNING = _object(
    {
        "code": {"const": "duplicate"},
        "reason": {"enum": ["number", "email", "vat_id", "name"], "description": "What both have."},
        "value": {"type": "string"},
        "address_id": ID_SCHEMA,
        "name": {"type": "string", "description": "Of the other address."},
        "archived": {"type": "boolean"},
        "url": {"type": "string", "format": "uri"},
        "message": {"type": "string"},
    },
    ("code", "reason", "value", "address_id", "name", "archived", "url", "message"),
    "Warning",
)

ADDRESS = _object(FIELDS, tuple(FIELDS), "Address")
SAVED = _object(
    {**FIELDS, "warnings": {"type": "array", "items": WARNING, "description": "Addresses that may be the same."}},
    (*FIELDS, "warnings"),
    "SavedAddress",
)

LOOKUP = _object(
    {
        "number": _object(
            {
                "raw": {"type": "string"},
                "e164": {"type": ["string", "null"]},
                "display": {"type": "string", "description": "As people write it."},
                "kind": {"enum": ["dialable", "internal", "unverified", "sip", "withheld"]},
                "origin": ORIGIN_SCHEMA,
            },
            ("raw", "e164", "display", "kind", "origin"),
            "LookedUpNumber",
        ),
        "grade": {"enum": ["exact", "switchboard", "none"]},
        "matches": {"type": "array", "items": MATCH_SCHEMA, "description": "All of this grade, up to 100."},
    },
    ("number", "grade", "matches"),
    "Lookup",
)

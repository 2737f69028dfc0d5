"""The shape of an OpenAPI 3.1 document as JSON Schema: every object that ours uses, and no other.

Written after the specification (spec.openapis.org/oas/v3.1.0). Schemas inside are checked by the meta-schema of JSON
Schema 2020-12, which is what OpenAPI 3.1 takes for them.
"""

from __future__ import annotations

from typing import Any


def _object(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


TEXT = {"type": "string"}
SCHEMA = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
CONTENT = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": r"^[\w.+-]+/[\w.+-]+$"},
    "additionalProperties": _object([], {"schema": SCHEMA}),
}
PARAMETER = {
    **_object(
        ["name", "in", "schema"],
        {
            "name": {"type": "string", "minLength": 1},
            "in": {"enum": ["path", "query"]},
            "description": TEXT,
            "required": {"type": "boolean"},
            "schema": SCHEMA,
        },
    ),
    "if": {"properties": {"in": {"const": "path"}}},
    "then": {"required": ["required"], "properties": {"required": {"const": True}}},
}
SECURITY = {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}}}
OPERATION = _object(
    ["operationId", "summary", "responses"],
    {
        "tags": {"type": "array", "items": TEXT},
        "summary": {"type": "string", "minLength": 1},
        "description": TEXT,
        "operationId": {"type": "string", "pattern": r"^[A-Za-z]\w*$"},
        "parameters": {"type": "array", "items": PARAMETER, "uniqueItems": True},
        "requestBody": _object(["content"], {"description": TEXT, "content": CONTENT, "required": {"type": "boolean"}}),
        "responses": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^([1-5](\\d\\d|XX)|default)$"},
            "additionalProperties": _object(["description"], {"description": TEXT, "content": CONTENT}),
        },
        "security": SECURITY,
    },
)
DOCUMENT: dict[str, Any] = _object(
    ["openapi", "info", "paths"],
    {
        "openapi": {"type": "string", "pattern": r"^3\.1\.\d+$"},
        "info": _object(["title", "version"], {"title": TEXT, "version": TEXT, "description": TEXT}),
        "servers": {"type": "array", "items": _object(["url"], {"url": TEXT})},
        "security": SECURITY,
        "paths": {
            "type": "object",
            "propertyNames": {"pattern": "^/"},
            "additionalProperties": {
                "type": "object",
                "propertyNames": {"enum": ["get", "put", "post", "delete", "options", "head", "patch", "trace"]},
                "additionalProperties": OPERATION,
            },
        },
        "components": _object(
            [],
            {
                "schemas": {
                    "type": "object",
                    "propertyNames": {"pattern": r"^[a-zA-Z0-9.\-_]+$"},
                    "additionalProperties": SCHEMA,
                },
                "securitySchemes": {
                    "type": "object",
                    "additionalProperties": _object(
                        ["type", "scheme"], {"type": {"const": "http"}, "scheme": {"const": "bearer"}}
                    ),
                },
            },
        ),
    },
)

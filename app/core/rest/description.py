"""The OpenAPI 3.1 description, put together from the operations themselves."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

from app.core.accounts.access import PUBLIC
from app.core.rest.errors import ERROR_SCHEMA
from app.core.rest.operations import MARK, Operation

PREFIX = "/api/v1"
_PLACEHOLDER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")


def operations(app: Flask) -> list[Operation]:
    """All operations of the installed modules."""
    found = [getattr(view, MARK) for view in app.view_functions.values() if hasattr(view, MARK)]
    return sorted(found, key=lambda spec: (spec.rule, spec.method))


def describe(app: Flask) -> dict[str, Any]:
    """The document that ``/api/v1/openapi.json`` answers."""
    paths: dict[str, dict[str, Any]] = {}
    for spec in operations(app):
        path = PREFIX + _PLACEHOLDER.sub(lambda match: "{" + match["name"] + "}", spec.rule)
        paths.setdefault(path, {})[spec.method.lower()] = _operation(spec)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Durchwahl",
            "version": "1",
            "description": "Addresses, callers and calls. Every request needs a bearer token.",
        },
        "servers": [{"url": "/"}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": ERROR_SCHEMA},
        },
        "security": [{"token": []}],
        "paths": paths,
    }


def _operation(spec: Operation) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "name": match["name"],
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if match["converter"] == "int" else "string"},
        }
        for match in _PLACEHOLDER.finditer(spec.rule)
    ]
    parameters += [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "description": parameter.description,
            "schema": dict(parameter.schema),
        }
        for parameter in spec.parameters
    ]
    answers: dict[str, Any] = {}
    for status, schema in spec.answers.items():
        answers[str(status)] = {"description": "Done."}
        if schema is not None:
            answers[str(status)]["content"] = {"application/json": {"schema": dict(schema)}}
    answers["default"] = {
        "description": "It failed.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    described: dict[str, Any] = {
        "summary": spec.summary,
        "description": f"{spec.description} Permission: {spec.permission}.".strip(),
        "tags": [spec.tag],
        "operationId": re.sub(r"\W+", "_", f"{spec.method.lower()}{spec.rule}").strip("_"),
        "parameters": parameters,
        "responses": answers,
    }
    if spec.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": dict(spec.body)}},
        }
    if spec.permission == PUBLIC:
        described["security"] = []
    return described

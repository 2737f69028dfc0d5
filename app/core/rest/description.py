"""The OpenAPI 3.1 description, put together from the operations themselves."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

from app.core.accounts.access import PUBLIC
from app.core.rest.authentication import WRITING
from app.core.rest.errors import CODES, ERROR_SCHEMA
from app.core.rest.operations import MARK, Operation
from app.core.rest.routing import ID_SCHEMA

PREFIX = "/api/v1"
_PLACEHOLDER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
_DONE = {200: "Done.", 201: "Created.", 202: "Taken on.", 204: "Done; the answer has no body."}


def operations(app: Flask) -> list[Operation]:
    """All operations of the installed modules."""
    found = [getattr(view, MARK) for view in app.view_functions.values() if hasattr(view, MARK)]
    return sorted(found, key=lambda spec: (spec.rule, spec.method))


def path_of(rule: str) -> str:
    """A rule such as ``/addresses/<id:address_id>`` as OpenAPI writes it, prefix included."""
    return PREFIX + _PLACEHOLDER.sub(lambda match: "{" + match["name"] + "}", rule)


def describe(app: Flask) -> dict[str, Any]:
    """The document that ``/api/v1/openapi.json`` answers."""
    schemas: dict[str, Any] = {"Error": ERROR_SCHEMA}
    paths: dict[str, dict[str, Any]] = {}
    for spec in operations(app):
        paths.setdefault(path_of(spec.rule), {})[spec.method.lower()] = _operation(spec, schemas)
    paths[f"{PREFIX}/openapi.json"] = {"get": _this_document()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Durchwahl",
            "version": "1",
            "description": "Addresses, callers and calls. Every request needs a bearer token "
            "(`flask tokens create`); every failure is answered as JSON.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _operation(spec: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "name": match["name"],
            "in": "path",
            "required": True,
            "schema": ID_SCHEMA if match["converter"] == "id" else {"type": "string"},
        }
        for match in _PLACEHOLDER.finditer(spec.rule)
    ]
    parameters += [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            **({"description": parameter.description} if parameter.description else {}),
            "schema": dict(parameter.schema),
        }
        for parameter in spec.parameters
    ]
    described: dict[str, Any] = {
        "summary": spec.summary,
        "description": f"{spec.description} Permission: {spec.permission}.".strip(),
        "tags": [spec.tag],
        "operationId": re.sub(r"\W+", "_", f"{spec.method.lower()}{spec.rule}").strip("_"),
        "parameters": parameters,
        "responses": _responses(spec, schemas),
    }
    if spec.body is not None:
        described["requestBody"] = {"required": True, "content": _json(spec.body, schemas)}
    if spec.permission == PUBLIC:
        described["security"] = []
    return described


def _responses(spec: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    """What the operation answers, and what the frame answers before it."""
    found: dict[str, Any] = {}
    for status, schema in spec.answers.items():
        if status >= 400:
            found[str(status)] = _refusal(CODES[status][1])
            continue
        found[str(status)] = {"description": _DONE[status]}
        if schema is not None:
            found[str(status)]["content"] = _json(schema, schemas)
    refusals = {422} if spec.permission == PUBLIC else {401, 403, 422}
    if spec.body is not None:
        refusals |= {400, 413, 415}
    if "<" in spec.rule:
        refusals.add(404)
    if spec.method in WRITING:
        refusals.add(503)
    for status in sorted(refusals):
        found.setdefault(str(status), _refusal(CODES[status][1]))
    found["default"] = _refusal("It failed.")
    return found


def _refusal(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }


def _json(schema: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": _shared(schema, schemas)}}


def _shared(schema: Any, schemas: dict[str, Any]) -> Any:
    """The schema with every part that has a title moved to the shared ones, under that title."""
    if isinstance(schema, list | tuple):
        return [_shared(part, schemas) for part in schema]
    if not isinstance(schema, dict):
        return schema
    # A schema's title is a text; a property named "title" is a schema.
    title = schema.get("title")
    parts = {name: _shared(part, schemas) for name, part in schema.items()}
    if not isinstance(title, str):
        return parts
    if schemas.setdefault(title, parts) != parts:
        raise ValueError(f"two schemas are titled {title}")
    return {"$ref": f"#/components/schemas/{title}"}


def _this_document() -> dict[str, Any]:
    return {
        "summary": "This description",
        "tags": ["description"],
        "operationId": "get_openapi",
        "parameters": [],
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}
        },
        "security": [],
    }

"""``/api/v1/openapi.json`` says what the routes do: no more, no less."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.routing import Rule

from app.core.rest import PREFIX
from app.core.rest.description import describe
from app.core.rest.operations import MARK
from tests.integration.api.client import api_for, description_of, ok
from tests.integration.api.openapi_shape import DOCUMENT
from tests.integration.core.furnished import CTI


@pytest.fixture
def description(app: Flask) -> dict[str, Any]:
    return description_of(app)


def routes(app: Flask) -> set[tuple[str, str]]:
    """(method, path) of everything under the prefix; what Flask adds by itself, and what is no operation, left out."""
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint != CTI
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def operations(description: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


def unbounded(description: dict[str, Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    """Where a text or list of any length, or a field of any name, would be taken."""
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kind = schema.get("type", [])
    if "string" in kind and not {"maxLength", "pattern", "enum", "format", "readOnly"} & set(schema):
        yield place
    if kind == "array":
        if not {"maxItems", "uniqueItems"} & set(schema):
            yield place
        yield from unbounded(description, schema["items"], f"{place}/0")
    if kind == "object":
        if schema.get("additionalProperties") is not False:
            yield place
        for name, part in schema["properties"].items():
            yield from unbounded(description, part, f"{place}/{name}")


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_route_is_described_and_every_description_is_a_route(app: Flask, description: dict[str, Any]) -> None:
    assert set(operations(description)) == routes(app)


def test_the_work_order_is_described(description: dict[str, Any]) -> None:
    assert set(operations(description)) == {
        ("GET", f"{PREFIX}/addresses"),
        ("POST", f"{PREFIX}/addresses"),
        ("GET", f"{PREFIX}/addresses/{{address_id}}"),
        ("PATCH", f"{PREFIX}/addresses/{{address_id}}"),
        ("DELETE", f"{PREFIX}/addresses/{{address_id}}"),
        ("GET", f"{PREFIX}/lookup"),
        ("GET", f"{PREFIX}/calls"),
        ("GET", f"{PREFIX}/calls/{{call_id}}"),
        ("POST", f"{PREFIX}/calls"),
        ("GET", f"{PREFIX}/openapi.json"),
    }


def test_every_route_but_the_description_is_a_checked_operation(app: Flask) -> None:
    rules: list[Rule] = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    unchecked = [rule.endpoint for rule in rules if not hasattr(app.view_functions[rule.endpoint], MARK)]
    assert unchecked == ["api.openapi", CTI]


def test_the_document_is_openapi_3_1(description: dict[str, Any]) -> None:
    failures = [
        f"{list(failure.absolute_path)}: {failure.message}"
        for failure in Draft202012Validator(DOCUMENT).iter_errors(description)
    ]
    assert not failures, failures


def test_the_check_of_the_shape_can_fail(description: dict[str, Any]) -> None:
    checker = Draft202012Validator(DOCUMENT)
    for spoil in (
        lambda document: document.update(openapi="3.0.0"),
        lambda document: document["paths"].update(nopath={}),
        lambda document: document["components"]["schemas"]["Address"].update(type="dict"),
        lambda document: document["paths"][f"{PREFIX}/calls"]["get"].pop("responses"),
        lambda document: document["paths"][f"{PREFIX}/calls/{{call_id}}"]["get"]["parameters"][0].pop("required"),
    ):
        spoiled = copy.deepcopy(description)
        spoil(spoiled)
        assert not checker.is_valid(spoiled)


def test_every_reference_leads_to_a_schema_and_every_schema_is_used(description: dict[str, Any]) -> None:
    named = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    assert set(references(description)) == named


def test_every_operation_has_an_id_of_its_own(description: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in operations(description).values()]
    assert len(set(ids)) == len(ids)


def test_every_placeholder_of_a_path_is_a_parameter(description: dict[str, Any]) -> None:
    for (_method, path), operation in operations(description).items():
        named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))


def test_only_the_description_itself_needs_no_token(description: dict[str, Any]) -> None:
    assert description["security"] == [{"token": []}]
    opened = [path for (_method, path), operation in operations(description).items() if operation.get("security") == []]
    assert opened == [f"{PREFIX}/openapi.json"]


def test_every_operation_says_how_it_refuses(description: dict[str, Any]) -> None:
    for (method, path), operation in operations(description).items():
        if path.endswith("/openapi.json"):
            continue
        answers = operation["responses"]
        assert {"401", "403", "422", "default"} <= set(answers), f"{method} {path}"
        assert ("404" in answers) == ("{" in path)
        assert ("415" in answers) == ("requestBody" in operation)


def test_every_property_that_a_request_may_name_is_bounded(description: dict[str, Any]) -> None:
    found: list[str] = []
    for (method, path), operation in operations(description).items():
        for parameter in operation["parameters"]:
            found += unbounded(description, parameter["schema"], f"{method} {path}?{parameter['name']}")
        if "requestBody" in operation:
            found += unbounded(
                description, operation["requestBody"]["content"]["application/json"]["schema"], f"{method} {path}"
            )
    assert not found


def test_a_title_that_two_different_schemas_have_stops_the_description(own_app: Flask) -> None:
    from flask import Blueprint

    from app.core.rest import operation

    blueprint = Blueprint("trial_api", __name__, url_prefix=PREFIX)
    other = {"title": "Address", "type": "object"}

    @operation(blueprint, "GET", "/trial", permission="logged_in", summary="T", tag="t", answers={200: other})
    def trial() -> dict[str, str]:
        return {}

    own_app.register_blueprint(blueprint)
    with pytest.raises(ValueError, match="Address"):
        describe(own_app)


def test_the_answers_come_in_the_described_order(app: Flask) -> None:
    created = api_for(app).created()
    described = list(description_of(app)["components"]["schemas"]["SavedAddress"]["properties"])
    assert list(created) == described
    assert next(iter(ok(app.test_client().get("/api/v1/openapi.json")))) == "openapi"

"""docs/api.md names what there is, and its examples work."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core.accounts.access import role_allows
from app.core.rest.description import operations, path_of
from app.core.rest.errors import CODES
from tests.integration.api.client import Api, description_of

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text("utf-8")
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for command in re.findall(r"^curl .*?(?<!\\)$(?=\n(?:curl|\Z))|^curl .*\Z", block.strip(), re.DOTALL | re.MULTILINE)
]


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = description_of(app)["paths"]
    return found


def test_every_operation_has_a_heading_of_its_own_and_no_other_is_named(described: dict[str, Any]) -> None:
    named = set(re.findall(r"^### `(\w+) (/api/v1\S*)`$", TEXT, re.MULTILINE))
    there = {(method.upper(), path) for path in described for method in described[path]}
    assert named == there - {("GET", "/api/v1/openapi.json")}
    assert {(method, path) for method, path in re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/\S+?)`", TEXT)} == there


def test_the_permissions_are_those_of_the_operations(app: Flask) -> None:
    rows = re.findall(r"^\| (`[A-Z]+ .*?) \| `?([\w.]+)`? \|$", TEXT, re.MULTILINE)
    named = {operation: permission for cell, permission in rows for operation in re.findall(r"`(.+?)`", cell)}
    assert named.pop("GET /api/v1/openapi.json") == "none"
    assert named == {f"{spec.method} {path_of(spec.rule)}": spec.permission for spec in operations(app)}
    assert all(role_allows("staff", permission) for permission in named.values())


def test_every_parameter_is_named(described: dict[str, Any]) -> None:
    for path in ("/api/v1/addresses", "/api/v1/calls"):
        section = TEXT.split(f"### `GET {path}`")[1].split("###")[0]
        named = {
            name for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
        }
        parameters = {parameter["name"]: parameter for parameter in described[path]["get"]["parameters"]}
        assert named == set(parameters)
        for parameter in parameters.values():
            for value in parameter["schema"].get("enum", ()):
                assert f"`{value}`" in section


def test_every_status_that_the_api_knows_is_explained() -> None:
    table = TEXT.split("### Errors")[1].split("##")[0]
    assert {int(status) for status in re.findall(r"^\| (\d{3}) \|", table, re.MULTILINE)} == set(CODES)


def test_the_json_is_json() -> None:
    blocks = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 3
    assert all(json.loads(block) for block in blocks)


def test_there_is_an_example_of_every_operation(described: dict[str, Any]) -> None:
    asked = {(method, re.sub(r"/\d+", "/{}", path.partition("?")[0])) for method, path, _body in map(parsed, COMMANDS)}
    there = {(method.upper(), re.sub(r"{\w+}", "{}", path)) for path in described for method in described[path]}
    assert asked == there - {("GET", "/api/v1/openapi.json")}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_example_is_understood(api: Api, command: str) -> None:
    method, path, body = parsed(command)
    answer = api.request(method, path, **({"data": body, "content_type": "application/json"} if body else {}))
    # There is no address 7, no call 12 and no telephone here; everything else is as it should be.
    missing = 404 if re.search(r"/\d+$", path) else 409 if path.endswith("/calls") and method == "POST" else 200
    assert answer.status_code == (201 if (method, path) == ("POST", "/api/v1/addresses") else missing), answer.json


def parsed(command: str) -> tuple[str, str, str | None]:
    """Method, path with query, and body of an example."""
    words = shlex.split(command.replace("\\\n", " "))
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    body = words[words.index("-d") + 1] if "-d" in words else None
    (path,) = (word.replace("$API", "/api/v1") for word in words if word.startswith("$API"))
    assert "Authorization: Bearer $TOKEN" in words
    assert (body is not None) == ("Content-Type: application/json" in words)
    return method, path, body

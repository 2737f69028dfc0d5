"""A client of the REST API that checks every answer by the published description."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from app.core.accounts import service, tokens
from tests.conftest import PASSWORD

ERROR = {"$ref": "#/components/schemas/Error"}
_names = itertools.count(1)


class Api:
    """Sends requests with one token. An answer that the description does not promise fails the test."""

    def __init__(self, app: Flask, token: str | None) -> None:
        self.app = app
        self.token = token
        self.client = app.test_client(use_cookies=False)
        self.description = description_of(app)

    def request(self, method: str, path: str, **more: Any) -> TestResponse:
        """``path`` without the prefix, or a whole one that begins with /api."""
        headers = dict(more.pop("headers", None) or {})
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        whole = path if path.startswith("/api") else f"/api/v1{path}"
        answer = self.client.open(whole, method=method, headers=headers, **more)
        check_answer(self.description, method, whole.partition("?")[0], answer)
        return answer

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.request("GET", path, query_string=query)

    def post(self, path: str, content: Any) -> TestResponse:
        return self.request("POST", path, json=content)

    def patch(self, path: str, content: Any) -> TestResponse:
        return self.request("PATCH", path, json=content)

    def delete(self, path: str) -> TestResponse:
        return self.request("DELETE", path)

    def created(self, **fields: Any) -> dict[str, Any]:
        """A new address, named unless ``fields`` name it."""
        answer = self.post("/addresses", {"name": "Muster GmbH", **fields})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found

    def walk(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All entries of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = ok(self.get(path, **query, **cursor))
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}


def api_for(app: Flask, role: str = "staff", scope: str = tokens.WRITE, username: str = "", **more: Any) -> Api:
    """An API client with the token of a new user."""
    username = username or f"robot{next(_names)}"
    service.create_user(username, PASSWORD, role, **more)
    return Api(app, tokens.create(username, "test", scope))


def ok(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def refused(answer: TestResponse, status: int, code: str, *paths: str) -> dict[str, Any]:
    """The error of an answer that has this status and code and names at least these fields."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    error: dict[str, Any] = answer.get_json()["error"]
    assert error["code"] == code
    assert set(paths) <= {field["path"] for field in error.get("fields", ())}, error
    return error


def description_of(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client(use_cookies=False).get("/api/v1/openapi.json").get_json()
    return found


def check_answer(description: Mapping[str, Any], method: str, path: str, answer: TestResponse) -> None:
    """Fails unless the description promises this answer to this request."""
    assert "Set-Cookie" not in answer.headers
    if method in ("HEAD", "OPTIONS"):
        assert not answer.data
        return
    operation = _operation(description, method, path)
    if operation is None:
        assert answer.status_code in (400, 401, 404, 405, 308), f"{method} {path} is not described"
        promised: Mapping[str, Any] = {"default": {"content": {"application/json": {"schema": ERROR}}}}
    else:
        promised = operation["responses"]
    answers = promised.get(str(answer.status_code)) or promised["default"]
    if "content" not in answers:
        assert not answer.data, f"{method} {path}: a body where none is promised"
        return
    assert answer.mimetype == "application/json", f"{method} {path}: {answer.mimetype}"
    schema = answers["content"]["application/json"]["schema"]
    if answer.status_code >= 400:
        assert schema == ERROR, f"{method} {path}: {answer.status_code} is not described as an error"
    checker = Draft202012Validator({**schema, "components": description["components"]}, format_checker=FormatChecker())
    failures = [f"{list(failure.absolute_path)}: {failure.message}" for failure in checker.iter_errors(answer.json)]
    assert not failures, f"{method} {path}: {answer.status_code}: {failures}"


def _operation(description: Mapping[str, Any], method: str, path: str) -> Mapping[str, Any] | None:
    for template, operations in description["paths"].items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            found: Mapping[str, Any] | None = operations.get(method.lower())
            return found
    return None

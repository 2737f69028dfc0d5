"""``@operation``: one endpoint of the API, with what it needs, what it takes and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from jsonschema import Draft202012Validator, FormatChecker

from app.core.accounts import tokens
from app.core.accounts.access import LOGGED_IN, PUBLIC, role_allows
from app.core.accounts.access import MARK as ACCESS_MARK
from app.core.rest.errors import ApiError

F = TypeVar("F", bound=Callable[..., Any])
MARK = "_durchwahl_operation"
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter; ``schema`` is JSON Schema of its value after reading (string, integer or boolean)."""

    name: str
    schema: Mapping[str, Any]
    description: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """What is published of an endpoint and by which its requests are checked."""

    method: str
    rule: str
    permission: str
    summary: str
    tag: str
    parameters: tuple[Parameter, ...] = ()
    body: Mapping[str, Any] | None = None
    answers: Mapping[int, Mapping[str, Any] | None] = field(default_factory=dict)
    description: str = ""


def operation(
    blueprint: Blueprint,
    method: str,
    rule: str,
    *,
    permission: str,
    summary: str,
    tag: str,
    parameters: tuple[Parameter, ...] = (),
    body: Mapping[str, Any] | None = None,
    answers: Mapping[int, Mapping[str, Any] | None],
    description: str = "",
) -> Callable[[F], F]:
    """Register a view of the API on a blueprint whose prefix is ``/api/v1``.

    Before the view: token (401), its scope and the permission (403), query and body by their schemas (422).
    ``permission`` may be ``logged_in`` or ``public``.
    """
    spec = Operation(method, rule, permission, summary, tag, parameters, body, answers, description)
    validator = Draft202012Validator(dict(body), format_checker=FormatChecker()) if body is not None else None

    def register(view: F) -> F:
        @wraps(view)
        def checked(**arguments: Any) -> ResponseReturnValue:
            if permission != PUBLIC:
                _authenticate(spec)
            g.api_query = _read_query(spec)
            g.api_body = _read_body(validator) if validator is not None else None
            result: ResponseReturnValue = view(**arguments)
            return result

        setattr(checked, ACCESS_MARK, permission)
        setattr(checked, MARK, spec)
        blueprint.add_url_rule(rule, view.__name__, checked, methods=[method])
        return view

    return register


def query() -> dict[str, Any]:
    """The checked query of this request; absent parameters are absent."""
    found: dict[str, Any] = g.api_query
    return found


def body() -> dict[str, Any]:
    """The checked JSON body of this request."""
    found: dict[str, Any] = g.api_body
    return found


def _authenticate(spec: Operation) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    use = tokens.verify(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
    if use is None:
        raise ApiError(401)
    if spec.method in WRITING and not use.may_write:
        raise ApiError(403, "read_only_token", "This token may only read.")
    if spec.permission != LOGGED_IN and not role_allows(use.user.role, spec.permission):
        raise ApiError(403, "missing_permission", "The token's user does not have the permission for this.")
    # For this request only: language, zone and may() follow the token's user. No cookie is set (see login.py).
    g.api_token = use
    g._login_user = use.user


def _read_query(spec: Operation) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in spec.parameters}
    problems = [(name, "is not a parameter of this resource") for name in request.args if name not in known]
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        if name not in request.args:
            if parameter.required:
                problems.append((name, "is required"))
            continue
        value = _convert(request.args[name], parameter.schema.get("type"))
        checker = Draft202012Validator(dict(parameter.schema), format_checker=FormatChecker())
        failures = list(checker.iter_errors(value))
        problems += [(name, failure.message) for failure in failures]
        if not failures:
            values[name] = value
    if problems:
        raise ApiError(422, fields=problems)
    return values


def _convert(text: str, kind: Any) -> Any:
    if kind == "integer" and text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 19:
        return int(text)
    if kind == "boolean" and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    return text


def _read_body(validator: Draft202012Validator) -> Any:
    if request.mimetype != "application/json":
        raise ApiError(415)
    content = request.get_json(silent=True)
    if content is None:
        raise ApiError(400, "bad_json", "The body is not JSON.")
    problems = [
        ("/".join(str(part) for part in failure.absolute_path) or ".", failure.message[:300])
        for failure in validator.iter_errors(content)
    ]
    if problems:
        raise ApiError(422, fields=problems)
    return content

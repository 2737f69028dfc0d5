"""``@operation``: one endpoint of the API, with what it needs, what it takes and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app.core.accounts.access import MARK as ACCESS_MARK
from app.core.accounts.access import PUBLIC, TOKEN_MARK
from app.core.accounts.models import User
from app.core.rest.authentication import authenticate
from app.core.rest.reading import read_body, read_query, validator_of

F = TypeVar("F", bound=Callable[..., Any])
MARK = "_durchwahl_operation"


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
    ``permission`` may be ``logged_in`` or ``public``. ``answers``: status → schema of the JSON body, None for none.
    """
    spec = Operation(method, rule, permission, summary, tag, parameters, body, answers, description)
    body_validator = validator_of(body) if body is not None else None
    validators = {parameter.name: validator_of(parameter.schema) for parameter in parameters}
    required = frozenset(parameter.name for parameter in parameters if parameter.required)

    def register(view: F) -> F:
        @wraps(view)
        def checked(**arguments: Any) -> ResponseReturnValue:
            if permission != PUBLIC:
                g.api_token = authenticate(method, permission)
            g.api_query = read_query(validators, required)
            g.api_body = read_body(body_validator) if body_validator is not None else None
            result: ResponseReturnValue = view(**arguments)
            return result

        setattr(checked, ACCESS_MARK, permission)
        setattr(checked, TOKEN_MARK, True)
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


def caller() -> User:
    """The user for whom this request's token speaks."""
    found: User = g.api_token.user
    return found

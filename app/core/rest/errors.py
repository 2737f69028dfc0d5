"""Errors of the API: always JSON, always ``{"error": {"code", "message", …}}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

#: Published in the description as the answer to everything that fails.
ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "Stable, for programs."},
                "message": {"type": "string", "description": "A sentence, for people."},
                "fields": {
                    "type": "array",
                    "description": "What is wrong, by field of the body (parts joined by /) or query parameter.",
                    "items": {
                        "type": "object",
                        "required": ["path", "message"],
                        "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
                    },
                },
            },
        }
    },
}

CODES = {
    400: ("bad_request", "The request could not be understood."),
    401: ("unauthorized", "A valid bearer token is needed."),
    403: ("forbidden", "The token does not allow this."),
    404: ("not_found", "There is no such resource."),
    405: ("method_not_allowed", "This resource does not take that method."),
    409: ("conflict", "The request conflicts with the present state."),
    413: ("too_large", "The request is too large."),
    415: ("unsupported_media_type", "Send application/json."),
    422: ("invalid", "The request has fields that cannot be accepted."),
    429: ("too_many_requests", "Too many requests; try again later."),
    500: ("internal_error", "Something went wrong on our side."),
    502: ("bad_gateway", "Another system failed us."),
    503: ("unavailable", "The database cannot be reached at the moment."),
}
#: Headers of werkzeug's own errors that say something of use: which methods are allowed, when to come back.
_KEPT_HEADERS = ("allow", "retry-after")
_RETRY_SECONDS = 5


class ApiError(Exception):
    """An operation was refused. ``fields`` names what is wrong, as (path, sentence)."""

    def __init__(
        self,
        status: int,
        code: str | None = None,
        message: str | None = None,
        *,
        fields: Sequence[tuple[str, str]] = (),
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        known_code, known_message = CODES.get(status) or CODES[500 if status >= 500 else 400]
        self.status = status
        self.code = code or known_code
        self.message = message or known_message
        self.fields = tuple(fields)
        self.headers = headers or {}
        self.more = more
        super().__init__(self.code)


def of_http(error: HTTPException) -> ApiError:
    """An error that routing or werkzeug raised."""
    kept = {name: value for name, value in error.get_headers() if name.lower() in _KEPT_HEADERS}
    return ApiError(error.code or 500, headers=kept)


def answer(error: ApiError) -> Response:
    """The error as a response."""
    content: dict[str, Any] = {"code": error.code, "message": error.message, **error.more}
    if error.fields:
        content["fields"] = [{"path": path, "message": message} for path, message in error.fields]
    response = jsonify({"error": content})
    response.status_code = error.status
    response.headers.update(error.headers)
    if error.status == 401:
        # RFC 9110, 11.6.1: a 401 without a challenge is not allowed.
        response.headers.setdefault("WWW-Authenticate", 'Bearer realm="Durchwahl"')
    if error.status == 503:
        response.headers.setdefault("Retry-After", str(_RETRY_SECONDS))
    return response

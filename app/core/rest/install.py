"""Binds the API to the application: its own errors, and its description."""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from app.core.accounts.access import public
from app.core.database import is_unavailable
from app.core.rest.description import PREFIX, describe
from app.core.rest.errors import ApiError, answer, of_http
from app.core.rest.routing import IdConverter

log = logging.getLogger(__name__)
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """The description of the API: no secret, so no token is needed."""
    return jsonify(describe(current_app))


def is_api() -> bool:
    """Whether this request is one to the API."""
    return request.path.startswith("/api/")


def failed(error: Exception) -> Response:
    """Any failure of an API request as JSON."""
    if isinstance(error, ApiError):
        return answer(error)
    if isinstance(error, HTTPException):
        return answer(of_http(error))
    if is_unavailable(error):
        log.error("database away: %s %s", request.method, _shown_path())
        return answer(ApiError(503))
    log.error("failed: %s %s", request.method, _shown_path(), exc_info=error)
    return answer(ApiError(500))


def _shown_path() -> str:
    path: str = current_app.extensions["durchwahl"].shown_path(request.path)
    return path


def install(app: Flask) -> None:
    """Register the description, the errors and the converter ``<id:…>``."""
    app.url_map.converters["id"] = IdConverter
    # Fields come in the order in which they are described, not in that of the alphabet.
    app.json.sort_keys = False  # type: ignore[attr-defined] # of Flask's default provider, which is the one in use
    app.register_blueprint(blueprint)
    app.register_error_handler(ApiError, answer)

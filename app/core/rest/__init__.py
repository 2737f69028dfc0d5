"""The REST API under ``/api/v1``: bearer tokens, JSON errors, cursor pages, and its own description.

A module writes ``@operation(blueprint, "GET", "/addresses", …)``; the schema that is published is the one by which
requests are checked.
"""

from __future__ import annotations

from app.core.rest.errors import ApiError
from app.core.rest.install import install
from app.core.rest.operations import Parameter, body, operation, query
from app.core.rest.paging import decode_cursor, encode_cursor, page

__all__ = [
    "ApiError",
    "Parameter",
    "body",
    "decode_cursor",
    "encode_cursor",
    "install",
    "operation",
    "page",
    "query",
]

"""The REST API under ``/api/v1``: bearer tokens, JSON errors, cursor pages, and its own description.

A module writes ``@operation(blueprint, "GET", "/addresses", …)``; the schema that is published is the one by which
requests are checked.
"""

from __future__ import annotations

from app.core.rest.description import PREFIX
from app.core.rest.errors import ApiError
from app.core.rest.install import install
from app.core.rest.operations import Parameter, body, caller, operation, query
from app.core.rest.origins import ORIGIN_SCHEMA, origin_answer
from app.core.rest.paging import CURSOR, DEFAULT_LIMIT, LIMIT, decode_cursor, encode_cursor, list_schema, page
from app.core.rest.reading import plus_restored, read_time
from app.core.rest.routing import ID_SCHEMA, absolute
from app.core.rest.values import NULLABLE_TIME, TIME, timestamp

__all__ = [
    "CURSOR",
    "DEFAULT_LIMIT",
    "ID_SCHEMA",
    "LIMIT",
    "NULLABLE_TIME",
    "ORIGIN_SCHEMA",
    "PREFIX",
    "TIME",
    "ApiError",
    "Parameter",
    "absolute",
    "body",
    "caller",
    "decode_cursor",
    "encode_cursor",
    "install",
    "list_schema",
    "operation",
    "origin_answer",
    "page",
    "plus_restored",
    "query",
    "read_time",
    "timestamp",
]

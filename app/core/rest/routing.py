"""``<id:…>`` in the rules of the API, the number of a row, and addresses that an answer names."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from app.core.database import MAX_ID

#: Schema of the number of a row.
ID_SCHEMA = {"type": "integer", "minimum": 1, "maximum": MAX_ID}


class IdConverter(BaseConverter):
    """Digits that can be the number of a row; anything else is no such resource (404), not a database error."""

    regex = r"[1-9][0-9]*"

    def to_python(self, value: str) -> int:
        """The number. Raises NotFound: "no match" would become 405 where another method has a rule."""
        if len(value) > len(str(MAX_ID)) or int(value) > MAX_ID:
            raise NotFound
        return int(value)


def absolute(path: str) -> str:
    """A path of ours as an address for others: under PUBLIC_URL, else as this request reached us."""
    public = current_app.extensions["durchwahl"].config.public_url
    return f"{public or request.root_url.rstrip('/')}{path}"

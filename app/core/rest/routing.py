"""``<id:…>`` in the rules of the API, the number of a row, and addresses that an answer names."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.routing import BaseConverter, ValidationError

from app.core.database import MAX_ID

#: Schema of the number of a row.
ID_SCHEMA = {"type": "integer", "minimum": 1, "maximum": MAX_ID}


class IdConverter(BaseConverter):
    """Digits that can be the number of a row; anything else is no such resource (404), not a database error."""

    regex = r"[1-9][0-9]{0,9}"

    def to_python(self, value: str) -> int:
        """The number. Raises ValidationError, which routing takes for "no match"."""
        number = int(value)
        if number > MAX_ID:
            raise ValidationError
        return number


def absolute(path: str) -> str:
    """A path of ours as an address for others: under PUBLIC_URL, else as this request reached us."""
    public = current_app.extensions["durchwahl"].config.public_url
    return f"{public or request.root_url.rstrip('/')}{path}"

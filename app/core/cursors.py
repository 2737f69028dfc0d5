"""Places in a list as text for a URL: base64 of a JSON list. Whoever reads one says of what types it must be."""

from __future__ import annotations

import base64
import json
from typing import Any

from app.core.database import MAX_ID, storable


def cursor_text(*values: Any) -> str:
    """The text of JSON values."""
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode("utf-8", "replace")).decode().rstrip("=")


def cursor_values(text: str, *types: type) -> list[Any]:
    """The values again. Raises ValueError for a text that is not ours."""
    values = decoded(text)
    if [type(value) for value in values] != list(types):
        raise ValueError("a cursor of something else")
    return values


def decoded(text: str) -> list[Any]:
    """Whatever texts and whole numbers a cursor holds. Raises ValueError for a text that is none.

    Whole numbers are those of rows, so whatever is larger than one can be is refused before a database has to.
    """
    try:
        values = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise ValueError("not a cursor") from error
    if not isinstance(values, list) or not values:
        raise ValueError("not a cursor")
    for value in values:
        if isinstance(value, str):
            if storable(value) != value:
                raise ValueError("no database knows such a text")
        elif type(value) is not int or not 0 <= value <= MAX_ID:
            raise ValueError("no row has this number")
    return values

"""Our own ids as they stand in a file: ``A12-40718236``.

The second half depends on the installation's SECRET_KEY: a file of another installation, whose ids are others' here,
is recognised instead of changing strangers. It begins with a letter, so that no spreadsheet makes a day of it.
"""

from __future__ import annotations

import re

from flask import current_app

from app.core.database import MAX_ID
from app.core.security import keyed_hash

_FORM = re.compile(r"A([1-9]\d{0,9})-(\d{8})", re.ASCII | re.IGNORECASE)


def written(address_id: int) -> str:
    """The id of an address for a file."""
    return f"A{address_id}-{_check(address_id)}"


def read(text: str) -> int | None:
    """The id of an address of this installation; None for anything else."""
    found = _FORM.fullmatch(text.strip())
    if found is None or int(found[1]) > MAX_ID or found[2] != _check(int(found[1])):
        return None
    return int(found[1])


def _check(address_id: int) -> str:
    secret: str = current_app.extensions["durchwahl"].config.secret_key
    return f"{int(keyed_hash(secret, 'id of an address in a file', str(address_id)), 16) % 10**8:08}"

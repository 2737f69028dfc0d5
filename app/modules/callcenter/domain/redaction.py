"""What a notification said, without what tells of a person: for the log, and for whoever helps from outside.

Nothing is shown that is not known to be harmless: of numbers and accounts the beginning, of any other text its length.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from app.modules.callcenter.domain import bodies

#: Their values say what happened, not to whom. Shown where they are short words.
_HARMLESS = frozenset(
    {"event", "type", "direction", "duration", "module", "action", "provider", "content-type", "cause"}
)
_WORD = re.compile(r"[A-Za-z0-9_./;= -]{0,40}", re.ASCII)
_SECRET = re.compile(r"secret|token|passw|signature|api_?key|authorization|cookie", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[0-9][0-9 ()/-]{4,}", re.ASCII)
_ACCOUNT = re.compile(r"(?P<name>[^@\s]+)@(?P<domain>[A-Za-z0-9.-]+)", re.ASCII)
#: Characters of a number or account that stay: enough to know country and area.
SHOWN = 5
#: Of a call's id, which is a hash: enough to find its notifications.
SHOWN_OF_ID = 12
MAX_FIELDS = 60


def fields(body: bytes) -> tuple[tuple[str, str], ...] | None:
    """The names and values of a form, in parts or not, or a JSON object, as they were sent; None of any other body."""
    try:
        text = body.decode("utf-8").strip()
    except UnicodeDecodeError:
        return None
    if not text:
        return None
    if text.startswith("{"):
        try:
            return tuple(_flat(json.loads(text)))[:MAX_FIELDS]
        except (ValueError, RecursionError):
            return None
    if text.startswith("--"):
        try:
            return tuple(bodies.pairs(body))[:MAX_FIELDS]
        except bodies.Unreadable:
            return None
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    return tuple(pairs)


def redacted(name: str, value: str) -> str:
    """A value as everybody may read it who may read the log.

    >>> redacted("from", "02214710011"), redacted("peer", "7770000001@fpbx.de"), redacted("event", "HungUp")
    ('02214…', '77700…@fpbx.de', 'HungUp')
    """
    if not value:
        return ""
    if _SECRET.search(name):
        return "…"
    if name.lower() in _HARMLESS and _WORD.fullmatch(value) and not _NUMBER.search(value):
        return value
    if name.lower() == "call_id" and re.fullmatch("[0-9a-f]{64}", value):
        return f"{value[:SHOWN_OF_ID]}…"
    account = _ACCOUNT.fullmatch(value)
    if account:
        return f"{_begin(account['name'])}@{account['domain']}"
    if _NUMBER.fullmatch(value):
        return _begin(value)
    if (value.isascii() and value.isdigit()) or value.lower() == "anonymous":
        return value  # an extension, which tells nobody outside anything
    return f"… ({len(value)})"


def redacted_name(name: str) -> str:
    """A field's name; one that is no plain word may itself be what somebody hid in it."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z_.-]{0,39}", name, re.ASCII) else f"… ({len(name)})"


def _begin(text: str) -> str:
    # Of what is short the half: the rest could be guessed from the whole beginning.
    return f"{text[: min(SHOWN, len(text) // 2)]}…"


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        return [pair for inner in value for pair in _flat(inner, name)]
    return [(name, value if isinstance(value, str) else json.dumps(value))]

"""The fields of what a telephone system posts: a form, a JSON object, or a form in parts.

The body decides which of them it is, never its Content-Type: senders leave that out, or name another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

#: More fields than any telephone system sends.
MAX_FIELDS = 100

# Control characters (PostgreSQL's text cannot hold NUL), lone surrogates (they cannot be stored as UTF-8)
# and the replacement character of undecodable bytes.
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
#: RFC 2046, 5.1.1: what a boundary is made of, behind its two hyphens.
_BOUNDARY = re.compile(r"--[0-9A-Za-z'()+_,./:=?-]{1,70}")
_NAME_OF_PART = re.compile(r"(?i)^content-disposition:[^\n]*[; ]name=\"([^\"\n]*)\"", re.MULTILINE)


class Unreadable(ValueError):
    """What is wrong with a body; the message quotes nothing of it but the name of a field that is read."""


def pairs(body: bytes) -> list[tuple[str, Any]]:
    """The names and values of a body in its order, values of JSON as they are. Raises Unreadable.

    Bytes that are no UTF-8 are U+FFFD: they matter in a field that is read, see ``written``.

    >>> pairs(b'event=newCall&user[]=Emma'), pairs(b'{"event": "newCall", "user": ["Emma"]}')
    ([('event', 'newCall'), ('user[]', 'Emma')], [('event', 'newCall'), ('user', ['Emma'])])
    """
    text = body.decode("utf-8-sig", "replace").strip()
    if text[:1] in ("{", "["):
        return list(_of_json(text))
    if text.startswith("--"):
        return list(_of_parts(text))
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Unreadable("too many fields") from None


def written(name: str, value: Any, *, dialled: bool = False) -> str:
    """A value as text without blanks around it; "" for null and whatever else is no text. Raises Unreadable.

    Control characters are refused, not left out: a repaired call id or number would be another one.

    ``dialled``: the field holds a number. A plus that was not escaped arrives as a space, and before a number a space
    can have been nothing else.

    >>> written("from", " 49221999", dialled=True)
    '+49221999'
    """
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    trimmed = str(value).strip()
    if _UNREADABLE.search(trimmed):
        raise Unreadable(f"{name} has characters that no text has")
    plus = dialled and isinstance(value, str) and value.startswith(" ") and trimmed[:1].isdigit()
    return f"+{trimmed}" if plus else trimmed


class _Object(list[tuple[str, Any]]):
    """A JSON object as its pairs, so that a name given twice is seen."""


def _of_json(text: str) -> Iterable[tuple[str, Any]]:
    try:
        decoded = json.loads(text, object_pairs_hook=_Object)
    except (ValueError, RecursionError):  # not chained: the message may quote the body
        raise Unreadable("JSON that cannot be read") from None
    if not isinstance(decoded, _Object):
        raise Unreadable("JSON, but no object")
    return decoded


def _of_parts(text: str) -> Iterable[tuple[str, Any]]:
    """A form in parts (RFC 7578). Its values are single lines, so one kind of line end is as good as the other."""
    text = text.replace("\r\n", "\n")
    boundary = text.partition("\n")[0].rstrip()
    if not _BOUNDARY.fullmatch(boundary):
        raise Unreadable("neither a form nor JSON")
    _before, *parts = f"\n{text}".split(f"\n{boundary}")
    if not parts or parts[-1].strip() != "--":
        raise Unreadable("a form that breaks off")
    if len(parts) - 1 > MAX_FIELDS:
        raise Unreadable("too many fields")
    found = []
    for part in parts[:-1]:
        head, _blank, value = part.partition("\n\n")
        name = _NAME_OF_PART.search(head)
        if name is None:
            raise Unreadable("a part of a form without a name")
        found.append((name[1], value))
    return found

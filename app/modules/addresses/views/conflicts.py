"""Two people edit the same thing: the second sees what differs and decides field by field; nothing is lost.

The form carries the version it began with and, in ``base``, what its fields held then. After a conflict it comes
back with everything as typed, the differing fields beside it, and for each the choice to take the other's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict

from app.modules.addresses.records import NumberInput
from app.modules.addresses.views.texts import number_kind_name

NUMBERS = "numbers"
#: Differs from every text of a form: without a base every difference counts.
_NO_BASE = "\x00"
#: A base that is longer was not made by our form.
MAX_BASE_LENGTH = 200_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that the other saved with another value. ``untouched``: I had not changed it."""

    field: str
    label: str
    theirs: str
    mine: str
    untouched: bool


def base_text(strings: Mapping[str, str]) -> str:
    """What the form held when it was opened, for its hidden field."""
    return json.dumps(dict(strings), ensure_ascii=False)


def base_sent() -> dict[str, str]:
    """The same as it came back; empty where it is missing or no longer understood."""
    text = request.form.get("base", "")
    if len(text) > MAX_BASE_LENGTH:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def theirs_chosen() -> set[str]:
    """The fields for which the other's value was chosen."""
    return set(request.form.getlist("theirs"))


def with_theirs(sent: MultiDict[str, str], stored: Mapping[str, str], chosen: set[str]) -> MultiDict[str, str]:
    """What was sent, with the stored value in the chosen fields."""
    merged = MultiDict(sent)
    for field in chosen & set(stored):
        merged.pop(field, None)
        if stored[field]:
            merged[field] = stored[field]
    return merged


def differences(
    stored: Mapping[str, str],
    mine: Mapping[str, str],
    base: Mapping[str, str],
    label: Callable[[str], str],
    shown: Callable[[str, str], str],
) -> list[Difference]:
    """What the other changed and I have otherwise, in the order of the form. What only I changed is no conflict."""
    return [
        Difference(
            field,
            label(field),
            shown(field, stored[field]),
            shown(field, mine.get(field, "")),
            base.get(field, "") == mine.get(field, ""),
        )
        for field in stored
        if _lines(stored[field]) != _lines(mine.get(field, ""))
        and _lines(stored[field]) != _lines(base.get(field, _NO_BASE))
    ]


def _lines(text: str) -> str:
    # A browser sends the line ends of a text field in its own way.
    return text.replace("\r\n", "\n").strip()


def numbers_text(numbers: list[NumberInput]) -> str:
    """Rows of numbers as one text, to be compared and shown."""
    return "\n".join(
        f"{number_kind_name(number.kind)}: {number.raw.strip()}{f' ({number.label})' if number.label else ''}"
        f"{' *' if number.switchboard else ''}"
        for number in numbers
    )

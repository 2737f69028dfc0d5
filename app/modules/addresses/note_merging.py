"""How what several windows of one user type into the same draft comes together: field by field, nothing lost. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a field, and the version of the draft that brought it."""

    value: str
    version: int


Fields = Mapping[str, Typed]


@dataclass(frozen=True, slots=True)
class Merged:
    """The draft after a window has told what was typed in it."""

    fields: Fields
    version: int
    refused: Mapping[str, str]
    """Fields that were not taken over, as another window has changed them since: with what stands there."""


def merged(fields: Fields, version: int, typed: Mapping[str, str], base: int) -> Merged:
    """Take over what was typed by a window that knows the draft as of version ``base``.

    A field that was changed since and differs is refused: its window has to ask. Where nothing is taken over the
    version stays.
    """
    refused = {
        name: fields[name].value
        for name, value in typed.items()
        if name in fields and fields[name].version > base and fields[name].value != value
    }
    news = {
        name: value
        for name, value in typed.items()
        if name not in refused and (name not in fields or fields[name].value != value)
    }
    if not news:
        return Merged(fields, version, refused)
    return Merged({**fields, **{name: Typed(value, version + 1) for name, value in news.items()}}, version + 1, refused)


def written(fields: Fields) -> str:
    """As it is stored."""
    return json.dumps({name: [one.value, one.version] for name, one in fields.items()}, ensure_ascii=False)


def read(text: str) -> dict[str, Typed]:
    """As it was stored."""
    stored: dict[str, Any] = json.loads(text)
    return {name: Typed(value, version) for name, (value, version) in stored.items()}

"""Settings of a provider's own: what its dataclass says of a field, so that the page of a connection can ask for it.

::

    @dataclass(frozen=True, slots=True)
    class DoorphoneSettings:
        address: str = fields.text({"en": "Address", "de": "Adresse"}, required=True, check=is_address)
        pin: str = fields.secret({"en": "PIN", "de": "PIN"})

A field holds a text, or for a switch True or False; what was never set is the default, of a secret "".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

#: A text, or one for each language: ``{"en": "Address", "de": "Adresse"}``.
Words = str | Mapping[str, str]
#: What is wrong with what was typed, as a sentence; None when nothing is. Never called with "", and never raises.
Check = Callable[[str], Words | None]
#: Fields that Durchwahl fills itself and asks for where a provider's settings have them.
KNOWN = frozenset({"api_key", "base_url", "shared_secrets", "target_style", "token"})
_METADATA = "shown"


class Kind(StrEnum):
    """What is asked for."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105 (a kind of field, no password)
    """Encrypted at rest, never shown again."""
    CHOICE = "choice"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Asked:
    """A field as the page asks for it."""

    label: Words
    kind: Kind
    hint: Words = ""
    required: bool = False
    choices: Mapping[str, Words] = field(default_factory=dict)
    check: Check | None = None


def text(
    label: Words, *, default: str = "", hint: Words = "", required: bool = False, check: Check | None = None
) -> Any:
    """A field of the dataclass that holds a text of one line."""
    return _field(default, Asked(label, Kind.TEXT, hint, required, check=check))


def secret(label: Words, *, hint: Words = "", required: bool = False, check: Check | None = None) -> Any:
    """A field of the dataclass that holds a secret, and stays out of its repr."""
    return _field("", Asked(label, Kind.SECRET, hint, required, check=check))


def choice(label: Words, choices: Mapping[str, Words], *, default: str = "", hint: Words = "") -> Any:
    """A field of the dataclass that holds one of the keys of ``choices``; the first where no default is named."""
    return _field(default or next(iter(choices)), Asked(label, Kind.CHOICE, hint, choices=dict(choices)))


def switch(label: Words, *, default: bool = False, hint: Words = "") -> Any:
    """A field of the dataclass that is on or off."""
    return _field(default, Asked(label, Kind.SWITCH, hint))


def asked(settings: type) -> dict[str, Asked]:
    """The fields of its own that a provider's settings have, in their order."""
    told = {one.name: one.metadata.get(_METADATA) for one in dataclasses.fields(settings)}
    return {name: shown for name, shown in told.items() if isinstance(shown, Asked)}


def unexplained(settings: type) -> list[str]:
    """Fields that nobody would ever fill: neither known nor declared with one of the functions above."""
    return [one.name for one in dataclasses.fields(settings) if one.name not in {*KNOWN, *asked(settings)}]


def in_language(words: Words, language: str) -> str:
    """The text in this language (``de``), else in English, else in the first there is."""
    if isinstance(words, str):
        return words
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def _field(default: Any, shown: Asked) -> Any:
    return field(default=default, repr=shown.kind is not Kind.SECRET, metadata={_METADATA: shown})

"""Value types that domain code and providers share. Standard library only.

A number that reaches us is one of five kinds of party. The kind is decided once, by
``app.core.phones.classify``; everything after that asks the type, never the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PartyKind = Literal["dialable", "internal", "unverified", "sip", "withheld"]

#: Five digits at most are an extension of the own PBX, never a public number.
MAX_INTERNAL_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Dialable:
    """A valid public number. ``raw`` as received or typed, ``e164`` with its plus."""

    raw: str
    e164: str
    kind: Literal["dialable"] = "dialable"


@dataclass(frozen=True, slots=True)
class Internal:
    """An extension: five digits at most, as received."""

    raw: str
    kind: Literal["internal"] = "internal"


@dataclass(frozen=True, slots=True)
class Unverified:
    """Longer than an extension, yet no valid public number; kept as received."""

    raw: str
    kind: Literal["unverified"] = "unverified"


@dataclass(frozen=True, slots=True)
class SipUser:
    """A SIP address such as ``7771234567@fpbx.de``, lower case, without ``sip:``."""

    raw: str
    kind: Literal["sip"] = "sip"


@dataclass(frozen=True, slots=True)
class Withheld:
    """The caller hid the number, or none was sent."""

    raw: str = ""
    kind: Literal["withheld"] = "withheld"


Party = Dialable | Internal | Unverified | SipUser | Withheld


def e164_of(party: Party) -> str | None:
    """The E.164 number of a dialable party, None of any other."""
    return party.e164 if isinstance(party, Dialable) else None


def mask(number: str) -> str:
    """A number for logs: the last three digits hidden further than anybody needs.

    >>> mask("+4922129191999")
    '+492212919…'
    """
    if len(number) <= 4:
        return "…"
    return number[: max(3, len(number) - 4)] + "…"

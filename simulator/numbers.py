"""Telephone numbers as the simulated exchange keeps and writes them.

Inside, a German number is national (`0221471…`), a foreign one begins with `+`, an extension is a few digits,
a withheld number is the word `anonymous`, a SIP user is his SIP id: the forms of Placetel's samples.
"""

from __future__ import annotations

import re
from typing import Literal

ANONYMOUS = "anonymous"
ForeignFormat = Literal["00", "plus", "bare"]

_SEPARATORS = re.compile(r"[\s()/.\-]")
_DIALABLE = re.compile(r"\+?[0-9*#]+")


class NotANumber(ValueError):
    """What was given is neither a number, an extension, a SIP id nor `anonymous`."""


def canonical(raw: str) -> str:
    """The inner form of a number as typed or as received.

    Raises NotANumber.
    """
    text = raw.strip()
    if text.lower() == ANONYMOUS:
        return ANONYMOUS
    if "@" in text:
        return text
    if text.startswith(("+", "00")):
        text = text.replace("(0)", "")
    text = _SEPARATORS.sub("", text)
    if not _DIALABLE.fullmatch(text):
        raise NotANumber(f"Keine Rufnummer: {raw!r}")
    if text.startswith("00"):
        text = "+" + text[2:]
    if text.startswith("+49"):
        text = "0" + text[3:]
    return text


def on_the_wire(number: str, foreign: ForeignFormat) -> str:
    """The number as a notification writes it. For foreign ones no form is documented, hence the choice."""
    if not number.startswith("+"):
        return number
    return {"00": "00", "plus": "+", "bare": ""}[foreign] + number[1:]


def e164(number: str) -> str | None:
    """`+…` of an inner form; None of what has none (extensions, SIP ids, withheld numbers)."""
    if number.startswith("+"):
        return number
    if number.startswith("0") and number.isdigit():
        return "+49" + number[1:]
    return None

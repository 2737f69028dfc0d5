"""Text as it is searched and sorted: small letters, without accents, umlauts both ways.

*Müller* is kept as ``mueller muller``, so it is found whichever way it is typed; a query is folded both ways too, so
that *Müller* finds *Muller*.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

#: After every sort key in the order of bytes.
LAST = "~"

_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe"})
#: Control characters and halves of surrogate pairs: nobody types them, and PostgreSQL refuses some of them.
_NO_SIGNS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_NO_PART_OF_A_VAT_ID = re.compile(r"[\W_]+")
_SWISS_TAX = re.compile(r"(CHE\d{9})(?:MWST|TVA|IVA|VAT)$")
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


class _Letters(dict[int, str]):
    """Sign → how it is folded, worked out when it first occurs: an import folds some million texts."""

    def __init__(self, letters: Mapping[int, str]) -> None:
        super().__init__()
        self._letters = letters

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFKD", chr(code).casefold().translate(self._letters).translate(_LETTERS))
        self[code] = folded = "".join(sign for sign in apart if not unicodedata.combining(sign))
        return folded


_PLAIN, _SPELT = _Letters({}), _Letters(_SPELT_OUT)


def typed_signs(text: str) -> str:
    """The text with a blank for whatever nobody types."""
    return text if text.isprintable() else _NO_SIGNS.sub(" ", text)


def plain_letters(text: str) -> str:
    """Small letters without accents: ``Müller`` → ``muller``; also the form by which names are sorted."""
    return _folded(text, _PLAIN)


def spelt_out(text: str) -> str:
    """The same with umlauts spelt out: ``Müller`` → ``mueller``."""
    return _folded(text, _SPELT)


def _folded(text: str, letters: _Letters) -> str:
    text = typed_signs(text)
    # Composed first, so that a u with its dots apart is an ü too. ASCII has no dots, and is most of what there is.
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFC", text).translate(letters)
    return " ".join(folded.split())


def both_ways(text: str) -> tuple[str, ...]:
    """The spellings of a text, one where they are the same."""
    spelt = spelt_out(text)
    return (spelt,) if text.isascii() else tuple(dict.fromkeys((spelt, plain_letters(text))))


def search_text(*texts: str | None) -> str:
    """What a search column holds of these texts: both spellings, a line each so that no word spans two texts."""
    lines: dict[str, None] = {}
    for text in texts:
        if text:
            lines.update(dict.fromkeys(both_ways(text)))
    return "\n".join(lines)


def sort_key(name: str) -> str:
    """How a name is sorted: as in a phone book, umlauts as their plain letters (DIN 5007-1)."""
    return plain_letters(name)[:400]


def customer_key(number: str | None) -> str:
    """How a customer number is sorted: as numbers are, those with letters among them; LAST for none."""
    return f"{len(number):02}{number}" if number else LAST


def email_key(email: str) -> str:
    """How an e-mail address is compared: in small letters, as long as its column."""
    return email.strip().casefold()[:254]


def vat_key(vat_id: str) -> str:
    """How a VAT id is compared: ``DE 123.456.789`` and ``de123456789`` are one; '' for a text without any digit.

    A Swiss one has the tax's name behind it, or not (``CHE-123.456.789 MWST``).
    """
    key = _NO_PART_OF_A_VAT_ID.sub("", vat_id).upper()[:30]
    return _SWISS_TAX.sub(r"\1", key) if any(sign.isdigit() for sign in key) else ""

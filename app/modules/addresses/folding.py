"""Text as it is searched and sorted: small letters, without accents, umlauts both ways.

*Müller* is kept as ``mueller muller``, so it is found whichever way it is typed; a query is folded both ways too, so
that *Müller* finds *Muller*.
"""

from __future__ import annotations

import re
import unicodedata

_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe"})
#: Control characters and halves of surrogate pairs: nobody types them, and PostgreSQL refuses some of them.
_NO_SIGNS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


def typed_signs(text: str) -> str:
    """The text with a blank for whatever nobody types."""
    return _NO_SIGNS.sub(" ", text)


def plain_letters(text: str) -> str:
    """Small letters without accents: ``Müller`` → ``muller``; also the form by which names are sorted."""
    # Composed first, so that a u with its dots apart is an ü too.
    small = unicodedata.normalize("NFC", typed_signs(text)).casefold()
    apart = unicodedata.normalize("NFKD", small.translate(_LETTERS))
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def spelt_out(text: str) -> str:
    """The same with umlauts spelt out: ``Müller`` → ``mueller``."""
    return plain_letters(unicodedata.normalize("NFC", text).casefold().translate(_SPELT_OUT))


def both_ways(text: str) -> tuple[str, ...]:
    """The spellings of a text, one where they are the same."""
    return tuple(dict.fromkeys((spelt_out(text), plain_letters(text))))


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

"""What the search looks through for an address: its words and those of its contacts, and all their numbers.

A document is one text: every word once, folded both ways, each with a blank in front and behind. So *muel* is found in
``" mueller "``, and *begins with muel* is the text ``" muel"``. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from app.modules.addresses.folding import both_ways, typed_signs

#: Signs that may stand before and after a word without belonging to it.
EDGES = ".,;:!?\"'„“”‚‘’»«()[]{}<>/|\\-–—_*#"
#: A word of the vocabulary has letters only, at least so many and at most so many.
SHORTEST, LONGEST = 3, 40


@dataclass(frozen=True, slots=True)
class Document:
    """The text, and the words in it that belong to the vocabulary: folded → as written."""

    text: str
    vocabulary: dict[str, str]


def document(texts: Iterable[str | None], tokens: Iterable[str]) -> Document:
    """Of these texts, and of tokens that are taken as they are."""
    words: dict[str, None] = {}
    vocabulary: dict[str, str] = {}
    for text in texts:
        if not text:
            continue
        for word in typed_signs(text).split():
            for folded, written in _forms(word):
                words[folded] = None
                if written:
                    vocabulary.setdefault(folded, written)
    words.update(dict.fromkeys(filter(None, tokens)))
    return Document(f" {' '.join(words)} " if words else "", vocabulary)


def vocabulary_of(text: str) -> set[str]:
    """The words of a document's text that belong to the vocabulary."""
    return {word for word in text.split() if _is_of_vocabulary(word)}


def bare(word: str) -> str:
    """The word without the signs around it; one that is nothing else stays."""
    return word.strip(EDGES) or word


@lru_cache(maxsize=8192)  # an import meets the same words again and again
def _forms(word: str) -> tuple[tuple[str, str], ...]:
    """What a word is found by: itself and, where it is put together, its parts; each with how it is written, or ''."""
    whole = bare(word)
    found: dict[str, str] = {}
    for part in (whole, *_parts(whole)):
        for folded in both_ways(part):
            # A ligature or the like may fold to two words.
            for piece in folded.split():
                found.setdefault(piece, part[:LONGEST] if _is_of_vocabulary(piece) else "")
    return tuple(found.items())


def _parts(word: str) -> list[str]:
    if "@" in word or word.isalnum():
        return []
    parts = "".join(sign if sign.isalnum() else " " for sign in word).split()
    return [part for part in parts if len(part) > 1] if len(parts) > 1 else []


def _is_of_vocabulary(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()

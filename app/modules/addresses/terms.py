"""What a typed query looks for in the documents of ``documents``. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from app.core.phones import index_needles
from app.modules.addresses.documents import bare
from app.modules.addresses.folding import both_ways, typed_signs

#: A longer query is cut: nobody types that.
MAX_QUERY_LENGTH = 100
MAX_WORDS = 8
#: Fewer letters are looked for at the beginning of words only: they would be found in nearly everything.
MIN_INSIDE = 3


@dataclass(frozen=True, slots=True)
class Needle:
    """A text to be found, anywhere or where a word begins."""

    text: str
    begins: bool

    @property
    def pattern(self) -> str:
        """As it stands in a document."""
        return f" {self.text}" if self.begins else self.text

    @property
    def is_indexed(self) -> bool:
        """Whether an index of trigrams can find it."""
        return len(self.pattern) >= MIN_INSIDE


#: One of them is enough.
Term = tuple[Needle, ...]


@lru_cache(maxsize=512)
def terms_of(query: str, region: str) -> tuple[Term, ...]:
    """All of them must be found. Digits that follow each other are one number where they begin like one."""
    words = typed_signs(query[:MAX_QUERY_LENGTH]).split()[:MAX_WORDS]
    terms: list[Term] = []
    while words:
        run = _run_of_digits(words, region)
        if run > 1:
            terms.append(_number(" ".join(words[:run]), region))
        else:
            run = 1
            terms.append(_word(words[0], region))
        words = words[run:]
    return tuple(term for term in terms if term)


def begins_words(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """The same, each found only where a word begins."""
    return tuple(tuple(Needle(needle.text, True) for needle in term) for term in terms)


def _run_of_digits(words: list[str], region: str) -> int:
    if not words[0].startswith(("0", "+", "(")):
        return 1
    run = 0
    while run < len(words) and (not any(sign.isalpha() for sign in words[run])):
        run += 1
    return run if run > 1 and index_needles(" ".join(words[:run]), region) else 1


def _number(text: str, region: str) -> Term:
    return tuple(Needle(digits, begins) for digits, begins in index_needles(text, region))


def _word(word: str, region: str) -> Term:
    ways = (piece for way in both_ways(bare(word)) for piece in way.split())
    needles = [Needle(way, len(way) < MIN_INSIDE) for way in ways]
    return tuple(dict.fromkeys([*needles, *_number(word, region)]))

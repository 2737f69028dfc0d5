"""*Meinten Sie …?*: where a text finds little, what its mistyped words were probably meant to be.

A word is mistyped when no word of the vocabulary begins so. It is looked up by its spellings, so that few words are
compared, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.modules.addresses.correcting import Known, candidate_spellings, may_be_corrected, nearest, slips_allowed
from app.modules.addresses.documents import bare
from app.modules.addresses.folding import both_ways
from app.modules.addresses.models import Spelling, Word
from app.modules.addresses.search import words_of

#: A text that finds fewer is looked at.
LITTLE = 3
#: Words that are compared with a mistyped one.
COMPARED = 400
#: Words that may be meant by a mistyped one, and texts that are tried.
MEANT, TRIED = 3, 4
_LAST_SIGN = "\U0010ffff"


def corrections(session: Session, text: str) -> Iterator[str]:
    """The text with its mistyped words corrected, the likeliest first; nothing where no word is mistyped."""
    words = words_of(text)
    choices = [_meant(session, word) for word in words]
    if not any(choices):
        return
    some = (choice or [word] for word, choice in zip(words, choices, strict=True))
    for corrected in islice(product(*some), TRIED):
        yield " ".join(corrected)


def _meant(session: Session, word: str) -> list[str]:
    """What was probably meant by a mistyped word, as it is written; [] for one that is right or unlike any."""
    typed = [way for way in both_ways(bare(word)) if may_be_corrected(way)]
    if not typed or _is_known(session, typed):
        return []
    found = nearest(typed, _by_spelling(session, typed))
    if not found and any(slips_allowed(way) > 1 for way in typed):
        found = nearest(typed, _by_beginning(session, typed))
    return list(dict.fromkeys(known.written for known in found))[:MEANT]


def _is_known(session: Session, typed: Sequence[str]) -> bool:
    some = select(Word.word).where(or_(*(_begins(way) for way in typed))).limit(1)
    return session.execute(some).first() is not None


def _by_spelling(session: Session, typed: Sequence[str]) -> list[Known]:
    """Words that share a spelling with the typed one: all that are a slip away, and most that are two."""
    spelt = sorted({spelling for way in typed for spelling in candidate_spellings(way)})
    return _known(session, Word.word.in_(select(Spelling.word).where(Spelling.spelling.in_(spelt))))


def _by_beginning(session: Session, typed: Sequence[str]) -> list[Known]:
    """Words of about the same length that begin with the same two letters: two slips behind these."""
    return _known(
        session,
        or_(*(and_(_begins(way[:2]), func.length(Word.word).between(len(way) - 2, len(way) + 2)) for way in typed)),
    )


def _known(session: Session, condition: Any) -> list[Known]:
    rows = session.execute(
        select(Word.word, Word.written, Word.count).where(condition).order_by(Word.count.desc()).limit(COMPARED)
    )
    return [Known(*row) for row in rows]


def _begins(start: str) -> Any:
    return and_(Word.word >= start, Word.word < start + _LAST_SIGN)

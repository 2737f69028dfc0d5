"""Whether a person stands in a row of a table: surely, perhaps, or not at all. Pure.

A name stands there surely where it is written as a whole, in either order, or where the columns of one person's first
and last name hold its parts. Where its parts stand apart otherwise, it may be somebody else's first name beside a
company, a town or a colleague: only a person can tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.modules.addresses.folding import plain_letters, spelt_out
from app.modules.addresses.transfer.targets import FIRST_NAME, LAST_NAME, Target, target_of

Standing = Literal["surely", "perhaps", "not"]
#: A number is read only where so many of its last digits stand in a cell.
LAST_DIGITS = 5
#: Further first names beside the one that is known.
MORE_FIRST_NAMES = 2
_TITLES = (
    "herr herrn frau fraeulein hr fr mr mrs ms mme monsieur madame dr drs prof dipl ing kfm med phil rer nat oec pol "
    "jur iur habil univ mag mba msc bsc llm em pd hc jr sr jun sen"
)
_PARTICLES = "von vom van de del della der den dem di da dos du la le ten ter zu zum zur und"
_LEGAL_FORMS = "gmbh ag kg kgaa ohg gbr ug se ev eg cie mbh inc ltd llc plc corp sa sas sarl srl bv nv oy ab"
ADD_NOTHING = frozenset(f"{_TITLES} {_PARTICLES}".split())
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())
_WORD = re.compile(r"[^\W_]+")
#: Whole names of persons or companies, whichever contact they are of.
_WHOLE = ("name", "contact_person")

Spelling = frozenset[str]
"""A word both ways: ``müller`` is ``mueller`` and ``muller``; what is in both is one word."""


def words_of(text: str) -> tuple[Spelling, ...]:
    """The words of a text as they are compared; a hyphen parts words."""
    plain = _WORD.findall(plain_letters(text))
    if text.isascii():
        return tuple(frozenset({word}) for word in plain)
    return tuple(map(frozenset, zip(plain, _WORD.findall(spelt_out(text)), strict=True)))


def _among(word: Spelling, known: Iterable[Spelling]) -> bool:
    return any(word & one for one in known)


def _is(word: Spelling, known: Collection[str]) -> bool:
    return any(spelling in known for spelling in word)


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart. Of a company, and of a single word, there are no parts."""

    whole: tuple[Spelling, ...]
    first: tuple[Spelling, ...] = ()
    """More than one for *Hans-Peter*."""
    last: tuple[Spelling, ...] = ()
    middle: tuple[Spelling, ...] = ()

    @classmethod
    def of(cls, text: str, *, company: bool) -> Name:
        """Titles and words such as *von* are no part of it, unless they are all that there is beside another word."""
        whole = words_of(text)
        if company or any(_is(word, LEGAL_FORMS) for word in whole):
            return cls(whole)
        before, _comma, behind = text.partition(",")
        pieces = [words for piece in f"{behind} {before}".split() if (words := words_of(piece))]
        telling = [left for words in pieces if (left := tuple(word for word in words if not _adds_nothing(word)))]
        pieces = telling if len(telling) > 1 else pieces
        if len(pieces) < 2:
            return cls(whole)
        return cls(whole, pieces[0], pieces[-1], tuple(word for words in pieces[1:-1] for word in words))

    @property
    def needed(self) -> tuple[Spelling, ...]:
        """All that must stand there."""
        return (*self.first, *self.last)

    @property
    def telling(self) -> tuple[Spelling, ...]:
        """The whole without titles and legal forms."""
        left = tuple(word for word in self.whole if not _adds_nothing(word) and not _is(word, LEGAL_FORMS))
        return left or self.whole

    @property
    def looked_for(self) -> Spelling:
        """One of these is in every row in which the name may stand."""
        return frozenset(spelling for word in self.last or self.telling[:1] for spelling in word)

    def is_written_in(self, forms: Iterable[str]) -> bool:
        """Whether it stands in a folded text as it is stored; not as a part of a double name. One word is no name."""
        if len(self.whole) < 2:
            return False
        words = r"[\W_]+".join(f"(?:{'|'.join(map(re.escape, sorted(word)))})" for word in self.whole)
        written = re.compile(rf"(?<![^\W_])(?<![^\W_]-){words}(?![^\W_]|-[^\W_])")
        return any(written.search(form) for form in forms)

    def left_of(self, cell: Iterable[Spelling]) -> list[Spelling]:
        """The words of a cell that count."""
        return [word for word in cell if not _adds_nothing(word) or _among(word, self.needed)]

    def more(self, words: Iterable[Spelling]) -> list[Spelling]:
        """Those of the words that are not his; an initial may be his."""
        known = (*self.needed, *self.middle)
        return [word for word in words if not _among(word, known) and not all(len(one) == 1 for one in word)]


def _adds_nothing(word: Spelling) -> bool:
    return _is(word, ADD_NOTHING)


class Wanted:
    """Recognises a person in the cells of a row.

    ``companies``: those of the names that are a company's. ``numbers``: those that nobody else has (E.164).
    ``read``: the numbers of a cell, whatever stands around them. Who has one of the ``shared`` numbers may be he.
    """

    def __init__(
        self,
        names: Iterable[str],
        companies: Collection[str],
        numbers: Collection[str],
        read: Callable[[str], Iterable[str | None]],
        shared: Collection[str] = (),
    ) -> None:
        found = [Name.of(name, company=name in companies) for name in sorted(names)]
        self._names = tuple(name for name in found if name.whole)
        self._numbers, self._shared = frozenset(numbers), frozenset(shared)
        self._ends = tuple({number[-LAST_DIGITS:] for number in (*numbers, *shared)})
        self._read = read

    def stands_in(self, cells: Sequence[str], columns: Sequence[str] = ()) -> Standing:
        """``columns``: what the columns hold, see ``transfer.targets``; one that nobody knows is ''."""
        numbers = self._numbers_in(cells)
        if numbers & self._numbers:
            return "surely"
        by_name = self._name_in(cells, columns)
        return "perhaps" if by_name == "not" and numbers & self._shared else by_name

    def _name_in(self, cells: Sequence[str], columns: Sequence[str]) -> Standing:
        text = "\n".join(cells)
        folded = (plain_letters(text), "" if text.isascii() else spelt_out(text))
        near = [name for name in self._names if any(one in form for one in name.looked_for for form in folded)]
        if not near:
            return "not"
        words = [words_of(cell) for cell in cells]
        forms = [form for cell in cells for form in {plain_letters(cell), spelt_out(cell)}]
        found = {"surely" if name.is_written_in(forms) else _standing(name, words, columns) for name in near}
        return "surely" if "surely" in found else "perhaps" if "perhaps" in found else "not"

    def _numbers_in(self, cells: Sequence[str]) -> frozenset[str | None]:
        if not self._ends or not self._ends_in("".join(cells)):
            return frozenset()
        return frozenset(e164 for cell in cells if self._ends_in(cell) for e164 in self._read(cell))

    def _ends_in(self, text: str) -> bool:
        digits = "".join(filter(str.isdigit, text))
        return any(end in digits for end in self._ends)


def _standing(name: Name, cells: Sequence[tuple[Spelling, ...]], columns: Sequence[str]) -> Standing:
    targets = [target_of(columns[place]) if place < len(columns) else None for place in range(len(cells))]
    everything = [word for cell in cells for word in cell]
    if not name.needed:
        return _standing_undivided(name, cells, targets, everything)
    if any(_is_whole(name, cell, target) for cell, target in zip(cells, targets, strict=True)):
        return "surely"
    if _in_columns_of_one(name, cells, targets):
        return "surely"
    part_of_each = all(any(_among(word, everything) for word in part) for part in (name.first, name.last))
    return "perhaps" if part_of_each else "not"


def _standing_undivided(
    name: Name, cells: Sequence[Sequence[Spelling]], targets: Sequence[Target | None], everything: Sequence[Spelling]
) -> Standing:
    """Of a company, and of who is known by one word."""
    if len(name.whole) > 1:
        scattered = len(name.telling) > 1 and all(_among(word, everything) for word in name.telling)
        return "perhaps" if scattered else "not"
    for cell, target in zip(cells, targets, strict=True):
        if target is not None and target.field in _WHOLE and len(cell) == 1 and _among(cell[0], name.whole):
            return "surely"
    return "perhaps" if _among(name.whole[0], everything) else "not"


def _is_whole(name: Name, cell: Sequence[Spelling], target: Target | None) -> bool:
    """*Muster, Max* and *Dr. MAX MUSTER*; *Max Emil Muster* where the column holds a person's name."""
    left = name.left_of(cell)
    if not all(_among(word, left) for word in name.needed):
        return False
    more = name.more(left)
    if not more:
        return True
    of_a_person = target is not None and target.field in _WHOLE and (target.field != "name" or target.contact > 0)
    return of_a_person and len(more) <= MORE_FIRST_NAMES and _among(left[0], name.first) and _among(left[-1], name.last)


def _in_columns_of_one(name: Name, cells: Sequence[Sequence[Spelling]], targets: Sequence[Target | None]) -> bool:
    """First and last name in the columns of one person, also where somebody has mixed the two up."""
    persons: dict[int, dict[str, list[Spelling]]] = {}
    for cell, target in zip(cells, targets, strict=True):
        if target is not None and target.field in (FIRST_NAME, LAST_NAME):
            persons.setdefault(target.contact, {}).setdefault(target.field, []).extend(name.left_of(cell))
    both = [(fields.get(FIRST_NAME, []), fields.get(LAST_NAME, [])) for fields in persons.values()]
    return any(_is_he(name, first, last) or _is_he(name, last, first) for first, last in both)


def _is_he(name: Name, first: Sequence[Spelling], last: Sequence[Spelling]) -> bool:
    if not first or name.more(last) or not all(_among(word, (*first, *last)) for word in name.needed):
        return False
    more = name.more(first)
    return not more or (_among(first[0], name.first) and len(more) <= MORE_FIRST_NAMES)

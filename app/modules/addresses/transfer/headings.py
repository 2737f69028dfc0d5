"""Which column is probably what: a proposal from the headings, and from the first rows where headings leave it open.

Pure. A person sees the proposal beside the rows and changes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.modules.addresses.fields import MAX_LABEL_LENGTH
from app.modules.addresses.folding import spelt_out
from app.modules.addresses.transfer import synonyms
from app.modules.addresses.transfer.targets import (
    FIRST_NAME,
    LABEL,
    LAST_NAME,
    MAX_CONTACTS_A_ROW,
    OF_CONTACTS,
    OF_NUMBERS,
    REPEATED,
    SWITCHBOARD,
    Target,
    target_of,
)

_WORDS = re.compile(r"[^\W\d_]+|\d+")
#: Telefon2Bezeichnung, phoneWork: a small letter, then a capital one.
_HUMP = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"\+?[\d\s()/.\-–]{6,}")
#: Fields that may belong to a contact or to the address: rows of one key with different values decide.
_EITHER = ("contact_person", "department", "email", "phone", "mobile", "fax")
_NAMES = ("name", FIRST_NAME, LAST_NAME)
_KEYS = (Target(0, "customer_number"), Target(0, "external_id"), Target(0, "supplier_number"))


def proposal(headings: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> tuple[str, ...]:
    """The probable target of each column, '' where there is none. ``rows`` are the first ones of the file."""
    found = [_target(heading) for heading in headings]
    _leave_out_ids(found, headings, rows)
    _share_names(found, headings)
    _give_to_contacts(found, rows)
    _drop_positions_of_nobody(found)
    return _each_once(found)


def proposal_without_headings(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The same for a file that names no columns: e-mail addresses and numbers are known by their looks."""
    width = max((len(row) for row in rows), default=0)
    found: list[Target | None] = []
    for place in range(width):
        cells = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        looks = [kind for kind, like in (("email", _EMAIL), ("phone", _NUMBER)) if _most(cells, like)]
        found.append(Target(0, looks[0]) if looks else None)
    return _each_once(found)


def known(headings: Sequence[str]) -> int:
    """How many of these headings mean something. One with a separator in it is several, read wrongly."""
    single = [heading for heading in headings if not any(sign in heading for sign in ";|\t")]
    return sum(_target(heading) is not None or is_ours(heading) for heading in single)


def is_ours(heading: str) -> bool:
    """Whether we put this column behind those of a file when we gave back what could not be imported."""
    return _plain(heading) in synonyms.OURS


def label_of(heading: str) -> str:
    """What a heading says of its numbers besides their kind: *Telefon privat* → *privat*; '' for *Telefon 2*."""
    kept = []
    words = _words(_without_contact(heading)[1])
    for word in words[2 if _speaks_of_others(words) else 0 :]:
        plain = spelt_out(word)
        if not plain.isdigit() and plain not in synonyms.EMPTY_WORDS and (_kind(plain) is None or plain == "zentrale"):
            kept.append(word)
    return " ".join(kept)[:MAX_LABEL_LENGTH]


def _words(heading: str) -> list[str]:
    return _WORDS.findall(_HUMP.sub(" ", heading))


def _speaks_of_others(words: Sequence[str]) -> bool:
    return _plain("".join(words[:2])) in synonyms.OTHER_NUMBERS


def _plain(heading: str) -> str:
    return "".join(_WORDS.findall(spelt_out(heading)))


def _target(heading: str) -> Target | None:
    plain = _plain(heading)
    if not plain or plain in synonyms.OURS:
        return None
    if plain in synonyms.ADDRESS:
        return Target(0, synonyms.ADDRESS[plain])
    if plain in synonyms.PERSONAL_KINDS:
        return Target(0, "kind")
    contact, rest = _without_contact(heading)
    field = _field_of_number(rest)
    if field in OF_NUMBERS:
        return Target(0, field)
    if contact:
        field = field or synonyms.CONTACT.get(_plain(rest), "" if _plain(rest) else "name")
        return Target(contact, field) if field else None
    if field is None and plain in synonyms.CONTACT:
        return Target(1, synonyms.CONTACT[plain])
    return Target(0, field) if field else None


def _without_contact(heading: str) -> tuple[int, str]:
    """*Ansprechpartner 2: Telefon* → 2, *Telefon*; 0 and the heading for one that does not speak of a contact."""
    words = _words(heading)
    first = spelt_out(words[0]) if words else ""
    begins = next((word for word in synonyms.CONTACT_WORDS if first.startswith(word)), None)
    if begins is None or (first != begins and begins == "ap"):
        return 0, heading
    # ansprechpartner1name: the number and the field in one word.
    rest = [first[len(begins) :], *words[1:]] if first != begins else words[1:]
    place = 1
    if rest and rest[0].isdigit():
        place = int(rest[0])
        rest = rest[1:]
    return (place, " ".join(rest)) if 1 <= place <= MAX_CONTACTS_A_ROW else (0, heading)


def _field_of_number(heading: str) -> str | None:
    """The kind of the numbers under this heading, ``label`` or ``switchboard``; None where it speaks of none."""
    words = [spelt_out(word) for word in _words(heading)]
    kinds = [kind for word in words if (kind := _kind(word))]
    other = _speaks_of_others(words)
    if not kinds and not other:
        return LABEL if len(words) == 1 and words[0] in synonyms.LABEL_WORDS else None
    if words[-1] in synonyms.LABEL_WORDS:
        return LABEL
    if any(said <= set(words[1:]) for said in synonyms.SWITCHBOARD_WORDS):
        return SWITCHBOARD
    return next((kind for kind, _begins in synonyms.NUMBER_WORDS if kind in kinds), "other")


def _kind(word: str) -> str | None:
    for kind, beginnings in synonyms.NUMBER_WORDS:
        if any(word == begins or (len(begins) > 3 and word.startswith(begins)) for begins in beginnings):
            return kind
    return "fax" if word.startswith("faxn") else None


def _leave_out_ids(found: list[Target | None], headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A column *firma* beside *name* that holds numbers is the id of a company, as in Xentral's tables."""
    named = [place for place, target in enumerate(found) if target == Target(0, "name")]
    for place in named if len(named) > 1 else ():
        cells = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        if _plain(headings[place]) in synonyms.COMPANIES and cells and all(cell.isdigit() for cell in cells):
            found[place] = None


def _share_names(found: list[Target | None], headings: Sequence[str]) -> None:
    """Beside a company's name the columns of a person's name are a contact's; *Name* beside *Vorname* is a surname."""
    firsts = [place for place, target in enumerate(found) if target == Target(0, FIRST_NAME)]
    lasts = [place for place, target in enumerate(found) if target == Target(0, LAST_NAME)]
    named = [place for place, target in enumerate(found) if target == Target(0, "name")]
    companies = [place for place in named if _plain(headings[place]) in synonyms.COMPANIES]
    plain_names = [place for place in named if place not in companies]
    if plain_names and firsts and not lasts:
        found[plain_names[0]] = Target(0, LAST_NAME)
        lasts, plain_names = plain_names[:1], plain_names[1:]
    elif plain_names and companies:
        found[plain_names[0]] = Target(1, "name")
    if not companies and not plain_names:
        return
    for place in (*firsts, *lasts):
        found[place] = Target(1, found[place].field)  # type: ignore[union-attr] # they were picked for what they are
    if firsts or lasts or Target(1, "name") in found:
        for place, heading in enumerate(headings):
            if _plain(heading) in synonyms.PERSONAL_KINDS:
                found[place] = Target(1, "kind")


def _give_to_contacts(found: list[Target | None], rows: Sequence[Sequence[str]]) -> None:
    """Rows of one customer with different persons: the columns that differ among them are the contacts'."""
    key = next((found.index(target) for target in _KEYS if target in found), None)
    if key is None:
        return
    groups: dict[str, list[Sequence[str]]] = {}
    for row in rows:
        if key < len(row) and row[key].strip():
            groups.setdefault(row[key].strip(), []).append(row)
    differ = {
        place
        for group in groups.values()
        for place in range(len(found))
        if len({row[place].strip() for row in group if place < len(row) and row[place].strip()}) > 1
    }
    person = [place for place, target in enumerate(found) if target == Target(0, "contact_person") and place in differ]
    named = any(target and target.contact and target.field in _NAMES for target in found)
    if not person and not named:
        return
    for place in sorted(differ):
        target = found[place]
        if target and target.contact == 0 and target.field in _EITHER:
            field = "name" if target.field == "contact_person" else target.field
            found[place] = Target(1, field) if field in OF_CONTACTS else target


def _drop_positions_of_nobody(found: list[Target | None]) -> None:
    named = {target.contact for target in found if target and target.contact and target.field in _NAMES}
    for place, target in enumerate(found):
        if target and target.contact and target.contact not in named:
            found[place] = None


def _each_once(found: Sequence[Target | None]) -> tuple[str, ...]:
    proposed: list[str] = []
    number_seen = False
    for target in found:
        text = str(target) if target else ""
        if text in proposed and target and target.field not in REPEATED:
            text = ""
        if text in OF_NUMBERS and not number_seen:
            text = ""
        number_seen = number_seen or bool(target and target.is_number)
        proposed.append(text if target_of(text) else "")
    return tuple(proposed)


def _most(cells: Sequence[str], like: re.Pattern[str]) -> bool:
    return bool(cells) and sum(bool(like.fullmatch(cell)) for cell in cells) * 2 > len(cells)

"""Keeps what the search looks through, in the transaction that changes an address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.core.database import transaction
from app.core.phones import index_token
from app.modules.addresses import vocabulary
from app.modules.addresses.derived import SEARCHED, SEARCHED_OF_CONTACTS
from app.modules.addresses.documents import Document, document, vocabulary_of
from app.modules.addresses.models import SEARCH_INDEX, Address, Contact, PhoneNumber, SearchEntry

#: Addresses that are read at once.
BATCH = 500

_ENTRY = cast(Table, SearchEntry.__table__)
_INSERT = insert(_ENTRY)
_UPDATE = update(_ENTRY).where(_ENTRY.c.address_id == bindparam("entry")).values(text=bindparam("new"))

_CHECK = f"INSERT INTO {SEARCH_INDEX}({SEARCH_INDEX}, rank) VALUES ('integrity-check', 1)"  # noqa: S608 (a name of ours)
_REBUILD = f"INSERT INTO {SEARCH_INDEX}({SEARCH_INDEX}) VALUES ('rebuild')"  # noqa: S608 (a name of ours)


def index_addresses(session: Session, address_ids: Iterable[int]) -> int:
    """Bring the entries of these addresses up to date with what is stored; how many differed.

    Whoever changes an address, its contacts or their numbers calls it once at the end of the transaction, with all
    ids. Five queries for 500 addresses, and the writes.
    """
    ids = sorted(set(address_ids))
    return sum(_index(session, ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


def index_new(session: Session, documents: Mapping[int, Document]) -> None:
    """Add the entries of addresses that this very transaction has stored, by their ids: nothing is read."""
    ids = sorted(documents)
    for start in range(0, len(ids), BATCH):
        _store(session, {one: documents[one] for one in ids[start : start + BATCH]}, {})


def forget_address(session: Session, address_id: int) -> None:
    """Take an address out of the search before its row goes, and its words out of the vocabulary."""
    _store(session, {}, _stored(session, [address_id]), gone=[address_id])


def rebuild_index() -> tuple[int, int]:
    """Compare every entry and the vocabulary with the addresses, and mend them; how many there are, how many differed.

    Each 500 are a transaction, so that others can save meanwhile.
    """
    with transaction() as session:
        _check_virtual_table(session)
    seen = changed = last = 0
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    while True:
        with transaction() as session:
            ids = list(
                session.execute(select(Address.id).where(Address.id > last).order_by(Address.id).limit(BATCH)).scalars()
            )
            if not ids:
                vocabulary.recounted(session, counts, written)
                return seen, changed
            documents = _documents(session, ids)
            changed += _store(session, documents, _stored(session, ids))
        last = ids[-1]
        seen += len(ids)
        for one in documents.values():
            counts.update(one.vocabulary.keys())
            for folded, word in one.vocabulary.items():
                written.setdefault(folded, word)


def _index(session: Session, ids: Sequence[int]) -> int:
    documents = _documents(session, ids)
    return _store(session, documents, _stored(session, ids), gone=set(ids) - documents.keys())


def _documents(session: Session, ids: Sequence[int]) -> dict[int, Document]:
    """What the search should look through; addresses that do not exist are left out."""
    addresses = session.execute(select(Address.id, *_columns(Address, SEARCHED)).where(Address.id.in_(ids))).all()
    texts: dict[int, list[str | None]] = {row[0]: list(row[1:]) for row in addresses}
    tokens: dict[int, list[str]] = {one: [] for one in texts}
    people = select(Contact.address_id, *_columns(Contact, SEARCHED_OF_CONTACTS)).where(
        Contact.address_id.in_(ids), Contact.archived_at.is_(None)
    )
    for row in session.execute(people.order_by(Contact.sort, Contact.id)):
        texts[row[0]] += row[1:]
    numbers = (
        select(PhoneNumber.address_id, PhoneNumber.e164, PhoneNumber.raw)
        .outerjoin(Contact, Contact.id == PhoneNumber.contact_id)
        .where(PhoneNumber.address_id.in_(ids), Contact.archived_at.is_(None))
        .order_by(PhoneNumber.sort, PhoneNumber.id)
    )
    for address_id, e164, raw in session.execute(numbers):
        tokens[address_id].append(index_token(e164, raw))
    return {one: document(texts[one], tokens[one]) for one in texts}


def _stored(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The texts that are stored."""
    entries = select(SearchEntry.address_id, SearchEntry.text).where(SearchEntry.address_id.in_(ids))
    return dict(session.execute(entries).all())


def _store(
    session: Session, documents: Mapping[int, Document], stored: Mapping[int, str], gone: Iterable[int] = ()
) -> int:
    missing = list(gone)
    new = [one for one in documents if one not in stored]
    changed = [one for one in documents if one in stored and documents[one].text != stored[one]]
    lost = [one for one in missing if one in stored]
    if lost:
        session.execute(
            delete(SearchEntry).where(SearchEntry.address_id.in_(lost)),
            execution_options={"synchronize_session": False},
        )
    if new:
        rows = [{"address_id": one, "text": documents[one].text} for one in new]
        session.connection().execute(_INSERT, rows)
    if changed:
        session.connection().execute(_UPDATE, [{"entry": one, "new": documents[one].text} for one in changed])
    changes: Counter[str] = Counter()
    written: dict[str, str] = {}
    for one in (*new, *changed):
        written.update(documents[one].vocabulary)
        changes.update(documents[one].vocabulary.keys())
    for one in (*changed, *lost):
        changes.subtract(vocabulary_of(stored[one]))
    if changes:
        vocabulary.recount(session, written, changes)
    return len(new) + len(changed) + len(lost)


def _columns(table: Any, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(getattr(table, name) for name in names)


def _check_virtual_table(session: Session) -> None:
    """SQLite's index is built anew where it does not agree with the entries."""
    if session.get_bind().dialect.name != "sqlite":
        return
    try:
        with session.begin_nested():
            session.execute(text(_CHECK))
    except DatabaseError:
        session.execute(text(_REBUILD))

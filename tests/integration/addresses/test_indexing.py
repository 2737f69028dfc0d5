"""The search's entries and vocabulary follow every change of an address, in its transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import delete, event, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.core.phones import index_token
from app.modules.addresses import contacts, services
from app.modules.addresses.correcting import spellings
from app.modules.addresses.documents import vocabulary_of
from app.modules.addresses.indexing import _documents, index_addresses
from app.modules.addresses.models import SEARCH_INDEX, Address, Contact, SearchEntry, Spelling, Word
from app.modules.addresses.records import NumberInput
from app.modules.addresses.vocabulary import MANY
from tests.integration.addresses.conftest import person
from tests.integration.addresses.importing import run


def entry(address_id: int) -> str:
    with reading() as session:
        return session.execute(select(SearchEntry.text).where(SearchEntry.address_id == address_id)).scalar_one()


def assert_in_step() -> None:
    """Entries, their index and the vocabulary say what the addresses say."""
    with reading() as session:
        stored = dict(session.execute(select(SearchEntry.address_id, SearchEntry.text)).all())
        ids = list(session.execute(select(Address.id)).scalars())
        assert stored == {one: made.text for one, made in _documents(session, ids).items()}
        counts = Counter(word for text_ in stored.values() for word in vocabulary_of(text_))
        assert dict(session.execute(select(Word.word, Word.count)).all()) == counts
        spelt = {(word, one) for word in counts if len(word) > 3 for one in spellings(word)}
        assert set(session.execute(select(Spelling.word, Spelling.spelling)).all()) == spelt
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text(f"INSERT INTO {SEARCH_INDEX}({SEARCH_INDEX}, rank) VALUES ('integrity-check', 1)"))


@pytest.fixture
def rheinwerk(make_address: Callable[..., int]) -> int:
    return make_address(
        "Rheinwerk GmbH",
        "030 23125-100",
        city="Köln",
        contacts=[person("Max Müller", "0171 3920023", position="Einkauf")],
    )


def test_an_entry_holds_the_words_and_numbers_of_an_address_and_its_contacts(rheinwerk: int) -> None:
    assert entry(rheinwerk) == (
        " rheinwerk gmbh koeln koln 10000 max mueller muller einkauf 49030" + "23125100 4901713920023 "
    )
    assert_in_step()


def test_it_follows_every_change(rheinwerk: int, make_address: Callable[..., int]) -> None:
    services.update_address(rheinwerk, None, {"name": "Rheinwerk AG"}, [NumberInput("0221 4710 1")])
    assert " ag " in entry(rheinwerk)
    assert " 4902214710" + "1 " in entry(rheinwerk)
    assert_in_step()
    contact = contacts.add_contact(rheinwerk, person("Rosa Rot", "unlesbar 4711 00"))
    assert " rosa rot " in entry(rheinwerk)
    assert " 471100 " in entry(rheinwerk)
    contacts.archive_contact(contact)
    assert " rosa " not in entry(rheinwerk)
    assert " 471100 " not in entry(rheinwerk)
    assert_in_step()
    contacts.restore_contact(contact)
    services.update_address(rheinwerk, None, {"city": "Bonn"}, contacts=[])
    assert_in_step()
    services.archive(rheinwerk)
    services.update_address(make_address("Sonnenschein"), None, {"country": "AT"})
    assert_in_step()


def test_what_is_rolled_back_leaves_no_trace(rheinwerk: int) -> None:
    with pytest.raises(ZeroDivisionError):
        _fail_after_a_change(rheinwerk)
    assert_in_step()


def _fail_after_a_change(address_id: int) -> None:
    with transaction() as session:
        session.execute(update(Address).values(name="Anders").execution_options(synchronize_session=False))
        index_addresses(session, [address_id])
        raise ZeroDivisionError


def test_the_entry_of_a_removed_address_goes_with_it(rheinwerk: int, make_address: Callable[..., int]) -> None:
    gone = make_address("Sonnenschein")
    with transaction() as session:
        session.execute(update(Address).values(name="Anders").execution_options(synchronize_session=False))
        index_addresses(session, [gone, rheinwerk])
        session.execute(delete(Address).where(Address.id == gone).execution_options(synchronize_session=False))
        assert session.execute(select(func.count()).select_from(SearchEntry)).scalar_one() == 1
    with transaction() as session:
        assert index_addresses(session, [gone]) == 0


def test_many_addresses_are_indexed_in_few_statements(kernel: Any, make_address: Callable[..., int]) -> None:
    like = make_address("Muster")
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    with transaction() as session:
        row = dict(session.execute(select(Address.__table__).where(Address.id == like)).mappings().one())
        ids = range(like + 1, like + 301)
        session.execute(
            insert(Address),
            [row | {"id": one, "name": f"Firma {one} Hof", "customer_number": str(one + 90000)} for one in ids],
        )
        event.listen(kernel.database.engine, "before_cursor_execute", note)
        assert index_addresses(session, ids) == 300
        event.remove(kernel.database.engine, "before_cursor_execute", note)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT setval('addresses_address_id_seq', 10000)"))
    assert len(statements) < 15


def test_a_word_of_many_addresses_is_counted_no_further(make_address: Callable[..., int]) -> None:
    first = make_address("Sonnenschein")
    with transaction() as session:
        session.execute(update(Word).where(Word.word == "sonnenschein").values(count=MANY))
    make_address("Sonnenschein Zwei")
    services.update_address(first, None, {"name": "Anders"})
    assert _count("sonnenschein") == MANY


def _count(word: str) -> int | None:
    with reading() as session:
        return session.execute(select(Word.count).where(Word.word == word)).scalar_one_or_none()


def test_the_command_mends_entries_and_vocabulary(app: Flask, rheinwerk: int, make_address: Callable[..., int]) -> None:
    make_address("Sonnenschein")
    with transaction() as session:
        _damage(session, rheinwerk)
    done = CliRunner().invoke(app.cli, ["addresses", "rebuild"])
    assert done.output.splitlines()[-1] == "Compared the search's entries of 2 addresses, 1 of them changed."
    assert_in_step()
    again = CliRunner().invoke(app.cli, ["addresses", "rebuild"])
    assert again.output.splitlines()[-1] == "Compared the search's entries of 2 addresses, 0 of them changed."


def _damage(session: Session, address_id: int) -> None:
    session.execute(update(SearchEntry).where(SearchEntry.address_id == address_id).values(text=" falsch "))
    session.execute(delete(Word).where(Word.word == "rheinwerk").execution_options(synchronize_session=False))
    session.execute(update(Word).where(Word.word == "gmbh").values(count=7))
    session.execute(insert(Word), [{"word": "niemand", "written": "Niemand", "count": 3}])
    if session.get_bind().dialect.name == "sqlite":
        values = {"id": address_id, "text": "what was never there"}
        session.execute(text(f"INSERT INTO {SEARCH_INDEX}(rowid, text) VALUES (:id, :text)"), values)


def test_what_an_import_writes_for_the_search_is_what_would_be_read_from_its_addresses(app: Flask) -> None:
    headings = "Name;Ort;Telefon;Telefon 2;Ansprechpartner 1 Name;Ansprechpartner 1 Telefon"
    row = "Müllerei {0} & Söhne;Köln;0221 4710-{0}0;0221 4711-{0}0;Jörg Groß-Weiß {0};0221 4710-{0}7 / 0171 39200{0}1"
    run("\n".join([headings, *(row.format(place) for place in range(10, 15)), ""]))
    with reading() as session:
        text_ = session.execute(select(SearchEntry.text).order_by(SearchEntry.address_id).limit(1)).scalar_one()
    e164s = ("+492214710100", "+492214711100", "+492214710107", "+4917139200101")
    assert {"muellerei", "koeln", "jorg", *(index_token(e164, "") for e164 in e164s)} <= {*text_.split()}
    assert_in_step()


def test_words_that_several_save_at_once_are_counted_once_each(own_app: Flask) -> None:
    start = Barrier(6)
    failed: list[BaseException] = []

    def save(place: int) -> None:
        try:
            with own_app.app_context():
                start.wait(10)
                for turn in range(3):
                    one = services.create_address(
                        {"name": "Sonnenschein Zander Adler" if place % 2 else "Adler Zander"}
                    )
                    services.update_address(one, None, {"name": f"Mond{'lichtung' * turn}"})
        except BaseException as error:  # noqa: BLE001 (whatever it is, the test shows it)
            failed.append(error)

    threads = [Thread(target=save, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    with own_app.app_context():
        assert_in_step()
        with reading() as session:
            assert session.execute(select(func.count()).select_from(Contact)).scalar_one() == 0
            assert session.execute(select(func.count()).select_from(Address)).scalar_one() == 18

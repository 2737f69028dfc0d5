"""Give a number to an address or a contact that is there already, and take it back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app.core.database import reading
from app.modules.addresses import contacts, services
from app.modules.addresses.adding import add_number, holders, take_back
from app.modules.addresses.additions import GivenNumber, NotAdded, Owner, Seen
from app.modules.addresses.note_reading import get_note
from app.modules.addresses.note_services import NoteInput, create_note, update_note
from app.modules.addresses.numbers import guessed_kind
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail, ContactInput, Invalid, NumberInput
from tests.integration.addresses.conftest import found, names, person

CALLER = GivenNumber("0171392001", "+491713920010")
DIRECT = GivenNumber("022147 1057", "+49221471057", "+492214710")
NOBODY = GivenNumber("0123456789", None)


def _get(address_id: int) -> AddressDetail:
    address = get_address(address_id)
    assert address is not None
    return address


def _raws(address_id: int, *, contact: int | None = None) -> list[str]:
    address = _get(address_id)
    owner = address if contact is None else next(one for one in address.contacts if one.id == contact)
    return [number.raw for number in owner.numbers]


def _refused(*given: Any, **more: Any) -> NotAdded:
    with pytest.raises(NotAdded) as refused:
        add_number(*given, **more)
    return refused.value


def test_an_address_gets_a_number_and_is_found_by_it(make_address: Callable[..., int], heard: list[Any]) -> None:
    address_id = make_address("Rheinwerk", "030 23125 100")
    before = _get(address_id).version
    heard.clear()
    added = add_number(CALLER, Owner(address_id), Seen(), kind="mobile", label=" privat \n ")
    assert (added.address_id, added.contact_id, added.name, added.company) == (
        address_id,
        None,
        "Rheinwerk",
        "Rheinwerk",
    )
    assert [(one.raw, one.kind, one.label) for one in _get(address_id).numbers] == [
        ("030 23125 100", "phone", ""),
        ("+49 171 3920010", "mobile", "privat"),
    ]
    assert names("+491713920010") == ["Rheinwerk"]
    assert _get(address_id).version == before + 1
    assert "+491713920010" in heard[0].e164s
    assert heard[0].address_id == address_id


def test_a_contact_gets_a_number_and_the_others_keep_theirs(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max", "030 23125 123"), person("Eva", "030 23125 124")])
    eva = _get(address_id).contacts[1]
    added = add_number(CALLER, Owner(address_id, eva.id), Seen("Eva"))
    assert (added.contact_id, added.name, added.company) == (eva.id, "Eva", "Rheinwerk")
    assert _raws(address_id, contact=eva.id) == ["030 23125 124", "+49 171 3920010"]
    assert names("+491713920010") == ["Eva"]
    assert names("+493023125123") == ["Max"]


def test_a_new_contact_is_added_with_it(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", "0221 4710-0", contacts=[person("Max")])
    added = add_number(DIRECT, Owner(address_id, new_contact="  Rosa   Rot "), Seen("Rheinwerk"))
    assert [one.name for one in _get(address_id).contacts] == ["Max", "Rosa Rot"]
    assert (added.name, added.contact_version) == ("Rosa Rot", 1)
    match = found("+49221471057").matches[0]
    assert (match.grade, match.name, match.company) == ("exact", "Rosa Rot", "Rheinwerk")
    # The Durchwahl is set apart, and it is no switchboard of its own.
    assert _raws(address_id, contact=added.contact_id) == ["+49 221 4710-57"]
    assert found("+49221471058").grade == "switchboard"


@pytest.mark.parametrize("country", ["DE", "AT", "CH", "DK", "IT", "US"])
def test_the_number_stays_right_whatever_the_country_of_its_owner(
    make_address: Callable[..., int], country: str
) -> None:
    address_id = make_address("Rheinwerk", country=country)
    add_number(CALLER, Owner(address_id), Seen())
    assert [one.e164 for one in _get(address_id).numbers] == ["+491713920010"]
    services.update_address(address_id, None, {"country": "FR"})
    assert [one.e164 for one in _get(address_id).numbers] == ["+491713920010"]


def test_a_number_of_no_plan_is_kept_as_it_came(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk")
    add_number(NOBODY, Owner(address_id), Seen())
    (number,) = _get(address_id).numbers
    assert (number.raw, number.e164, number.problem) == ("0123456789", None, "invalid")


def test_a_number_of_no_plan_never_becomes_a_foreigners(make_address: Callable[..., int]) -> None:
    """In Vienna 01 23456789 is somebody, and in Denmark every eight digits are."""
    vienna, copenhagen = make_address("Wien", country="AT"), make_address("Kopenhagen", country="DK")
    add_number(NOBODY, Owner(vienna), Seen())
    (number,) = _get(vienna).numbers
    assert (number.raw, number.e164) == ("+49 123456789", None)
    assert _refused(GivenNumber("33121234", None), Owner(copenhagen), Seen()).reason == "misread"
    assert _get(copenhagen).numbers == ()


def test_what_is_added_twice_is_stored_once(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", "0171 39200 10", contacts=[person("Max")])
    refused = _refused(CALLER, Owner(address_id), Seen(holders=frozenset({(address_id, None)})))
    assert (refused.reason, refused.name) == ("has_it", "Rheinwerk")
    add_number(NOBODY, Owner(address_id), Seen())
    assert _refused(NOBODY, Owner(address_id), Seen()).reason == "has_it"
    add_number(DIRECT, Owner(address_id, new_contact="Rosa Rot"), Seen())
    again = _refused(DIRECT, Owner(address_id, new_contact="rosa  ROT"), Seen())
    assert (again.reason, again.name) == ("has_it", "Rosa Rot")
    assert [one.name for one in _get(address_id).contacts] == ["Max", "Rosa Rot"]
    assert len(_get(address_id).numbers) == 2


def test_a_contact_who_is_there_is_not_added_again(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Jörg Müller")])
    refused = _refused(CALLER, Owner(address_id, new_contact="jörg müller"), Seen())
    assert (refused.reason, refused.name) == ("contact_exists", "Jörg Müller")
    assert refused.contact_id == _get(address_id).contacts[0].id
    contacts.archive_contact(_get(address_id).contacts[0].id)
    assert add_number(CALLER, Owner(address_id, new_contact="Jörg Müller"), Seen()).name == "Jörg Müller"


def test_others_who_got_the_number_meanwhile_are_named_first(make_address: Callable[..., int]) -> None:
    mine, other = make_address("Rheinwerk"), make_address("Isarwerk", contacts=[person("Max", "0171 39200 10")])
    max_id = _get(other).contacts[0].id
    refused = _refused(CALLER, Owner(mine), Seen())
    assert refused.reason == "elsewhere"
    assert [(one.address_id, one.contact_id, one.name, one.company) for one in refused.owners] == [
        (other, max_id, "Max", "Isarwerk")
    ]
    assert _get(mine).numbers == ()
    add_number(CALLER, Owner(mine), Seen(holders=frozenset({(other, max_id)})))
    assert names("+491713920010") == ["Max", "Rheinwerk"]


def test_who_is_archived_has_a_number_no_more(make_address: Callable[..., int]) -> None:
    old, left = make_address("Alt", "0171 39200 10"), make_address("Ex", contacts=[person("Max", "0171 39200 10")])
    services.archive(old)
    contacts.archive_contact(_get(left).contacts[0].id)
    with reading() as session:
        assert holders(session, "+491713920010") == []
    add_number(CALLER, Owner(make_address("Neu")), Seen())


def test_an_owner_who_went_gets_nothing(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max")])
    other = make_address("Isarwerk", contacts=[person("Eva")])
    max_id, eva_id = _get(address_id).contacts[0].id, _get(other).contacts[0].id
    assert _refused(CALLER, Owner(4711), Seen()).reason == "gone"
    assert _refused(CALLER, Owner(address_id, 4711), Seen()).reason == "contact_gone"
    assert _refused(CALLER, Owner(address_id, eva_id), Seen()).reason == "contact_gone"
    contacts.archive_contact(max_id)
    refused = _refused(CALLER, Owner(address_id, max_id), Seen())
    assert (refused.reason, refused.name) == ("contact_gone", "Max")
    services.archive(address_id)
    for owner in (Owner(address_id), Owner(address_id, max_id), Owner(address_id, new_contact="Rosa")):
        refused = _refused(CALLER, owner, Seen())
        assert (refused.reason, refused.name) == ("archived", "Rheinwerk")
    assert found("+491713920010").grade == "none"


def test_an_owner_who_became_another_gets_nothing_unseen(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max")])
    max_id = _get(address_id).contacts[0].id
    contacts.update_contact(max_id, None, ContactInput("Moritz"))
    refused = _refused(CALLER, Owner(address_id, max_id), Seen("Max"))
    assert (refused.reason, refused.name) == ("renamed", "Moritz")
    services.update_address(address_id, None, {"name": "Rheinwerk AG"})
    assert _refused(CALLER, Owner(address_id), Seen("Rheinwerk")).name == "Rheinwerk AG"
    assert _refused(CALLER, Owner(address_id, new_contact="Rosa"), Seen("Rheinwerk")).reason == "renamed"
    add_number(CALLER, Owner(address_id, max_id), Seen("Moritz"))


@pytest.mark.parametrize(
    ("owner", "more", "problem"),
    [
        ("", {"kind": "pigeon"}, {"kind": "unknown_kind"}),
        ("", {"label": "x" * 101}, {"label": "too_long"}),
        ("x" * 201, {}, {"name": "too_long"}),
    ],
)
def test_what_cannot_be_stored_is_named(
    make_address: Callable[..., int], owner: str, more: dict[str, Any], problem: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        add_number(CALLER, Owner(make_address("Rheinwerk"), new_contact=owner), Seen(), **more)
    assert refused.value.problems == problem


def test_an_owner_has_fifty_numbers_at_most(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", *(f"0221 4710 {place:03}" for place in range(50)))
    with pytest.raises(Invalid):
        add_number(CALLER, Owner(address_id), Seen())
    assert len(_get(address_id).numbers) == 50


def test_notes_about_the_caller_get_the_owner(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max")])
    max_id = _get(address_id).contacts[0].id
    loose = create_note(NoteInput("Angebot", origin="call:5"))
    placed = create_note(NoteInput("Anderswo", origin="call:5", address_id=make_address("Isarwerk")))
    added = add_number(CALLER, Owner(address_id, max_id), Seen(), origin="call:5")
    with reading() as session:
        note, other = get_note(session, loose), get_note(session, placed)
    assert note is not None
    assert other is not None
    assert (note.address_id, note.contact_id) == (address_id, max_id)
    assert other.address_id != address_id
    assert added.notes == ((loose, note.version),)


def test_it_is_taken_back_as_if_nothing_had_been(make_address: Callable[..., int], heard: list[Any]) -> None:
    address_id = make_address("Rheinwerk", "030 23125 100")
    note_id = create_note(NoteInput("Angebot", origin="call:5"))
    added = add_number(CALLER, Owner(address_id), Seen(), origin="call:5")
    heard.clear()
    take_back(added)
    assert _raws(address_id) == ["030 23125 100"]
    assert found("+491713920010").grade == "none"
    assert any("+491713920010" in getattr(event, "e164s", ()) for event in heard)
    with reading() as session:
        note = get_note(session, note_id)
    assert note is not None
    assert (note.address_id, note.contact_id) == (None, None)
    with pytest.raises(NotAdded) as refused:
        take_back(added)
    assert refused.value.reason == "changed"


def test_a_contact_that_came_with_it_goes_with_it(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max")])
    note_id = create_note(NoteInput("Angebot", origin="call:5"))
    added = add_number(CALLER, Owner(address_id, new_contact="Rosa"), Seen(), origin="call:5")
    take_back(added)
    address = _get(address_id)
    assert [one.name for one in (*address.contacts, *address.former_contacts)] == ["Max"]
    with reading() as session:
        note = get_note(session, note_id)
    assert note is not None
    assert (note.address_id, note.contact_id) == (None, None)


def test_a_contact_that_somebody_worked_on_stays_without_the_number(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk")
    edited = add_number(CALLER, Owner(address_id, new_contact="Rosa"), Seen())
    contacts.update_contact(
        edited.contact_id or 0, None, ContactInput("Rosa", "Einkauf", numbers=(NumberInput(edited.raw),))
    )
    noted = add_number(DIRECT, Owner(address_id, new_contact="Nora"), Seen())
    create_note(NoteInput("Angebot", address_id=address_id, contact_id=noted.contact_id))
    take_back(edited)
    take_back(noted)
    assert [(one.name, one.numbers) for one in _get(address_id).contacts] == [("Rosa", ()), ("Nora", ())]


def test_what_somebody_changed_since_is_not_taken_back(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk")
    added = add_number(CALLER, Owner(address_id), Seen(), kind="mobile")
    services.update_address(address_id, None, {}, [NumberInput(added.raw, "phone", "Pforte")])
    with pytest.raises(NotAdded) as refused:
        take_back(added)
    assert refused.value.reason == "changed"
    assert _raws(address_id) == [added.raw]
    services.update_address(address_id, None, {}, [NumberInput(added.raw, "mobile"), NumberInput("030 23125 100")])
    services.archive(address_id)
    take_back(added)
    assert _raws(address_id) == ["030 23125 100"]


def test_a_note_that_somebody_changed_since_keeps_its_address(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk")
    note_id = create_note(NoteInput("Angebot", origin="call:5"))
    added = add_number(CALLER, Owner(address_id), Seen(), origin="call:5")
    update_note(note_id, None, NoteInput("Angebot geschrieben", address_id=address_id))
    take_back(added)
    with reading() as session:
        note = get_note(session, note_id)
    assert note is not None
    assert note.address_id == address_id


def test_two_who_give_it_to_different_addresses_at_once_do_not_both_do_so_unseen(own_app: Flask) -> None:
    with own_app.app_context():
        addresses = [
            services.create_address({"name": name}) for name in ("Rheinwerk", "Isarwerk", "Elbwerk", "Elbwerk 2")
        ]
    begin = threading.Barrier(len(addresses))

    def add(address_id: int) -> str:
        with own_app.app_context():
            begin.wait(10)
            try:
                return add_number(CALLER, Owner(address_id), Seen()).name
            except NotAdded as refused:
                return refused.reason

    with ThreadPoolExecutor(len(addresses)) as pool:
        said = list(pool.map(add, addresses))
    assert said.count("elsewhere") == len(addresses) - 1, said


def test_a_double_press_at_once_adds_one_contact(own_app: Flask) -> None:
    with own_app.app_context():
        address_id = services.create_address({"name": "Rheinwerk"})
    begin = threading.Barrier(4)

    def add(_press: int) -> str:
        with own_app.app_context():
            begin.wait(10)
            try:
                return add_number(CALLER, Owner(address_id, new_contact="Rosa Rot"), Seen()).name
            except NotAdded as refused:
                return refused.reason

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == ["Rosa Rot", "has_it", "has_it", "has_it"]
    with own_app.app_context():
        assert [one.name for one in _get(address_id).contacts] == ["Rosa Rot"]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("0171 39200 10", "mobile"),
        ("015123456789", "mobile"),
        ("+43 676 1234567", "mobile"),
        ("+41 79 123 45 67", "mobile"),
        ("0221 4710 57", "phone"),
        ("0123456789", "phone"),
        ("", "phone"),
    ],
)
def test_the_kind_is_proposed_by_the_number(raw: str, kind: str) -> None:
    assert guessed_kind(raw, "DE") == kind

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.core.clock import FixedClock
from app.core.database import reading
from app.modules.addresses import contacts as contact_services
from app.modules.addresses import services
from app.modules.addresses.events import NumbersChanged
from app.modules.addresses.models import Address
from app.modules.addresses.reading import get_address, get_contact, page_after
from app.modules.addresses.records import AddressDetail, ContactInput, Invalid, NoSuchAddress, NumberInput, Stale
from tests.integration.addresses.conftest import names, person


def _get(address_id: int) -> AddressDetail:
    address = get_address(address_id)
    assert address is not None
    return address


def test_a_name_is_enough(make_address: Callable[..., int]) -> None:
    address = _get(make_address("Kiosk am Eck"))
    assert (address.name, address.kind, address.country, address.version) == ("Kiosk am Eck", "company", "DE", 1)
    assert address.is_customer
    assert address.customer_number == "10000"
    assert address.supplier_number is None


def test_everything_given_is_kept(make_address: Callable[..., int], make_user: Callable[..., int]) -> None:
    anna = make_user("anna", name="Anna Schmidt")
    given = {
        "kind": "ms",
        "contact_person": "Zentrale",
        "department": "Einkauf",
        "subdepartment": "Nord",
        "address_supplement": "Hinterhaus",
        "street": "Marktplatz 4",
        "postcode": "80331",
        "city": "München",
        "country": "AT",
        "email": "info@muster.example",
        "website": "www.muster.example",
        "salutation": "Sehr geehrte Frau Muster",
        "language": "de",
        "vat_id": "DE123456789",
        "customer_number": "K-7",
        "supplier_number": "L-8",
        "external_id": "4711",
        "account_manager_id": anna,
        "inside_sales_id": anna,
        "is_customer": True,
        "is_supplier": True,
        "is_employee": True,
        "delivery_block": True,
        "delivery_block_reason": "offen",
        "notes": "Zeile 1\nZeile 2",
    }
    address = _get(make_address("Erika Muster", **given))
    assert {field: getattr(address, field) for field in given} == given
    assert address.account_manager_name == "Anna Schmidt"
    assert address.delivery_block_date is not None, "a block without a date begins today"


def test_numbers_are_kept_as_typed_and_read_by_the_country(make_address: Callable[..., int]) -> None:
    own = [NumberInput("030 23125-100", "phone", "Zentrale"), NumberInput("DW 12 fragen", "other")]
    address = _get(make_address("Rheinwerk", *own, contacts=[person("Max", "0171 3920010")]))
    assert [(n.raw, n.e164, n.kind, n.label, n.problem) for n in address.numbers] == [
        ("030 23125-100", "+493023125100", "phone", "Zentrale", None),
        ("DW 12 fragen", None, "other", "", address.numbers[1].problem),
    ]
    assert address.numbers[1].problem
    assert address.contacts[0].numbers[0].e164 == "+491713920010"


def test_another_country_reads_the_same_digits_again(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", "030 23125 100", contacts=[person("Max", "030 23125 123")])
    services.update_address(address_id, 1, {"country": "AT"})
    address = _get(address_id)
    assert address.numbers[0].e164 != "+493023125100"
    assert address.contacts[0].numbers[0].e164 != "+493023125123"
    services.update_address(address_id, 2, {"country": "DE"})
    assert _get(address_id).contacts[0].numbers[0].e164 == "+493023125123"


def test_who_saves_an_older_version_is_told_and_changes_nothing(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", "030 23125 100")
    services.update_address(address_id, 1, {"city": "Berlin"})
    with pytest.raises(Stale) as stale:
        services.update_address(address_id, 1, {"city": "Bonn"}, [])
    assert stale.value.version == 2
    assert (_get(address_id).city, len(_get(address_id).numbers)) == ("Berlin", 1)
    assert services.update_address(address_id, 2, {"city": "Bonn"}) == 3


def test_saving_what_is_stored_already_changes_nothing(make_address: Callable[..., int], heard: list[Any]) -> None:
    address_id = make_address("Rheinwerk", "030 23125 100", contacts=[person("Max")])
    heard.clear()
    before = _get(address_id)
    contacts = [ContactInput(one.name, id=one.id) for one in before.contacts]
    assert services.update_address(address_id, 1, {"name": "Rheinwerk"}, [NumberInput("030 23125 100")], contacts) == 1
    assert _get(address_id) == before
    assert heard == []


def test_contacts_left_out_of_the_list_are_archived_not_lost(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max", "030 23125 123"), person("Özlem")])
    keep = _get(address_id).contacts[1]
    services.update_address(address_id, None, {}, None, [ContactInput("Neu"), ContactInput("Özlem Y.", id=keep.id)])
    address = _get(address_id)
    assert [contact.name for contact in address.contacts] == ["Neu", "Özlem Y."]
    assert [contact.name for contact in address.former_contacts] == ["Max"]


def test_a_contact_of_another_address_is_refused(make_address: Callable[..., int]) -> None:
    theirs = _get(make_address("Andere", contacts=[person("Fremd")])).contacts[0]
    address_id = make_address("Rheinwerk")
    with pytest.raises(Invalid, match="unknown_contact"):
        services.update_address(address_id, None, {}, None, [ContactInput("Fremd", id=theirs.id)])


def test_an_archived_address_is_kept_and_comes_back(make_address: Callable[..., int], heard: list[Any]) -> None:
    address_id = make_address("Rheinwerk", "030 23125 100")
    heard.clear()
    services.archive(address_id)
    services.archive(address_id)
    assert _get(address_id).archived_at is not None
    services.restore(address_id)
    assert _get(address_id).archived_at is None
    assert heard == [NumbersChanged(frozenset({"+493023125100"}), address_id)] * 2


def test_what_does_not_exist_is_said(app: object) -> None:
    for use_case in (
        lambda: services.update_address(99, None, {}),
        lambda: services.archive(99),
        lambda: contact_services.add_contact(99, ContactInput("Max")),
        lambda: contact_services.archive_contact(99),
    ):
        with pytest.raises(NoSuchAddress):
            use_case()
    assert get_address(99) is None
    assert get_contact(99) is None


def test_events_name_the_numbers_before_and_after(make_address: Callable[..., int], heard: list[Any]) -> None:
    address_id = make_address("Rheinwerk", "030 23125 100")
    assert heard == [NumbersChanged(frozenset({"+493023125100"}), address_id)]
    heard.clear()
    services.update_address(address_id, None, {}, [NumberInput("030 23125 20-0")])
    assert heard == [
        NumbersChanged(frozenset({"+493023125100", "+493023125200"}), address_id, frozenset({"+49302312520"}))
    ]
    heard.clear()
    services.update_address(address_id, None, {"name": "Rheinwerk Maschinenbau"})
    assert heard == [NumbersChanged(frozenset({"+493023125200"}), address_id, frozenset({"+49302312520"}))]
    heard.clear()
    services.update_address(address_id, None, {"city": "Berlin"})
    assert heard == []


def test_a_contact_is_added_changed_archived_and_restored(
    make_address: Callable[..., int], clock: FixedClock, heard: list[Any]
) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max")])
    new = contact_services.add_contact(address_id, person("Özlem Yıldız", "030 23125 140", position="Service"))
    assert [contact.name for contact in _get(address_id).contacts] == ["Max", "Özlem Yıldız"]
    contact_services.update_contact(new, 1, person("Özlem Yıldız", "030 23125 141", position="Leitung"))
    contact = get_contact(new)
    assert contact is not None
    assert (contact.position, contact.numbers[0].e164, contact.version) == ("Leitung", "+493023125141", 2)
    with pytest.raises(Stale):
        contact_services.update_contact(new, 1, person("Zu spät"))
    contact_services.archive_contact(new)
    assert [contact.name for contact in _get(address_id).contacts] == ["Max"]
    contact_services.restore_contact(new)
    assert names("+493023125141") == ["Özlem Yıldız"]
    assert [event.e164s for event in heard] == [
        {"+493023125140"},
        {"+493023125140", "+493023125141"},
        {"+493023125141"},
        {"+493023125141"},
    ]


def test_an_unknown_user_cannot_be_account_manager(make_address: Callable[..., int]) -> None:
    with pytest.raises(Invalid, match="unknown_user"):
        make_address("Rheinwerk", account_manager_id=4711)


def test_pages_by_id_neither_skip_nor_repeat(make_address: Callable[..., int]) -> None:
    made = [make_address(f"Firma {place}", f"030 23125 {place:03}") for place in range(7)]
    seen: list[int] = []
    with reading() as session:
        while page := page_after(session, seen[-1] if seen else 0, 3):
            seen.extend(address.id for address in page)
            assert all(len(address.numbers) == 1 for address in page)
    assert seen == made


def test_a_new_address_is_never_half_stored(app: Any, make_address: Callable[..., int]) -> None:
    with pytest.raises(Invalid):
        services.create_address({"name": "Kaputt"}, [NumberInput("030 23125 100", kind="telex")])
    with reading() as session:
        assert session.query(Address).count() == 0

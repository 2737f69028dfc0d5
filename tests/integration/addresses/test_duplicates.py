"""Who else has the same number, e-mail address or VAT ID: found by key, named before saving, never refused."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import reading
from app.modules.addresses import services
from app.modules.addresses.contacts import archive_contact
from app.modules.addresses.duplicates import MAX_DUPLICATES, Sought, find_duplicates, find_of_same_name, sought
from app.modules.addresses.fields import TEXTS
from app.modules.addresses.models import Address
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import NumberInput
from tests.conftest import csrf_of
from tests.integration.addresses.conftest import person

NUMBER = {"numbers-0-raw": "030 23125-100", "numbers-0-kind": "phone"}


def _sought(*numbers: str, emails: tuple[str, ...] = (), vat_id: str = "", country: str = "DE") -> Sought:
    return sought([NumberInput(number) for number in numbers], country, emails=emails, vat_id=vat_id)


def _reasons(wanted: Sought, **more: Any) -> list[tuple[int, list[str]]]:
    return [(one.address_id, [shared.reason for shared in one.shared]) for one in find_duplicates(wanted, **more)]


# --------------------------------------------------------------------------------------------------------- the finder


def test_others_are_named_with_everything_that_they_share(make_address: Callable[..., int]) -> None:
    whole = make_address("Alles", "030 23125 100", email="Max@Muster.example", vat_id="DE 123 456 789")
    by_contact = make_address("Kontakt", contacts=[person("Max", "030 23125 100", email="max@MUSTER.example")])
    make_address("Ganz anders", "030 23125 101", email="other@muster.example", vat_id="DE999")
    wanted = _sought("+49 30 23125-100", "unlesbar", emails=("MAX@muster.example",), vat_id="de123.456.789")
    assert _reasons(wanted) == [(whole, ["number", "email", "vat_id"]), (by_contact, ["number", "email"])]
    assert _reasons(wanted, but=whole) == [(by_contact, ["number", "email"])]
    (contact,) = find_duplicates(wanted, but=whole)
    assert [(shared.value, shared.contact) for shared in contact.shared] == [
        ("+493023125100", "Max"),
        ("max@muster.example", "Max"),
    ]


def test_nothing_is_sought_where_nothing_is_typed(make_address: Callable[..., int]) -> None:
    make_address("Leer")
    make_address("Auch leer", "unlesbar", vat_id="n/a")
    for wanted in (_sought(), _sought("unlesbar", emails=("",), vat_id="n/a"), _sought(" ", emails=(" ",), vat_id="-")):
        assert wanted == Sought()
        assert find_duplicates(wanted) == []


@pytest.mark.parametrize("typed", ["DE123456789", "de 123 456 789", "DE 123.456.789", "DE-123456789", "DE123456789 "])
def test_a_vat_id_is_one_however_it_is_written(make_address: Callable[..., int], typed: str) -> None:
    address_id = make_address("Steuer", vat_id="DE 123 456.789")
    assert _reasons(_sought(vat_id=typed)) == [(address_id, ["vat_id"])]


def test_a_number_is_compared_as_its_country_reads_it(make_address: Callable[..., int]) -> None:
    swiss = make_address("Zürich", "044 668 18 00", country="CH")
    assert _reasons(_sought("044 668 18 00", country="CH")) == [(swiss, ["number"])]
    assert _reasons(_sought("044 668 18 00", country="DE")) == []
    assert _reasons(_sought("+41 44 668 18 00")) == [(swiss, ["number"])]


def test_each_of_several_numbers_in_a_field_is_sought(make_address: Callable[..., int]) -> None:
    address_id = make_address("Zweite", "030 23125-611")
    assert _reasons(_sought("030 23125-610 oder -611")) == [(address_id, ["number"])]


def test_the_address_is_named_before_its_contacts(make_address: Callable[..., int]) -> None:
    make_address("Rheinwerk", contacts=[person("Max", "030 23125 100")])
    make_address("Beide", "030 23125 100", contacts=[person("Eva", "030 23125 100")])
    found = find_duplicates(_sought("030 23125 100"))
    assert [(one.name, [shared.contact for shared in one.shared]) for one in found] == [
        ("Rheinwerk", ["Max"]),
        ("Beide", [""]),
    ]


def test_archived_ones_come_last_and_are_named_as_such(make_address: Callable[..., int]) -> None:
    archived = make_address("Archiv", "030 23125 100")
    services.archive(archived)
    left = make_address("Aktiv", contacts=[person("Max", "030 23125 100")])
    contact = get_address(left)
    assert contact is not None
    archive_contact(contact.contacts[0].id)
    found = find_duplicates(_sought("030 23125 100"))
    assert [(one.address_id, one.archived, one.shared[0].former) for one in found] == [
        (left, False, True),
        (archived, True, False),
    ]


def test_ten_are_named_at_most_the_active_ones_first(make_address: Callable[..., int]) -> None:
    made = [make_address(f"Firma {place}", "030 23125 100") for place in range(MAX_DUPLICATES + 3)]
    services.archive(made[0])
    found = find_duplicates(_sought("030 23125 100"))
    assert [one.address_id for one in found] == made[1 : MAX_DUPLICATES + 1]


def test_the_same_name_counts_unless_both_say_where_they_are(make_address: Callable[..., int]) -> None:
    here = make_address("Müller GmbH", postcode="50667")
    nowhere = make_address("mueller gmbh")
    assert [one.address_id for one in find_of_same_name("MÜLLER  GmbH", "50667")] == [here]
    assert [one.address_id for one in find_of_same_name("Mueller GmbH", "10115")] == [nowhere]
    assert find_of_same_name("Müller GmbH", "10115") == []
    assert find_of_same_name(" ", "") == []


def test_only_what_was_added_to_the_known_is_sought() -> None:
    known = _sought("030 23125 100", emails=("a@b.example",), vat_id="DE1")
    again = _sought("030 23125-100", "030 23125 101", emails=("A@b.example",), vat_id="de 1")
    assert again.beyond(known) == _sought("030 23125 101")


# ----------------------------------------------------------------------------------------------------------- the pages


def _form(**more: str) -> dict[str, str]:
    texts = dict.fromkeys([*TEXTS, "language", "account_manager_id", "inside_sales_id", "delivery_block_date"], "")
    return {**texts, "name": "Neue Firma", "kind": "company", "country": "DE", "is_customer": "y", **more}


def _post(client: FlaskClient, path: str, data: dict[str, str]) -> Any:
    return client.post(path, data={**data, "csrf_token": csrf_of(client)})


def _seen(page: str) -> str:
    found = re.search(r'name="duplicates_seen" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def _count(name: str) -> int:
    with reading() as session:
        return len(session.execute(select(Address.id).where(Address.name == name)).all())


def _plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (NUMBER, "gleiche Telefonnummer 030 23125100"),
        ({"email": "INFO@alt.example"}, "gleiche E-Mail-Adresse info@alt.example"),
        ({"vat_id": "de 123.456.789"}, "gleiche USt-ID DE123456789"),
    ],
)
def test_a_new_address_waits_for_a_second_save_when_another_has_the_same(
    staff: FlaskClient, make_address: Any, sent: dict[str, str], told: str
) -> None:
    first = make_address("Alte Firma", "030 23125-100", email="info@alt.example", vat_id="DE123456789", city="Berlin")
    typed = _form(street="Lange Straße 1", **sent)
    answer = _post(staff, "/addresses/new", typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert _count("Neue Firma") == 0
    assert "Gibt es diese Adresse schon?" in page
    assert f'href="/addresses/{first}" target="_blank"' in page
    assert told in _plain(page)
    assert "Trotzdem anlegen" in page
    assert 'value="Lange Straße 1"' in page
    again = _post(staff, "/addresses/new", {**typed, "duplicates_seen": _seen(page)})
    assert again.status_code == 302
    assert _count("Neue Firma") == 1


def test_who_saves_again_with_something_else_is_told_of_that_too(staff: FlaskClient, make_address: Any) -> None:
    make_address("Erste", "030 23125-100")
    make_address("Zweite", email="info@zwei.example")
    page = _post(staff, "/addresses/new", _form(**NUMBER)).get_data(as_text=True)
    more = _form(email="info@zwei.example", duplicates_seen=_seen(page), **NUMBER)
    page = _post(staff, "/addresses/new", more).get_data(as_text=True)
    assert "info@zwei.example" in _plain(page)
    assert _count("Neue Firma") == 0
    assert _post(staff, "/addresses/new", {**more, "duplicates_seen": _seen(page)}).status_code == 302


def test_what_is_wrong_is_said_together_with_who_has_the_same(staff: FlaskClient, make_address: Any) -> None:
    make_address("Alte Firma", "030 23125-100")
    page = _post(staff, "/addresses/new", _form(name="", email="niemand", **NUMBER)).get_data(as_text=True)
    for text in ("Bitte ausfüllen.", "Das ist keine E-Mail-Adresse.", "Alte Firma"):
        assert text in page
    corrected = _form(email="", duplicates_seen=_seen(page), **NUMBER)
    assert _post(staff, "/addresses/new", corrected).status_code == 302


def test_an_archived_one_is_named_as_archived(staff: FlaskClient, make_address: Any) -> None:
    services.archive(make_address("Alte Firma", "030 23125-100", city="Berlin"))
    page = _post(staff, "/addresses/new", _form(**NUMBER)).get_data(as_text=True)
    assert "Alte Firma öffnet sich in einem neuen Tab Berlin · Kunde: 10000 archiviert" in _plain(page)


def test_a_number_that_is_taken_over_from_a_call_is_looked_up_at_once(staff: FlaskClient, make_address: Any) -> None:
    first = make_address("Alte Firma", "030 23125-100")
    page = staff.get("/addresses/new?number=%2B493023125100").get_data(as_text=True)
    assert f'href="/addresses/{first}" target="_blank"' in page
    sent = _form(duplicates_seen=_seen(page), **NUMBER)
    assert _post(staff, "/addresses/new", sent).status_code == 302, "it was told already"
    assert "Gibt es diese Adresse schon?" not in staff.get("/addresses/new?number=03023125999").get_data(as_text=True)


def test_an_edited_address_warns_of_what_was_added_only(staff: FlaskClient, make_address: Any) -> None:
    make_address("Stammhaus", "030 23125-100", email="info@gruppe.example")
    make_address("Andere", "030 23125-200")
    own = make_address("Filiale", "030 23125-100", email="info@gruppe.example")
    path = f"/addresses/{own}/edit"
    same = _form(name="Filiale", city="Bonn", email="info@gruppe.example", version="1", customer_number="10002")
    assert _post(staff, path, {**same, **NUMBER}).status_code == 302
    added = {**same, **NUMBER, "version": "2", "numbers-1-raw": "030 23125 200", "numbers-1-kind": "phone"}
    page = _post(staff, path, added).get_data(as_text=True)
    assert "Andere" in page
    assert "Stammhaus" not in _plain(page)
    assert "Trotzdem speichern" in page
    assert 'value="030 23125 200"' in page
    assert _post(staff, path, {**added, "duplicates_seen": _seen(page)}).status_code == 302


def test_a_contact_warns_of_another_address_but_not_of_its_own_company(staff: FlaskClient, make_address: Any) -> None:
    make_address("Fremde Firma", contacts=[person("Eva Eifrig", "030 23125-200", email="eva@fremd.example")])
    own = make_address("Eigene Firma", "030 23125-100", email="info@eigen.example")
    path = f"/addresses/{own}/contacts/new"
    sent = {"name": "Max Muster", "position": "", "department": "", "email": "info@eigen.example", **NUMBER}
    assert _post(staff, path, sent).status_code == 302
    foreign = {**sent, "name": "Rosa Rot", "email": "EVA@fremd.example", "numbers-0-raw": "030 23125200"}
    page = _post(staff, path, foreign).get_data(as_text=True)
    assert "gleiche Telefonnummer 030 23125200 (Eva Eifrig), gleiche E-Mail-Adresse" in _plain(page)
    assert 'value="Rosa Rot"' in page
    assert _post(staff, path, {**foreign, "duplicates_seen": _seen(page)}).status_code == 302


def test_an_edited_contact_warns_of_what_was_added_only(staff: FlaskClient, make_address: Any) -> None:
    make_address("Fremde Firma", "030 23125-100", "030 23125-200")
    own = make_address("Eigene Firma", contacts=[person("Max Muster", "030 23125-100")])
    address = get_address(own)
    assert address is not None
    path = f"/addresses/contacts/{address.contacts[0].id}/edit"
    same = {"name": "Max Muster", "position": "Einkauf", "department": "", "email": "", "version": "1", **NUMBER}
    assert _post(staff, path, same).status_code == 302
    added = {**same, "version": "2", "numbers-1-raw": "030 23125-200"}
    page = _post(staff, path, added).get_data(as_text=True)
    assert "gleiche Telefonnummer 030 23125200" in _plain(page)
    assert "gleiche Telefonnummer 030 23125100" not in _plain(page)
    assert _post(staff, path, {**added, "duplicates_seen": _seen(page)}).status_code == 302


def test_while_a_number_is_typed_its_owners_are_named(staff: FlaskClient, make_address: Any) -> None:
    first = make_address("Alte Firma", contacts=[person("Max", "030 23125-100")])
    answer = _post(staff, "/addresses/numbers/read", {"raw": "030 23125-100", "country": "DE"}).get_json()
    assert answer["told"] == "Diese Nummer gibt es schon bei:"
    assert answer["others"] == [{"name": "Alte Firma", "note": "(Max)", "url": f"/addresses/{first}"}]
    own = {"raw": "030 23125-100", "country": "DE", "address_id": str(first)}
    assert _post(staff, "/addresses/numbers/read", own).get_json()["others"] == []
    assert _post(staff, "/addresses/numbers/read", {"raw": "030 23125-101"}).get_json()["told"] == ""


def test_while_an_email_or_a_vat_id_is_typed_its_owners_are_named(staff: FlaskClient, make_address: Any) -> None:
    first = make_address("Alte Firma", email="info@alt.example", vat_id="DE123456789")
    services.archive(first)
    for field, value, told in (
        ("email", "Info@Alt.example", "Diese E-Mail-Adresse gibt es schon bei:"),
        ("vat_id", "de 123456789", "Diese USt-ID gibt es schon bei:"),
    ):
        answer = _post(staff, "/addresses/duplicates", {"field": field, "value": value}).get_json()
        assert answer == {
            "told": told,
            "others": [{"name": "Alte Firma", "note": "(archiviert)", "url": f"/addresses/{first}"}],
        }
        own = {"field": field, "value": value, "address_id": str(first)}
        assert _post(staff, "/addresses/duplicates", own).get_json()["others"] == []
        assert _post(staff, "/addresses/duplicates", {"field": field, "value": "\x00x"}).get_json()["told"] == ""


@pytest.mark.parametrize("odd", ["x", "-1", "9" * 30, "²", "\x00"])
def test_an_odd_address_id_is_none(staff: FlaskClient, make_address: Any, odd: str) -> None:
    make_address("Alte Firma", email="info@alt.example")
    sent = {"field": "email", "value": "info@alt.example", "address_id": odd}
    assert len(_post(staff, "/addresses/duplicates", sent).get_json()["others"]) == 1


def test_names_in_a_warning_are_never_markup(staff: FlaskClient, make_address: Any) -> None:
    evil = '<img src=x onerror=alert(1)>"'
    make_address(evil, contacts=[person(evil, "030 23125-100")], city=evil)
    page = _post(staff, "/addresses/new", _form(**NUMBER)).get_data(as_text=True)
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page

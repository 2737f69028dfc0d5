from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import reading
from app.modules.addresses import services
from app.modules.addresses.demo import load as load_demo
from app.modules.addresses.fields import TEXTS
from app.modules.addresses.models import Address
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail, NumberInput
from tests.conftest import csrf_of
from tests.integration.addresses.conftest import names, person

EVIL = '<script>alert("1")</script>\'"><img src=x onerror=alert(1)>'


def _page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def _get(address_id: int) -> AddressDetail:
    address = get_address(address_id)
    assert address is not None
    return address


def _form(**more: str) -> dict[str, str]:
    """What a browser sends: every text field, also the empty ones."""
    texts = dict.fromkeys([*TEXTS, "language", "account_manager_id", "inside_sales_id", "delivery_block_date"], "")
    return {**texts, "name": "Rheinwerk GmbH", "kind": "company", "country": "DE", "is_customer": "y", **more}


def _post(client: FlaskClient, path: str, data: dict[str, Any]) -> Any:
    return client.post(path, data={**data, "csrf_token": csrf_of(client)})


def test_the_list_shows_names_numbers_and_customer_numbers(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address("Rheinwerk GmbH", "030 23125-100", city="Berlin", postcode="10115")
    page = _page(staff, "/addresses/")
    assert f'href="/addresses/{address_id}"' in page
    assert "030 23125100" in page
    assert "10115 Berlin" in page
    assert "10000" in page


def test_htmx_gets_the_table_alone(staff: FlaskClient, make_address: Any) -> None:
    make_address("Rheinwerk GmbH")
    part = staff.get("/addresses/?q=rhein", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "Rheinwerk GmbH" in part
    assert "<html" not in part


def test_a_page_beyond_the_last_shows_the_first(staff: FlaskClient, make_address: Any) -> None:
    make_address("Rheinwerk GmbH")
    assert "Rheinwerk GmbH" in _page(staff, "/addresses/?page=99")


def test_the_links_of_the_pager_keep_search_filter_and_sorting(staff: FlaskClient, make_address: Any) -> None:
    for place in range(51):
        make_address(f"Firma {place}", is_supplier=True)
    page = _page(staff, "/addresses/?q=firma&role=supplier&archived=all&sort=city&order=desc")
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following
    link = following[1].replace("&amp;", "&")
    for part in ("q=firma", "role=supplier", "archived=all", "sort=city", "order=desc", "after="):
        assert part in link
    last = _page(staff, link)
    assert last.count('class="address-name"') == 1
    before = re.search(r'href="([^"]+)" rel="prev"', last)
    assert before
    assert _page(staff, before[1].replace("&amp;", "&")).count('class="address-name"') == 50


def test_an_address_is_created_with_its_numbers(staff: FlaskClient) -> None:
    numbers = {
        "numbers-0-raw": "030 23125-100",
        "numbers-0-kind": "phone",
        "numbers-0-label": "Zentrale",
        "numbers-3-raw": "frag Erna",
        "numbers-3-kind": "other",
        "numbers-4-raw": "",
    }
    answer = _post(staff, "/addresses/new", _form(**numbers))
    with reading() as session:
        address_id = session.execute(select(Address.id)).scalar_one()
    assert answer.headers["Location"] == f"/addresses/{address_id}"
    assert [(n.raw, n.label, n.e164) for n in _get(address_id).numbers] == [
        ("030 23125-100", "Zentrale", "+493023125100"),
        ("frag Erna", "", None),
    ]
    page = _page(staff, f"/addresses/{address_id}")
    assert "Rheinwerk GmbH (Kunde: 10000)" in page
    assert "1 Telefonnummer konnte nicht gelesen werden." in page
    assert "Das ist keine Telefonnummer." in page


def test_a_refused_form_keeps_everything_and_says_where_it_hurts(staff: FlaskClient) -> None:
    sent = _form(name="", email="niemand", notes="Lange\nNotiz", **{"numbers-0-raw": "030 23125 610 oder 611"})
    page = _post(staff, "/addresses/new", sent).get_data(as_text=True)
    assert "Bitte ausfüllen." in page
    assert "Das ist keine E-Mail-Adresse." in page
    assert "Lange\nNotiz" in page
    assert "030 23125 610 oder 611" in page
    assert "Das sind mehrere Nummern" in page
    with reading() as session:
        assert session.query(Address).count() == 0


def test_an_edited_address_is_saved(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address("Rheinwerk GmbH", "030 23125-100", street="Alt 1")
    assert 'value="Alt 1"' in _page(staff, f"/addresses/{address_id}/edit")
    answer = _post(staff, f"/addresses/{address_id}/edit", _form(street="Neu 2", version="1"))
    assert answer.status_code == 302
    assert (_get(address_id).street, _get(address_id).numbers) == ("Neu 2", ())
    assert "Neu 2" in _page(staff, f"/addresses/{address_id}")


def test_the_second_of_two_editors_is_told_sees_both_and_loses_nothing(
    client_for: Callable[..., FlaskClient], make_address: Any
) -> None:
    address_id = make_address("Rheinwerk GmbH", "030 23125-100", street="Alt 1", city="Berlin", postcode="10115")
    anna, ben = client_for("anna", name="Anna Schmidt"), client_for("ben")
    path = f"/addresses/{address_id}/edit"
    opened = _page(ben, path)
    base = re.search(r'name="base" value="([^"]*)"', opened)
    assert base
    number = {"numbers-0-raw": "030 23125-100", "numbers-0-kind": "phone"}
    first = _form(street="Annas Weg 2", city="Berlin", postcode="10115", customer_number="10000", version="1")
    assert _post(anna, path, {**first, **number}).status_code == 302

    mine = _form(street="Alt 1", city="Bonn", postcode="10115", customer_number="10000", version="1", **number)
    import html

    mine["base"] = html.unescape(base[1])
    told = _post(ben, path, mine).get_data(as_text=True)
    assert "Anna Schmidt hat um" in told
    assert "Annas Weg 2" in told
    assert 'value="Bonn"' in told
    assert _get(address_id).city == "Berlin", "nothing is overwritten unseen"
    # Only Anna changed the street: taking hers is proposed. Only Ben changed the town: nothing to be asked.
    assert re.search(r'value="street" checked', told)
    assert 'name="theirs" value="city"' not in told

    again = {**mine, "version": "2", "theirs": "street"}
    assert _post(ben, path, again).status_code == 302
    assert (_get(address_id).street, _get(address_id).city) == ("Annas Weg 2", "Bonn")
    assert names("+493023125100") == ["Rheinwerk GmbH"]


def test_an_address_is_archived_and_restored_by_the_button_in_the_message(
    staff: FlaskClient, make_address: Any
) -> None:
    address_id = make_address("Rheinwerk GmbH")
    token = csrf_of(staff)
    page = staff.post(f"/addresses/{address_id}/archive", data={"csrf_token": token}, follow_redirects=True)
    assert "Archiviert seit" in page.get_data(as_text=True)
    assert "Rheinwerk" not in _page(staff, "/addresses/")
    undo = re.search(r'class="undo" method="post" action="([^"]+)"', page.get_data(as_text=True))
    assert undo
    staff.post(undo[1], data={"csrf_token": token})
    assert "Rheinwerk" in _page(staff, "/addresses/")


def test_contacts_are_added_edited_and_taken_from_the_list(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address("Rheinwerk GmbH")
    new = f"/addresses/{address_id}/contacts/new"
    _post(staff, new, {"name": "Max Muster", "position": "Einkauf", "numbers-0-raw": "030 23125-123"})
    contact = _get(address_id).contacts[0]
    assert names("+493023125123") == ["Max Muster"]
    assert "Ansprechpartner (1)" in _page(staff, f"/addresses/{address_id}/contacts")
    edit = f"/addresses/contacts/{contact.id}/edit"
    assert "030 23125-123" in _page(staff, edit)
    _post(staff, edit, {"name": "Max Mustermann", "version": "1", "numbers-0-raw": "030 23125-124"})
    assert names("+493023125124") == ["Max Mustermann"]
    told = _post(staff, edit, {"name": "Zu spät", "version": "1", "numbers-0-raw": "030 23125-125"})
    assert "während Sie bearbeitet haben" in told.get_data(as_text=True)
    assert "030 23125-125" in told.get_data(as_text=True)
    _post(staff, f"/addresses/contacts/{contact.id}/archive", {})
    assert "Frühere Ansprechpartner" in _page(staff, f"/addresses/{address_id}/contacts")
    _post(staff, f"/addresses/contacts/{contact.id}/restore", {})
    assert "Frühere" not in _page(staff, f"/addresses/{address_id}/contacts")


def test_the_contact_who_is_meant_is_marked(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address("Rheinwerk GmbH", contacts=[person("Max Muster", "030 23125-123")])
    contact = _get(address_id).contacts[0]
    assert "card mb-3 meant" in _page(staff, f"/addresses/{address_id}?contact={contact.id}")
    assert "card mb-3 meant" not in _page(staff, f"/addresses/{address_id}?contact=99")


def test_a_number_is_read_while_it_is_typed(staff: FlaskClient) -> None:
    def read(raw: str, country: str = "DE") -> Any:
        return _post(staff, "/addresses/numbers/read", {"raw": raw, "country": country}).get_json()

    nothing = {"problem": "", "suggestion": "", "parts": [], "switchboard": "", "switchboard_suggestion": ""}
    nothing |= {"told": "", "others": []}
    assert read("030 23125-100") == {**nothing, "display": "030 23125100", "origin": "Berlin · Festnetz"}
    assert read("")["problem"] == ""
    assert read("23125100")["problem"].startswith("Die Vorwahl fehlt")
    several = read("030 23125-610 oder -611")
    assert several["problem"].startswith("Das sind mehrere Nummern")
    assert len(several["parts"]) == 2
    assert read("+49 30 23125 100", "AT")["display"] == "030 23125100"


def test_what_a_switchboard_catches_is_said_while_it_is_typed(staff: FlaskClient) -> None:
    def read(raw: str, **more: str) -> tuple[str, str]:
        answer = _post(staff, "/addresses/numbers/read", {"raw": raw, "country": "DE", **more}).get_json()
        return answer["switchboard"], answer["switchboard_suggestion"]

    caught = "Anrufer, deren Nummer mit {} beginnt, gehören wahrscheinlich hierher."
    assert read("0221 4710-0") == (caught.format("0221 4710"), "")
    assert read("0221 29191", switchboard="y") == (caught.format("0221 29191"), "")
    assert read("0221 47100") == ("", "")
    # Only people know whether the last 0 is the switchboard's own: they are offered to say so.
    assert read("0221 47100", switchboard="y") == (caught.format("0221 47100"), "0221 4710-0")
    assert read("0221 4710-0", switchboard="y") == (caught.format("0221 4710"), "")
    assert read("01 588580", switchboard="y", country="AT") == (caught.format("+43 1 588580"), "01 58858-0")
    assert read("0221 4710-0", kind="fax") == ("", "")
    for raw in ("0171 39200 10", "089 21-0"):
        assert read(raw, switchboard="y")[0].startswith("Nur eine Festnetznummer")
    assert read("23", switchboard="y") == ("", "")


def test_a_switchboard_is_marked_in_both_editors_and_shown_at_the_address(
    staff: FlaskClient, make_address: Any
) -> None:
    address_id = make_address("Rheinwerk GmbH", "0221 4710-0", contacts=[person("Max Muster", "0221 29191")])
    contact = _get(address_id).contacts[0]
    page = _page(staff, f"/addresses/{address_id}")
    assert page.count(">Zentrale</span>") == 1
    assert 'title="Anrufer, deren Nummer mit 0221 4710 beginnt, gehören wahrscheinlich hierher."' in page
    form = {"name": "Max Muster", "version": contact.version, "numbers-0-raw": "0221 29191", "numbers-0-kind": "phone"}
    _post(staff, f"/addresses/contacts/{contact.id}/edit", {**form, "numbers-0-switchboard": "y"})
    assert names("+4922129191999") == ["Max Muster"]
    assert _page(staff, f"/addresses/{address_id}").count(">Zentrale</span>") == 2
    assert 'name="numbers-0-switchboard" value="y" checked' in _page(staff, f"/addresses/contacts/{contact.id}/edit")
    marked = _form(
        **{"version": str(_get(address_id).version), "numbers-0-raw": "0221 29192", "numbers-0-switchboard": "y"}
    )
    _post(staff, f"/addresses/{address_id}/edit", marked)
    assert names("+4922129192999") == ["Rheinwerk GmbH"]


@pytest.mark.parametrize("field", ["name", "contact_person", "street", "city", "notes", "delivery_block_reason"])
def test_what_is_typed_is_never_markup(staff: FlaskClient, make_address: Any, field: str) -> None:
    values = {"name": "Firma", field: EVIL, "delivery_block": True}
    address_id = services.create_address(values, [NumberInput("030 23125-100", "phone", EVIL), NumberInput(EVIL)],
                                         [person(EVIL, "030 23125-123", position=EVIL)])  # fmt: skip
    create_note(NoteInput(subject=EVIL, text=EVIL, tags=EVIL, number=EVIL, address_id=address_id))
    contact = _get(address_id).contacts[0].id
    for path in ("", "/edit", "/contacts", "/crm", "/crm?new=phone"):
        page = _page(staff, f"/addresses/{address_id}{path}")
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    for path in ("/addresses/?q=script", "/addresses/pick?pick=script", f"/addresses/contacts/{contact}/edit"):
        assert "<script>alert" not in _page(staff, path)
    page = _post(staff, f"/addresses/contacts/{contact}/archive", {})
    assert "<script>alert" not in _page(staff, page.headers["Location"])


def test_a_link_of_a_website_leads_to_the_web_only(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address("Rheinwerk GmbH", website="www.rheinwerk.example")
    assert 'href="https://www.rheinwerk.example"' in _page(staff, f"/addresses/{address_id}")


@pytest.mark.parametrize(
    "path",
    ["/addresses/99", "/addresses/99/edit", "/addresses/99/contacts", "/addresses/99/crm", "/addresses/99/contacts/new",
     "/addresses/contacts/99/edit", "/addresses/notes/99/edit"],
)  # fmt: skip
def test_what_does_not_exist_is_404(staff: FlaskClient, path: str) -> None:
    assert staff.get(path).status_code == 404


def test_nothing_changes_without_a_token_against_forgery(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address("Rheinwerk GmbH")
    assert staff.post(f"/addresses/{address_id}/archive").status_code == 400
    assert _get(address_id).archived_at is None


def test_settings_are_for_administrators(staff: FlaskClient, admin: FlaskClient, make_address: Any) -> None:
    assert staff.get("/addresses/settings").status_code == 403
    refused = _post(admin, "/addresses/settings", {"customer_number_start": "-1", "supplier_number_start": "7",
                                                  "default_country": "DE"})  # fmt: skip
    assert "Bitte eine ganze Zahl ab 1 eingeben." in refused.get_data(as_text=True)
    _post(admin, "/addresses/settings", {"customer_number_start": "500", "supplier_number_start": "900",
                                         "default_country": "AT"})  # fmt: skip
    address = _get(make_address("Rheinwerk GmbH"))
    assert (address.customer_number, address.country) == ("500", "AT")


def test_loading_the_demo_data_twice_changes_nothing(app: Flask, staff: FlaskClient) -> None:
    assert load_demo() == "Created 41 demo addresses."
    with reading() as session:
        before = session.execute(select(Address.id, Address.version, Address.updated_at)).all()
    assert load_demo() == "The demo addresses are there already."
    with reading() as session:
        assert session.execute(select(Address.id, Address.version, Address.updated_at)).all() == before
    assert names("+493023125123") == ["Max Mustermann"]
    assert names("+491713920010") == ["Sabine Krüger"]
    assert names("+493023125720") == ["Annette Wächter", "Uwe Wächter"]
    assert "1–38 von 38" in _page(staff, "/addresses/")

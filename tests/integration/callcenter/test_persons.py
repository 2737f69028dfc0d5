"""*Auskunft*: everything about one person in one file, and that it was made in the audit log."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import reading
from app.core.privacy import persons
from app.modules.addresses.models import Contact
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import callback_tasks
from app.modules.callcenter.audit_models import AuditEntry
from app.modules.callcenter.callback_tasks import Written
from tests.conftest import csrf_of
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    CUSTOMER,
    CUSTOMER_E164,
    PhoneSystem,
    call_id,
    give_account,
)

OTHER = "030 23125-770"


@pytest.fixture
def muster(phones: PhoneSystem, make_user: Any) -> dict[str, int]:
    """Max Muster of the Muster AG, who called, and somebody else, who did, too."""
    user_id = make_user()
    contact = ContactInput("Max Muster", numbers=(NumberInput(CUSTOMER),))
    address_id = create_address({"name": "Muster AG", "city": "Köln"}, [NumberInput("0221 4710-500")], [contact])
    create_address({"name": "Fremdfirma GmbH"}, [NumberInput(OTHER)])
    with reading() as session:
        contact_id = session.execute(select(Contact.id)).scalar_one()
    for number in (CUSTOMER, OTHER):
        call = call_id()
        phones.incoming(call, number)
        phones.hung_up(call, **{"from": number})
    create_note(NoteInput("Angebot", "Zwei Kisten", address_id=address_id, contact_id=contact_id), by=user_id)
    callback_tasks.create(Written(CUSTOMER, reason="Rückfrage", address_id=address_id), user_id)
    return {"address": address_id, "contact": contact_id}


def _search(client: FlaskClient, text: str) -> str:
    return client.post("/privacy/persons", data={"q": text, "csrf_token": csrf_of(client)}).text


def _told(client: FlaskClient, key: str) -> tuple[dict[str, Any], str]:
    answer = client.post("/privacy/persons/export", data={"key": key, "csrf_token": csrf_of(client)})
    assert answer.content_type == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    return json.loads(archive.read("person.json")), archive.read("person.html").decode()


@pytest.mark.parametrize("text", ["Muster", CUSTOMER, "+49 (171) 392 00 01", "0049-171-3920001"])
def test_a_person_is_found_by_name_and_by_number_in_any_spelling(
    admin: FlaskClient, muster: dict[str, int], text: str
) -> None:
    page = _search(admin, text)
    assert f'value="contact-{muster["contact"]}"' in page
    assert f'value="address-{muster["address"]}"' in page
    assert (f'value="number-{CUSTOMER_E164}"' in page) is (text != "Muster")
    # The cards of the page's own calls name others.
    assert page.count('value="address-') == 1


@pytest.mark.parametrize("who", ["address", "contact", "number"])
def test_the_file_holds_everything_of_this_person_and_nothing_of_others(
    admin: FlaskClient, muster: dict[str, int], who: str
) -> None:
    key = f"number-{CUSTOMER_E164}" if who == "number" else f"{who}-{muster[who]}"
    told, page = _told(admin, key)
    chapters = told["chapters"]
    for title in ("Anrufe", "Meldungen zu Anrufen", "Rohe Meldungen", "Telefonnummern"):
        assert chapters[title], title
        assert title in page
    assert bool(chapters["Rückrufe"])
    assert ("Zwei Kisten" in page) is (who != "number")
    assert {row["Telefonnummer"] for row in chapters["Anrufe"]} == {CUSTOMER}
    assert "Fremdfirma" not in json.dumps(told)
    assert "Fremdfirma" not in page


def test_that_it_was_made_is_written_down_without_saying_about_whom(
    app: Flask, admin: FlaskClient, muster: dict[str, int]
) -> None:
    _told(admin, f"number-{CUSTOMER_E164}")
    with reading() as session:
        entry = session.execute(select(AuditEntry).where(AuditEntry.kind == "change")).scalar_one()
    assert len(json.loads(entry.after or "")["person_told"]) == 64
    assert CUSTOMER_E164 not in f"{entry.before}{entry.after}{entry.number}"
    assert "Auskunft über eine Person" in admin.get("/callcenter/audit").text


@pytest.mark.parametrize(
    "key",
    [
        "",
        "address-",
        "address-987654",
        "contact-x",
        "number-0171",
        "number-+4917x",
        "user-",
        "user-987654",
        "user-99999999999",
    ],
)
def test_who_is_not_there_gets_no_file(admin: FlaskClient, key: str) -> None:
    data = {"key": key, "csrf_token": csrf_of(admin)}
    page = admin.post("/privacy/persons/export", data=data, follow_redirects=True).text
    assert "Diese Person gibt es nicht mehr." in page


def test_nobody_found_is_said(admin: FlaskClient, phones: PhoneSystem) -> None:
    assert "Es wurde niemand gefunden." in _search(admin, "nobody-is-called-so")
    assert persons.find("") == []


def test_somebody_of_the_house_is_told_what_is_stored_about_him_and_nothing_of_those_he_spoke_with(
    app: Flask, admin: FlaskClient, muster: dict[str, int], phones: PhoneSystem, make_user: Any
) -> None:
    anna = make_user("anna.arend", name="Anna Arend", email="anna@example.org")
    ben = make_user("ben.beispiel", name="Ben Beispiel")
    give_account(app, anna, ANNA)
    give_account(app, ben, BEN)
    for peer in (ANNA, BEN):
        call = call_id()
        phones.incoming(call)
        phones.accepted(call, peer)
        phones.hung_up(call)
    create_note(NoteInput("Vertraulich", "Drei Kisten", address_id=muster["address"]), by=anna)
    callback_tasks.create(Written(CUSTOMER, reason="Rückfrage", address_id=muster["address"]), anna)
    for text in ("arend", "ANNA.AREND", "anna@example"):
        found = _search(admin, text)
        assert f'value="user-{anna}"' in found
        assert f'value="user-{ben}"' not in found
    told, page = _told(admin, f"user-{anna}")
    chapters = told["chapters"]
    account = {row["Feld"]: row["Wert"] for row in chapters["Benutzerkonto"]}
    assert (account["Name"], account["E-Mail"], account["Benutzername"]) == (
        "Anna Arend",
        "anna@example.org",
        "anna.arend",
    )
    assert [row["Sekunden des Gesprächs"] for row in chapters["Anrufe"]] == [42]
    assert [len(chapters[title]) for title in ("Telefone und Leitungen", "Notizen und Telefonnotizen", "Rückrufe")] == [
        1,
        1,
        1,
    ]
    for others in (CUSTOMER, CUSTOMER_E164, "Drei Kisten", "Vertraulich", "Max Muster", "Ben Beispiel", BEN, "hash"):
        assert others not in page
        assert others not in json.dumps(told, ensure_ascii=False)
    assert ANNA in page

"""The history of an address: notes, calls and call-backs in one list, filtered and page by page."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import reading
from app.modules.addresses import timeline
from app.modules.addresses.models import Contact
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.addresses.views.notes import MOST_IN_TAB
from tests.conftest import NOW
from tests.integration.callcenter.phone_system import CUSTOMER, PhoneSystem, call_id


@pytest.fixture
def address(app: Flask, make_user: Any, phones: PhoneSystem, clock: Any) -> tuple[int, int]:
    """A company whose contact called twice, once in vain; with a note about the company and one about the contact."""
    user = make_user("anna", name="Anna Alt")
    address_id = create_address(
        {"name": "Muster GmbH"},
        [NumberInput("030 23125-0")],
        [ContactInput("Max Muster", numbers=(NumberInput(CUSTOMER),))],
    )
    with reading() as session:
        contact_id = session.execute(select(Contact.id).where(Contact.address_id == address_id)).scalar_one()
    answered, missed = call_id(), call_id()
    phones.incoming(answered)
    phones.accepted(answered)
    phones.hung_up(answered, duration="65")
    clock.advance(60)
    phones.incoming(missed)
    phones.hung_up(missed, type="missed", duration="0")
    create_note(
        NoteInput("Angebot", "Zwei Kisten.", address_id=address_id, occurred_at=NOW + timedelta(seconds=30)), by=user
    )
    create_note(
        NoteInput(
            "Rückfrage", "", address_id=address_id, contact_id=contact_id, occurred_at=NOW + timedelta(seconds=90)
        ),
        by=user,
    )
    return address_id, contact_id


def shown(client: FlaskClient, address_id: int, query: str = "", tab: str = "timeline") -> list[tuple[str, str]]:
    answer = client.get(f"/addresses/{address_id}/{tab}{query}")
    assert answer.status_code == 200
    page = answer.get_data(as_text=True).partition("<main")[2]
    found = re.findall(r'data-kind="(\w+)">.*?<a href="[^"]+">(.*?)</a>', page, re.DOTALL)
    return [(kind, title) for kind, title in found]


@pytest.mark.parametrize("tab", ["timeline", "crm"])
def test_everything_stands_in_one_list_newest_first(staff: FlaskClient, address: tuple[int, int], tab: str) -> None:
    assert shown(staff, address[0], tab=tab) == [
        ("notes", "Rückfrage"),
        ("calls", "Verpasster Anruf"),
        ("callbacks", "Rückruf: offen"),
        ("notes", "Angebot"),
        ("calls", "Anruf beendet"),
    ]


@pytest.mark.parametrize("tab", ["timeline", "crm"])
def test_kinds_and_contacts_narrow_it(staff: FlaskClient, address: tuple[int, int], tab: str) -> None:
    address_id, contact_id = address
    assert shown(staff, address_id, "?kind=notes", tab) == [("notes", "Rückfrage"), ("notes", "Angebot")]
    assert [kind for kind, _title in shown(staff, address_id, "?kind=calls&kind=callbacks", tab)] == [
        "calls",
        "callbacks",
        "calls",
    ]
    assert ("notes", "Angebot") not in shown(staff, address_id, f"?contact={contact_id}", tab)
    assert len(shown(staff, address_id, f"?contact={contact_id}", tab)) == 4


def test_the_tab_crm_shows_the_newest_its_filters_stay_there_and_older_ones_have_a_page(
    staff: FlaskClient, address: tuple[int, int]
) -> None:
    address_id, contact_id = address
    for number in range(MOST_IN_TAB):
        create_note(NoteInput(f"Nummer {number}", "", address_id=address_id, contact_id=contact_id), by=None)
    page = staff.get(f"/addresses/{address_id}/crm?contact={contact_id}").get_data(as_text=True)
    assert len(shown(staff, address_id, f"?contact={contact_id}", "crm")) == MOST_IN_TAB
    assert f'href="/addresses/{address_id}/crm?kind=calls&amp;contact={contact_id}#history"' in page
    (older,) = re.findall(rf'rel="next" href="(/addresses/{address_id}/timeline\?[^"]+)"', page)
    rest = staff.get(html.unescape(older)).get_data(as_text=True)
    assert "Verpasster Anruf" in rest
    # Each contact leads to what happened with him.
    contacts = staff.get(f"/addresses/{address_id}/contacts").get_data(as_text=True)
    assert f'href="/addresses/{address_id}/crm?contact={contact_id}#history"' in contacts


def test_pages_follow_each_other_without_gaps_also_at_the_very_same_moment(
    app: Flask, address: tuple[int, int]
) -> None:
    whole: list[timeline.Happening] = []
    with app.test_request_context(), reading() as session:
        source = [one for one in timeline._sources.values() if one.kind == "notes"]
        assert source
        for number in range(5):
            create = NoteInput(f"Nummer {number}", "", address_id=address[0], occurred_at=NOW + timedelta(seconds=30))
            create_note(create, by=None)
        behind = None
        while True:
            page, behind = timeline.page(session, address[0], behind=behind, per_page=2)
            whole += page
            if behind is None:
                break
        all_at_once, _none = timeline.page(session, address[0])
    assert whole == all_at_once
    assert len({one.place for one in whole}) == len(whole)


@pytest.mark.parametrize(
    "query", ["?behind=x", "?behind=99999999999999999.notes.1", "?behind=1.notes.9999999999", "?kind=odd", "?contact=x"]
)
def test_odd_queries_show_the_list(staff: FlaskClient, address: tuple[int, int], query: str) -> None:
    assert staff.get(f"/addresses/{address[0]}/timeline{query}").status_code == 200


def test_of_a_module_that_is_off_nothing_is_shown(app: Flask, admin: FlaskClient, address: tuple[int, int]) -> None:
    app.test_cli_runner().invoke(args=["modules", "deactivate", "callcenter"])
    assert shown(admin, address[0]) == [("notes", "Rückfrage"), ("notes", "Angebot")]


def test_an_address_without_history_says_so(staff: FlaskClient) -> None:
    address_id = create_address({"name": "Neu"})
    assert "Noch ist nichts geschehen" in staff.get(f"/addresses/{address_id}/timeline").get_data(as_text=True)


def test_whoever_has_it_open_hears_of_the_calls_in_it(
    browser: Any, address: tuple[int, int], phones: PhoneSystem
) -> None:
    reader, other = browser(), browser()
    reader.http.get(f"/addresses/{address[0]}/timeline")
    reader.heard("journal")
    phones.incoming(call_id())
    (told,) = reader.heard("journal")
    assert told["addresses"] == [address[0]]
    assert other.heard("journal") == []
    phones.incoming(call_id(), caller="06990009777")
    (stranger,) = reader.heard("journal")
    assert stranger["addresses"] == []

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from tests.conftest import logged_in_client
from tests.integration.callcenter.phone_system import give_account
from tests.integration.callcenter.web_api import ANNA


def add(name: str, *numbers: str | NumberInput, contacts: dict[str, str] | None = None) -> int:
    own = [number if isinstance(number, NumberInput) else NumberInput(number) for number in numbers]
    people = [ContactInput(person, numbers=(NumberInput(number),)) for person, number in (contacts or {}).items()]
    return create_address({"name": name}, own, people)


def page_of(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/callcenter/{query}")
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def rows(page: str) -> list[tuple[str, str, str]]:
    """Company, contact and number of each row."""
    cells = r'phonebook-company">(.*?)</td>.*?phonebook-contact">(.*?)</td>.*?phonebook-number">(.*?)</td>'
    found = re.findall(cells, page, re.S)
    return [tuple(re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in row) for row in found]  # type: ignore[misc] # three each


def table(client: FlaskClient, query: str = "") -> list[list[str]]:
    answer = client.get(f"/callcenter/phonebook.csv{query}")
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_every_number_of_addresses_and_contacts_is_a_row_of_its_own(staff: FlaskClient):
    add("Beta GmbH", "0221 4710 100", "0171 3920010", contacts={"Max Muster": "0221 4710 123"})
    assert sorted(rows(page_of(staff))) == [
        ("Beta GmbH", "", "0171 3920010"),
        ("Beta GmbH", "", "0221 4710100"),
        ("Beta GmbH", "Max Muster", "0221 4710123"),
    ]


def test_fax_numbers_and_what_cannot_be_read_are_not_in_the_phone_book(staff: FlaskClient):
    add("Beta GmbH", NumberInput("0221 4710 199", "fax"), "beim Pförtner fragen")
    assert rows(page_of(staff)) == []
    assert "Das Telefonbuch ist leer" in page_of(staff)


@pytest.mark.parametrize("text", ["muster", "Alpha", "0221 4710", "+49 221 4710123"])
def test_the_search_knows_names_companies_and_numbers(staff: FlaskClient, text: str):
    add("Alpha AG", contacts={"Max Muster": "0221 4710 123"})
    add("Omega KG", "030 23125 100")
    assert rows(page_of(staff, f"?q={text.replace('+', '%2B')}")) == [("Alpha AG", "Max Muster", "0221 4710123")]


def test_a_search_without_a_hit_says_so_and_shows_the_way_back(staff: FlaskClient):
    add("Alpha AG", "0221 4710 1")
    page = page_of(staff, "?q=<b>niemand")
    assert "Kein Name und keine Nummer passt zu „<b>niemand“." in page
    assert "<b>niemand" not in staff.get("/callcenter/?q=<b>niemand").get_data(as_text=True)


def test_columns_sort_and_the_same_one_again_the_other_way_round(staff: FlaskClient):
    add("Alpha AG", "0221 4710 2")
    add("Omega KG", "0221 4710 1")
    assert [row[0] for row in rows(page_of(staff))] == ["Alpha AG", "Omega KG"]
    assert [row[0] for row in rows(page_of(staff, "?desc=1"))] == ["Omega KG", "Alpha AG"]
    assert [row[0] for row in rows(page_of(staff, "?sort=number"))] == ["Omega KG", "Alpha AG"]
    page = page_of(staff, "?sort=number")
    assert 'href="/callcenter/?sort=number&desc=1"' in page
    assert 'aria-sort="ascending"' in page


@pytest.mark.parametrize("query", ["?sort=nonsense", "?page=x", "?page=-1", "?page=99999999999", "?desc=maybe"])
def test_odd_questions_get_the_ordinary_page(staff: FlaskClient, query: str):
    add("Alpha AG", "0221 4710 2")
    assert [row[0] for row in rows(page_of(staff, query))] == ["Alpha AG"]


def test_fifty_numbers_are_a_page(staff: FlaskClient):
    for number in range(60):
        add(f"Firma {number:02}", f"0221 4710 1{number:02}")
    first, second = page_of(staff), page_of(staff, "?page=2")
    assert (len(rows(first)), len(rows(second))) == (50, 10)
    assert "1–50 von 60" in first
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    assert rows(page_of(staff, following[1].removeprefix("/callcenter/"))) == rows(second)
    assert len(rows(page_of(staff, "?page=9"))) == 50


def test_the_page_asks_no_more_of_the_database_for_more_rows(app: Flask, staff: FlaskClient, kernel: Any):
    def count() -> int:
        asked: list[str] = []

        def on_execute(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            # Versions are compared once a second, whatever is asked for.
            if statement.startswith("SELECT") and "core_version" not in statement:
                asked.append(statement)

        event.listen(kernel.database.engine, "before_cursor_execute", on_execute)
        page_of(staff)
        event.remove(kernel.database.engine, "before_cursor_execute", on_execute)
        return len(asked)

    add("Firma", "0221 4710 100")
    page_of(staff)
    few = count()
    for number in range(40):
        add(f"Firma {number:02}", f"0221 4710 1{number:02}")
    page_of(staff)
    assert count() == few


def test_each_row_has_a_phone_button_for_a_user_with_an_account(app: Flask, make_user: Callable[..., int]):
    user_id = make_user("anna")
    give_account(app, user_id, ANNA)
    add("Alpha AG", contacts={"Max Muster": "0221 4710 123"})
    page = page_of(logged_in_client(app, user_id))
    assert 'data-number="+492214710123"' in page
    assert 'aria-label="Max Muster anrufen: 0221 4710123"' in page


def test_the_table_for_a_spreadsheet_has_all_rows_and_harmless_cells(staff: FlaskClient):
    add("=cmd|' /C calc'!A0", "0221 4710 100")
    add("Ausland Ltd", "+44 20 7946 0123")
    add("Müller; Söhne", NumberInput("0221 4710 200", label="Zentrale"), contacts={"@Max": "0221 4710 123"})
    answer = staff.get("/callcenter/phonebook.csv")
    assert answer.mimetype == "text/csv"
    assert 'filename="telefonbuch.csv"' in answer.headers["Content-Disposition"]
    assert answer.get_data().startswith("\ufeffFirma;Ansprechpartner;Bezeichnung;Telefon\r\n".encode())
    found = {tuple(row) for row in table(staff)[1:]}
    assert found == {
        ("'=cmd|' /C calc'!A0", "", "", "0221 4710100"),
        ("Ausland Ltd", "", "", "0044 20 7946 0123"),
        ("Müller; Söhne", "", "Zentrale", "0221 4710200"),
        ("Müller; Söhne", "'@Max", "", "0221 4710123"),
    }


def test_the_table_holds_what_was_searched_for(staff: FlaskClient):
    add("Alpha AG", "0221 4710 1")
    add("Omega KG", "0221 4710 2")
    assert [row[0] for row in table(staff, "?q=omega")[1:]] == ["Omega KG"]


def test_the_box_to_call_says_what_will_happen(app: Flask, staff: FlaskClient, make_user: Callable[..., int]):
    assert "Ihnen ist kein Telefon zugeordnet" in page_of(staff)
    user_id = make_user("anna")
    give_account(app, user_id, ANNA)
    page = page_of(logged_in_client(app, user_id))
    assert "Zuerst klingelt Ihr eigenes Telefon." in page
    assert "Mit dem Telefon" not in page


def test_staff_sees_no_tabs_of_the_administrator(admin: FlaskClient, staff: FlaskClient):
    assert "/callcenter/settings" in page_of(admin)
    assert "/callcenter/settings" not in page_of(staff)

"""The import's pages: a file is brought, its columns are chosen, it is checked, started, watched; in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.accounts import service
from app.core.spreadsheets import BOM
from app.modules.addresses.imports import running, services
from app.modules.addresses.imports.stored import latest, load
from app.modules.addresses.views import imports as pages
from tests.conftest import PASSWORD, csrf_of, logged_in_client
from tests.integration.addresses.importing import addresses, counted

PATH = "/addresses/import/"
HEAD = "Kundennummer;Firma;Telefon;E-Mail;Land"
TABLE = f"{HEAD}\nK-1;Rheinwerk;0221/4710-0;;D\nK-2;Nordwerk;siehe Karte;kaputt;Absurdistan\n"
BOUNDARY = b"a-boundary-that-no-file-holds"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY.decode()}"


@pytest.fixture
def ada(app: Flask) -> FlaskClient:
    user_id = service.create_user("ada", PASSWORD, "administrator", name="Ada Admin", language="de")
    return logged_in_client(app, user_id)


def form_of(token: str, content: bytes) -> bytes:
    """What a browser sends. The test client would keep a large file open."""
    parts = (
        b'name="csrf_token"\r\n\r\n' + token.encode(),
        b'name="file"; filename="kunden.csv"\r\nContent-Type: text/csv\r\n\r\n' + content,
    )
    lines = b"".join(b"--" + BOUNDARY + b"\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
    return lines + b"--" + BOUNDARY + b"--\r\n"


def send(client: FlaskClient, content: bytes) -> TestResponse:
    return client.post(PATH, data=form_of(csrf_of(client, PATH), content), content_type=MULTIPART)


def brought(client: FlaskClient, text: str = TABLE) -> str:
    answer = send(client, text.encode())
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def post(
    client: FlaskClient, path: str, columns: Mapping[str, str] | None = None, *, htmx: bool = False, **data: Any
) -> TestResponse:
    sent = {"csrf_token": csrf_of(client, PATH), **(columns or {}), **data}
    return client.post(path, data=sent, headers={"HX-Request": "true"} if htmx else {})


def text_of(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def the_import() -> Any:
    (rows, _total) = latest(1)
    return load(rows[0].id)


def test_staff_neither_see_the_button_nor_the_pages(app: Flask, ada: FlaskClient) -> None:
    path = brought(ada)
    anna = logged_in_client(app, service.create_user("anna", PASSWORD, "staff"))
    assert PATH not in anna.get("/addresses/").text
    assert PATH in ada.get("/addresses/").text
    for page in (PATH, path, f"{path}/columns", f"{path}/progress", f"{path}/failures.csv"):
        assert anna.get(page).status_code == 403
    for action in ("start", "cancel", "discard", "continue", "columns"):
        answer = anna.post(f"{path}/{action}", data={"csrf_token": csrf_of(anna, "/addresses/")})
        assert answer.status_code == 403


def test_a_file_is_read_assigned_checked_imported_and_its_failures_given_back(ada: FlaskClient) -> None:
    path = brought(ada)
    page = text_of(ada.get(path))
    for said in ("0221 47100", "Das ist keine Telefonnummer.", "Das ist keine E-Mail-Adresse.", "Deutschland"):
        assert said in page
    refused = "Wird abgewiesen: E-Mail: Das ist keine E-Mail-Adresse. Land: Dieses Land gibt es nicht."
    assert f"Zeile 3 Nordwerk K-2 {refused}" in page
    assert post(ada, f"{path}/columns", action="check").status_code == 302
    assert "Beginnt gleich." in text_of(ada.get(path))
    running.work()
    page = text_of(ada.get(path))
    assert 'hx-trigger="import-changed"' in ada.get(path).text, "another window may start it"
    assert "Werden angelegt 1" in page
    assert "Werden abgewiesen 1" in page
    assert not addresses()
    post(ada, f"{path}/start", version=the_import().version)
    running.work()
    page = text_of(ada.get(path))
    assert "Der Import ist fertig." in page
    assert "Angelegt 1" in page
    assert [one.name for one in addresses()] == ["Rheinwerk"]
    listed = text_of(ada.get(PATH))
    assert "kunden.csv fertig Ada Admin" in listed
    assert "1 angelegt, 0 geändert, 1 abgewiesen" in listed
    failures = ada.get(f"{path}/failures.csv")
    assert 'filename="abgewiesene-zeilen-' in failures.headers["Content-Disposition"]
    lines = failures.text.removeprefix(BOM).splitlines()
    assert lines[0] == "Kundennummer;Firma;Telefon;E-Mail;Land;Import: Zeile;Import: Wert;Import: Grund"
    assert lines[1].startswith("K-2;Nordwerk;siehe Karte;kaputt;Absurdistan;3;kaputt / Absurdistan;")


def test_corrected_failures_are_imported_as_they_are(ada: FlaskClient) -> None:
    path = brought(ada)
    post(ada, f"{path}/columns", action="check")
    running.work()
    failures = ada.get(f"{path}/failures.csv").text
    corrected = failures.replace("kaputt;Absurdistan;", "info@nordwerk.example;AT;")
    again = brought(ada, corrected)
    assert the_import().plan.assignment == ("customer_number", "name", "phone", "email", "country", "", "", "")
    post(ada, f"{again}/columns", action="check")
    running.work()
    assert counted(the_import().totals) == {"created": 1, "unread": 1}


def test_english_users_are_told_in_english(app: Flask, ada: FlaskClient) -> None:
    path = brought(ada)
    user_id = service.create_user("erin", PASSWORD, "administrator", language="en")
    erin = logged_in_client(app, user_id)
    assert "Will be refused: E-Mail: This is no e-mail address. Land: There is no such country." in text_of(
        erin.get(path)
    )
    post(ada, f"{path}/columns", action="check")
    running.work()
    first = erin.get(f"{path}/failures.csv").text.removeprefix(BOM).splitlines()[0]
    assert first == "Kundennummer;Firma;Telefon;E-Mail;Land;Import: line;Import: value;Import: reason"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Die Datei ist leer."),
        (b"Name;Telefon\n", "Die Datei enthält nur Überschriften und keine Zeilen."),
        (b"PK\x03\x04", "Das ist eine Tabellenkalkulation"),
        (b"\x7fELF\x00\x00\x00", "Das ist keine Tabelle aus Text"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(ada: FlaskClient, content: bytes, said: str) -> None:
    answer = send(ada, content)
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_a_form_without_a_file_says_so(ada: FlaskClient) -> None:
    answer = ada.post(PATH, data={"csrf_token": csrf_of(ada, PATH)}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Bitte wählen Sie eine Datei aus." in text_of(answer)


def test_a_file_of_eight_megabytes_is_taken_and_one_beyond_the_limit_refused(
    ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = f"Firma;{'x' * 1000}\n"
    assert send(ada, ("Name;Notiz\n" + row * 9_000).encode()).status_code == 302
    monkeypatch.setattr(pages, "MAX_FILE_BYTES", 1_000)
    answer = send(ada, ("Name;Notiz\n" + row * 2).encode())
    assert answer.status_code == 413
    assert "Die Datei ist größer als 64 MB." in text_of(answer)


def test_more_than_the_request_may_hold_is_answered_with_the_same_sentence(ada: FlaskClient) -> None:
    answer = send(ada, b"x" * (services.MAX_FILE_BYTES + 100_000))
    assert answer.status_code == 413
    assert "Die Datei ist größer als 64 MB." in text_of(answer)


def test_strangers_may_not_send_large_files(app: Flask) -> None:
    answer = app.test_client().post(PATH, data=form_of("", b"x" * 9_000_000), content_type=MULTIPART)
    assert answer.status_code == 413
    assert "Adressen importieren" not in answer.text
    assert latest(1) == ([], 0)


def test_what_is_chosen_is_kept_and_shown_beside_the_columns(ada: FlaskClient) -> None:
    path = brought(ada)
    columns = {"column-2": "fax"}
    answer = post(ada, f"{path}/columns", columns, htmx=True, country="AT", existing="leave", role="")
    assert answer.headers["HX-Reswap"] == "none"
    assert 'id="cells-2" hx-swap-oob="true"' in answer.text
    planned = the_import().plan
    assert planned.assignment == ("customer_number", "name", "fax", "email", "country")
    assert (planned.options.country, planned.options.existing, planned.options.role) == ("AT", "leave", "")
    whole = post(ada, f"{path}/columns", htmx=True, separator=",")
    assert "HX-Reswap" not in whole.headers
    assert len(the_import().plan.assignment) == 1
    assert "von Ihnen gewählt" in text_of(whole)
    assert "Bitte ordnen Sie eine Spalte" in text_of(post(ada, f"{path}/columns", {"column-0": "city"}, action="check"))
    assert the_import().state == "draft"
    post(ada, f"{path}/columns", action="propose")
    assert the_import().plan.assignment == ("customer_number", "name", "phone", "email", "country")


def test_two_columns_of_one_field_are_named(ada: FlaskClient) -> None:
    path = brought(ada)
    answer = post(ada, f"{path}/columns", {"column-3": "name"}, action="check")
    assert answer.status_code == 422
    assert "Zwei Spalten sind demselben Feld zugeordnet: Name." in text_of(answer)


@pytest.mark.parametrize("given", ["nonsense", "contact12.name", "contact1.street"])
def test_a_field_that_does_not_exist_is_left_as_it_was(ada: FlaskClient, given: str) -> None:
    path = brought(ada)
    post(ada, f"{path}/columns", {"column-0": given}, encoding=given, separator=given, country=given)
    planned = the_import().plan
    assert planned.assignment[0] == "customer_number"
    assert planned.format.separator == ";"


def test_another_window_is_told_that_it_runs_already(ada: FlaskClient) -> None:
    path = brought(ada)
    post(ada, f"{path}/columns", action="check")
    twice = post(ada, f"{path}/columns", action="check")
    assert "Die Datei wird bereits geprüft." in text_of(ada.get(twice.headers["Location"]))
    moved = post(ada, f"{path}/columns", htmx=True)
    assert moved.headers["HX-Redirect"] == path
    running.work()
    version = the_import().version
    post(ada, f"{path}/start", version=version)
    post(ada, f"{path}/start", version=version)
    assert "Dieser Import ist bereits gestartet." in text_of(ada.get(path))


def test_a_waiting_import_says_for_whom(ada: FlaskClient, kernel: Any) -> None:
    first, second = brought(ada), brought(ada, "Name\nZweite AG\n")
    for path in (first, second):
        post(ada, f"{path}/columns", action="check")
    running.work()
    running.work()
    for path in (first, second):
        post(ada, f"{path}/start", version=2)
    running._claim("running")
    assert "Wartet, bis kunden.csv fertig ist; gestartet von Ada Admin." in text_of(ada.get(second))
    assert "Der Import läuft." in text_of(ada.get(first))
    answer = post(ada, f"{second}/cancel")
    assert answer.status_code == 302
    assert "Der Import wurde nach 0 von 1 Zeile beendet." in text_of(ada.get(f"{second}/progress"))
    assert "0 von 1 Zeile " in text_of(ada.get(PATH))
    post(ada, f"{first}/cancel")
    assert "Der Import wird beendet." in text_of(ada.get(f"{first}/progress"))


def test_the_bar_claims_nothing_before_the_rows_are_counted(ada: FlaskClient) -> None:
    path = brought(ada)
    post(ada, f"{path}/columns", action="check")
    running._claim("checking")
    page = ada.get(f"{path}/progress")
    assert 'class="import-bar" aria-label="Fortschritt"' in page.text
    assert "Zeilen erledigt 0 / …" in text_of(page)


def test_the_bar_shows_how_many_of_how_many_rows_are_done(ada: FlaskClient) -> None:
    path = brought(ada)
    post(ada, f"{path}/columns", action="check")
    running.work()
    post(ada, f"{path}/start", version=the_import().version)
    page = ada.get(f"{path}/progress")
    assert 'max="2" value="0"' in page.text
    assert "Zeilen erledigt 0 / 2" in text_of(page)


def test_hostile_cells_are_shown_as_text_and_never_as_formulas(ada: FlaskClient) -> None:
    path = brought(ada, 'Name;E-Mail\n"<script>alert(1)</script>";"=cmd|x"\n')
    page = ada.get(path).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    post(ada, f"{path}/columns", action="check")
    running.work()
    assert "'=cmd|x" in ada.get(f"{path}/failures.csv").text


def test_the_failures_of_nothing_are_not_found(ada: FlaskClient) -> None:
    path = brought(ada)
    assert ada.get(f"{path}/failures.csv").status_code == 404
    assert post(ada, f"{path}/discard").headers["Location"] == PATH
    assert ada.get(path).status_code == 404

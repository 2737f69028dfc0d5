"""The settings of the Placetel connection: nothing typed is lost, secrets are never shown, the test speaks in words."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People
from tests.browser.screen import card, cards, save
from tests.browser.stack import ACCOUNTS, ANNA, API_KEY, BEN, SECRET, STOP_SECONDS, ZENTRALE, Stack

SETTINGS = "/callcenter/settings"
RECEPTION = "7770000004@fpbx.de"


def _accounts(page: Page) -> Locator:
    """The text field of the accounts, a line each."""
    return page.get_by_role("textbox", name="Accounts", exact=True)


def _findings(page: Page) -> Locator:
    """What the connection test found."""
    return page.locator("#findings")


def _test_the_connection(page: Page) -> None:
    with page.expect_response("**/callcenter/settings/test", timeout=STOP_SECONDS * 1000):
        page.get_by_role("button", name="Verbindung testen").click()


def _saved(page: Page) -> None:
    save(page)
    expect(page.get_by_role("status").filter(has_text="Gespeichert.")).to_be_visible()


def test_each_bad_line_is_named_and_nothing_typed_is_lost(people: People, stack: Stack) -> None:
    admin = people("admin", SETTINGS)
    typed = f"anna:{ANNA}\nben {BEN}\nniemand:{RECEPTION}\nclara:{ANNA}\nben:7779999999@fpbx.de"
    _accounts(admin).fill(typed)
    admin.get_by_label("Angerufene Nummer").last.fill("keine Nummer")
    save(admin)
    expect(admin.get_by_role("alert")).to_contain_text("Nicht alles konnte gespeichert werden.")
    expect(_accounts(admin)).to_have_value(typed)
    problems = admin.locator("#accounts-problems")
    for text in (
        "Zeile 2: Der Doppelpunkt fehlt",
        "Zeile 3: Den Benutzer „niemand“ gibt es nicht.",
        f"Zeile 4: {ANNA} gehört in Zeile 1 schon zu einem anderen Benutzer.",
    ):
        expect(problems).to_contain_text(text)
    expect(admin.locator("main")).to_contain_text("„keine Nummer“ ist keine Telefonnummer.")
    expect(admin.locator("[data-lines] input[value='keine Nummer']")).to_be_visible()
    # Nothing of it was stored: who had a telephone still has it.
    admin.goto(stack.url + SETTINGS)
    expect(_accounts(admin)).to_have_value(ACCOUNTS.strip())


def test_text_and_table_of_the_accounts_are_the_same_data(people: People, stack: Stack) -> None:
    admin = people("admin", SETTINGS)
    _test_the_connection(admin)
    expect(_findings(admin)).to_contain_text("Die Verbindung steht")
    table = admin.get_by_role("region", name="Accounts")
    reception = table.get_by_role("row").filter(has_text=RECEPTION)
    expect(reception).to_contain_text("Empfang")
    pick = table.get_by_role("combobox", name="Benutzer von Empfang")
    pick.select_option(label="Clara Vogel")
    expect(_accounts(admin)).to_have_value(f"{ACCOUNTS}clara:{RECEPTION}")
    _accounts(admin).fill(f"{ACCOUNTS}BEN:{RECEPTION}")
    expect(pick.locator("option:checked")).to_have_text("Ben Yilmaz")
    _saved(admin)
    # The user's name as it is spelled, whatever was typed.
    expect(_accounts(admin)).to_have_value(f"{ACCOUNTS}ben:{RECEPTION}")
    expect(pick.locator("option:checked")).to_have_text("Ben Yilmaz")
    pick.select_option("")
    _saved(admin)
    expect(_accounts(admin)).to_have_value(ACCOUNTS.strip())


def test_a_new_secret_is_made_shown_once_and_counts_from_then_on(people: People, stack: Stack) -> None:
    admin, anna = people("admin", SETTINGS), people("anna")
    part = admin.locator("[data-secret=shared_secret]")
    expect(part).to_contain_text("gesetzt am")
    part.get_by_text("ersetzen").click()
    part.get_by_role("button", name="erzeugen").click()
    made = part.get_by_role("textbox", name="Shared Secret").input_value()
    assert re.fullmatch(r"[0-9a-f]{48}", made)
    _saved(admin)
    assert made not in admin.content()
    expect(admin.locator("[data-secret=shared_secret]")).to_contain_text("gesetzt am")
    expect(admin.locator("#old-secret")).to_contain_text("Das bisherige Shared Secret wird noch bis")
    admin.get_by_role("button", name="Jetzt beenden").click()
    expect(admin.locator("#old-secret")).to_have_text("Das bisherige Shared Secret wird nicht mehr angenommen.")
    assert stack.simulator.incoming("01713920010", ZENTRALE).statuses == [403]
    stack.simulator.settings(secret=made)
    assert stack.simulator.incoming("03023125123", ZENTRALE).statuses == [200]
    expect(card(anna, "Max Mustermann")).to_be_visible()
    expect(cards(anna)).to_have_count(1)
    admin.goto(f"{stack.url}/callcenter/log")
    expect(admin.get_by_role("row").filter(has_text="Ihre Signatur passt nicht").first).to_be_visible()
    stack.flask("callcenter", "placetel", "configure", "--shared-secret", SECRET)


def test_without_a_secret_the_page_says_why_notifications_are_refused(people: People, stack: Stack) -> None:
    admin = people("admin", SETTINGS)
    admin.locator("[data-secret=shared_secret]").get_by_role("checkbox", name="entfernen").check()
    _saved(admin)
    expect(admin.locator("main")).to_contain_text("Ohne Shared Secret geht das Wählen")
    assert stack.simulator.incoming("01713920010", ZENTRALE).statuses == [403]
    _test_the_connection(admin)
    expect(_findings(admin)).to_contain_text("Es ist kein Shared Secret gesetzt")
    admin.get_by_role("textbox", name="Shared Secret").fill(SECRET)
    _saved(admin)
    assert stack.simulator.incoming("01713920010", ZENTRALE).statuses == [200]


def test_the_connection_test_answers_in_words(people: People, stack: Stack) -> None:
    admin = people("admin", SETTINGS)
    for quirk, words in (
        ({"api_401": True}, "Placetel nimmt den API-Key nicht an. Bitte kopieren Sie ihn noch einmal"),
        ({"api_403": True}, "Der API-Key ist gültig, hat bei Placetel aber nicht das nötige Recht."),
        ({"platform": "WEBEX"}, "Der Vertrag läuft auf der Plattform „WEBEX“, nicht auf PROFI."),
        ({"automatic_prefix": {ANNA: "0221"}}, f"Placetel setzt vor jede Nummer, die {ANNA} wählt, die 0221."),
        ({"blocked_prefixes": {BEN: "0900"}}, f"Placetel sperrt für {BEN} Nummern, die mit 0900 beginnen."),
    ):
        stack.simulator.quirk(**quirk)
        _test_the_connection(admin)
        expect(_findings(admin)).to_contain_text(words)
        stack.simulator.reset()
    stack.stop_simulator()
    try:
        _test_the_connection(admin)
        expect(_findings(admin)).to_contain_text("Placetel ist nicht erreichbar.")
    finally:
        stack.start_simulator()
    _test_the_connection(admin)
    expect(_findings(admin)).to_contain_text("Die Verbindung steht")


def test_a_new_key_is_tried_when_it_is_saved_and_never_shown_again(people: People, stack: Stack) -> None:
    admin = people("admin", SETTINGS)
    for key, words in (
        ("wrong-key-0815", "Der neue API-Key konnte nicht bestätigt werden"),
        (API_KEY, "Die Verbindung"),
    ):
        admin.locator("[data-secret=api_key]").get_by_text("ersetzen").click()
        admin.get_by_role("textbox", name="API-Key").fill(key)
        _saved(admin)
        expect(admin.locator("main")).to_contain_text(words)
        assert key not in admin.content()


def test_the_address_for_notifications_is_the_one_that_the_simulator_posts_to(people: People, stack: Stack) -> None:
    admin = people("admin", SETTINGS, permissions=["clipboard-read", "clipboard-write"])
    endpoint = admin.get_by_role("textbox", name="Adresse für Meldungen")
    expect(endpoint).to_have_value(stack.webhook)
    admin.get_by_role("button", name="kopieren", exact=True).click()
    expect(admin.get_by_role("button", name="kopiert", exact=True)).to_be_visible()
    assert admin.evaluate("navigator.clipboard.readText()") == stack.webhook


def test_a_line_is_added_with_a_name_and_users_and_removed_again(people: People, stack: Stack) -> None:
    admin, anna = people("admin", SETTINGS), people("anna")
    lines = admin.get_by_role("region", name="Leitungen")
    lines.get_by_role("button", name="Leitung hinzufügen").click()
    row = lines.locator("tr[data-line]:focus-within")
    expect(row).to_have_count(1)
    added = lines.locator("[data-lines] tr[data-line]").filter(has=admin.locator("[name^=line_number_n]"))
    added.locator("[name^=line_number_]").fill("0221 4710013")
    added.locator("[name^=line_name_]").fill("Service")
    added.locator("summary").click()
    added.get_by_role("checkbox", name="Clara Vogel").check()
    _saved(admin)
    stack.simulator.incoming("01713920010", "02214710013")
    expect(card(anna, "Sabine Krüger")).to_contain_text("auf Service")
    service = lines.locator("tr[data-line]").filter(has=admin.locator("input[value=Service]"))
    expect(service).to_contain_text("Clara Vogel")
    service.get_by_role("button", name="Leitung entfernen").click()
    _saved(admin)
    expect(service).to_have_count(0)


def test_staff_may_not_see_the_settings(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/")
    expect(anna.get_by_role("link", name="Einstellungen", exact=True)).to_have_count(0)
    answer = anna.goto(stack.url + SETTINGS)
    assert answer is not None
    assert answer.status == 403
    expect(anna.locator("main")).to_contain_text("Sie haben nicht das Recht")

"""A caller's number is given to an address or contact that is there, in one dialog, without leaving the page."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import People, log_in
from tests.browser.screen import beginning, call_bell, card, cards, save
from tests.browser.stack import BEN, ZENTRALE, Stack

#: Behind the switchboard of Hanseatic Logistik, and a caller whom nobody knows: each test has one of its own.
BEHIND = "040669692{:02}"
UNKNOWN = "06990009{}"


def dialog_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name=re.compile("Nummer zuordnen|Durchwahl speichern"))


def told(page: Page) -> Locator:
    """What is said when the dialog has closed."""
    return page.locator("[data-assign-words]")


def search(dialog: Locator, text: str) -> None:
    dialog.get_by_role("searchbox", name="Adressen suchen").press_sequentially(text)


def opened(page: Page, shown: Locator) -> Locator:
    """The dialog, opened from a card or a row."""
    shown.get_by_role("link", name=re.compile("Nummer zuordnen|Durchwahl speichern")).click()
    expect(dialog_of(page)).to_be_visible()
    return dialog_of(page)


def test_an_unknown_caller_is_given_to_a_contact_and_everybody_sees_it_at_once(people: People, stack: Stack) -> None:
    anna, ben = people("anna", "/callcenter/calls"), people("ben")
    stack.simulator.incoming(UNKNOWN.format("601"), ZENTRALE)
    anna.reload()
    people.wait_for_calls(anna)
    row = anna.get_by_role("row").filter(has_text="069 90009601")
    expect(row).to_contain_text("Unbekannt")
    dialog = opened(anna, card(anna, "069 90009601"))
    expect(dialog.get_by_role("searchbox", name="Adressen suchen")).to_be_focused()
    search(dialog, "rheinwerk mustermann")
    dialog.get_by_role("radio", name=beginning("Max Mustermann")).first.check()
    chosen = dialog.get_by_role("group", name="Wem gehört die Nummer?")
    expect(chosen.get_by_role("radio", name=beginning("Max Mustermann"))).to_be_checked()
    expect(dialog.get_by_label("Art", exact=True).locator("option:checked")).to_have_text("Telefon")
    dialog.get_by_label("Bezeichnung").fill("Homeoffice")
    dialog.get_by_role("button", name="Speichern").click()

    expect(dialog_of(anna)).to_be_hidden()
    expect(told(anna)).to_have_text(
        "069 90009601 ist jetzt bei Max Mustermann (Rheinwerk Maschinenbau GmbH) gespeichert."
    )
    for page in (anna, ben):
        expect(card(page, "069 90009601")).to_contain_text("Max Mustermann")
    # The page was not left, and its row is as it is now.
    expect(row).to_contain_text("Max Mustermann")
    expect(row.get_by_role("link", name="Nummer zuordnen")).to_have_count(0)
    expect(card(anna, "069 90009601").get_by_role("link", name="Zur Adresse")).to_be_focused()

    anna.get_by_role("button", name="Rückgängig").click()
    expect(told(anna)).to_have_text("Die Nummer ist nicht mehr bei Max Mustermann gespeichert.")
    for page in (anna, ben):
        expect(card(page, "069 90009601")).to_contain_text("Unbekannt")
    expect(row.get_by_role("link", name="Nummer zuordnen")).to_be_visible()


def test_a_durchwahl_becomes_a_contact_of_the_company_with_a_name_and_enter(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming(BEHIND.format("07"), ZENTRALE)
    shown = card(anna, "wahrscheinlich Hanseatic Logistik GmbH, Durchwahl 7")
    expect(shown).to_have_accessible_name("Eingehender Anruf von wahrscheinlich Hanseatic Logistik GmbH, Durchwahl 7")
    dialog = opened(anna, shown)
    expect(dialog.get_by_role("radio", name="Hanseatic Logistik GmbH, Durchwahl 7")).to_be_checked()
    expect(dialog.get_by_role("textbox", name="Name des neuen Ansprechpartners")).to_be_focused()
    anna.keyboard.type("Frauke Lüders")
    anna.keyboard.press("Enter")
    expect(told(anna)).to_contain_text("Frauke Lüders ist jetzt Ansprechpartner von Hanseatic Logistik GmbH")
    expect(card(anna, "Frauke Lüders")).to_contain_text("Hanseatic Logistik GmbH")
    card(anna, "Frauke Lüders").get_by_role("link", name="Zur Adresse").click()
    contact = anna.get_by_role("listitem").filter(has_text="Frauke Lüders")
    expect(contact).to_contain_text("040 66969207")
    # The Durchwahl stands apart, and is no switchboard's number.
    expect(contact.get_by_text("Zentrale", exact=True)).to_have_count(0)
    contact.get_by_role("link", name=beginning("Bearbeiten")).click()
    expect(anna.get_by_role("textbox", name="Telefonnummer").first).to_have_value("+49 40 6696920-7")


def test_a_durchwahl_without_a_name_is_stored_with_one_press_more(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming(BEHIND.format("06"), ZENTRALE)
    dialog = opened(anna, card(anna, "Durchwahl 6"))
    expect(dialog).to_contain_text("Bleibt der Name leer, wird die Nummer bei der Firma selbst gespeichert.")
    dialog.get_by_role("button", name="Speichern").click()
    expect(told(anna)).to_have_text("040 66969206 ist jetzt bei Hanseatic Logistik GmbH gespeichert.")
    shown = card(anna, "040 66969206")
    expect(shown).to_contain_text("Hanseatic Logistik GmbH")
    expect(shown).not_to_contain_text("wahrscheinlich")
    anna.get_by_role("button", name="Rückgängig").click()
    expect(card(anna, "wahrscheinlich Hanseatic Logistik GmbH, Durchwahl 6")).to_be_visible()


def test_the_dialog_is_used_by_keyboard_alone_and_escape_loses_nothing(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/")
    stack.simulator.incoming(UNKNOWN.format("602"), ZENTRALE)
    shown = card(anna, "069 90009602")
    expect(shown).to_be_visible()
    anna.keyboard.press("F8")
    opener = shown.get_by_role("link", name="Nummer zuordnen")
    for _ in range(12):
        if opener.evaluate("link => link === document.activeElement"):
            break
        anna.keyboard.press("Tab")
    expect(opener).to_be_focused()
    anna.keyboard.press("Enter")
    dialog = dialog_of(anna)
    expect(dialog.get_by_role("searchbox", name="Adressen suchen")).to_be_focused()
    anna.keyboard.type("sonnenschein")
    expect(dialog.get_by_role("radio", name=beginning("Bäckerei Sonnenschein"))).to_be_visible()
    anna.keyboard.press("Tab")
    anna.keyboard.press("Space")
    name = dialog.get_by_role("textbox", name="Name des neuen Ansprechpartners")
    expect(name).to_be_visible()
    name.focus()
    anna.keyboard.type("Resi Huber")
    # Who types a name means a new contact.
    expect(dialog.get_by_role("radio", name="Neuer Ansprechpartner")).to_be_checked()
    anna.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(shown).to_be_visible()
    anna.keyboard.press("Enter")
    expect(name).to_have_value("Resi Huber")
    expect(name).to_be_focused()
    # The focus stays inside.
    for _ in range(25):
        anna.keyboard.press("Tab")
        assert anna.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    # Another address, chosen late, keeps what was typed.
    searched = dialog.get_by_role("searchbox", name="Adressen suchen")
    searched.fill("hanseatic")
    dialog.get_by_role("radio", name=beginning("Hanseatic Logistik GmbH 20457")).check()
    expect(dialog.get_by_role("radio", name="Wiebke Jansen Zoll")).to_be_visible()
    expect(name).to_have_value("Resi Huber")
    anna.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_enter_takes_the_best_hit_and_enter_stores_it(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/")
    stack.simulator.incoming(UNKNOWN.format("613"), ZENTRALE)
    dialog = opened(anna, card(anna, "069 90009613"))
    expect(dialog.get_by_role("searchbox", name="Adressen suchen")).to_be_focused()
    # Faster than the list is there.
    anna.keyboard.type("kröger")
    anna.keyboard.press("Enter")
    chosen = dialog.get_by_role("group", name="Wem gehört die Nummer?")
    expect(chosen.get_by_role("radio", name=beginning("Bauunternehmung Kröger"))).to_be_focused()
    anna.keyboard.press("Enter")
    expect(told(anna)).to_have_text("069 90009613 ist jetzt bei Bauunternehmung Kröger gespeichert.")


def test_whom_the_keys_chose_in_the_search_is_gone_on_with_by_enter(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/")
    stack.simulator.incoming(UNKNOWN.format("614"), ZENTRALE)
    dialog = opened(anna, card(anna, "069 90009614"))
    field = dialog.get_by_role("searchbox", name="Adressen suchen")
    expect(field).to_be_focused()
    anna.keyboard.type("kröger")
    hit = dialog.get_by_role("radio", name=beginning("Dirk Kröger")).first
    expect(hit).to_be_visible()
    anna.keyboard.press("ArrowDown")
    anna.keyboard.press("ArrowDown")
    expect(hit).to_be_focused()
    expect(hit).to_be_checked()
    anna.keyboard.press("Enter")
    chosen = dialog.get_by_role("group", name="Wem gehört die Nummer?")
    expect(chosen.get_by_role("radio", name=beginning("Dirk Kröger"))).to_be_focused()
    anna.keyboard.press("Enter")
    expect(told(anna)).to_contain_text("069 90009614 ist jetzt bei Dirk Kröger")


def test_a_server_that_does_not_answer_costs_nothing_and_a_double_click_stores_once(
    people: People, stack: Stack
) -> None:
    anna = people("anna")
    stack.simulator.incoming(UNKNOWN.format("603"), ZENTRALE)
    dialog = opened(anna, card(anna, "069 90009603"))
    search(dialog, "sonnenschein")
    dialog.get_by_role("radio", name=beginning("Bäckerei Sonnenschein")).check()
    dialog.get_by_label("Bezeichnung").fill("Filiale")
    sent: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        sent.append(route.request.post_data or "")
        return route.abort() if len(sent) == 1 else route.continue_()

    anna.route("**/callcenter/calls/*/number", lose)
    button = dialog.get_by_role("button", name="Speichern")
    button.click()
    expect(dialog.get_by_role("alert")).to_contain_text("Was Sie eingegeben haben, steht noch da")
    expect(dialog.get_by_label("Bezeichnung")).to_have_value("Filiale")
    button.dblclick()
    expect(told(anna)).to_contain_text("ist jetzt bei Bäckerei Sonnenschein gespeichert.")
    assert len(sent) == 2
    card(anna, "Bäckerei Sonnenschein").get_by_role("link", name="Zur Adresse").click()
    expect(anna.get_by_text("069 90009603")).to_have_count(1)
    expect(anna.locator("main")).to_contain_text("Filiale")


def test_whoever_comes_second_is_told_and_decides(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben")
    call = stack.simulator.incoming(UNKNOWN.format("604"), ZENTRALE)
    dialogs = [opened(page, card(page, "069 90009604")) for page in (anna, ben)]
    for dialog, company in zip(dialogs, ("Rheinwerk", "Sonnenschein"), strict=True):
        search(dialog, company)
        dialog.get_by_role("radio", name=re.compile(company)).first.check()
        dialog.get_by_label("Bezeichnung").fill(f"von {company}")
    dialogs[0].get_by_role("button", name="Speichern").click()
    expect(told(anna)).to_contain_text("Rheinwerk Maschinenbau GmbH")
    dialogs[1].get_by_role("button", name="Speichern").click()
    expect(dialogs[1].get_by_role("alert")).to_contain_text(
        "Die Nummer gehört inzwischen auch: Rheinwerk Maschinenbau GmbH."
    )
    expect(dialogs[1].get_by_label("Bezeichnung")).to_have_value("von Sonnenschein")
    dialogs[1].get_by_role("button", name="Speichern").click()
    expect(told(ben)).to_contain_text("Bäckerei Sonnenschein")
    expect(card(anna, "069 90009604")).to_contain_text("Mehrere Adressen haben diese Nummer")
    stack.simulator.accept(call.call_id, BEN)


def test_it_is_offered_on_the_calls_page_and_behind_the_bell(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming(UNKNOWN.format("605"), ZENTRALE)
    card(anna, "069 90009605").get_by_role("button", name=beginning("Karte schließen")).click()
    call_bell(anna).click()
    latest = anna.locator("[data-call-latest] [data-call-id]").first
    expect(latest).to_contain_text("069 90009605")
    dialog = opened(anna, latest)
    dialog.get_by_role("button", name="Schließen").click()
    expect(dialog).to_be_hidden()
    anna.goto(f"{stack.url}/callcenter/calls")
    anna.get_by_role("row").filter(has_text="069 90009605").get_by_role("link").first.click()
    anna.wait_for_url("**/callcenter/calls/*")
    people.wait_for_calls(anna)
    dialog = opened(anna, anna.locator("main"))
    search(dialog, "sabine krüger")
    dialog.get_by_role("radio", name=beginning("Sabine Krüger")).first.check()
    expect(dialog.get_by_role("group", name="Wem gehört die Nummer?")).to_contain_text("die Adresse selbst")
    dialog.get_by_role("button", name="Speichern").click()
    expect(told(anna)).to_contain_text("bei Sabine Krüger gespeichert")
    # The page shows it without having been left.
    expect(anna.locator("main").get_by_role("link", name="Sabine Krüger").first).to_be_visible()
    expect(anna.locator("main").get_by_role("link", name="Nummer zuordnen")).to_have_count(0)
    expect(anna.locator("main").get_by_role("link", name="Zur Adresse")).to_be_visible()


def test_without_scripts_the_same_is_done_on_a_page(people: People, stack: Stack) -> None:
    stack.simulator.incoming(UNKNOWN.format("606"), ZENTRALE)
    plain = people.nobody(java_script_enabled=False)
    log_in(plain, stack.url, "anna")
    plain.goto(f"{stack.url}/callcenter/calls")
    plain.get_by_role("row").filter(has_text="069 90009606").get_by_role("link", name="Nummer zuordnen").click()
    main = plain.locator("main")
    main.get_by_role("searchbox", name="Adressen suchen").fill("köln krüger")
    main.get_by_role("button", name="Suchen und auswählen").click()
    main.get_by_role("radio", name=beginning("Sabine Krüger")).check()
    main.get_by_role("button", name="Suchen und auswählen").click()
    main.get_by_role("radio", name="Neuer Ansprechpartner").check()
    main.get_by_role("textbox", name="Name des neuen Ansprechpartners").fill("x" * 100)
    main.get_by_label("Art", exact=True).select_option(label="Mobil")
    save(plain)
    expect(plain.get_by_role("status").filter(has_text="ist jetzt Ansprechpartner von Sabine Krüger")).to_be_visible()
    plain.get_by_role("button", name="Rückgängig").click()
    expect(plain.get_by_role("status").filter(has_text="Die Nummer ist nicht mehr bei")).to_be_visible()
    expect(plain.get_by_role("link", name="Nummer zuordnen")).to_be_visible()


def test_on_a_phone_the_dialog_fits_and_nothing_scrolls_sideways(people: People, stack: Stack) -> None:
    anna = people("anna", width=390)
    stack.simulator.incoming(BEHIND.format("08"), ZENTRALE)
    dialog = opened(anna, card(anna, "Durchwahl 8"))
    box = dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert anna.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for target in dialog.get_by_role("button").all():
        size = target.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 24


def test_what_is_nobodys_number_has_no_such_button(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming("anonymous", ZENTRALE)
    shown = card(anna, "Nummer unterdrückt")
    expect(shown.get_by_role("link", name="Telefonnotiz anlegen")).to_be_visible()
    expect(shown.get_by_role("link", name="Nummer zuordnen")).to_be_hidden()
    expect(cards(anna)).to_have_count(1)


def test_the_editor_says_what_a_switchboard_catches_and_how_it_is_written(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/new")
    anna.get_by_label("Name", exact=True).fill("Zentralwerk AG")
    row = anna.locator("[data-number-row]").first
    row.get_by_role("textbox", name="Telefonnummer").fill("0221 471050")
    expect(row.locator("[data-number-read]")).to_have_text(beginning("0221 471050"))
    row.get_by_role("checkbox", name="Zentrale").check()
    expect(row).to_contain_text("Anrufer, deren Nummer mit 0221 471050 beginnt, gehören wahrscheinlich hierher.")
    row.get_by_role("button", name="0221 47105-0 übernehmen").click()
    expect(row.get_by_role("textbox", name="Telefonnummer")).to_have_value("0221 47105-0")
    expect(row).to_contain_text("Anrufer, deren Nummer mit 0221 47105 beginnt, gehören wahrscheinlich hierher.")
    save(anna)
    expect(anna.locator("main").get_by_text("Zentrale", exact=True)).to_be_visible()
    stack.simulator.incoming("0221471057", ZENTRALE)
    expect(card(anna, "wahrscheinlich Zentralwerk AG, Durchwahl 7")).to_be_visible()


def test_a_card_that_is_held_open_learns_long_after_the_call_who_it_was(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben", "/callcenter/calls")
    number = "06990009688"
    stack.simulator.hangup(stack.simulator.incoming(number, ZENTRALE).call_id, "missed")
    held = card(anna, "069 90009688")
    held.get_by_role("link", name="Nummer zuordnen").focus()
    expect(held).to_contain_text("Verpasster Anruf")
    expect(card(ben, "069 90009688")).to_contain_text("Verpasster Anruf")
    card(ben, "069 90009688").get_by_role("button", name=beginning("Karte schließen")).click()
    stack.let_calls_be_over()
    dialog = opened(ben, ben.get_by_role("row").filter(has_text="069 90009688"))
    search(dialog, "rheinwerk mustermann")
    dialog.get_by_role("radio", name=beginning("Max Mustermann")).first.check()
    dialog.get_by_role("button", name="Speichern").click()
    expect(dialog_of(ben)).to_be_hidden()
    expect(held).to_contain_text("Max Mustermann")
    # Nothing of it comes back where the card has gone, and what is held outlives a state that is told anew.
    expect(cards(ben)).to_have_count(0)
    stack.let_cards_be_told_anew()
    anna.wait_for_timeout(2500)
    expect(held).to_contain_text("Max Mustermann")
    ben.get_by_role("button", name="Rückgängig").click()
    expect(held).to_contain_text("Unbekannt")
    expect(cards(ben)).to_have_count(0)

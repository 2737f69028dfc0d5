"""Every page, wide and narrow, light and dark, German and English: nothing sticks out, and no browser complains."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from app.core.demo import DEMO_PASSWORD
from app.core.i18n import written_as
from tests.browser.conftest import People, log_in
from tests.browser.contrast import too_faint
from tests.browser.screen import beginning, card, save, save_note
from tests.browser.stack import ANNA, ANNAS_LINE, ZENTRALE, Stack
from tests.conftest import PASSWORD
from tests.integration.core.furnished import ROUTES

#: What stands for the placeholders of addresses; the note and the call are made below.
VALUES = {
    "address_id": 1,
    "contact_id": 1,
    "note_id": 1,
    "call_id": 1,
    "notification_id": 1,
    "user_id": 2,
    "callback_id": 1,
    "group_id": 1,
    # The one that an installation begins with.
    "rule_id": 1,
    "connection_key": "placetel",
    "block_id": 1,
    # Of the demo data, one that two addresses share.
    "number_id": 39,
    # There is none; those that there are have a test of their own.
    "import_id": 1,
}
#: Answered to scripts and programs, or downloaded.
NO_PAGES = (
    "/api/",
    "/addresses/addresses.csv",
    "/addresses/check/all",
    "/addresses/notes/drafts/token",
    "/addresses/pick",
    "/callcenter/bell",
    "/callcenter/calls.csv",
    "/callcenter/calls/<int:call_id>/matches",
    "/callcenter/calls/<int:call_id>/number/owner",
    "/callcenter/calls/rows",
    "/callcenter/cards",
    "/callcenter/phonebook.csv",
    "/health/diagnostics.json",
    "/healthz",
    "/login",
    "/metrics",
    "/readyz",
)
MORE = (
    "/addresses/1?contact=1",
    "/addresses/1/crm?telefon_notiz_erstellen=1&origin=call:1",
    "/addresses/?q=nobody",
    *(f"/addresses/check/?show={kind}" for kind in ("several", "shared", "twice", "history")),
    "/addresses/check/all?show=several",
    "/callcenter/?q=nobody",
    "/callcenter/calls?missed=1",
    "/callcenter/calls/1/number?pick=rhein&owner=1:",
    "/callcenter/blocks?number=nobody",
    "/no/such/page",
)
PAGES = (
    *(
        route.at(VALUES)
        for route in ROUTES
        if route.method == "GET" and not route.path.startswith(NO_PAGES) and "<" not in route.at(VALUES)
    ),
    *MORE,
)
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
LAPTOP = ViewportSize(width=1280, height=800)
Looks = tuple[tuple[ViewportSize, Literal["light", "dark"]], ...]
#: Both widths and both schemes in each language, every pair of them once.
LOOKS: dict[str, Looks] = {
    "de": ((NARROW, "dark"), (WIDE, "light")),
    "en": ((WIDE, "dark"), (NARROW, "light")),
}
#: The number of pixels by which a page is wider than the screen, and whatever sticks out.
STICKS_OUT = """() => {
    const over = document.scrollingElement.scrollWidth - innerWidth;
    if (over <= 0) return [];
    return [over, ...[...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];
}"""
#: Tables that are wider than their place, so that columns lie out of sight; figures may.
HIDES_COLUMNS = """() => [...document.querySelectorAll(".table-responsive:not(.statistics-table)")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => `${one.scrollWidth - one.clientWidth} pixels of ${one.firstElementChild.className}`)"""
#: As nobody is called, and nobody writes.
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
BRIGHTNESS = """() => {
    const dot = document.createElement("canvas").getContext("2d");
    dot.fillStyle = getComputedStyle(document.body).backgroundColor;
    dot.fillRect(0, 0, 1, 1);
    const [red, green, blue] = dot.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 765;
}"""


def furnished(people: People, stack: Stack, language: str) -> Page:
    """The page of an administrator in this language, in an installation with a note, calls, and one that rings."""
    page = _as_user_of(people, stack, language)
    page.goto(f"{stack.url}/callcenter/groups/new")
    page.get_by_label("Name").fill(f"Vertrieb {language}")
    page.locator("main").get_by_role("button", name=re.compile("Speichern|Save")).click()
    expect(page.get_by_role("status").first).to_be_visible()
    page.goto(f"{stack.url}/addresses/new")
    page.locator("#name").fill(f"{LONG_WORD}{LONG_WORD} {language} GmbH & Co. KG")
    page.locator("#city").fill(f"Bad Neuenahr-{LONG_WORD}{LONG_WORD}"[:100])
    page.locator("#email").fill(f"{LONG_WORD.replace('ä', 'ae').replace('ü', 'ue')[:60]}@{language}.example")
    page.locator("main").get_by_role("button", name=re.compile("^(Speichern|Save)$")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(LONG_WORD)
    page.goto(f"{stack.url}/callcenter/blocks")
    page.get_by_label(re.compile("Rufnummer, Anfang|Number, beginning")).fill("0900*" if language == "de" else "+44*")
    page.locator("main").get_by_role("button", name=re.compile("^(Sperren|Block)$")).click()
    expect(page.get_by_role("status").first).to_be_visible()
    anna = people("anna")
    call = stack.simulator.incoming("03023125123", ANNAS_LINE)
    stack.simulator.accept(call.call_id, ANNA)
    card(anna, "Max Mustermann").get_by_role("link", name="Telefonnotiz anlegen").click()
    anna.get_by_label("Betreff").fill(LONG_WORD * 2)
    save_note(anna)
    stack.simulator.hangup(call.call_id)
    stack.simulator.hangup(stack.simulator.incoming("06990009734", ZENTRALE).call_id, "missed")
    # A card lies on every page.
    stack.simulator.incoming("03023125720", ZENTRALE)
    return page


def _as_user_of(people: People, stack: Stack, language: str) -> Page:
    """An administrator whose pages are in this language."""
    if language == "de":
        return people("admin", width=390, color_scheme="dark")
    stack.flask("users", "create", "erin", "--role", "administrator", "--password-stdin", given=f"{PASSWORD}\n")
    page = people("erin", "/account/settings", password=PASSWORD, width=390, color_scheme="dark")
    page.locator("select#language").select_option("en")
    save(page)
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
    return page


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_page_or_table_is_wider_than_the_screen_or_faint_or_makes_the_browser_complain(
    people: People, stack: Stack, language: str
) -> None:
    page = furnished(people, stack, language)
    wrong: list[object] = []
    for path in PAGES:
        page.goto(stack.url + path)
        assert page.locator("html").get_attribute("lang") == written_as(language).replace("_", "-"), path
        for width, scheme in LOOKS[language]:
            page.set_viewport_size(width)
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.locator(f"html[data-bs-theme={scheme}]").wait_for(state="attached")
            found = page.evaluate(STICKS_OUT)
            if found:
                wrong.append((path, width["width"], found))
            wrong += [(path, width["width"], one) for one in page.evaluate(HIDES_COLUMNS)]
            wrong += [(path, scheme, *one) for one in too_faint(page)]
            bright = page.evaluate(BRIGHTNESS)
            if (bright > 0.5) != (scheme == "light"):
                wrong.append((path, scheme, bright))
        if path == "/":
            expect(card(page, "Annette Wächter")).to_be_visible()
    page.set_viewport_size(LAPTOP)
    for path in ("/addresses/", "/callcenter/calls", "/callcenter/callbacks", "/callcenter/log", "/users/"):
        page.goto(stack.url + path)
        wrong += [(path, LAPTOP["width"], one) for one in page.evaluate(HIDES_COLUMNS)]
    assert not wrong, wrong


def test_the_menu_of_a_narrow_screen_opens_and_leads_on(people: People, stack: Stack) -> None:
    anna = people("anna", width=390)
    menu = anna.get_by_role("navigation", name="Hauptmenü")
    expect(menu).to_be_hidden()
    anna.get_by_role("button", name="Menü", exact=True).click()
    menu.get_by_role("link", name="Telefonbuch").click()
    expect(anna.get_by_role("heading", name="Telefonbuch")).to_be_visible()
    expect(menu).to_be_hidden()


def test_a_chosen_appearance_holds_whatever_the_system_has(people: People, stack: Stack) -> None:
    ben = people("ben", "/account/settings", color_scheme="light")
    ben.locator("select#theme").select_option("dark")
    save(ben)
    expect(ben.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert ben.evaluate(BRIGHTNESS) < 0.5
    ben.locator("select#theme").select_option("auto")
    save(ben)
    expect(ben.locator("html")).to_have_attribute("data-theme", "auto")
    assert ben.evaluate(BRIGHTNESS) > 0.5


def test_a_wrong_password_is_told_and_the_right_one_leads_to_where_one_wanted(people: People, stack: Stack) -> None:
    page = people.nobody()
    page.goto(f"{stack.url}/addresses/3")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    page.get_by_label("Benutzername").fill("anna")
    page.get_by_label("Passwort").fill("wrong password")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("Benutzername oder Passwort ist falsch."))
    expect(page.get_by_label("Benutzername")).to_have_value("anna")
    page.get_by_label("Passwort").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sabine Krüger")


def test_after_the_log_out_the_back_button_shows_nothing(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/3", own_login=True)
    anna.get_by_role("button", name="Mein Bereich: Anna Schmidt").click()
    anna.get_by_role("button", name="Abmelden").click()
    expect(anna).to_have_url(re.compile("/login"))
    anna.go_back()
    expect(anna.get_by_role("button", name="Anmelden")).to_be_visible()
    expect(anna.get_by_text("Sabine Krüger")).to_have_count(0)


def test_a_user_is_made_logs_in_and_gets_a_new_password(people: People, stack: Stack) -> None:
    admin = people("admin", "/users/new")
    admin.get_by_label("Benutzername").fill("frieda")
    admin.get_by_label("Passwort").fill("a first passphrase")
    admin.get_by_label("Name", exact=True).fill("Frieda Falk")
    save(admin)
    expect(admin.get_by_role("status").filter(has_text="Frieda Falk")).to_be_visible()
    frieda = people.nobody()
    log_in(frieda, stack.url, "frieda", "a first passphrase")
    # The administrator knows it.
    frieda.get_by_label("Bisheriges Passwort").fill("a first passphrase")
    frieda.get_by_label("Neues Passwort", exact=True).fill("a second passphrase")
    frieda.get_by_label("Neues Passwort noch einmal").fill("a second passphrase")
    frieda.get_by_role("button", name="Passwort ändern").click()
    expect(frieda.get_by_role("button", name="Mein Bereich: Frieda Falk")).to_be_visible()
    admin.goto(f"{stack.url}/users/")
    admin.get_by_role("link", name="Frieda Falk").click()
    admin.once("dialog", lambda dialog: dialog.accept())
    admin.get_by_role("button", name="Passwort zurücksetzen").click()
    told = admin.locator("main").get_by_text(re.compile("Das neue Passwort von Frieda Falk lautet"))
    found = re.search(r"lautet (\S+) –", told.inner_text())
    assert found
    log_in(people.nobody(), stack.url, "frieda", found[1])
    # Her old log-in has ended.
    frieda.reload()
    expect(frieda).to_have_url(re.compile("/login"))


def test_the_buttons_of_the_simulators_page_make_cards_and_end_them(people: People, stack: Stack) -> None:
    anna, simulator = people("anna"), people.nobody()
    simulator.goto(stack.simulator.base)
    expect(simulator.get_by_role("heading", level=1)).to_have_text("Simulator – kein echtes Placetel")
    simulator.get_by_role("radio", name=beginning("Anna direkt")).check()
    simulator.get_by_role("button", name=beginning("Max Mustermann")).click()
    expect(card(anna, "Max Mustermann")).to_contain_text("Eingehender Anruf")
    phone = simulator.locator("#phones > *").filter(has_text="Anna Schmidt")
    phone.get_by_role("button", name="Abheben").click()
    expect(card(anna, "Max Mustermann")).to_contain_text("Anruf angenommen")
    phone.get_by_role("button", name="Auflegen").click()
    expect(card(anna, "Max Mustermann")).to_contain_text("Anruf beendet")
    simulator.get_by_role("button", name="Anonym").click()
    expect(card(anna, "Nummer unterdrückt")).to_be_visible()
    simulator.get_by_role("button", name="Auf die Mailbox").click()
    expect(
        card(anna, "Max Mustermann")
        .filter(has_text="Mailbox")
        .or_(card(anna, "Nummer unterdrückt").filter(has_text="Mailbox"))
    ).to_be_visible()

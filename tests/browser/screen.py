"""What a user sees: where things are on the pages, in the words of the pages."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

#: Milliseconds that a card stays after its call ended, and a bit less.
STAYS, NEARLY = 20_000, 18_500
#: Milliseconds after which the line "angenommen von …" has gone, and an outgoing card is folded.
LINE_STAYS, FOLDS = 7_000, 61_000


def cards(page: Page) -> Locator:
    """All cards, also those behind "+n"."""
    return page.get_by_test_id("call-card")


def card(page: Page, text: str) -> Locator:
    """The card on which this stands."""
    return cards(page).filter(has_text=text)


def live(page: Page) -> Locator:
    """What a screen reader is told of calls."""
    return page.locator("[data-call-live]")


def transcript(page: Page) -> None:
    """Begin to write down every announcement, in the order in which they come."""
    page.evaluate(
        """() => {
            window.heard = [];
            const live = document.querySelector("[data-call-live]");
            new MutationObserver(() => window.heard.push(live.textContent))
                .observe(live, { childList: true, characterData: true, subtree: true });
        }"""
    )


def heard(page: Page) -> list[str]:
    """The announcements since ``transcript``."""
    found: list[str] = page.evaluate("window.heard")
    return found


def save(page: Page) -> None:
    """Press *Speichern* of the page's form."""
    page.locator("main").get_by_role("button", name="Speichern", exact=True).first.click()


def note_drawer(page: Page) -> Locator:
    """The form of a new note beside the page."""
    return page.get_by_role("dialog", name=re.compile("^Neue (Telefonn|N)otiz$"))


def save_note(page: Page) -> None:
    """Press *Speichern* in the drawer, and go to where the note is seen."""
    note_drawer(page).get_by_role("button", name="Speichern", exact=True).click()
    page.locator("[data-note-told]").get_by_role("link", name="Anzeigen").click()


def notify_me(page: Page, url: str, *, on: bool = True, of: str = "alle Anrufe") -> None:
    """Choose in the personal settings whether and of which calls to be told."""
    page.goto(f"{url}/account/settings")
    page.get_by_role("checkbox", name="Telefon-Benachrichtigungen").set_checked(on)
    page.get_by_role("radio", name=of, exact=True).check()
    save(page)
    expect(page.get_by_role("status").filter(has_text="Gespeichert.")).to_be_visible()


def call_bell(page: Page) -> Locator:
    """The button in the header that shows and hides the cards; its name ends with a number while calls ring."""
    return page.get_by_role("button", name=re.compile(r"^\s*Anrufe\b"))


def beginning(text: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(text)}")

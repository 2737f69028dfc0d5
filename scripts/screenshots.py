"""Makes the pictures of README.md: the real server, the simulator, Chromium.

    python -m scripts.screenshots            into docs/screenshots

Needs the development environment of ``make test``. Pictures are made anew when what they show has changed.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.core.demo import DEMO_PASSWORD
from tests.browser.stack import ANNA, ANNAS_LINE, BEN, BENS_LINE, ZENTRALE, Stack

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
MAX_MUSTERMANN, SABINE_KRUEGER, UNKNOWN = "03023125123", "01713920010", "06990009777"
#: Date and time fields are written in the language of the page, not of this machine's browser; not those with limits.
GERMAN_FIELDS = "--enable-blink-features=LangAttributeAwareFormControlUI"
WITHOUT_LIMITS = """for (const field of document.querySelectorAll("[type=date]")) {
    for (const limit of ["min", "max"]) field.removeAttribute(limit);
}"""
STORED = "%Y-%m-%d %H:%M:%S.%f"


@dataclass(frozen=True)
class Past:
    """A call of the last hours: minutes since it began, who with, and seconds; unanswered without a telephone."""

    ago: int
    number: str
    line: str = ZENTRALE
    by: str = ""
    waited: int = 14
    talked: int = 0
    end: str = "missed"
    out: bool = False


DAY = (
    Past(171, "08999998222", by=BEN, waited=6, talked=252),
    Past(158, "03023125155", by=ANNA, waited=9, talked=96),
    Past(143, "04066969201", by=BEN, waited=11, talked=731, out=True),
    Past(131, "02214710345", ANNAS_LINE, waited=34),
    Past(118, "06990009101", by=ANNA, waited=5, talked=187),
    Past(94, "03023125860", BENS_LINE, waited=21, end="voicemail"),
    Past(87, "02214710345", ANNAS_LINE, waited=28),
    Past(71, "08999998142", by=ANNA, waited=8, talked=418, out=True),
    Past(52, "anonymous", by=BEN, waited=17, talked=63),
    Past(38, UNKNOWN, ANNAS_LINE, waited=41),
    Past(23, SABINE_KRUEGER, by=BEN, waited=7, talked=184),
)


def play(stack: Stack, past: Past) -> None:
    """Let a call happen, and put it back to when it was."""
    telephone = stack.simulator
    if past.out:
        call = telephone.outgoing(past.by, past.number)
        telephone.callee(call.call_id, "answer")
    else:
        call = telephone.incoming(past.number, past.line)
        if past.by:
            telephone.accept(call.call_id, past.by)
    if past.by:
        telephone.hangup(call.call_id, duration=past.talked)
    elif past.end == "voicemail":
        telephone.voicemail(call.call_id)
    else:
        telephone.hangup(call.call_id, past.end)
    began = datetime.now(UTC) - timedelta(minutes=past.ago)
    answered = began + timedelta(seconds=past.waited)
    times = {
        "began": began.strftime(STORED),
        "answered": answered.strftime(STORED) if past.by else None,
        "waited": past.waited,
        "ended": (answered + timedelta(seconds=past.talked)).strftime(STORED),
    }
    with contextlib.closing(sqlite3.connect(stack.data_dir / "durchwahl.db", timeout=10)) as database, database:
        database.execute(
            "UPDATE callcenter_call SET received_at = :began, answered_at = :answered, ended_at = :ended,"
            " waiting_seconds = :waited"
            " WHERE id = (SELECT max(id) FROM callcenter_call)",
            times,
        )
        of_call = "call_id = (SELECT max(id) FROM callcenter_call)"
        for kind, when in (("started", "began"), ("answered", "answered"), ("ended", "ended")):
            database.execute(
                f"UPDATE callcenter_call_event SET received_at = :{when} WHERE {of_call} AND kind = '{kind}'", times
            )
        database.execute(f"UPDATE callcenter_callback_call SET at = :began WHERE {of_call}", times)
        database.execute(
            "UPDATE callcenter_callback SET wanted_at = :began, created_at = min(created_at, :began) WHERE id IN"
            f" (SELECT callback_id FROM callcenter_callback_call WHERE {of_call}) AND state = 'open'",
            times,
        )


def person(browser: Browser, stack: Stack, username: str, *, width: int = 1280, dark: bool = False) -> Page:
    """A page on which somebody is logged in."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", locale="de-DE"
    )
    page = context.new_page()
    page.goto(f"{stack.url}/login")
    page.fill("#username", username)
    page.fill("#password", DEMO_PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def shot(page: Page, name: str) -> None:
    """Keep what the page shows, once it is quiet."""
    page.evaluate("window.scrollTo(0, 0)")
    page.evaluate(WITHOUT_LIMITS)
    page.wait_for_timeout(900)
    page.screenshot(path=OUT / f"{name}.png")
    print(f"docs/screenshots/{name}.png")


def take(browser: Browser, stack: Stack) -> None:
    """Play some calls and take all pictures."""
    telephone = stack.simulator
    stack.flask("callcenter", "placetel", "check")
    for past in DAY:
        play(stack, past)
    anna, ben = person(browser, stack, "anna"), person(browser, stack, "ben", dark=True)
    plan_call_back(ben, stack)
    admin = person(browser, stack, "admin")
    make_rule(admin, stack)
    shot(admin, "rules")
    admin.goto(f"{stack.url}/callcenter/settings")
    shot(admin, "settings")
    statistics = person(browser, stack, "clara")
    statistics.goto(f"{stack.url}/callcenter/statistics")
    shot(statistics, "statistics")
    anna.goto(f"{stack.url}/callcenter/callbacks")
    shot(anna, "callbacks")

    anna.goto(f"{stack.url}/addresses/")
    call = telephone.incoming(MAX_MUSTERMANN, ZENTRALE)
    shot(anna, "card-light")
    telephone.accept(call.call_id, ANNA)
    anna.get_by_role("link", name="Telefonnotiz anlegen").first.click()
    anna.get_by_role("textbox", name="Betreff").fill("Nachlieferung der zwei Kisten")
    anna.get_by_role("textbox", name="Text").fill("Spedition meldet sich morgen vor 10 Uhr bei Herrn Mustermann.")
    anna.wait_for_timeout(2_000)
    shot(anna, "note")
    anna.keyboard.press("Control+Enter")
    anna.goto(f"{stack.url}/addresses/?q=Rheinwerk")
    anna.get_by_role("link", name="Rheinwerk Maschinenbau GmbH").first.click()
    anna.get_by_role("link", name="CRM").click()
    shot(anna, "address-crm")
    ben.goto(f"{stack.url}/callcenter/calls")
    shot(ben, "journal-dark")
    phone = person(browser, stack, "clara", width=390, dark=True)
    telephone.hangup(call.call_id)
    telephone.incoming(MAX_MUSTERMANN, ZENTRALE)
    shot(phone, "card-phone")
    simulator = browser.new_context(viewport={"width": 1280, "height": 800}, locale="de-DE").new_page()
    simulator.goto(telephone.base)
    shot(simulator, "simulator")


def plan_call_back(page: Page, stack: Stack) -> None:
    """One call-back that somebody made for a colleague, with a time."""
    page.goto(f"{stack.url}/callcenter/callbacks/new")
    page.get_by_label("Telefonnummer").fill("040 66969 452")
    page.get_by_label("Grund").fill("Angebot für 40 Betten besprechen")
    page.get_by_label("Bitte erledigen von").select_option("Anna Schmidt")
    page.get_by_label("Fällig").fill((datetime.now(UTC) + timedelta(hours=20)).strftime("%Y-%m-%dT09:30"))
    page.get_by_role("button", name="Speichern").click()
    page.wait_for_url(lambda url: "/new" not in url)


def make_rule(page: Page, stack: Stack) -> None:
    """The page of the rules for incoming calls: one beside that of the beginning, and a number that is blocked."""
    page.goto(f"{stack.url}/callcenter/blocks")
    page.fill("#numbers", "0221 4710990")
    page.locator("main").get_by_role("button", name="Sperren", exact=True).click()
    page.goto(f"{stack.url}/callcenter/control/new")
    page.fill("#name", "Kunden zuerst zum eigenen Vertrieb")
    page.select_option("#known", "yes")
    page.select_option("#manager", "yes")
    page.select_option("#kind", "forward")
    page.fill("#seconds_manager", "15")
    page.fill("#seconds_line", "30")
    page.get_by_label("Mailbox am Ende").check()
    page.get_by_role("button", name="Speichern").click()
    page.wait_for_url("**/callcenter/control")
    page.fill("#caller", "030 23125 123")
    page.get_by_role("button", name="Ausprobieren").click()
    page.locator("#tried :first-child").first.wait_for()


def main() -> None:
    """Start everything, take the pictures, end everything."""
    OUT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp())
    stack = Stack(folder)
    try:
        stack.prepare()
        stack.start()
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or "/usr/bin/chromium"
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", GERMAN_FIELDS])
            take(browser, stack)
            browser.close()
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

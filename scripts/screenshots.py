"""Makes the pictures of README.md: the real server, the simulator, Chromium.

    python -m scripts.screenshots            into docs/screenshots

Needs the development environment of ``make test``. Pictures are made anew when what they show has changed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.core.demo import DEMO_PASSWORD
from tests.browser.stack import ANNA, ANNAS_LINE, BEN, ZENTRALE, Stack

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
MAX_MUSTERMANN, SABINE_KRUEGER, UNKNOWN = "03023125123", "01713920010", "06990009777"


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
    page.wait_for_timeout(600)
    page.screenshot(path=OUT / f"{name}.png")
    print(f"docs/screenshots/{name}.png")


def take(browser: Browser, stack: Stack) -> None:
    """Play some calls and take all pictures."""
    telephone = stack.simulator
    stack.flask("callcenter", "placetel", "check")
    anna = person(browser, stack, "anna")
    over = telephone.incoming(SABINE_KRUEGER, ZENTRALE)
    telephone.accept(over.call_id, BEN)
    telephone.hangup(over.call_id, duration=184)
    telephone.hangup(telephone.incoming(UNKNOWN, ANNAS_LINE).call_id)
    anna.reload()
    for close in anna.locator("[data-call-id] .btn-close, [data-call-id] [data-close]").all():
        close.click()
    call = telephone.incoming(MAX_MUSTERMANN, ZENTRALE)
    shot(anna, "card-light")
    telephone.accept(call.call_id, ANNA)
    anna.get_by_role("link", name="Telefonnotiz anlegen").first.click()
    anna.get_by_role("textbox", name="Text").wait_for()
    shot(anna, "note")
    anna.goto(f"{stack.url}/addresses/?q=Rheinwerk")
    anna.get_by_role("link", name="Rheinwerk Maschinenbau GmbH").first.click()
    anna.get_by_role("link", name="CRM").click()
    shot(anna, "address-crm")
    ben = person(browser, stack, "ben", dark=True)
    ben.goto(f"{stack.url}/callcenter/calls")
    shot(ben, "journal-dark")
    phone = person(browser, stack, "clara", width=390, dark=True)
    telephone.hangup(call.call_id)
    telephone.incoming(MAX_MUSTERMANN, ZENTRALE)
    shot(phone, "card-phone")
    admin = person(browser, stack, "admin")
    admin.goto(f"{stack.url}/callcenter/settings")
    shot(admin, "settings")
    simulator = browser.new_context(viewport={"width": 1280, "height": 800}, locale="de-DE").new_page()
    simulator.goto(telephone.base)
    shot(simulator, "simulator")


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
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            take(browser, stack)
            browser.close()
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

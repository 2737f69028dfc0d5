"""Fixtures of browser tests: one installation a test file, one Chromium a run, one context a person."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from app.core.demo import DEMO_PASSWORD
from tests.browser.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
#: Milliseconds within which whatever is expected must be on the screen.
PATIENCE = 10_000
#: What Chromium says of failed requests that a test provokes on purpose.
EXPECTED = re.compile(r"Failed to load resource|WebSocket connection to|net::ERR_")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with migrated database and demo data; each test file works on a copy."""
    folder = tmp_path_factory.mktemp("prepared")
    Stack(folder).prepare()
    return folder


@pytest.fixture(scope="module")
def stack(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The server and the simulator, for all tests of a file."""
    folder = tmp_path_factory.mktemp("stack") / "data"
    shutil.copytree(prepared, folder)
    running = Stack(folder)
    running.flask("callcenter", "placetel", "configure", "--base-url", f"http://127.0.0.1:{running.simulator_port}/v2")
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _quiet_telephones(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test the telephones are as just started, and no call is left ringing on the next one's screen."""
    yield
    if "stack" in request.fixturenames:
        running: Stack = request.getfixturevalue("stack")
        for call in running.simulator.state()["calls"]:
            if call["state"] not in ("ended", "over"):
                running.simulator.hangup(call["call_id"])
        running.simulator.reset()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
        )
        yield browser
        browser.close()


class People:
    """Opens a browser context for a person and logs him in."""

    def __init__(self, chromium: Browser, stack: Stack) -> None:
        self.chromium = chromium
        self.stack = stack
        self.pages: list[Page] = []
        self.complaints: list[str] = []

    def __call__(self, username: str, path: str = "/", *, width: int = 1440, **options: Any) -> Page:
        options = {"locale": "de-DE", "viewport": {"width": width, "height": 900}, **options}
        context = self.chromium.new_context(**options)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        self.watch(page)
        page.goto(f"{self.stack.url}/login")
        page.fill("#username", username)
        page.fill("#password", DEMO_PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "/login" not in url)
        if path != "/":
            page.goto(self.stack.url + path)
        return page

    def watch(self, page: Page) -> None:
        """Collect whatever the browser complains about: errors of scripts, violations of the content policy."""

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error" and not EXPECTED.search(message.text):
                self.complaints.append(message.text)

        page.on("console", on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.pages.append(page)


@pytest.fixture
def people(chromium: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[People]:
    """``people("anna")`` → a page on which Anna is logged in. At the end no browser may have complained."""
    found = People(chromium, stack)
    yield found
    if getattr(request.node, "failed_call", False):
        folder = ROOT / "test-results"
        folder.mkdir(exist_ok=True)
        for number, page in enumerate(found.pages):
            if not page.is_closed():
                page.screenshot(path=folder / f"{request.node.name}-{number}.png", full_page=True)
    for page in found.pages:
        page.context.close()
    assert not found.complaints, found.complaints


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        item.failed_call = True  # type: ignore[attr-defined] # read by the fixture above
    return report


@pytest.fixture
def flask(stack: Stack) -> Callable[..., str]:
    return stack.flask

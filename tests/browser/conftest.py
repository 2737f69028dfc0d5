"""Fixtures of browser tests: one installation a test file, one Chromium a run, one context a person."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, WebSocket, expect

from app.core.demo import DEMO_PASSWORD
from tests.browser.browsers import Browsers, browsers
from tests.browser.stack import Stack
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
#: Milliseconds within which whatever is expected must be on the screen.
PATIENCE = 30_000
COOKIE = "durchwahl"
#: The answer of Socket.IO to a browser that asks for its calls.
ANSWERED = re.compile(r'^43.*"calls":')
#: What Chromium says of failed requests that a test provokes on purpose.
EXPECTED = re.compile(r"Failed to load resource|WebSocket connection to|net::ERR_")


@pytest.fixture(scope="session")
def simulator_port() -> int:
    """Where the telephone system listens, in each test file anew: the prepared database has its address."""
    return free_port()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, simulator_port: int) -> Path:
    """A data directory with migrated database and demo data; each test file works on a copy."""
    folder = tmp_path_factory.mktemp("prepared")
    Stack(folder, simulator_port=simulator_port).prepare()
    return folder


@pytest.fixture(scope="module")
def stack(prepared: Path, tmp_path_factory: pytest.TempPathFactory, simulator_port: int) -> Iterator[Stack]:
    """The server and the simulator, for all tests of a file."""
    folder = tmp_path_factory.mktemp("stack") / "data"
    shutil.copytree(prepared, folder)
    running = Stack(folder, simulator_port=simulator_port)
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
            if call["phase"] != "ended":
                running.simulator.hangup(call["call_id"])
        running.simulator.reset()
        running.let_calls_be_old()


@pytest.fixture(scope="session")
def all_browsers() -> Iterator[Browsers]:
    expect.set_options(timeout=PATIENCE)
    with browsers() as found:
        yield found


@pytest.fixture
def chromium(all_browsers: Browsers) -> Browser:
    return all_browsers.current()


class People:
    """Opens a browser context for a person and logs him in."""

    def __init__(self, chromium: Browser, stack: Stack) -> None:
        self.chromium = chromium
        self.stack = stack
        self.pages: list[Page] = []
        self.complaints: list[str] = []
        self._told: dict[Page, bool] = {}

    def __call__(
        self,
        username: str,
        path: str = "/",
        *,
        width: int = 1440,
        url: str = "",
        clock: bool = False,
        own_login: bool = False,
        password: str = DEMO_PASSWORD,
        **options: Any,
    ) -> Page:
        """Open ``path`` as a user, under another ``url`` of the same server if one is given.

        ``clock``: the test may turn the browser's clock. A user's log-in is made once in a file and given to
        each of his contexts; ``own_login`` makes one that the test may end.
        """
        page = self.nobody(width=width, **options)
        if clock:
            page.clock.install()
        url = url or self.stack.url
        kept = None if own_login else self.stack.logins.get(username)
        if kept:
            page.context.add_cookies([{"name": COOKIE, "value": kept, "url": url}])
            page.goto(url + path)
        else:
            log_in(page, url, username, password)
            if not own_login:
                self.stack.logins[username] = _cookie(page)
            if path != "/":
                page.goto(url + path)
        if page.locator("#call-told").count():
            self.wait_for_calls(page)
        return page

    def wait_for_calls(self, page: Page) -> None:
        """Return when the page's socket has asked for the current calls and been answered."""
        end = time.monotonic() + PATIENCE / 1000
        while not self._told.get(page):
            assert time.monotonic() < end, "no connection"
            page.wait_for_timeout(10)

    def nobody(self, *, width: int = 1440, **options: Any) -> Page:
        """A page on which nobody is logged in."""
        options = {"locale": "de-DE", "viewport": {"width": width, "height": 900}, **options}
        context = self.chromium.new_context(**options)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        """Collect whatever the browser complains about: errors of scripts, violations of the content policy."""

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error" and not EXPECTED.search(message.text):
                self.complaints.append(message.text)

        def on_frame(payload: str | bytes) -> None:
            if ANSWERED.search(str(payload)):
                self._told[page] = True

        def on_socket(socket: WebSocket) -> None:
            self._told[page] = False
            socket.on("framereceived", on_frame)
            socket.on("close", lambda _socket: self._told.update({page: False}))

        def on_response(answer: Response) -> None:
            if "/static/" in answer.url and answer.status >= 400:
                self.complaints.append(f"{answer.status} {answer.url}")

        page.on("response", on_response)
        page.on("framenavigated", lambda _frame: self._told.update({page: False}))
        page.on("websocket", on_socket)
        page.on("console", on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.pages.append(page)


def _cookie(page: Page) -> str:
    return next(str(one["value"]) for one in page.context.cookies() if one["name"] == COOKIE)


def log_in(page: Page, url: str, username: str, password: str = DEMO_PASSWORD) -> None:
    """Fill in the form; returns when the user is in."""
    page.goto(f"{url}/login")
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda address: "/login" not in address)


@pytest.fixture
def people(all_browsers: Browsers, chromium: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[People]:
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
        all_browsers.close(page.context)
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

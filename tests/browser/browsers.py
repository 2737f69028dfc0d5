"""The browser of the tests, started anew where it hangs."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

from playwright.sync_api import Browser, BrowserContext, Error, Playwright, sync_playwright

#: Closing takes some milliseconds. Once in some thousand times Chromium never answers that it did, without load.
CLOSED_WITHIN_SECONDS = 60.0


class Browsers:
    """One Chromium after the other: the next one is started when the last is gone."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        # An option that Chromium does not know tells its process from others.
        self._mark = f"--durchwahl-tests={secrets.token_hex(8)}"
        self._browser: Browser | None = None

    def current(self) -> Browser:
        """A browser that answers."""
        if self._browser is None or not self._browser.is_connected():
            self._browser = self._playwright.chromium.launch(
                executable_path=shutil.which("chromium") or "/usr/bin/chromium",
                args=[
                    *("--no-sandbox", "--disable-background-networking", "--disable-component-update"),
                    *("--no-first-run", self._mark),
                ],
            )
        return self._browser

    def close(self, context: BrowserContext, within: float = CLOSED_WITHIN_SECONDS) -> None:
        """Close a context; where that takes longer than ``within`` seconds, the whole browser is ended."""
        timer = Timer(within, self.kill)
        timer.start()
        try:
            with suppress(Error):  # the browser was ended
                context.close()
        finally:
            timer.cancel()

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send the browser's process a signal, by which it ends."""
        for entry in Path("/proc").iterdir():
            with suppress(OSError):  # it has ended meanwhile
                if entry.name.isdigit() and self._is_ours((entry / "cmdline").read_bytes().split(b"\0")):
                    os.kill(int(entry.name), how)

    def _is_ours(self, words: list[bytes]) -> bool:
        return self._mark.encode() in words and not any(word.startswith(b"--type=") for word in words)


@contextmanager
def browsers() -> Iterator[Browsers]:
    """Playwright, and at the end its browser, are closed."""
    with sync_playwright() as playwright:
        found = Browsers(playwright)
        yield found
        found.kill()

"""Work that follows something at once, but stands in nobody's way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from flask import Flask

from app.core import logs
from app.core.realtime import Realtime

log = logging.getLogger(__name__)


class Soon:
    """Runs ``work`` in the background: one run at a time, and one more for all that was asked meanwhile.

    So a burst of a thousand asks costs a few runs. A run has an application context; one that fails is logged.
    ``pause``: seconds that a run waits before it begins, for what is more urgent and for others who ask.
    """

    def __init__(self, app: Flask, realtime: Realtime, work: Callable[[], None], *, pause: float = 0.0) -> None:
        self._app = app
        self._realtime = realtime
        self._work = work
        self._pause = pause
        self._lock = threading.Lock()
        self._asked = False
        self._running = False

    def ask(self) -> None:
        """Have it run; returns at once."""
        with self._lock:
            self._asked = True
            if self._running:
                return
            self._running = True
        try:
            self._realtime.in_background(self._run)
        except Exception:
            with self._lock:
                self._running = False
            raise

    def _run(self) -> None:
        while True:
            if self._pause:
                self._realtime.sleep(self._pause)
            with self._lock:
                if not self._asked:
                    self._running = False
                    return
                self._asked = False
            try:
                with self._app.app_context(), logs.belonging_to("run"):
                    self._work()
            except Exception as error:  # noqa: BLE001 (whatever it is: the next ask runs again)
                log.error("work in the background failed: %s", type(error).__name__)

"""Which request or run a log line belongs to.

Every request has an id: the reverse proxy's ``X-Request-ID`` where one is in front, else our own. It stands in each of
its lines, in the answer's header and on the error page. What runs in the background has one of its own for each run.
"""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from loglines import CURRENT, JsonLines, Kind, TextLines

HEADER = "X-Request-ID"
#: What a proxy may send: nothing that could be taken for something else in a log.
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)

_SLASHES = re.compile("//+")

access_log = logging.getLogger("app.access")


def current_id() -> str | None:
    """The id of the request or run that goes on here."""
    found = CURRENT.get()
    return found[1] if found else None


def new_id() -> str:
    """An id that no other request or run has: 64 random bits in hex."""
    return f"{random.getrandbits(64):016x}"


@contextmanager
def belonging_to(kind: Kind, known: str | None = None) -> Iterator[str]:
    """All lines that are written inside belong to one request or run; yields its id."""
    name = known or new_id()
    token = CURRENT.set((kind, name))
    try:
        yield name
    finally:
        CURRENT.reset(token)


def shown_path(path: str, secret: Iterable[str]) -> str:
    """A path as a log may hold it. ``secret``: beginnings of paths behind which a secret stands.

    >>> shown_path("/hooks/s3cret", ["/hooks/"]), shown_path("/login", ["/hooks/"])
    ('/hooks/…', '/login')
    """
    plain = _SLASHES.sub("/", path)
    return next((f"{begin}…" for begin in secret if plain.startswith(begin)), path)


class Requests:
    """WSGI middleware around everything: gives each request its id, and writes its line where that is wanted.

    ``behind_proxy``: whether the request's own header may be believed. The line tells method, path, status and
    duration; never what follows the question mark, no header, and nothing behind one of the ``secret_paths``.
    """

    def __init__(
        self,
        wsgi_app: Callable[..., Iterable[bytes]],
        *,
        behind_proxy: bool,
        lines: bool,
        secret_paths: Iterable[str] = (),
    ) -> None:
        self.wsgi_app = wsgi_app
        self.behind_proxy = behind_proxy
        self.lines = lines
        self.secret_paths = secret_paths

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Hand on, with the id in the answer's header."""
        given = environ.get("HTTP_X_REQUEST_ID", "") if self.behind_proxy else ""
        known = given if _WELL_FORMED.fullmatch(given) else None
        started = time.perf_counter()
        status_line = ""
        name = known or new_id()

        def respond(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal status_line
            status_line = status
            return start_response(status, [*headers, (HEADER, name)], *more)

        token = CURRENT.set(("request", name))
        try:
            return self.wsgi_app(environ, respond)
        finally:
            if self.lines:
                elapsed = (time.perf_counter() - started) * 1000
                method = environ.get("REQUEST_METHOD", "")
                path = shown_path(environ.get("PATH_INFO", ""), self.secret_paths)
                access_log.info("%s %s -> %s in %.1f ms", method, path, status_line[:3] or "-", elapsed)
            CURRENT.reset(token)


def start(log_format: str, level: str) -> None:
    """Write lines in this form, unless the server (or a test) has said already where lines go."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logging.basicConfig(level=level, handlers=[handler])

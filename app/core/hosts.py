"""Under which names this server answers: one that somebody else's page, mail or name server made up is refused.

What a request calls us stands in addresses that we show; a name that is not ours could lead users elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Flask, abort, request

log = logging.getLogger(__name__)
F = TypeVar("F", bound=Callable[..., Any])
MARK = "_durchwahl_any_host"


def any_host(view: F) -> F:
    """The view answers under every name: its answers tell no address, and whoever asks needs no name of ours."""
    setattr(view, MARK, True)
    return view


def install(app: Flask, allowed: Sequence[str]) -> None:
    """Refuse requests for any other name with 400; none allowed means that all are."""
    if not allowed:
        return

    @app.before_request
    def check() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if not getattr(view, MARK, False) and not is_allowed(_asked(), allowed):
            log.warning("a request for another name was refused")
            abort(400)


def is_allowed(host: str, allowed: Sequence[str]) -> bool:
    """Whether a Host header names one of ours, whatever the port.

    >>> is_allowed("ERP.example.de:443", ["erp.example.de"]), is_allowed("erp.example.de.evil.example", [".example.de"])
    (True, False)
    """
    name = _without_port(host.lower())
    return any(name == one.lstrip(".") or (one.startswith(".") and name.endswith(one)) for one in allowed)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


def _asked() -> str:
    # Not ``request.host``: that refuses odd names in its own way.
    return str(request.environ.get("HTTP_HOST") or request.environ.get("SERVER_NAME", ""))

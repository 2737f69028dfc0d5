"""Old addresses: ``/index.php?module=…&action=…`` and ``/?module=…&action=…``.

They are resolved before routing, from what the modules declare. A GET is redirected, so that people see and keep the
new address. A POST is rewritten, body untouched, and only for an action that is declared to take an unauthenticated
one: no old name slips past CSRF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlencode

from app.core.modules import Action, ModuleError

if TYPE_CHECKING:
    from app.core.kernel import Kernel

#: Where an old address leads that nobody declares; the page says so in a friendly way.
UNKNOWN_PATH = "/unknown-action"
OLD_PATHS = frozenset({"/", "/index.php"})


class FrontController:
    """WSGI middleware around Flask's application."""

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]], kernel: Kernel) -> None:
        self.wsgi_app = wsgi_app
        self.actions: dict[tuple[str, str], Action] = {}
        for module in kernel.modules.values():
            for action in module.actions:
                key = (action.module, action.action)
                if key in self.actions:
                    raise ModuleError(f"the action {action.module}/{action.action} is declared twice")
                if "POST" in action.methods and not action.unauthenticated_post:
                    raise ModuleError(f"the action {action.module}/{action.action} may not take a POST")
                self.actions[key] = action

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Rewrite or redirect an old address, hand on everything else."""
        if environ.get("PATH_INFO") not in OLD_PATHS:
            return self.wsgi_app(environ, start_response)
        query = _query(environ.get("QUERY_STRING", ""))
        if "module" not in query:
            if environ["PATH_INFO"] == "/":
                return self.wsgi_app(environ, start_response)
            return self._elsewhere(environ, start_response, "/")
        action = self.actions.get((query["module"].lower(), query.get("action", "").lower()))
        path = _fill(action, query) if action else None
        if action is None or path is None:
            environ["PATH_INFO"] = UNKNOWN_PATH
            return self.wsgi_app(environ, start_response)
        if action.unauthenticated_post:
            # Whatever the method: the endpoint answers 405 to those that it does not take.
            environ["PATH_INFO"] = path
            return self.wsgi_app(environ, start_response)
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            kept = {name: query[name] for name in action.keep if name in query}
            return self._elsewhere(environ, start_response, path + (f"?{urlencode(kept)}" if kept else ""))
        environ["PATH_INFO"] = UNKNOWN_PATH
        return self.wsgi_app(environ, start_response)

    def _elsewhere(self, environ: dict[str, Any], start_response: Callable[..., Any], location: str) -> Iterable[bytes]:
        target = quote(environ.get("SCRIPT_NAME", "")) + location
        start_response("302 Found", [("Location", target), ("Content-Length", "0"), ("Cache-Control", "no-store")])
        return [b""]


@lru_cache(maxsize=64)
def _query(text: str) -> Mapping[str, str]:
    """Kept, because every notification comes with the same one."""
    return {key: values[0] for key, values in parse_qs(text).items()}


def _fill(action: Action, query: Mapping[str, str]) -> str | None:
    """The action's path with its placeholders taken from the query, or None when one is missing or odd."""
    values = {}
    for _text, name, _spec, _conversion in Formatter().parse(action.path):
        if name is None:
            continue
        value = query.get(name, "")
        if not value or not all(character.isalnum() or character in "-_" for character in value):
            return None
        values[name] = quote(value)
    return action.path.format(**values)

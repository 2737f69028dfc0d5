"""An HttpClient for tests: it answers what it was told to and remembers what it was asked."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from app.core.http import HttpError, HttpFault, HttpResponse


@dataclass(frozen=True)
class Sent:
    """A request as the client was asked to send it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


Reaction = HttpResponse | HttpError | Callable[[Sent], HttpResponse]


def answer(body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer; ``body`` as JSON, or raw when it is bytes, or empty when it is None."""
    raw = body if isinstance(body, bytes) else b"" if body is None else jsonlib.dumps(body).encode()
    return HttpResponse(status, {name.lower(): value for name, value in (headers or {}).items()}, raw)


def fault(kind: HttpFault) -> HttpError:
    return HttpError(kind, "Scripted")


class FakeHttp:
    """Reacts by method and path; the last reaction given for one is repeated. Unknown ones are 404.

    >>> http = FakeHttp()
    >>> http.on("GET", "/v2/me", answer({"name": "Demo"}))
    >>> http.request("GET", "https://pbx.example/v2/me").json()
    {'name': 'Demo'}
    """

    Error = HttpError

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self._reactions: dict[tuple[str, str], list[Reaction]] = {}
        self.otherwise: Reaction = answer({"error": "Not Found"}, 404)

    def on(self, method: str, path: str, *reactions: Reaction) -> None:
        """React to the next requests one after the other."""
        self._reactions[method, path] = list(reactions)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        body: bytes | None = None,
    ) -> HttpResponse:
        sent = Sent(method, url, dict(headers or {}), dict(params or {}), json)
        self.sent.append(sent)
        reactions = self._reactions.get((method, sent.path), [])
        reaction = reactions.pop(0) if len(reactions) > 1 else reactions[0] if reactions else self.otherwise
        if isinstance(reaction, HttpError):
            raise reaction
        return reaction if isinstance(reaction, HttpResponse) else reaction(sent)


def pages(*contents: list[Any]) -> Callable[[Sent], HttpResponse]:
    """A list that honours ``page``: the given pages, then empty ones."""

    def react(sent: Sent) -> HttpResponse:
        number = int(sent.params["page"])
        return answer(contents[number - 1] if number <= len(contents) else [])

    return react

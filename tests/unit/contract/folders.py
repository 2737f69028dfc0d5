"""What lies in a provider's folder for its tests: samples of what its telephone system sends and answers.

``samples/notify`` has one file for each notification, ``samples/api`` one for each request of ours with its answer.
"""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.clock import FixedClock
from app.core.http import HttpResponse
from app.modules.callcenter.domain.events import Direction, EventKind, Outcome, ProviderEvent
from app.modules.callcenter.providers import fields
from app.modules.callcenter.providers.base import DialOrder, ProviderType, RawRequest
from app.modules.callcenter.providers.fields import Kind
from tests.unit.contract.fake_http import FakeHttp, Sent, answer

#: How surely a sample is known: documented by the vendor; seen in real traffic; in another project's code or tests;
#: built by us from documented parts; assumed.
KINDS = {"official", "seen", "third-party", "derived", "inferred"}
#: Fields that all providers may have and that nobody may see.
_SECRET = {"api_key", "shared_secrets", "token"}


@dataclass(frozen=True)
class Sample:
    """A notification, and what is to be read from it."""

    declared: ProviderType
    name: str
    content: dict[str, Any]

    @property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = self.content["expected"]
        return found

    @property
    def event(self) -> ProviderEvent | None:
        """What ``parse`` makes of it, what is not named None; None for one that cannot be read."""
        told = self.expected
        if "call_id" not in told:
            return None
        return ProviderEvent(
            call_id=told["call_id"],
            kind=EventKind(told["kind"]),
            direction=Direction(told["direction"]) if told["direction"] else None,
            remote=told.get("remote"),
            line=told.get("line"),
            peer=told.get("peer"),
            outcome=Outcome(told["outcome"]) if "outcome" in told else None,
            talk_seconds=told.get("talk_seconds"),
            first=told.get("first"),
            queue=told.get("queue"),
            second=told.get("second"),
        )

    @property
    def proves(self) -> bool:
        """Whether it carries what shows where it comes from, and says with which settings."""
        return "settings" in self.content

    @property
    def settings(self) -> Any:
        """Settings of its provider with which it is authentic; those of an empty form where it says none."""
        return settings_of(self.declared, self.content)

    @property
    def secrets(self) -> list[str]:
        """The secrets in these settings."""
        return secrets_of(self.declared, self.content)

    def request(self, clock: FixedClock) -> RawRequest:
        return RawRequest(
            method="POST",
            path=self.content.get("path", "/callcenter/webhook/" + self.declared.key),
            query=self.content.get("query", ""),
            headers={name.lower(): value for name, value in self.content["headers"].items()},
            body=self.content["body"].encode(),
            remote_addr="192.0.2.1",
            received_at=clock.now(),
        )


@dataclass(frozen=True)
class Exchange:
    """A request of ours, and what the telephone system answers."""

    declared: ProviderType
    name: str
    content: dict[str, Any]

    @property
    def is_played(self) -> bool:
        """Whether it is how a system answers that is well: then the contract's tests play it."""
        return self.content.get("played") is True

    @property
    def order(self) -> DialOrder | None:
        """The order that this request carries out, where the usual one would not do."""
        return DialOrder(**self.content["order"]) if "order" in self.content else None

    @property
    def response(self) -> HttpResponse:
        told = self.content["response"]
        body = told["text"].encode() if "text" in told else told.get("body")
        return answer(body, told["status"], told.get("headers"))

    def answers(self, sent: Sent) -> bool:
        """Whether this is the request; its path may stand behind that of a base address."""
        wanted = self.content["request"]
        return sent.method == wanted["method"] and sent.path.endswith(wanted["path"])


def settings_of(declared: ProviderType, content: dict[str, Any]) -> Any:
    """The settings that a file names, the others as in an empty form."""
    told = content.get("settings", {})
    return declared.settings(**{name: tuple(one) if isinstance(one, list) else one for name, one in told.items()})


def secrets_of(declared: ProviderType, content: dict[str, Any]) -> list[str]:
    """The texts in these settings that nobody may see."""
    own = {name for name, one in fields.asked(declared.settings).items() if one.kind is Kind.SECRET}
    values = [value for name, value in content.get("settings", {}).items() if name in _SECRET | own]
    return [text for value in values for text in (value if isinstance(value, list) else [value])]


def folder_of(declared: ProviderType) -> Path:
    """Where the provider lies: its package."""
    module = importlib.import_module(declared.implementation.__module__)
    assert module.__file__
    return Path(module.__file__).parent


def notifications(declared: ProviderType) -> list[Sample]:
    """The samples in ``samples/notify``, by name."""
    files = sorted((folder_of(declared) / "samples" / "notify").glob("*.json"))
    return [Sample(declared, path.stem, json.loads(path.read_text("utf-8"))) for path in files]


def exchanges(declared: ProviderType) -> list[Exchange]:
    """The requests and answers in ``samples/api``, by name."""
    files = sorted((folder_of(declared) / "samples" / "api").glob("*.json"))
    return [Exchange(declared, path.stem, json.loads(path.read_text("utf-8"))) for path in files]


def play(declared: ProviderType, http: FakeHttp) -> None:
    """Let the client answer as the folder says; of several that fit the one with the longest path. Others are 404."""
    played = sorted(
        (one for one in exchanges(declared) if one.is_played), key=lambda one: -len(one.content["request"]["path"])
    )
    unknown = http.otherwise

    def react(sent: Sent) -> HttpResponse:
        found = next((one.response for one in played if one.answers(sent)), unknown)
        assert isinstance(found, HttpResponse)
        return found

    http.otherwise = react

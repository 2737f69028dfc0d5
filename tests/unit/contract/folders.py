"""What lies in a provider's folder for its tests: samples of what its telephone system sends, one file a situation."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.clock import FixedClock
from app.modules.callcenter.domain.events import Direction, EventKind, Outcome, ProviderEvent
from app.modules.callcenter.providers.base import ProviderType, RawRequest

#: How surely a sample is known: documented by the vendor; seen in real traffic; in another project's code or tests;
#: built by us from documented parts; assumed.
KINDS = {"official", "seen", "third-party", "derived", "inferred"}


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
            second=told.get("second"),
        )

    @property
    def proves(self) -> bool:
        """Whether it carries what shows where it comes from, and says with which settings."""
        return "settings" in self.content

    @property
    def settings(self) -> Any:
        """Settings of its provider with which it is authentic; those of an empty form where it says none."""
        told = self.content.get("settings", {})
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
        return self.declared.settings(**values)

    @property
    def secrets(self) -> list[str]:
        """The texts in these settings."""
        values = self.content.get("settings", {}).values()
        return [text for value in values for text in (value if isinstance(value, list) else [value])]

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


def folder_of(declared: ProviderType) -> Path:
    """Where the provider lies: its package."""
    module = importlib.import_module(declared.implementation.__module__.rpartition(".")[0])
    assert module.__file__
    return Path(module.__file__).parent


def notifications(declared: ProviderType) -> list[Sample]:
    """The samples in ``samples/notify``, by name."""
    files = sorted((folder_of(declared) / "samples" / "notify").glob("*.json"))
    return [Sample(declared, path.stem, json.loads(path.read_text("utf-8"))) for path in files]

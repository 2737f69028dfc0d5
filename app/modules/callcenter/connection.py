"""The connection to a telephone system: a provider built from what an administrator set."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Protocol, cast

from flask import current_app

from app.core.settings import Secret
from app.modules.callcenter import webhook_secrets
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import Provider, Receives
from app.modules.callcenter.settings import CallcenterSettings

_EXTENSION = "durchwahl.callcenter.receivers"


class Receiver(Provider, Receives, Protocol):
    """A provider that takes notifications."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    settings: CallcenterSettings
    until: datetime | None
    receivers: dict[str, Receiver | None]


def settings() -> CallcenterSettings:
    """The settings in force."""
    found: CallcenterSettings = current_app.extensions["durchwahl"].settings.load(CallcenterSettings)
    return found


def provider_for(key: str = FIRST_CONNECTION) -> Provider | None:
    """The provider with this key, ready to work with the settings in force; None for an unknown key.

    Makes no request. Build it anew for each use case: settings change in a running server.
    """
    return provider_with(settings(), key)


def receiver_for(key: str) -> Receiver | None:
    """The same where it takes notifications; None for any other. Kept as long as the settings are in force."""
    chosen = settings()
    kept: _Kept | None = current_app.extensions.get(_EXTENSION)
    # A replaced secret ends by itself.
    if kept is None or kept.settings is not chosen or (kept.until and kept.until <= _now()):
        kept = _Kept(chosen, webhook_secrets.old_until(chosen, _now()), {})
        current_app.extensions[_EXTENSION] = kept
    if key not in kept.receivers and key in registry.provider_types():
        found = provider_with(chosen, key)
        kept.receivers[key] = cast(Receiver, found) if found is not None and _receives(type(found)) else None
    return kept.receivers.get(key)


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now


def _receives(kind: type[Provider]) -> bool:
    return issubclass(kind, Receives)


def provider_with(chosen: CallcenterSettings, key: str = FIRST_CONNECTION) -> Provider | None:
    """The same with settings that are not stored yet, to try them before they are saved."""
    kernel = current_app.extensions["durchwahl"]
    declared = registry.provider_types().get(key)
    if declared is None:
        return None
    offered = _revealed(chosen)
    wanted = {field.name for field in dataclasses.fields(declared.settings)}
    told = declared.settings(**{name: value for name, value in offered.items() if name in wanted})
    return registry.build(key, told, kernel.http, kernel.clock)


def _revealed(chosen: CallcenterSettings) -> dict[str, Any]:
    """What a provider may want to know, under the names that its settings use."""
    return {
        "api_key": _plain(chosen.api_key),
        "shared_secrets": webhook_secrets.shared_secrets(chosen, _now()),
        "base_url": chosen.base_url,
        "target_style": chosen.target_style,
    }


def _plain(secret: Secret | None) -> str | None:
    return secret.reveal() or None if secret is not None else None

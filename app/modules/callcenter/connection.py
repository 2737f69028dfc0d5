"""The connection to a telephone system: a provider built from what an administrator set."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, Protocol, cast

from flask import current_app

from app.core.settings import Secret
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import Provider, Receives
from app.modules.callcenter.settings import CallcenterSettings


class Receiver(Provider, Receives, Protocol):
    """A provider that takes notifications."""


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
    """The same where it takes notifications; None for any other."""
    found = provider_for(key)
    return cast(Receiver, found) if found is not None and _receives(type(found)) else None


@cache
def _receives(kind: type[Provider]) -> bool:
    """Asked once for each kind: to look for a Protocol's methods takes as long as a look-up in the database."""
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
    secret = _plain(chosen.shared_secret)
    return {
        "api_key": _plain(chosen.api_key),
        "shared_secrets": (secret,) if secret else (),
        "base_url": chosen.base_url,
        "target_style": chosen.target_style,
    }


def _plain(secret: Secret | None) -> str | None:
    return secret.reveal() or None if secret is not None else None

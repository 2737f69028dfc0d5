"""A connection at work: its provider, built from what an administrator set."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Protocol, cast

from flask import current_app

from app.core.destinations import Destinations
from app.core.settings import Secret
from app.modules.callcenter import connections, webhook_secrets
from app.modules.callcenter import own_settings as own
from app.modules.callcenter.connections import FIRST_CONNECTION, Connection, UnknownConnection
from app.modules.callcenter.providers import fields, registry
from app.modules.callcenter.providers.base import Provider, Receives
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings

_EXTENSION = "durchwahl.callcenter.intakes"


class Receiver(Provider, Receives, Protocol):
    """A provider that takes notifications."""


@dataclasses.dataclass(frozen=True, slots=True)
class Intake:
    """Where the notifications of a connection are taken."""

    connection: str
    """Its key."""
    provider: Receiver


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    settings: ConnectionSettings
    until: datetime | None
    intake: Intake


def settings() -> CallcenterSettings:
    """The settings in force, of all connections."""
    found: CallcenterSettings = current_app.extensions["durchwahl"].settings.load(CallcenterSettings)
    return found


def own_settings(key: str = FIRST_CONNECTION) -> ConnectionSettings:
    """The settings of one connection."""
    found: ConnectionSettings = current_app.extensions["durchwahl"].settings.load(own.settings_class(key), part=key)
    return found


def provider_for(key: str = FIRST_CONNECTION) -> Provider | None:
    """The provider of this connection, ready to work with the settings in force; None for an unknown key.

    Makes no request. Build it anew for each use case: settings change in a running server.
    """
    return provider_with(own_settings(key), key)


def intake_for(key: str) -> Intake | None:
    """Where this connection's notifications are taken, active or not; None where it takes none, or is not known.

    Kept as long as the settings are in force.
    """
    chosen = own_settings(key)
    kept: dict[str, _Kept] = current_app.extensions.setdefault(_EXTENSION, {})
    found = kept.get(key)
    # A replaced secret ends by itself.
    if found is None or found.settings is not chosen or (found.until and found.until <= _now()):
        made = provider_with(chosen, key)
        if made is None or not _receives(type(made)):
            # Not kept: another process may have added it a moment ago.
            return None
        intake = Intake(key, cast(Receiver, made))
        found = kept[key] = _Kept(chosen, webhook_secrets.old_until(chosen, _now()), intake)
    return found.intake


def needs(one: Connection) -> frozenset[str]:
    """Which of the settings that all kinds may have its own kind wants to know, by their names there."""
    declared = registry.provider_types().get(one.provider)
    if declared is None:
        return frozenset()
    return (
        frozenset(field.name for field in dataclasses.fields(declared.settings))
        - fields.asked(declared.settings).keys()
    )


def signs(one: Connection) -> bool:
    """Whether its kind signs notifications; for one that does not, the token in the address is all that proves them."""
    return "shared_secrets" in needs(one)


def names_users(key: str) -> bool:
    """Whether its telephone system tells of users by name or extension, so that no account has to be an address."""
    declared = registry.provider_types().get(connections.connection(key).provider)
    return declared is not None and declared.names_users


def keep_ready() -> None:
    """Have in memory what authenticates the notifications of all connections. Raises what the database raises."""
    for one in connections.active():
        intake_for(one.key)


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now


def destinations() -> Destinations:
    """Whom the address of an API may name."""
    return Destinations(current_app.extensions["durchwahl"].config.api_hosts)


def _receives(kind: type[Provider]) -> bool:
    return issubclass(kind, Receives)


def provider_with(chosen: ConnectionSettings, key: str = FIRST_CONNECTION) -> Provider | None:
    """The same with settings that are not stored yet, to try them before they are saved."""
    kernel = current_app.extensions["durchwahl"]
    try:
        one = connections.connection(key)
    except UnknownConnection:
        return None
    declared = registry.provider_types().get(one.provider)
    if declared is None:
        return None
    offered, wanted = {**_revealed(chosen), "token": one.token}, needs(one)
    known = {name: value for name, value in offered.items() if name in wanted}
    told = declared.settings(**known, **own.revealed(chosen, key))
    return registry.build(one.provider, told, kernel.http, kernel.clock)


def _revealed(chosen: ConnectionSettings) -> dict[str, Any]:
    """What a provider may want to know, under the names that its settings use."""
    return {
        "api_key": _plain(chosen.api_key),
        "shared_secrets": webhook_secrets.shared_secrets(chosen, _now()),
        "base_url": chosen.base_url,
        "target_style": chosen.target_style,
    }


def _plain(secret: Secret | None) -> str | None:
    return secret.reveal() or None if secret is not None else None

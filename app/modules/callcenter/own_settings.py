"""What a kind of telephone system asks for besides what all are asked: fields that its provider declares.

They are stored, encrypted, remembered and logged as the other settings of a connection are, under a name that begins
with ``own_``, so that no provider can name one of ours.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _

from app.core.i18n import DEFAULT_LANGUAGE
from app.core.settings import Secret, SettingsStore
from app.modules.callcenter import connections
from app.modules.callcenter.connections import UnknownConnection
from app.modules.callcenter.providers import fields, registry
from app.modules.callcenter.providers.fields import Asked, Kind, Words
from app.modules.callcenter.settings import SECRETS, ConnectionSettings

#: What the names of such settings begin with, where they are stored, in forms and in the audit log.
PREFIX = "own_"
#: Characters of a text or a secret.
MAX_LENGTH = 1000


def settings_class(key: str) -> type[ConnectionSettings]:
    """What is stored of the settings of this connection: those of all kinds, and those of its own."""
    declared = _declared(key)
    if declared is None:
        return ConnectionSettings
    made = _class_of(declared)
    if made is not ConnectionSettings:
        store: SettingsStore = current_app.extensions["durchwahl"].settings
        store.declare("callcenter", made)
    return made


def asked(key: str) -> dict[str, Asked]:
    """The settings of its own that this connection has, by the name under which they are stored, in their order."""
    declared = _declared(key)
    return {} if declared is None else {PREFIX + name: one for name, one in fields.asked(declared).items()}


def secrets(key: str) -> frozenset[str]:
    """The names of all secrets that this connection may have."""
    return SECRETS | {name for name, one in asked(key).items() if one.kind is Kind.SECRET}


def revealed(chosen: ConnectionSettings, key: str) -> dict[str, Any]:
    """The values for its provider, under the names that the provider gave them."""
    return {name.removeprefix(PREFIX): _value(one, getattr(chosen, name, None)) for name, one in asked(key).items()}


def missing(chosen: ConnectionSettings, key: str) -> list[Asked]:
    """What has to be set and is not."""
    return [one for name, one in asked(key).items() if one.required and not _value(one, getattr(chosen, name, None))]


def unreadable(chosen: ConnectionSettings, key: str) -> list[Asked]:
    """Secrets that were stored under another SECRET_KEY."""
    told = ((one, getattr(chosen, name, None)) for name, one in asked(key).items())
    return [one for one, value in told if isinstance(value, Secret) and not value.readable]


def fault(one: Asked, typed: str) -> str | None:
    """What is wrong with what was typed for this setting, as a sentence; None when nothing is."""
    if one.kind is Kind.SWITCH:
        return None
    if one.kind is Kind.CHOICE:
        return None if typed in one.choices else str(_("Please choose one of these."))
    if not typed:
        return str(_("This is needed: please fill it in.")) if one.required else None
    if len(typed) > MAX_LENGTH:
        return str(_("This is too long: %(most)s characters at most.", most=MAX_LENGTH))
    if not typed.isprintable():
        return str(_("This has signs that cannot be shown. Please enter it again."))
    told = one.check(typed) if one.check is not None else None
    return worded(told) if told is not None else None


def worded(words: Words) -> str:
    """A text of a provider in the reader's language."""
    locale = get_locale()
    return fields.in_language(words, locale.language if locale else DEFAULT_LANGUAGE)


def shown(one: Asked, value: Any) -> str | None:
    """A choice in words; None for what shows itself."""
    return worded(one.choices[value]) if one.kind is Kind.CHOICE and value in one.choices else None


def _value(one: Asked, stored: Any) -> Any:
    if one.kind is Kind.SECRET:
        return stored.reveal() if isinstance(stored, Secret) else ""
    return stored


def _declared(key: str) -> type | None:
    """The settings that its provider declares; None for a connection or a kind that is not known."""
    try:
        kind = registry.provider_types().get(connections.connection(key).provider)
    except UnknownConnection:
        return None
    return kind.settings if kind is not None else None


@cache
def _class_of(declared: type) -> type[ConnectionSettings]:
    """The settings of all kinds with those of this one besides; the very same where it has none."""
    defaults: Mapping[str, Any] = {one.name: one.default for one in dataclasses.fields(declared)}
    own = [_member(name, one, defaults[name]) for name, one in fields.asked(declared).items()]
    if not own:
        return ConnectionSettings
    made = dataclasses.make_dataclass(
        f"{declared.__name__}OfConnection", own, bases=(ConnectionSettings,), frozen=True, slots=True
    )
    return cast(type[ConnectionSettings], made)


def _member(name: str, one: Asked, default: Any) -> tuple[str, Any, Any]:
    if one.kind is Kind.SECRET:
        return PREFIX + name, Secret | None, dataclasses.field(default=None)
    return PREFIX + name, type(default), dataclasses.field(default=default)

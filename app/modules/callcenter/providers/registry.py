"""Which providers there are: one for each folder beside this file that declares a ``PROVIDER``."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.modules.callcenter import providers
from app.modules.callcenter.providers import fields
from app.modules.callcenter.providers.base import Clock, Provider, ProviderType

if TYPE_CHECKING:
    from app.core.http import HttpClient


class UnknownProvider(LookupError):
    """No provider has this key."""


class BadProvider(Exception):
    """A folder declares no provider, one whose key is not the folder's name, or a setting that cannot be set."""


@cache
def provider_types() -> Mapping[str, ProviderType]:
    """All providers by key, in alphabetical order. Raises BadProvider."""
    return MappingProxyType(scan(providers.__path__, providers.__name__))


def scan(folders: Iterable[str], package: str) -> dict[str, ProviderType]:
    """The providers in these folders of a package. Raises BadProvider."""
    found: dict[str, ProviderType] = {}
    for name in sorted(entry.name for entry in pkgutil.iter_modules(folders) if entry.ispkg):
        declared = getattr(import_module(f"{package}.{name}"), "PROVIDER", None)
        if not isinstance(declared, ProviderType):
            raise BadProvider(f"{name} declares no PROVIDER")
        if declared.key != name:
            raise BadProvider(f"{name} declares the key {declared.key}")
        if unexplained := fields.unexplained(declared.settings):
            raise BadProvider(f"nobody would ever be asked for the setting {unexplained[0]} of {name}: see fields.py")
        found[name] = declared
    return found


def provider_type(key: str) -> ProviderType:
    """The provider with this key. Raises UnknownProvider."""
    try:
        return provider_types()[key]
    except KeyError:
        raise UnknownProvider(key) from None


def build(key: str, settings: Any, http: HttpClient, clock: Clock) -> Provider:
    """A provider ready to work. ``settings`` is an instance of its type's settings. Raises UnknownProvider."""
    return provider_type(key).build(settings, http, clock)

from __future__ import annotations

from app.modules.callcenter.providers.base import ProviderType
from app.modules.callcenter.providers.tel.provider import TelProvider, TelSettings, build

__all__ = ["PROVIDER"]

PROVIDER = ProviderType(
    key=TelProvider.key,
    title=TelProvider.title,
    settings=TelSettings,
    implementation=TelProvider,
    build=build,
)

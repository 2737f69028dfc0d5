from __future__ import annotations

from app.modules.callcenter.providers.base import ProviderType
from app.modules.callcenter.providers.cti.provider import CtiProvider, CtiSettings, build

__all__ = ["PROVIDER", "CtiSettings"]

PROVIDER = ProviderType(
    key=CtiProvider.key,
    title=CtiProvider.title,
    settings=CtiSettings,
    implementation=CtiProvider,
    build=build,
    path="/api/v1/cti/{token}",
    names_users=True,
)

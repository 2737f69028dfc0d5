from __future__ import annotations

from app.modules.callcenter.providers.base import ProviderType
from app.modules.callcenter.providers.placetel.provider import PlacetelProvider, build
from app.modules.callcenter.providers.placetel.settings import PlacetelSettings

__all__ = ["PROVIDER", "PlacetelSettings"]

PROVIDER = ProviderType(
    key=PlacetelProvider.key,
    title=PlacetelProvider.title,
    settings=PlacetelSettings,
    implementation=PlacetelProvider,
    build=build,
)

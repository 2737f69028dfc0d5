"""What the provider for Placetel must be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: The Web API, version 2. Another address is for the simulator.
BASE_URL = "https://api.placetel.de/v2"

TargetStyle = Literal["national", "e164"]


@dataclass(frozen=True, slots=True)
class PlacetelSettings:
    """Revealed values, for the time of one request. The repr shows neither key nor secret.

    ``shared_secrets``: several are valid while one is being replaced; empty ones count as none.
    ``target_style``: how a number to dial is written. ``national`` (``0221…``, ``0041…``) is documented;
    ``e164`` (``+49221…``) has been seen to work.
    """

    api_key: str | None = field(default=None, repr=False)
    shared_secrets: tuple[str, ...] = field(default=(), repr=False)
    base_url: str = BASE_URL
    target_style: TargetStyle = "national"

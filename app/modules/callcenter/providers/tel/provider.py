"""No telephone system: the page opens a ``tel:`` link, and the user's own program or phone dials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.modules.callcenter.providers.base import (
    Clock,
    DialOrder,
    DialReceipt,
    Failure,
    Finding,
    Health,
    ProviderError,
)

if TYPE_CHECKING:
    from app.core.http import HttpClient

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class TelSettings:
    """There is nothing to set."""


class TelProvider:
    """Hands out ``tel:`` links (RFC 3966). It asks nobody, so it is always well."""

    key = "tel"
    title = "tel: links"

    def check(self) -> Health:
        """See Provider."""
        return Health((Finding("ok", "ok"),))

    def dial(self, order: DialOrder) -> DialReceipt:
        """The link to open. An extension means nothing without a PBX and is refused as ``invalid``."""
        if not order.e164 or not _E164.fullmatch(order.e164):
            raise ProviderError(Failure.PERMANENT, "invalid")
        return DialReceipt(url=f"tel:{order.e164}")


def build(settings: TelSettings, http: HttpClient, clock: Clock) -> TelProvider:
    """See ProviderType."""
    return TelProvider()

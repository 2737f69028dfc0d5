"""What came of an order to dial."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.modules.callcenter.domain.belonging import FIRST_CONNECTION


class DialState(StrEnum):
    """What came of an order."""

    ACCEPTED = "accepted"
    """The PBX took it: the user's own telephone rings."""
    UNDER_WAY = "under_way"
    """The same order was given before and is being carried out."""
    REFUSED = "refused"
    """By our own rules; the PBX was not asked."""
    FAILED = "failed"
    """Surely nothing rings."""
    UNKNOWN = "unknown"
    """Nobody knows whether the telephone rings. Never dialled again by itself."""
    TEL = "tel"
    """The user has no account: his own telephone program dials ``tel``."""


@dataclass(frozen=True, slots=True)
class DialResult:
    """What to tell the user. ``dial_words.sentence`` turns it into words.

    ``code`` is stable: ``accepted``, ``under_way``; of our rules what ``domain.dial_rules.Refusal`` lists,
    ``key_missing``, ``key_reused``, ``not_your_account``, ``no_account``; of the PBX what ProviderError
    lists; ``cut_off`` and ``internal`` where the outcome is unknown for a reason on our side.
    """

    state: DialState
    code: str
    order_id: int | None = None
    number: str = ""
    """As people write it."""
    retry_after: int | None = None
    """Seconds, where the PBX or a limit of ours says when to try again."""
    tel: str | None = None
    """``tel:+49…`` (RFC 3966), for every number that can be written so."""
    country: str | None = None
    """ISO 3166, where the country is what is not allowed."""
    connection: str = FIRST_CONNECTION
    """Whose telephone system was asked."""

"""What can be told of a caller whom nobody knows: where the number comes from and what kind of line it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from app.core.phones import places, plan
from app.core.phones.plan import LineType as LineType
from app.core.values import Party, e164_of

LINE_TYPES: tuple[LineType, ...] = get_args(LineType)
#: Only a landline stands at the place that its number begins like.
_AT_A_PLACE = ("landline", "landline_or_mobile")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a number comes from. Every part may be unknown; what is there is sure."""

    country: str | None = None
    """ISO 3166; None also for numbers of no country (satellites, international freephone)."""
    country_names: places.Names | None = None
    """Also *International* for numbers of no country."""
    place: places.Names | None = None
    """The town or region of a landline."""
    line_type: LineType | None = None

    def where(self, language: str, home: str = "DE") -> str:
        """``Wien, Österreich``; without the country where that is the user's own and a place is known. May be ''."""
        place = self.place.of(language) if self.place else ""
        if self.country_names is None or (place and self.country == home):
            return place
        country = self.country_names.of(language)
        return f"{place}, {country}" if place else country


def origin(party: Party | None) -> Origin | None:
    """Of a party with a public number; None of any other, a withheld number above all."""
    e164 = e164_of(party) if party is not None else None
    return origin_of(e164) if e164 else None


@lru_cache(maxsize=1024)
def origin_of(e164: str) -> Origin:
    """Of a number in E.164. Nothing is looked up but memory."""
    country, line_type = plan.country(e164), plan.line_type(e164)
    return Origin(
        None if country == places.NO_COUNTRY else country,
        places.country_names(country) if country else None,
        places.place_of(e164) if line_type in _AT_A_PLACE else None,
        line_type,
    )

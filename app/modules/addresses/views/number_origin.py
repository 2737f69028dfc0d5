"""What a number says of its owner: where it comes from, and what the form of a new address proposes because of that."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.phones import classify, origin, origin_of
from app.core.ui import origins
from app.modules.addresses.fields import countries
from app.modules.addresses.settings import home_country

#: Where area codes are those of towns. Elsewhere libphonenumber names regions, which are no places of an address.
_OF_TOWNS = frozenset(("AT", "BE", "CH", "DE", "FR", "GB", "HU", "IE", "IT", "LU", "NL", "PL"))
#: In names of several places, and of parts of a list.
_SEVERAL = ("/", "…", ",")


@dataclass(frozen=True, slots=True)
class Proposal:
    """For a new address."""

    country: str
    """ISO 3166: the number's, else the own."""
    from_number: bool = False
    """Whether the number tells another country than the own."""
    town: str = ""
    """Whose area code the number has. Nobody lives there for sure: one area code often serves several towns."""


def origin_words(e164: str | None) -> str:
    """``Wien, Österreich · Festnetz``; '' for a number that was not read."""
    return origins.origin_text(origin_of(e164), home_country()) if e164 else ""


def proposal(number: str) -> Proposal:
    """What the number with which a new address is begun lets one suppose."""
    home = home_country()
    found = origin(classify(number, home))
    if found is None or found.country not in countries():
        return Proposal(home)
    town = found.place.of(origins.language()) if found.place and found.country in _OF_TOWNS else ""
    named = town if not any(sign in town for sign in _SEVERAL) else ""
    return Proposal(found.country, found.country != home, named)

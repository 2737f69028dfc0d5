"""Numbers as the telephone system's country writes them: read what it sends, show what it sent."""

from __future__ import annotations

from flask import has_app_context

from app.core import phones
from app.core.values import Party
from app.modules.addresses import api as addresses
from app.modules.callcenter.domain.belonging import plain


def region() -> str:
    """The country of the telephone system: the one whose numbers need no country code, as set for addresses.

    From memory: no statement on the way of a call. Germany where no application is at hand.
    """
    return addresses.home_country() if has_app_context() else "DE"


def classify(raw: str | None) -> Party:
    """The party of a raw number as the telephone system sends it."""
    return phones.classify(raw, region())


def format_display(e164: str) -> str:
    """A number for the eye, national where it is of the own country."""
    return phones.format_display(e164, region())


def line_display(key: str) -> str:
    """A line of ours, told by its key, for the eye."""
    number = plain(key)
    return format_display(number) if number.startswith("+") else number


def format_party(party: Party) -> str:
    """A party for the eye."""
    return phones.format_party(party, region())


def number_key(party: Party) -> str | None:
    """What the block list compares a party by (see ``phones.number_key``)."""
    return phones.number_key(party, region())

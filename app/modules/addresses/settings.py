"""Settings of addresses, and the values that a field may have."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

KINDS = ("company", "mr", "ms", "other")
NUMBER_KINDS = ("phone", "mobile", "fax", "other")
ROLES = ("customer", "supplier", "employee")


@dataclass(frozen=True, slots=True)
class AddressSettings:
    """Where numbers begin that are given out, the country of an address without one, how long notes stay.

    The latter in days, for the page *Datenschutz*.
    """

    customer_number_start: int = 10000
    supplier_number_start: int = 70000
    default_country: str = "DE"
    note_days: int = 0
    """Days for which notes are kept; 0 for ever, as law may demand years."""
    deleted_note_days: int = 90
    """Days for which deleted notes can be brought back; 0 for ever."""


def address_settings() -> AddressSettings:
    """The settings in force."""
    found: AddressSettings = current_app.extensions["durchwahl"].settings.load(AddressSettings)
    return found


def home_country() -> str:
    """The own country, ISO 3166: pages name it only where nothing nearer is known."""
    return address_settings().default_country

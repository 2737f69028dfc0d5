"""The words for codes: kinds, roles, problems of fields and of phone numbers."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from babel import Locale
from flask import Blueprint
from flask_babel import format_date, get_locale, pgettext
from flask_babel import gettext as _

from app.core.phones import NumberReading, format_display
from app.modules.addresses.duplicates import Reason, Shared
from app.modules.addresses.fields import countries, languages
from app.modules.addresses.settings import address_settings
from app.modules.addresses.views.picker import picker

#: Countries at the top of the list, before all others by name.
NEAR = ("DE", "AT", "CH")
#: Languages that letters are written in; a stored one is offered too.
LETTER_LANGUAGES = tuple(
    "de en fr it es nl pl cs da sv nb fi pt hu ro bg hr sl sk el et lv lt ga mt tr uk ru ar zh ja".split()  # noqa: SIM905 (a line a thing)
)


def kind_name(kind: str) -> str:
    """Firma, Herr, Frau, Sonstige."""
    names: dict[str, str] = {"company": _("Company"), "mr": _("Mr"), "ms": _("Ms"), "other": _("Other")}
    return names.get(kind, kind)


def number_kind_name(kind: str) -> str:
    """Telefon, Mobil, Telefax, Sonstige."""
    names: dict[str, str] = {
        "phone": _("Phone"),
        "mobile": _("Mobile"),
        "fax": pgettext("kind of number", "Fax"),
        "other": _("Other"),
    }
    return names.get(kind, kind)


def role_name(role: str) -> str:
    """Kunde, Lieferant, Mitarbeiter."""
    names: dict[str, str] = {"customer": _("Customer"), "supplier": _("Supplier"), "employee": _("Employee")}
    return names.get(role, role)


def direction_name(direction: str | None) -> str:
    """Eingehend, ausgehend."""
    names: dict[str, str] = {"in": _("incoming"), "out": _("outgoing")}
    return names.get(direction or "", "")


def problem_text(code: str) -> str:
    """What is wrong with a field, and what to do."""
    texts: dict[str, str] = {
        "required": _("Please fill this in."),
        "too_long": _("This is too long."),
        "too_many": _("These are too many."),
        "taken": _("Another address has this number already."),
        "bad_email": _("This is no e-mail address."),
        "bad_website": _("This is no address of a website."),
        "bad_date": _("This is no date."),
        "bad_duration": _("Please write the duration as minutes:seconds, for example 4:30."),
        "unknown_user": _("This user does not exist any more."),
        "unknown_contact": _("This contact does not belong to the address."),
        "unknown_address": _("This address does not exist any more."),
        "unknown_country": _("Please choose a country."),
    }
    return texts.get(code) or str(_("This value is not possible here."))


def number_problem_text(problem: str | None) -> str:
    """Why a number could not be read, and what to do; empty for one that was."""
    texts: dict[str, str] = {
        "unreadable": _("This is no phone number."),
        "too_short": _("This is too short for a phone number."),
        "too_long": _("This is too long for a phone number."),
        "no_area_code": _("The area code is missing: begin with 0 or with + and the country code."),
        "no_country": _("The country code is missing: begin with +."),
        "ambiguous": _("Two different numbers could be meant."),
        "invalid": _("There is no such phone number."),
        "several": _("These are several numbers: give each a row of its own."),
        "empty": "",
    }
    return texts.get(problem or "empty", texts["unreadable"])


def duplicate_reason(shared: Shared) -> str:
    """What another address has too: ``gleiche Telefonnummer 0221 4710123 (Max Mustermann)``."""
    kinds: dict[Reason, str] = {
        "number": _("the same phone number"),
        "email": _("the same e-mail address"),
        "vat_id": _("the same VAT ID"),
        "name": _("the same name"),
    }
    value = shared.value
    if shared.reason == "number":
        value = format_display(value, address_settings().default_country)
    return " ".join(filter(None, (kinds[shared.reason], value, duplicate_owner(shared))))


def duplicate_owner(shared: Shared) -> str:
    """The contact who has it, in brackets; empty for the address itself."""
    if not shared.contact:
        return ""
    name = _("%(name)s, former contact", name=shared.contact) if shared.former else shared.contact
    return f"({name})"


def suggestion_text(reading: NumberReading) -> str:
    """The number that was probably meant, for the eye; empty without one."""
    return format_display(reading.suggestion, address_settings().default_country) if reading.suggestion else ""


def country_name(code: str) -> str:
    """A country in the language of whoever looks."""
    return str((get_locale() or Locale("de")).territories.get(code, code))


def language_name(code: str) -> str:
    """A language in the language of whoever looks."""
    return str((get_locale() or Locale("de")).languages.get(code, code))


def country_choices() -> list[tuple[str, str]]:
    """All countries, the near ones first, the others by name."""
    others = sorted((country_name(code), code) for code in countries() - set(NEAR))
    return [(code, country_name(code)) for code in NEAR] + [(code, name) for name, code in others]


def language_choices(stored: str = "") -> list[tuple[str, str]]:
    """Languages for letters, and whatever is stored."""
    codes = [*LETTER_LANGUAGES, *([stored] if stored in languages() and stored not in LETTER_LANGUAGES else [])]
    return [("", "–"), *((code, language_name(code)) for code in codes)]


def day(value: date) -> str:
    """A calendar day in the user's form."""
    return str(format_date(value))


@cache  # a blueprint takes it once, however many applications are made in a process
def in_templates(blueprint: Blueprint) -> Blueprint:
    """Let the templates of these pages use the words."""

    def words() -> dict[str, Any]:
        return {
            "kind_name": kind_name,
            "number_kind_name": number_kind_name,
            "role_name": role_name,
            "direction_name": direction_name,
            "number_problem_text": number_problem_text,
            "duplicate_reason": duplicate_reason,
            "country_name": country_name,
            "language_name": language_name,
            "day": day,
            "home_country": address_settings().default_country,
            "picker": picker,
        }

    blueprint.context_processor(words)
    return blueprint

"""The forms of addresses and contacts, and the rows of numbers in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from app.core.accounts.service import list_users
from app.core.phones import NumberReading, format_display, read_number
from app.modules.addresses.fields import FIELDS, MAX_NUMBERS
from app.modules.addresses.numbers import as_read, parts_of_field
from app.modules.addresses.records import AddressDetail, ContactDetail, NumberInput
from app.modules.addresses.settings import KINDS, NUMBER_KINDS, address_settings
from app.modules.addresses.views.number_origin import origin_words
from app.modules.addresses.views.texts import (
    country_choices,
    country_name,
    kind_name,
    language_choices,
    number_problem_text,
    problem_text,
    suggestion_text,
)

_NUMBER_FIELD = re.compile(r"numbers-(\d{1,4})-raw")


class AddressForm(FlaskForm):
    """The master data of an address. What may stand in a field is decided by the service, also in pick lists."""

    kind = SelectField(_l("Type"), validate_choice=False)
    name = StringField(_l("Name"))
    contact_person = StringField(_l("Contact person"))
    department = StringField(_l("Department"))
    subdepartment = StringField(_l("Subdepartment"))
    address_supplement = StringField(_l("Address supplement"))
    street = StringField(_l("Street"))
    postcode = StringField(_l("Postcode"))
    city = StringField(_l("Town"))
    country = SelectField(_l("Country"), validate_choice=False)
    email = StringField(_l("E-mail"))
    website = StringField(_l("Website"))
    salutation = StringField(_l("Letter salutation"))
    language = SelectField(_l("Language"), validate_choice=False)
    vat_id = StringField(_l("VAT ID"))
    customer_number = StringField(_l("Customer number"))
    supplier_number = StringField(_l("Supplier number"))
    external_id = StringField(_l("External ID"))
    account_manager_id = SelectField(_l("Account manager"), validate_choice=False)
    inside_sales_id = SelectField(_l("Inside sales"), validate_choice=False)
    is_customer = BooleanField(_l("Customer"))
    is_supplier = BooleanField(_l("Supplier"))
    is_employee = BooleanField(_l("Employee"))
    delivery_block = BooleanField(_l("Delivery block"))
    delivery_block_reason = StringField(_l("Reason"))
    delivery_block_date = DateField(_l("Blocked since"), [Optional()])
    notes = TextAreaField(_l("Miscellaneous"))

    def __init__(self, formdata: Any, strings: Mapping[str, str]) -> None:
        """``formdata`` as it was sent, or None; then ``strings`` are shown. Choices offer what is stored, too."""
        given = MultiDict({name: value for name, value in strings.items() if value}) if formdata is None else formdata
        super().__init__(given)
        self.kind.choices = [(kind, kind_name(kind)) for kind in KINDS]
        countries = country_choices()
        stored = given.get("country", "")
        if stored and stored not in dict(countries):
            countries.append((stored, country_name(stored)))
        self.country.choices = countries
        self.language.choices = language_choices(given.get("language", ""))
        users = list_users()
        for field in (self.account_manager_id, self.inside_sales_id):
            chosen = given.get(field.name, "")
            field.choices = [
                ("", "–"),
                *((str(user.id), user.name) for user in users if user.active or str(user.id) == chosen),
            ]

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self[name].data for name in FIELDS if self[name].data is not None}

    def show_problems(self, problems: Mapping[str, str]) -> list[str]:
        """Put refusals beside their fields; returns sentences for those that have no field here."""
        return show_problems(self, problems)


class ContactForm(FlaskForm):
    """A contact."""

    name = StringField(_l("Name"))
    position = StringField(_l("Position"))
    department = StringField(_l("Department"))
    email = StringField(_l("E-mail"))


class SettingsForm(FlaskForm):
    """The settings of the module."""

    customer_number_start = StringField(_l("First customer number"))
    supplier_number_start = StringField(_l("First supplier number"))
    default_country = SelectField(_l("Country"))


def show_problems(form: FlaskForm, problems: Mapping[str, str]) -> list[str]:
    """Put refusals beside their fields; returns sentences for those that have no field in the form."""
    rest = []
    for field, code in problems.items():
        if field in form:
            form[field].errors = [problem_text(code)]
        else:
            rest.append(f"{_('Phone numbers')}: {problem_text(code)}")
    return rest


def strings_of_address(address: AddressDetail) -> dict[str, str]:
    """The fields of an address as the form would send them."""
    strings = {}
    for name in FIELDS:
        value = getattr(address, name)
        strings[name] = ("y" if value else "") if isinstance(value, bool) else str(value or "")
    return strings


def strings_of_contact(contact: ContactDetail) -> dict[str, str]:
    """The fields of a contact as the form would send them."""
    return {name: getattr(contact, name) for name in ("name", "position", "department", "email")}


# ------------------------------------------------------------------------------------------------ rows of numbers


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A row of the numbers' editor: what was typed and how it is read."""

    number: NumberInput
    display: str
    """The number as read; empty for an empty or unreadable one."""
    problem: str
    """Words, empty for a number that was read."""
    suggestion: str
    parts: tuple[str, ...]
    """The single numbers where several stand in the field and all of them can be read."""
    switchboard: str = ""
    """Whose callers are taken for this owner's, in words; empty for a number that is no switchboard's."""
    switchboard_suggestion: str = ""
    """The same number with its last 0 set apart, where that 0 may be the switchboard's own."""
    origin: str = ""
    """Where the number comes from, in words; empty for one that was not read."""


def number_row(number: NumberInput, country: str) -> NumberRow:
    """A row with what there is to say about it."""
    if not number.raw.strip():
        return NumberRow(number, "", "", "", ())
    reading = read_number(number.raw, country)
    return NumberRow(
        number,
        shown_reading(reading),
        "" if reading.e164 else number_problem_text(reading.problem),
        "" if reading.e164 else suggestion_text(reading),
        parts_of_field(number.raw, country) if reading.problem == "several" else (),
        *_as_switchboard(number, reading, country),
        origin=origin_words(reading.e164),
    )


def _as_switchboard(number: NumberInput, reading: NumberReading, country: str) -> tuple[str, str]:
    """What a switchboard's number catches, and how it is written to catch what was probably meant."""
    stem = as_read(number, country)["stem"]
    if stem is None:
        refused = number.switchboard and reading.e164 is not None
        return str(_("Only a landline number that is long enough can be a switchboard.")) if refused else "", ""
    words = _(
        "Callers whose number begins with %(stem)s probably belong here.",
        stem=format_display(stem, address_settings().default_country),
    )
    # '0221 47100' ends with the 0 of the switchboard, or it is itself what others begin with: only people know.
    apart = f"{format_display(stem[:-1], country)}-0" if stem == reading.e164 and stem.endswith("0") else ""
    return str(words), apart if apart and read_number(apart, country).stem == stem[:-1] else ""


def shown_reading(reading: NumberReading) -> str:
    """A number that was read, for the eye, with its extension."""
    if reading.e164 is None:
        return ""
    display = format_display(reading.e164, address_settings().default_country)
    if reading.extension:
        return str(_("%(number)s, extension %(extension)s", number=display, extension=reading.extension))
    return display


def numbers_sent(form: MultiDict[str, str]) -> list[NumberInput]:
    """The rows as they were sent, in their order; empty ones left out."""
    places = sorted(int(found[1]) for name in form if (found := _NUMBER_FIELD.fullmatch(name)))
    numbers = []
    for place in places[: MAX_NUMBERS * 2]:
        raw = form.get(f"numbers-{place}-raw", "")
        kind = form.get(f"numbers-{place}-kind", "phone")
        if raw.strip():
            numbers.append(
                NumberInput(
                    raw.strip(),
                    kind if kind in NUMBER_KINDS else "other",
                    form.get(f"numbers-{place}-label", "").strip(),
                    f"numbers-{place}-switchboard" in form,
                )
            )
    return numbers


def number_rows(numbers: list[NumberInput], country: str) -> list[NumberRow]:
    """The rows of the editor, with one to type into where there is none."""
    return [number_row(number, country) for number in numbers or [NumberInput("")]]

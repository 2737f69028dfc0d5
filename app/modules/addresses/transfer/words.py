"""The words of import and export: names of targets, headings of our own files, reasons why a row is refused."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import pgettext

from app.modules.addresses.transfer.rows import Problem
from app.modules.addresses.transfer.targets import (
    ARCHIVED,
    FIRST_NAME,
    HOUSE_NUMBER,
    LABEL,
    LAST_NAME,
    OWN_ID,
    POSTCODE_CITY,
    SWITCHBOARD,
    target_of,
)


def heading(text: str, place: int = 1, of_number: str = "") -> str:
    """What stands above a column of our own files; an import knows it again, in either language.

    ``place`` counts numbers of a kind; ``of_number`` is ``label`` or ``switchboard`` of the number ``text``.
    """
    target = target_of(text)
    if target is None:
        return ""
    words = _heading(target.field)
    if target.contact:
        contact = _("Contact")
        words = f"{contact} {target.contact}: {words}" if target.contact > 1 else f"{contact}: {words}"
    if place > 1:
        words = f"{words} {place}"
    if of_number:
        more = _("is switchboard") if of_number == SWITCHBOARD else _("Label")
        words = f"{words}: {more}"
    return words


def _heading(field: str) -> str:
    names: dict[str, str] = {
        "kind": _("Type"),
        "name": _("Name"),
        FIRST_NAME: _("First name"),
        LAST_NAME: _("Last name"),
        "contact_person": _("Contact person"),
        "department": _("Department"),
        "subdepartment": _("Subdepartment"),
        "address_supplement": _("Address supplement"),
        "street": _("Street"),
        HOUSE_NUMBER: _("House number"),
        "postcode": _("Postcode"),
        "city": _("Town"),
        POSTCODE_CITY: _("Postcode and town"),
        "country": _("Country"),
        "phone": _("Phone"),
        "mobile": _("Mobile"),
        "fax": pgettext("kind of number", "Fax"),
        "other": _("Other number"),
        LABEL: _("Label of the number to the left"),
        SWITCHBOARD: _("Number to the left is a switchboard"),
        "email": _("E-mail"),
        "website": _("Website"),
        "salutation": _("Letter salutation"),
        "language": _("Language"),
        "customer_number": _("Customer number"),
        "supplier_number": _("Supplier number"),
        "external_id": _("External ID"),
        OWN_ID: _("Durchwahl ID"),
        "vat_id": _("VAT ID"),
        "is_customer": _("Customer"),
        "is_supplier": _("Supplier"),
        "is_employee": _("Employee"),
        "account_manager_id": _("Account manager"),
        "inside_sales_id": _("Inside sales"),
        "delivery_block": _("Delivery block"),
        "delivery_block_reason": _("Delivery block: reason"),
        "delivery_block_date": _("Delivery block: since"),
        "notes": _("Miscellaneous"),
        ARCHIVED: _("Archived"),
        "position": _("Position"),
    }
    return names[field]


def target_name(text: str) -> str:
    """A target in a list to choose from; empty for a column that is left out."""
    target = target_of(text)
    if target is None:
        return ""
    return _("Salutation") if target.contact and target.field == "kind" else _heading(target.field)


def reason(problem: Problem, headings: Sequence[str]) -> str:
    """Why a row is refused, with the column, in the language of whoever reads it."""
    sentence = _sentence(problem)
    column = problem.column
    name = headings[column] if column is not None and column < len(headings) else ""
    return f"{name}: {sentence}" if name else sentence


def _sentence(problem: Problem) -> str:
    told = problem.told
    texts: dict[str, str] = {
        "required": _("The name is missing."),
        "too_long": _("This is too long."),
        "too_many": _("These are more numbers or contacts than an address can have."),
        "taken": _("Another address has this already."),
        "bad_email": _("This is no e-mail address."),
        "bad_website": _("This is no address of a website."),
        "bad_date": _("This is no date."),
        "ambiguous_date": _("Day and month could be either: write the date as 2026-12-31 or 31.12.2026."),
        "bad_boolean": _("This is neither yes nor no."),
        "unknown_kind": _("This is none of company, Mr, Ms, other."),
        "unknown_country": _("There is no such country."),
        "unknown_language": _("There is no such language."),
        "unknown_user": _("There is no such user, or several have this name."),
        "foreign_id": _("This ID is not of this installation. Leave the column out to import as new addresses."),
        "other_external_id": _("The address with this number has the external ID %(id)s.", id=told),
        "contact_without_name": _("The contact has no name."),
        "same_row": _("Line %(line)s says exactly the same.", line=told),
        "contradicts": _("Line %(line)s says something else of the same address.", line=told),
        "too_many_cells": _("The row has more cells than there are columns: a text with the separator in it?"),
        "unclosed_quote": _("A quotation mark is opened and not closed; whatever follows it was not read."),
        "long_cell": _("A cell of this row is longer than 131,072 characters; the row cannot be read."),
        "bad_signs": _("Some characters cannot be read: is the encoding right?"),
    }
    return texts.get(problem.code) or str(_("This value is not possible here."))

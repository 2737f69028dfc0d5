"""Which fields an address and a contact have, and what may stand in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale

from app.core.database import storable
from app.modules.addresses.records import ContactInput, Invalid, NumberInput
from app.modules.addresses.settings import KINDS, NUMBER_KINDS

#: Field → most characters.
TEXTS = {
    "name": 200,
    "contact_person": 200,
    "department": 200,
    "subdepartment": 200,
    "address_supplement": 200,
    "street": 200,
    "postcode": 20,
    "city": 200,
    "email": 254,
    "website": 300,
    "salutation": 300,
    "vat_id": 30,
    "customer_number": 40,
    "supplier_number": 40,
    "external_id": 80,
    "delivery_block_reason": 300,
    "notes": 50_000,
}
FLAGS = ("is_customer", "is_supplier", "is_employee", "delivery_block")
USERS = ("account_manager_id", "inside_sales_id")
#: Every field that may be given; the order is that of the form.
FIELDS = (
    "kind",
    *TEXTS,
    "country",
    "language",
    *FLAGS,
    *USERS,
    "delivery_block_date",
)
#: Given out by us, and to whom.
SERIES = {"customer_number": "is_customer", "supplier_number": "is_supplier"}
#: An address is found again by each of these: NULL where there is none, else no other address has it.
KEYS = (*SERIES, "external_id")
CONTACT_TEXTS = {"name": 200, "position": 200, "department": 200, "email": 254}
MAX_NUMBER_LENGTH = 500
MAX_LABEL_LENGTH = 100
MAX_NUMBERS = 50
MAX_CONTACTS = 500

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]{2,}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
#: Babel's territories that are no country.
_NO_COUNTRIES = frozenset(("CQ", "EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"))


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """ISO 3166-1 codes of two letters."""
    codes = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES)


@lru_cache(maxsize=1)
def languages() -> frozenset[str]:
    """ISO 639-1 codes of two letters."""
    codes = (str(code) for code in Locale("en").languages)
    return frozenset(code for code in codes if len(code) == 2)


def cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields in the form in which they are stored. Raises Invalid with every problem, KeyError for a field
    that does not exist.
    """  # fmt: skip
    unknown = set(given) - set(FIELDS)
    if unknown:
        raise KeyError(f"an address has no field {sorted(unknown)[0]}")
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, value in given.items():
        problem = None
        if field in TEXTS:
            values[field], problem = _text(field, value)
        elif field in FLAGS:
            values[field] = bool(value)
        else:
            values[field], problem = _choice(field, value)
        if problem:
            problems[field] = problem
    if problems:
        raise Invalid(problems)
    return values


def problems_of(values: Mapping[str, Any], numbers: tuple[NumberInput, ...] | list[NumberInput] = ()) -> dict[str, str]:
    """What of a new address would be refused whatever the database holds: field → code."""
    problems: dict[str, str] = {}
    try:
        cleaned({"name": "", **values})
    except Invalid as refused:
        problems.update(refused.problems)
    try:
        cleaned_numbers(numbers, "phone_numbers")
    except Invalid as refused:
        problems.update(refused.problems)
    return problems


def _text(field: str, value: Any) -> tuple[Any, str | None]:
    text = storable(str(value or ""))
    text = text.replace("\r\n", "\n").strip() if field == "notes" else " ".join(text.split())
    if field == "vat_id":
        text = text.replace(" ", "").upper()
    if len(text) > TEXTS[field]:
        return text, "too_long"
    if field == "name" and not text:
        return text, "required"
    if field == "email" and text and not _EMAIL.fullmatch(text):
        return text, "bad_email"
    if field == "website" and text and website_url(text) is None:
        return text, "bad_website"
    return (text or None, None) if field in KEYS else (text, None)


def _choice(field: str, value: Any) -> tuple[Any, str | None]:
    if field == "kind":
        return value, None if value in KINDS else "unknown_kind"
    if field == "country":
        code = str(value or "").strip().upper()
        return code, None if code in countries() else "unknown_country"
    if field == "language":
        code = str(value or "").strip().lower()
        return code, None if not code or code in languages() else "unknown_language"
    if field == "delivery_block_date":
        return value or None, None if not value or isinstance(value, date) else "bad_date"
    if not value:
        return None, None
    # An id from a form is text, one from the API a number; more digits are no id of ours.
    return (int(value), None) if re.fullmatch(r"[0-9]{1,9}", str(value)) else (None, "unknown_user")


def website_url(text: str) -> str | None:
    """The link of a website as typed, with https where no scheme was typed; None for anything but http(s)."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return f"https://{text}"
    return text if scheme[1].lower() in ("http", "https") else None


def cleaned_numbers(numbers: tuple[NumberInput, ...] | list[NumberInput], prefix: str) -> tuple[NumberInput, ...]:
    """The numbers that hold any text. Raises Invalid; ``prefix`` names the place of the first problem."""
    kept = []
    for place, number in enumerate(numbers):
        raw = " ".join(storable(number.raw).split(" ")).strip()
        label = " ".join(storable(number.label).split())
        if not raw:
            continue
        if number.kind not in NUMBER_KINDS:
            raise Invalid({f"{prefix}.{place}.kind": "unknown_kind"})
        if len(raw) > MAX_NUMBER_LENGTH or len(label) > MAX_LABEL_LENGTH:
            raise Invalid({f"{prefix}.{place}": "too_long"})
        kept.append(NumberInput(raw, number.kind, label, bool(number.switchboard)))
    if len(kept) > MAX_NUMBERS:
        raise Invalid({prefix: "too_many"})
    return tuple(kept)


def cleaned_contact(contact: ContactInput, prefix: str = "") -> ContactInput:
    """A contact as it is stored. Raises Invalid; ``prefix`` is put before the names of fields."""
    texts = {field: " ".join(storable(str(getattr(contact, field) or "")).split()) for field in CONTACT_TEXTS}
    problems = {
        f"{prefix}{field}": "too_long" for field, longest in CONTACT_TEXTS.items() if len(texts[field]) > longest
    }
    if not texts["name"]:
        problems[f"{prefix}name"] = "required"
    if texts["email"] and not _EMAIL.fullmatch(texts["email"]):
        problems[f"{prefix}email"] = "bad_email"
    if problems:
        raise Invalid(problems)
    return ContactInput(**texts, numbers=cleaned_numbers(contact.numbers, f"{prefix}phone_numbers"), id=contact.id)

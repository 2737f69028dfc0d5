"""Columns that follow from others: by what a row is sorted, searched and compared. Every way of saving writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.modules.addresses.folding import customer_key, email_key, search_text, sort_key, vat_key

SEARCHED = (
    "name",
    "contact_person",
    "department",
    "subdepartment",
    "street",
    "postcode",
    "city",
    "email",
    "website",
    "vat_id",
    "customer_number",
    "supplier_number",
    "external_id",
)
SEARCHED_OF_CONTACTS = ("name", "position", "department", "email")


def of_address(values: Mapping[str, Any]) -> dict[str, str]:
    """The derived columns of an address with these values; one that is missing counts as empty."""
    return {
        "name_key": sort_key(values.get("name") or ""),
        "city_key": sort_key(values.get("city") or ""),
        "customer_key": customer_key(values.get("customer_number")),
        "email_key": email_key(values.get("email") or ""),
        "vat_key": vat_key(values.get("vat_id") or ""),
        "search_text": search_text(*(values.get(field) for field in SEARCHED)),
    }


def of_contact(values: Mapping[str, Any]) -> dict[str, str]:
    """The derived columns of a contact with these values."""
    return {
        "name_key": sort_key(values.get("name") or ""),
        "email_key": email_key(values.get("email") or ""),
        "search_text": search_text(*(values.get(field) for field in SEARCHED_OF_CONTACTS)),
    }

"""Addresses as the REST API writes them, and what it sends as the services take it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.core.rest import ApiError, absolute, timestamp
from app.modules.addresses.duplicates import (
    MAX_DUPLICATES,
    Duplicate,
    Shared,
    find_duplicates,
    find_of_same_name,
    sought,
)
from app.modules.addresses.paths import address_path
from app.modules.addresses.records import AddressDetail, ContactDetail, ContactInput, Invalid, NumberDetail, NumberInput
from app.modules.addresses.settings import ROLES

#: Columns that an answer has under the same name, in its order.
_SAME = (
    "kind",
    "name",
    "contact_person",
    "department",
    "subdepartment",
    "address_supplement",
    "street",
    "postcode",
    "city",
    "country",
    "email",
    "website",
    "salutation",
    "language",
    "vat_id",
    "customer_number",
    "supplier_number",
    "external_id",
)
_SENTENCES = {
    "required": "must not be empty",
    "too_long": "is too long",
    "too_many": "has too many entries",
    "taken": "belongs to another address",
    "bad_email": "is not an e-mail address",
    "bad_website": "is not the address of a website",
    "bad_date": "is not a date",
    "unknown_user": "is no user",
    "unknown_contact": "is no contact of this address",
    "unknown_country": "is not an ISO 3166-1 code of two letters",
    "unknown_language": "is not an ISO 639-1 code of two letters",
}
_REASONS = {"number": "phone number", "email": "e-mail address", "vat_id": "VAT id", "name": "name"}


def address_answer(detail: AddressDetail) -> dict[str, Any]:
    """The address as the schema ``Address`` describes it."""
    return {
        "id": detail.id,
        **{field: getattr(detail, field) for field in _SAME},
        "roles": [role for role in ROLES if getattr(detail, f"is_{role}")],
        "account_manager_id": detail.account_manager_id,
        "inside_sales_id": detail.inside_sales_id,
        "delivery_block": detail.delivery_block,
        "delivery_block_reason": detail.delivery_block_reason,
        "delivery_block_date": detail.delivery_block_date.isoformat() if detail.delivery_block_date else None,
        "notes": detail.notes,
        "phone_numbers": [_number(number) for number in detail.numbers],
        "contacts": [_contact(contact) for contact in detail.contacts],
        "archived": detail.archived_at is not None,
        "version": detail.version,
        "created_at": timestamp(detail.created_at),
        "updated_at": timestamp(detail.updated_at),
        "url": absolute(address_path(detail.id)),
    }


def _number(number: NumberDetail) -> dict[str, Any]:
    return {
        "kind": number.kind,
        "label": number.label,
        "raw": number.raw,
        "e164": number.e164,
        "switchboard": number.switchboard,
        "problem": number.problem,
    }


def _contact(contact: ContactDetail) -> dict[str, Any]:
    return {
        "id": contact.id,
        "name": contact.name,
        "position": contact.position,
        "department": contact.department,
        "email": contact.email,
        "phone_numbers": [_number(number) for number in contact.numbers],
    }


def values_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a checked body as the services name them; numbers, contacts and version apart."""
    values = {
        field: value for field, value in body.items() if field not in ("phone_numbers", "contacts", "roles", "version")
    }
    if "roles" in body:
        values.update({f"is_{role}": role in body["roles"] for role in ROLES})
    if values.get("delivery_block_date"):
        values["delivery_block_date"] = date.fromisoformat(values["delivery_block_date"])
    return values


def numbers_of(body: Mapping[str, Any]) -> tuple[NumberInput, ...]:
    """The phone numbers of a checked address or contact."""
    return tuple(
        NumberInput(given["raw"], given.get("kind", "phone"), given.get("label") or "", given.get("switchboard", False))
        for given in body.get("phone_numbers", ())
    )


def contacts_of(body: Mapping[str, Any]) -> tuple[ContactInput, ...]:
    """The contacts of a checked body."""
    return tuple(
        ContactInput(
            name=given["name"],
            position=given.get("position") or "",
            department=given.get("department") or "",
            email=given.get("email") or "",
            numbers=numbers_of(given),
            id=int(given["id"]) if "id" in given else None,
        )
        for given in body.get("contacts", ())
    )


def refused(error: Invalid) -> ApiError:
    """What the services refused, as the API says it; a number that another address has is a conflict."""
    fields = [
        (path.replace(".", "/"), _SENTENCES.get(code, "is not possible here")) for path, code in error.problems.items()
    ]
    if set(error.problems.values()) == {"taken"}:
        return ApiError(409, "number_taken", "Another address has this number already.", fields=fields)
    return ApiError(422, fields=fields)


def warnings_of(detail: AddressDetail) -> list[dict[str, Any]]:
    """Other addresses that may be the same as the stored one; a hint, never a reason to refuse."""
    people: list[AddressDetail | ContactDetail] = [detail, *detail.contacts]
    numbers = [number.as_input() for one in people for number in one.numbers]
    wanted = sought(numbers, detail.country, emails=[one.email for one in people], vat_id=detail.vat_id)
    found = find_duplicates(wanted, but=detail.id)
    known = {one.address_id for one in found}
    same_name = find_of_same_name(detail.name, detail.postcode, but=detail.id)
    found += [one for one in same_name if one.address_id not in known]
    return [_warning(one, shared) for one in found[:MAX_DUPLICATES] for shared in _once_a_reason(one)]


def _once_a_reason(duplicate: Duplicate) -> Iterable[Shared]:
    return {shared.reason: shared for shared in reversed(duplicate.shared)}.values()


def _warning(duplicate: Duplicate, shared: Shared) -> dict[str, Any]:
    return {
        "code": "duplicate",
        "reason": shared.reason,
        "value": shared.value,
        "address_id": duplicate.address_id,
        "name": duplicate.name,
        "archived": duplicate.archived,
        "url": absolute(address_path(duplicate.address_id)),
        "message": f"The address {duplicate.address_id} has the same {_REASONS[shared.reason]}.",
    }

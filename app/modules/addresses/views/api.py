"""``/api/v1/addresses`` and ``/api/v1/lookup``."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from app.core.database import reading
from app.core.phones import classify, format_party
from app.core.rest import (
    CURSOR,
    DEFAULT_LIMIT,
    LIMIT,
    PREFIX,
    ApiError,
    Parameter,
    body,
    caller,
    decode_cursor,
    encode_cursor,
    list_schema,
    operation,
    origin_answer,
    page,
    plus_restored,
    query,
)
from app.core.values import e164_of
from app.modules.addresses import services
from app.modules.addresses.lookup import NOBODY, find_by_number
from app.modules.addresses.matches import match_answer
from app.modules.addresses.reading import get_address, page_after
from app.modules.addresses.records import AddressDetail, Invalid, NoSuchAddress, Stale
from app.modules.addresses.settings import ROLES, address_settings
from app.modules.addresses.terms import MAX_QUERY_LENGTH
from app.modules.addresses.views import api_forms, api_schemas

blueprint = Blueprint("addresses_api", __name__, url_prefix=PREFIX)
RULE = "/addresses/<id:address_id>"
VIEW, EDIT = "addresses.view", "addresses.edit"


@operation(
    blueprint,
    "GET",
    "/addresses",
    permission=VIEW,
    summary="List addresses",
    description="In the order in which they were created, so that pages neither skip nor repeat.",
    tag="addresses",
    parameters=(
        Parameter(
            "q",
            {"type": "string", "maxLength": MAX_QUERY_LENGTH},
            "Words in any order, or any part of a number: searches names, contacts, numbers, town, postcode, e-mail, "
            "customer number.",
        ),
        Parameter("role", {"type": "string", "enum": list(ROLES)}),
        Parameter("archived", {"type": "boolean", "default": False}, "`true`: the archived ones instead."),
        LIMIT,
        CURSOR,
    ),
    answers={200: list_schema(api_schemas.ADDRESS)},
)
def list_addresses() -> Response:
    """One page."""
    given = query()
    limit = given.get("limit", DEFAULT_LIMIT)
    cursor = decode_cursor(given.get("cursor"), int)
    with reading() as session:
        found = page_after(
            session,
            cursor[0] if cursor else 0,
            limit + 1,
            query=given.get("q", ""),
            role=given.get("role", ""),
            archived="archived" if given.get("archived") else "active",
        )
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return jsonify(page([api_forms.address_answer(detail) for detail in found[:limit]], more))


@operation(
    blueprint,
    "POST",
    "/addresses",
    permission=EDIT,
    summary="Create an address",
    description="Only `name` is required. A duplicate is never refused: it is named under `warnings`.",
    tag="addresses",
    body=api_schemas.CREATE,
    answers={201: api_schemas.SAVED, 409: None},
)
def create_address() -> ResponseReturnValue:
    """201 with the address."""
    given = body()
    try:
        address_id = services.create_address(
            api_forms.values_of(given), api_forms.numbers_of(given), api_forms.contacts_of(given), by=caller().id
        )
    except Invalid as error:
        raise api_forms.refused(error) from error
    detail = _stored(address_id)
    return _saved(detail), 201, {"Location": f"{PREFIX}/addresses/{address_id}"}


@operation(
    blueprint,
    "GET",
    RULE,
    permission=VIEW,
    summary="Read an address",
    description="Archived ones too.",
    tag="addresses",
    answers={200: api_schemas.ADDRESS},
)
def read_address(address_id: int) -> Response:
    """The address."""
    return jsonify(api_forms.address_answer(_stored(address_id)))


@operation(
    blueprint,
    "PATCH",
    RULE,
    permission=EDIT,
    summary="Change an address",
    description="Fields that are given are replaced, others stay. `phone_numbers` and `contacts` are replaced as a "
    "whole; a contact with its `id` keeps it, one that is missing is archived.",
    tag="addresses",
    body=api_schemas.CHANGE,
    answers={200: api_schemas.SAVED, 409: None},
)
def change_address(address_id: int) -> Response:
    """The changed address."""
    given = body()
    try:
        services.update_address(
            address_id,
            given.get("version"),
            api_forms.values_of(given),
            api_forms.numbers_of(given) if "phone_numbers" in given else None,
            api_forms.contacts_of(given) if "contacts" in given else None,
            by=caller().id,
        )
    except Invalid as error:
        raise api_forms.refused(error) from error
    except NoSuchAddress as error:
        raise ApiError(404) from error
    except Stale as error:
        message = "Somebody else has changed this address; read it again."
        raise ApiError(409, "stale", message, version=error.version) from error
    return _saved(_stored(address_id))


@operation(
    blueprint,
    "DELETE",
    RULE,
    permission=EDIT,
    summary="Archive an address",
    description="It goes from lists and look-ups and can be restored. Archiving it again changes nothing.",
    tag="addresses",
    answers={204: None},
)
def archive_address(address_id: int) -> ResponseReturnValue:
    """204, also for one that is archived already."""
    try:
        services.archive(address_id, by=caller().id)
    except NoSuchAddress as error:
        raise ApiError(404) from error
    return "", 204


@operation(
    blueprint,
    "GET",
    "/lookup",
    permission=VIEW,
    summary="Who has this number?",
    description="Addresses and contacts that have the number, else those behind whose switchboard it lies.",
    tag="lookup",
    parameters=(
        Parameter(
            "number",
            {"type": "string", "maxLength": 500},
            "As a telephone system sends it or people write it: `0221…`, `+49221…`, `0049221…`.",
            required=True,
        ),
    ),
    answers={200: api_schemas.LOOKUP},
)
def lookup() -> Response:
    """The number as read, and its owners."""
    raw = plus_restored(query()["number"])
    region = address_settings().default_country
    party = classify(raw, region)
    e164 = e164_of(party)
    found = NOBODY
    if e164 is not None:
        with reading() as session:
            found = find_by_number(session, e164)
    return jsonify(
        number={
            "raw": raw,
            "e164": e164,
            "display": format_party(party, region),
            "kind": party.kind,
            "origin": origin_answer(party),
        },
        grade=found.grade,
        matches=[match_answer(match._asdict()) for match in found.matches],
    )


def _stored(address_id: int) -> AddressDetail:
    detail = get_address(address_id)
    if detail is None:
        raise ApiError(404)
    return detail


def _saved(detail: AddressDetail) -> Response:
    answer: dict[str, Any] = {**api_forms.address_answer(detail), "warnings": api_forms.warnings_of(detail)}
    return jsonify(answer)

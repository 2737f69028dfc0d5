"""Says before saving who else has a number, an e-mail address or a VAT id; saving again saves.

The form carries in ``duplicates_seen`` what its user was told already. Only what is new asks once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

from flask import Blueprint, jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import MAX_ID
from app.modules.addresses.duplicates import Duplicate, Reason, Shared, Sought, find_duplicates, sought
from app.modules.addresses.paths import address_path
from app.modules.addresses.records import AddressDetail, ContactDetail, NumberInput
from app.modules.addresses.settings import address_settings
from app.modules.addresses.views.texts import duplicate_owner

blueprint = Blueprint("addresses_duplicates", __name__, url_prefix="/addresses")
SEEN = "duplicates_seen"
#: A list of what was seen that is longer was not made by our form.
MAX_SEEN_LENGTH = 20_000
#: A longer text in a field is none that could be stored.
MAX_TYPED_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Warned:
    """What a form says of others who have the same; ``seen`` goes into its hidden field."""

    duplicates: Sequence[Duplicate]
    seen: str
    asks: bool
    """Saving waits for a second time because of it."""


def not_warned() -> Warned:
    """Nothing new to say; what was said stays said."""
    return Warned((), request.form.get(SEEN, "")[:MAX_SEEN_LENGTH], False)


def of_address(values: Mapping[str, Any], numbers: Sequence[NumberInput]) -> Sought:
    """What an address with these fields would share."""
    country = values.get("country") or address_settings().default_country
    return sought(numbers, country, emails=[values.get("email") or ""], vat_id=values.get("vat_id"))


def stored_of(owner: AddressDetail | ContactDetail, country: str) -> Sought:
    """What the stored address or contact has already: it is not told again."""
    return sought(
        [number.as_input() for number in owner.numbers],
        country,
        emails=[owner.email],
        vat_id=owner.vat_id if isinstance(owner, AddressDetail) else None,
    )


def warned(wanted: Sought, *, but: int | None = None) -> Warned:
    """Who else has any of this, and whether the form's user has not been told of it yet."""
    found = find_duplicates(wanted, but=but)
    told = set(request.form.get(SEEN, "")[:MAX_SEEN_LENGTH].split())
    signs = {_sign(one, shared) for one in found for shared in one.shared}
    return Warned(found, " ".join(sorted(signs | told)), not told.issuperset(signs))


def _sign(duplicate: Duplicate, shared: Shared) -> str:
    """Stands for one hint in the hidden field."""
    return blake2s(f"{duplicate.address_id} {shared.reason} {shared.value}".encode(), digest_size=8).hexdigest()


def others(reason: Reason, wanted: Sought, *, but: int | None = None) -> dict[str, Any]:
    """Who else has what is being typed, for the scripts: ``told`` is a sentence, empty where nobody has."""
    sentences: dict[Reason, str] = {
        "number": _("This number exists already:"),
        "email": _("This e-mail address exists already:"),
        "vat_id": _("This VAT ID exists already:"),
    }
    found = find_duplicates(wanted, but=but)
    archived = _("archived")
    return {
        "told": sentences[reason] if found else "",
        "others": [
            {
                "name": one.name,
                "note": " ".join((duplicate_owner(one.shared[0]), f"({archived})" if one.archived else "")).strip(),
                "url": address_path(one.address_id),
            }
            for one in found
        ],
    }


def own_address() -> int | None:
    """The address that the form belongs to, as the scripts say it; None for a new one."""
    given = request.form.get("address_id", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 12 and int(given) <= MAX_ID else None


@blueprint.post("/duplicates")
@requires("addresses.edit")
def look() -> BaseResponse:
    """Who has the e-mail address or VAT id that is being typed. By POST: what is typed stands in no log."""
    value = request.form.get("value", "")[:MAX_TYPED_LENGTH]
    country = address_settings().default_country
    if request.form.get("field") == "vat_id":
        found = others("vat_id", sought([], country, vat_id=value), but=own_address())
    else:
        found = others("email", sought([], country, emails=[value]), but=own_address())
    answer: BaseResponse = jsonify(found)
    return answer

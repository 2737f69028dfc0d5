"""Create and edit an address; read a number while it is typed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import storable
from app.modules.addresses.duplicates import sought
from app.modules.addresses.fields import problems_of
from app.modules.addresses.numbers import guessed_kind
from app.modules.addresses.paths import address_path
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail, Invalid, NoSuchAddress, NumberInput, Stale
from app.modules.addresses.services import create_address, update_address
from app.modules.addresses.settings import address_settings
from app.modules.addresses.views import conflicts, duplicates
from app.modules.addresses.views.forms import (
    AddressForm,
    number_row,
    number_rows,
    numbers_sent,
    strings_of_address,
)
from app.modules.addresses.views.number_origin import proposal

blueprint = Blueprint("addresses_edit", __name__, url_prefix="/addresses")


@blueprint.route("/new", methods=["GET", "POST"])
@requires("addresses.edit")
def new() -> str | BaseResponse:
    """A new address; ``?number=`` is filled in, notes of ``?origin=`` are attached when it is saved."""
    country = address_settings().default_country
    number = request.args.get("number", "").strip()[:100]
    proposed = proposal(number)
    if request.method == "GET":
        numbers = [NumberInput(number, guessed_kind(number, country))] if number else []
        form = AddressForm(None, {"kind": "company", "country": proposed.country, "is_customer": "y"})
        # A number that is taken over from a call may belong to somebody by now.
        told = duplicates.warned(duplicates.of_address({}, numbers))
        return _page(form, numbers, origin=request.args.get("origin", ""), warned=told, proposed=proposed)
    form = AddressForm(request.form, {})
    numbers = numbers_sent(request.form)
    origin = storable(request.form.get("origin", ""))[:80]
    if not form.validate():
        return _page(form, numbers, origin=origin, proposed=proposed)
    values = form.values()
    warned = duplicates.warned(duplicates.of_address(values, numbers))
    sent: dict[str, Any] = {"origin": origin, "warned": warned, "proposed": proposed}
    if warned.asks:
        return _page(form, numbers, messages=form.show_problems(problems_of(values, numbers)), **sent)
    try:
        address_id = create_address(values, numbers, by=current_user.id, origin=origin or None)
    except Invalid as refused:
        return _page(form, numbers, messages=form.show_problems(refused.problems), **sent)
    flash(_("The address is created."), "success")
    _tell_unread(address_id)
    return redirect(address_path(address_id))


@blueprint.route("/<int:address_id>/edit", methods=["GET", "POST"])
@requires("addresses.edit")
def edit(address_id: int) -> str | BaseResponse:
    """Edit an address; a conflict with another's changes is shown and can be resolved field by field."""
    address = get_address(address_id) or abort(404)
    stored = strings_of_address(address)
    own = [number.as_input() for number in address.numbers]
    if request.method == "GET":
        base = {**stored, conflicts.NUMBERS: conflicts.numbers_text(own)}
        return _page(AddressForm(None, stored), own, address, version=address.version, base=conflicts.base_text(base))
    chosen = conflicts.theirs_chosen()
    form = AddressForm(conflicts.with_theirs(request.form, stored, chosen), {})
    numbers = own if conflicts.NUMBERS in chosen else numbers_sent(request.form)
    sent: dict[str, Any] = {"version": request.form.get("version", 0, int), "base": request.form.get("base", "")}
    if not form.validate():
        return _page(form, numbers, address, **sent)
    values = form.values()
    added = duplicates.of_address(values, numbers).beyond(duplicates.stored_of(address, address.country))
    sent["warned"] = duplicates.warned(added, but=address_id)
    if sent["warned"].asks:
        return _page(form, numbers, address, messages=form.show_problems(problems_of(values, numbers)), **sent)
    try:
        update_address(address_id, sent["version"], values, numbers, by=current_user.id)
    except Invalid as refused:
        return _page(form, numbers, address, messages=form.show_problems(refused.problems), **sent)
    except Stale as stale:
        sent["version"] = stale.version
        return _page(form, numbers, address, conflict=_differences(form, numbers, address, stored), **sent)
    except NoSuchAddress:
        abort(404)
    flash(_("Saved."), "success")
    _tell_unread(address_id)
    return redirect(address_path(address_id))


@blueprint.post("/numbers/read")
@requires("addresses.edit")
def read() -> BaseResponse:
    """How a number is read that is being typed. By POST: a number in a query would stand in logs."""
    country = request.form.get("country", "") or address_settings().default_country
    kind = request.form.get("kind", "phone")
    number = NumberInput(request.form.get("raw", "")[:500], kind, switchboard="switchboard" in request.form)
    row = number_row(number, country)
    wanted = sought([number], country)
    answer: BaseResponse = jsonify(
        display=row.display,
        problem=row.problem,
        suggestion=row.suggestion,
        parts=list(row.parts),
        origin=row.origin,
        switchboard=row.switchboard,
        switchboard_suggestion=row.switchboard_suggestion,
        **duplicates.others("number", wanted, but=duplicates.own_address()),
    )
    return answer


def _page(
    form: AddressForm,
    numbers: list[NumberInput],
    address: AddressDetail | None = None,
    *,
    messages: list[str] | None = None,
    **more: Any,
) -> str:
    country = form.country.data or address_settings().default_country
    context: dict[str, Any] = {
        "version": None,
        "base": "",
        "origin": "",
        "conflict": None,
        "warned": duplicates.not_warned(),
        "proposed": None,
        **more,
    }
    return render_template(
        "addresses/edit.html",
        form=form,
        address=address,
        rows=number_rows(numbers, country),
        messages=messages or [],
        **context,
    )


def _differences(
    form: AddressForm, numbers: list[NumberInput], address: AddressDetail, stored: dict[str, str]
) -> list[conflicts.Difference]:
    own = [number.as_input() for number in address.numbers]
    sent: MultiDict[str, str] = request.form
    mine = {field: sent.get(field, "") for field in stored}
    mine["customer_number"] = mine["customer_number"].strip()

    def label(field: str) -> str:
        return str(_("Phone numbers") if field == conflicts.NUMBERS else form[field].label.text)

    def shown(field: str, value: str) -> str:
        if field == conflicts.NUMBERS:
            return value
        if form[field].type == "SelectField":
            return str(dict(form[field].choices).get(value, value))
        if form[field].type == "BooleanField":
            return str(_("yes") if value else _("no"))
        if field == "delivery_block_date" and form[field].data and value == request.form.get(field):
            return str(format_date(form[field].data))
        return value

    return conflicts.differences(
        {**stored, conflicts.NUMBERS: conflicts.numbers_text(own)},
        {**mine, conflicts.NUMBERS: conflicts.numbers_text(numbers)},
        conflicts.base_sent(),
        label,
        shown,
    )


def _tell_unread(address_id: int) -> None:
    address = get_address(address_id)
    unread = sum(number.e164 is None for number in address.numbers) if address else 0
    if unread:
        flash(
            ngettext(
                "%(num)s phone number could not be read. It is kept as typed and marked below.",
                "%(num)s phone numbers could not be read. They are kept as typed and marked below.",
                unread,
            ),
            "warning",
        )

"""The tab Ansprechpartner, and the form of a contact."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.ui.undo import flash_with_undo
from app.modules.addresses import contacts
from app.modules.addresses.duplicates import Sought, sought
from app.modules.addresses.fields import cleaned_contact
from app.modules.addresses.reading import get_contact
from app.modules.addresses.records import ContactDetail, ContactInput, Invalid, NumberInput, Stale
from app.modules.addresses.views import conflicts, duplicates
from app.modules.addresses.views.forms import (
    ContactForm,
    number_rows,
    numbers_sent,
    show_problems,
    strings_of_contact,
)
from app.modules.addresses.views.pages import Frame, frame

blueprint = Blueprint("addresses_contacts", __name__, url_prefix="/addresses")


@blueprint.get("/<int:address_id>/contacts")
@requires("addresses.view")
def index(address_id: int) -> str:
    """The tab."""
    around = frame(address_id)
    return render_template("addresses/contacts.html", frame=around, address=around.address)


@blueprint.route("/<int:address_id>/contacts/new", methods=["GET", "POST"])
@requires("addresses.edit")
def new(address_id: int) -> str | BaseResponse:
    """A new contact."""
    around = frame(address_id)
    form = ContactForm()
    if request.method == "GET":
        return _page(form, [], around)
    numbers = numbers_sent(request.form)
    if not form.validate():
        return _page(form, numbers, around)
    given = _given(form, numbers)
    warned = duplicates.warned(_shares(given, around), but=address_id)
    if warned.asks:
        return _page(form, numbers, around, messages=_refused(form, given), warned=warned)
    try:
        contacts.add_contact(address_id, given, by=current_user.id)
    except Invalid as refused:
        return _page(form, numbers, around, messages=show_problems(form, refused.problems), warned=warned)
    flash(_("The contact is added."), "success")
    return redirect(url_for("addresses_contacts.index", address_id=address_id))


@blueprint.route("/contacts/<int:contact_id>/edit", methods=["GET", "POST"])
@requires("addresses.edit")
def edit(contact_id: int) -> str | BaseResponse:
    """Edit a contact; conflicts as with addresses."""
    contact = get_contact(contact_id) or abort(404)
    around = frame(contact.address_id)
    stored = strings_of_contact(contact)
    own = [number.as_input() for number in contact.numbers]
    if request.method == "GET":
        base = conflicts.base_text({**stored, conflicts.NUMBERS: conflicts.numbers_text(own)})
        return _page(ContactForm(data=stored), own, around, contact, version=contact.version, base=base)
    chosen = conflicts.theirs_chosen()
    form = ContactForm(conflicts.with_theirs(request.form, stored, chosen))
    numbers = own if conflicts.NUMBERS in chosen else numbers_sent(request.form)
    sent: dict[str, Any] = {"version": request.form.get("version", 0, int), "base": request.form.get("base", "")}
    if not form.validate():
        return _page(form, numbers, around, contact, **sent)
    given = _given(form, numbers)
    added = _shares(given, around).beyond(duplicates.stored_of(contact, around.address.country))
    sent["warned"] = duplicates.warned(added, but=contact.address_id)
    if sent["warned"].asks:
        return _page(form, numbers, around, contact, messages=_refused(form, given), **sent)
    try:
        contacts.update_contact(contact_id, sent["version"], given, by=current_user.id)
    except Invalid as refused:
        return _page(form, numbers, around, contact, messages=show_problems(form, refused.problems), **sent)
    except Stale as stale:
        conflict = conflicts.differences(
            {**stored, conflicts.NUMBERS: conflicts.numbers_text(own)},
            {
                **{field: form[field].data or "" for field in stored},
                conflicts.NUMBERS: conflicts.numbers_text(numbers),
            },
            conflicts.base_sent(),
            lambda field: str(_("Phone numbers") if field == conflicts.NUMBERS else form[field].label.text),
            lambda _field, value: value,
        )
        sent["version"] = stale.version
        return _page(form, numbers, around, contact, conflict=conflict, **sent)
    flash(_("Saved."), "success")
    return redirect(url_for("addresses_contacts.index", address_id=contact.address_id))


@blueprint.post("/contacts/<int:contact_id>/archive")
@requires("addresses.edit")
def archive(contact_id: int) -> BaseResponse:
    """Take a contact from the list, with a way back."""
    contact = get_contact(contact_id) or abort(404)
    contacts.archive_contact(contact_id, by=current_user.id)
    flash_with_undo(
        _("%(name)s is no longer a contact here. Notes keep the name.", name=contact.name),
        url_for("addresses_contacts.restore", contact_id=contact_id),
        _("Undo"),
    )
    return redirect(url_for("addresses_contacts.index", address_id=contact.address_id))


@blueprint.post("/contacts/<int:contact_id>/restore")
@requires("addresses.edit")
def restore(contact_id: int) -> BaseResponse:
    """Bring a contact back."""
    contact = get_contact(contact_id) or abort(404)
    contacts.restore_contact(contact_id, by=current_user.id)
    flash(_("%(name)s is a contact again.", name=contact.name), "success")
    return redirect(url_for("addresses_contacts.index", address_id=contact.address_id))


def _given(form: ContactForm, numbers: list[NumberInput]) -> ContactInput:
    return ContactInput(
        name=form.name.data or "",
        position=form.position.data or "",
        department=form.department.data or "",
        email=form.email.data or "",
        numbers=tuple(numbers),
    )


def _shares(given: ContactInput, around: Frame) -> Sought:
    return sought(given.numbers, around.address.country, emails=[given.email])


def _refused(form: ContactForm, given: ContactInput) -> list[str]:
    try:
        cleaned_contact(given)
    except Invalid as refused:
        return show_problems(form, refused.problems)
    return []


def _page(
    form: ContactForm,
    numbers: list[NumberInput],
    around: Frame,
    contact: ContactDetail | None = None,
    *,
    messages: list[str] | None = None,
    **more: Any,
) -> str:
    context: dict[str, Any] = {
        "version": None,
        "base": "",
        "conflict": None,
        "warned": duplicates.not_warned(),
        **more,
    }
    return render_template(
        "addresses/contact.html",
        form=form,
        contact=contact,
        frame=around,
        address=around.address,
        rows=number_rows(numbers, around.address.country),
        messages=messages or [],
        **context,
    )

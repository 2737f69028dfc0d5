"""The page of an address: its details; archive and restore."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import reading
from app.core.ui.undo import flash_with_undo
from app.modules.addresses import services
from app.modules.addresses.fields import website_url
from app.modules.addresses.note_reading import count_notes
from app.modules.addresses.paths import address_path
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail, NoSuchAddress
from app.modules.addresses.settings import address_settings
from app.modules.addresses.views.listing import blueprint as blueprint


@dataclass(frozen=True, slots=True)
class Frame:
    """What every tab of an address shows around itself."""

    address: AddressDetail
    notes: int
    home_country: str

    @property
    def heading(self) -> str:
        """``Name (Kunde: 10000)``."""
        parts = []
        if self.address.customer_number:
            parts.append(_("Customer: %(number)s", number=self.address.customer_number))
        if self.address.supplier_number:
            parts.append(_("Supplier: %(number)s", number=self.address.supplier_number))
        return f"{self.address.name} ({', '.join(parts)})" if parts else self.address.name


def frame(address_id: int) -> Frame:
    """The frame of an address's tab; 404 when there is no such address."""
    address = get_address(address_id) or abort(404)
    with reading() as session:
        notes = count_notes(session, address_id)
    return Frame(address, notes, address_settings().default_country)


@blueprint.get("/<int:address_id>")
@requires("addresses.view")
def details(address_id: int) -> str:
    """The tab Details; ``?contact=`` marks the contact who is meant."""
    around = frame(address_id)
    meant = request.args.get("contact", 0, int)
    return render_template(
        "addresses/details.html",
        frame=around,
        address=around.address,
        meant=next((contact for contact in around.address.contacts if contact.id == meant), None),
        website=website_url(around.address.website) if around.address.website else None,
    )


@blueprint.post("/<int:address_id>/archive")
@requires("addresses.edit")
def archive(address_id: int) -> BaseResponse:
    """Archive, with a way back."""
    try:
        services.archive(address_id, by=current_user.id)
    except NoSuchAddress:
        abort(404)
    flash_with_undo(
        _("The address is archived. Everything is kept."),
        url_for("addresses.restore", address_id=address_id),
        _("Undo"),
    )
    return redirect(address_path(address_id))


@blueprint.post("/<int:address_id>/restore")
@requires("addresses.edit")
def restore(address_id: int) -> BaseResponse:
    """Bring an archived address back."""
    try:
        services.restore(address_id, by=current_user.id)
    except NoSuchAddress:
        abort(404)
    flash(_("The address is active again."), "success")
    return redirect(address_path(address_id))

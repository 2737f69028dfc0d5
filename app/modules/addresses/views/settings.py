"""The settings of addresses, for administrators."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import transaction
from app.modules.addresses.settings import AddressSettings, address_settings
from app.modules.addresses.views.forms import SettingsForm
from app.modules.addresses.views.texts import country_choices

blueprint = Blueprint("addresses_settings", __name__, url_prefix="/addresses")
SERIES_FIELDS = ("customer_number_start", "supplier_number_start")
MAX_START = 2_000_000_000


@blueprint.route("/settings", methods=["GET", "POST"])
@requires("addresses.configure")
def settings() -> str | BaseResponse:
    """Where numbers begin that are given out, and the country of addresses without one."""
    form = SettingsForm(request.form if request.method == "POST" else None, data=asdict(address_settings()))
    form.default_country.choices = country_choices()
    if form.validate_on_submit():
        starts = {}
        for name in SERIES_FIELDS:
            text = str(form[name].data or "").strip()
            if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_START):
                form[name].errors = [_("Please enter a whole number from 1.")]
                continue
            starts[name] = int(text)
        if len(starts) == len(SERIES_FIELDS):
            with transaction() as session:
                current_app.extensions["durchwahl"].settings.save(
                    session, AddressSettings, {**starts, "default_country": form.default_country.data}
                )
            flash(_("Saved."), "success")
            return redirect(url_for("addresses_settings.settings"))
    return render_template("addresses/settings.html", form=form)

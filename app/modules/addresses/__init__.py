"""Addresses: customers, suppliers, their contacts, phone numbers and notes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.kernel import ModuleSetup
from app.core.modules import Action, MenuItem, Module, Permission
from app.modules.addresses.settings import AddressSettings


def _setup(setup: ModuleSetup) -> None:
    from app.modules.addresses.setup import install

    install(setup)


MODULE = Module(
    name="addresses",
    title=_l("Addresses"),
    description=_l("Customers, suppliers and their contacts, phone numbers and notes."),
    icon="address-book",
    setup=_setup,
    locked=True,
    home="addresses.index",
    settings=AddressSettings,
    permissions=(
        Permission("addresses.view", _l("See addresses and notes")),
        Permission("addresses.edit", _l("Create and change addresses and notes")),
        Permission("addresses.export", _l("Save addresses as a table")),
        Permission("addresses.import", _l("Import addresses from a table"), staff=False),
        Permission("addresses.configure", _l("Change the settings of addresses"), staff=False),
    ),
    menu=(
        MenuItem(_l("Addresses"), "addresses.index", "addresses.view", "address-book", "main", 10),
        MenuItem(
            _l("Settings of addresses"),
            "addresses_settings.settings",
            "addresses.configure",
            "address-book",
            "administration",
            50,
        ),
    ),
    actions=(
        Action("adresse", "list", "/addresses/"),
        Action("adresse", "edit", "/addresses/{id}"),
        Action("adresse", "brief", "/addresses/{id}/crm", keep=("telefon_notiz_erstellen",)),
    ),
)

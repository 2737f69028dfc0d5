"""Callcenter: connects telephone systems, the first is Placetel."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.kernel import ModuleSetup
from app.core.modules import Action, MenuItem, Module, Permission, PersonalSetting
from app.modules.callcenter.settings import CallcenterSettings


def _setup(setup: ModuleSetup) -> None:
    from app.modules.callcenter.setup import install

    install(setup)


MODULE = Module(
    name="callcenter",
    title=_l("Placetel connection"),
    description=_l("Shows who is calling, dials by click and keeps phone notes with your Placetel telephone system."),
    icon="phone-call",
    setup=_setup,
    requires=("addresses",),
    settings=CallcenterSettings,
    permissions=(
        Permission("callcenter.calls", _l("See calls and be notified of them")),
        Permission("callcenter.dial", _l("Dial by click")),
        Permission("callcenter.statistics", _l("See figures about calls")),
        Permission("callcenter.person_figures", _l("See figures per person, where they are switched on"), staff=False),
        Permission("callcenter.configure", _l("Set up the telephone system and see its log"), staff=False),
    ),
    menu=(
        MenuItem(
            _l("Phone book"), "callcenter_phonebook.overview", "callcenter.dial", "device-landline-phone", "main", 20
        ),
        MenuItem(_l("Calls"), "callcenter_calls.index", "callcenter.calls", "phone", "main", 30),
        MenuItem(_l("Statistics"), "callcenter_statistics.show", "callcenter.statistics", "chart-bar", "main", 40),
        MenuItem(
            _l("Placetel connection"),
            "callcenter_settings.show",
            "callcenter.configure",
            "phone-call",
            "administration",
            60,
        ),
    ),
    home="callcenter_phonebook.overview",
    keywords=_l("telephone PBX caller dialling phone book Placetel"),
    actions=(
        Action(
            "callcenter",
            "call",
            "/callcenter/webhook/{provider}",
            methods=frozenset({"POST"}),
            unauthenticated_post=True,
        ),
        Action("placetel", "list", "/callcenter/"),
        Action("placetel", "einstellungen", "/callcenter/settings"),
    ),
    personal_settings=(
        PersonalSetting(
            "notifications",
            _l("Phone notifications"),
            True,
            hint=_l("Shows a card when somebody calls."),
            permission="callcenter.calls",
        ),
        PersonalSetting(
            "scope",
            _l("Notify me of"),
            "all",
            choices=(("all", _l("all calls")), ("mine", _l("only my lines and my conversations"))),
            permission="callcenter.calls",
        ),
    ),
)

"""Callcenter: connects telephone systems, the first is Placetel."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.kernel import ModuleSetup
from app.core.modules import Action, MenuItem, Module, Permission, PersonalSetting
from app.modules.callcenter.settings import ROWS, CallcenterSettings


def _setup(setup: ModuleSetup) -> None:
    from app.modules.callcenter.setup import install

    install(setup)


_SCOPES = {
    "all": _l("all calls"),
    "lines": _l("only my lines and my conversations"),
    "mine": _l("only my conversations"),
}


def _scope_of_house() -> str:
    from app.modules.callcenter.groups import default_scope

    words: str = _("what is set for everybody (%(what)s)", what=_SCOPES[default_scope()])
    return words


def _rows_of_house() -> str:
    from app.modules.callcenter.groups import default_rows

    words: str = _("what is set for everybody (%(what)s)", what=default_rows())
    return words


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
        Permission("callcenter.all_calls", _l("See everybody's calls, not only those on one's own lines")),
        Permission("callcenter.remember", _l("Remember for everybody who calls from a number that several have")),
        Permission("callcenter.dial", _l("Dial by click")),
        Permission("callcenter.callbacks", _l("See and work on call-backs")),
        Permission("callcenter.block", _l("Block callers and keep the block list")),
        Permission("callcenter.statistics", _l("See figures about calls")),
        Permission("callcenter.person_figures", _l("See figures per person, where they are switched on"), staff=False),
        Permission("callcenter.configure", _l("Set up the telephone system and see its log"), staff=False),
        Permission("callcenter.payloads", _l("See the notifications in its log in full, with numbers"), staff=False),
        Permission("callcenter.audit", _l("See the audit log of orders to dial and changed settings"), staff=False),
        Permission("callcenter.audit_numbers", _l("See the numbers there in full"), staff=False),
    ),
    menu=(
        MenuItem(
            _l("Phone book"), "callcenter_phonebook.overview", "callcenter.dial", "device-landline-phone", "main", 20
        ),
        MenuItem(_l("Calls"), "callcenter_calls.index", "callcenter.calls", "phone", "main", 30),
        MenuItem(_l("Call-backs"), "callcenter_callbacks.index", "callcenter.callbacks", "phone-plus", "main", 35),
        MenuItem(_l("Statistics"), "callcenter_statistics.show", "callcenter.statistics", "chart-bar", "main", 40),
        MenuItem(_l("Block list"), "callcenter_blocks.index", "callcenter.block", "ban", "mine", 45),
        MenuItem(_l("Remembered choices"), "callcenter_remembered.index", "callcenter.calls", "user-check", "mine", 40),
        MenuItem(
            _l("Placetel connection"),
            "callcenter_settings.show",
            "callcenter.configure",
            "phone-call",
            "administration",
            60,
            tuple(f"callcenter_{one}" for one in ("groups", "control", "rules", "log", "self_test", "gaps", "audit")),
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
            _l("Show me"),
            "house",
            choices=(("house", LazyString(_scope_of_house)), *_SCOPES.items()),
            hint=_l("Holds for cards, bell, journal, statistics and wherever else calls are shown."),
            permission="callcenter.calls",
            needs=(("all", "callcenter.all_calls"),),
        ),
        PersonalSetting(
            "journal_rows",
            _l("Calls on a page"),
            "house",
            choices=(("house", LazyString(_rows_of_house)), *((str(rows), str(rows)) for rows in ROWS)),
            permission="callcenter.calls",
        ),
        PersonalSetting(
            "sound",
            _l("Ring tone"),
            "off",
            choices=(("off", _l("off")), ("soft", _l("soft")), ("classic", _l("classic")), ("bright", _l("bright"))),
            hint=_l("Rings in one window only, however many are open, and stops when the call is answered."),
            permission="callcenter.calls",
        ),
        PersonalSetting(
            "volume",
            _l("Volume"),
            "middle",
            choices=(("low", _l("low")), ("middle", _l("medium")), ("high", _l("high"))),
            permission="callcenter.calls",
        ),
        PersonalSetting(
            "desktop",
            _l("Notifications on the desktop"),
            False,
            hint=_l("Shown while no window of Durchwahl has the focus. Each browser has to allow it once."),
            permission="callcenter.calls",
        ),
        PersonalSetting("desktop_private", _l("Hide the caller's name there"), False, permission="callcenter.calls"),
        PersonalSetting(
            "pop",
            _l("Open by itself"),
            "never",
            choices=(
                ("never", _l("never")),
                ("ring", _l("when it rings on one of my lines and the caller is known for certain")),
                ("answer", _l("when I answer")),
            ),
            hint=_l("Never while something that you typed is not saved: then the card offers it."),
            permission="callcenter.calls",
        ),
        PersonalSetting(
            "pop_opens",
            _l("What opens for a known caller"),
            "address",
            choices=(("address", _l("the address")), ("note", _l("a phone note"))),
            hint=_l("For an unknown caller a new address opens, with the number."),
            permission="callcenter.calls",
        ),
    ),
)

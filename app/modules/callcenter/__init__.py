"""Callcenter: connects telephone systems, the first is Placetel."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.kernel import ModuleSetup
from app.core.modules import Action, Module, Permission, PersonalSetting
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
        Permission("callcenter.configure", _l("Set up the telephone system and see its log"), staff=False),
    ),
    actions=(
        Action(
            "callcenter",
            "call",
            "/callcenter/webhook/{provider}",
            methods=frozenset({"POST"}),
            unauthenticated_post=True,
        ),
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

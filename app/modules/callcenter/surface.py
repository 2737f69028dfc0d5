"""What people see of set-up and dialling: pages, the phone button beside numbers, commands."""

from __future__ import annotations

from typing import Any

from app.core.kernel import ModuleSetup
from app.modules.callcenter import cli, dialling
from app.modules.callcenter.events import CallChanged
from app.modules.callcenter.views import dial, groups, log, phonebook, settings, statistics


def install(setup: ModuleSetup) -> None:
    """Register pages, slots and commands."""

    def of_the_app() -> dict[str, Any]:
        return {"callcenter_module": setup.module}

    for views in (phonebook, dial, settings, groups, log, statistics):
        setup.blueprint(views.blueprint)
    # Once for each application, not for each blueprint: those outlive it in tests that make several.
    setup.kernel.app.context_processor(of_the_app)
    setup.slot("page.head", "callcenter/dial_head.html", permission="callcenter.dial")
    setup.slot("page.end", "callcenter/dial_form.html", dial.dial_form, permission="callcenter.dial")
    setup.slot("number.actions", "callcenter/number_button.html", dial.number_button, permission="callcenter.dial")
    setup.on(CallChanged, dialling.link_call)
    setup.cli(cli.callcenter)

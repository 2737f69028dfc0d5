"""What people see of set-up and dialling: pages, the phone button beside numbers, commands."""

from __future__ import annotations

from typing import Any

from app.core.kernel import ModuleSetup
from app.modules.callcenter import audit, cli, dial_reports
from app.modules.callcenter.events import CallChanged, OrderSettled
from app.modules.callcenter.views import audit as audit_page
from app.modules.callcenter.views import (
    blocks,
    connections,
    control,
    dial,
    gaps,
    groups,
    log,
    phonebook,
    rules,
    self_test,
    settings,
    statistics,
)

SETTLE_EVERY_SECONDS = 10
PRUNE_EVERY_SECONDS = 3600


def install(setup: ModuleSetup) -> None:
    """Register pages, slots and commands."""

    def of_the_app() -> dict[str, Any]:
        return {"callcenter_module": setup.module}

    of_set_up = (settings, connections, groups, rules, control, log, gaps, self_test, audit_page)
    for page in (phonebook, dial, blocks, statistics, *of_set_up):
        setup.blueprint(page.blueprint)
    # Once for each application, not for each blueprint: those outlive it in tests that make several.
    setup.kernel.app.context_processor(of_the_app)
    setup.slot("page.head", "callcenter/dial_head.html", permission="callcenter.dial")
    setup.slot("page.end", "callcenter/dial_form.html", dial.dial_form, permission="callcenter.dial")
    setup.slot("number.actions", "callcenter/number_button.html", dial.number_button, permission="callcenter.dial")
    setup.on(CallChanged, dial_reports.link_call)
    setup.on(OrderSettled, dial_reports.tell)
    setup.job("settle_cut_off", SETTLE_EVERY_SECONDS, dial_reports.settle_cut_off)
    setup.job("prune_audit", PRUNE_EVERY_SECONDS, audit.prune)
    setup.cli(cli.callcenter)

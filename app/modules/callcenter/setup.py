"""Wires the module callcenter."""

from __future__ import annotations

from app.core.kernel import ModuleSetup
from app.modules.callcenter import (
    accounts,
    connections,
    control_book,
    health,
    receiving,
    retention,
    self_test,
    support_file,
    surface,
)
from app.modules.callcenter.views import api


def install(setup: ModuleSetup) -> None:
    """Register pages, slots, jobs and commands."""
    connections.install(setup)
    accounts.install(setup)
    control_book.install(setup)
    receiving.install(setup)
    surface.install(setup)
    health.install(setup)
    self_test.install(setup)
    support_file.install(setup)
    retention.install(setup)
    setup.blueprint(api.blueprint, csrf_exempt=True)

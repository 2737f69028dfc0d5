"""Wires the module callcenter."""

from __future__ import annotations

from app.core.kernel import ModuleSetup
from app.modules.callcenter import accounts


def install(setup: ModuleSetup) -> None:
    """Register pages, slots, jobs and commands."""
    accounts.install(setup)

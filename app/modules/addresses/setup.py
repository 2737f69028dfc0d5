"""Wires the module addresses."""

from __future__ import annotations

from app.core.kernel import ModuleSetup
from app.modules.addresses.views.pages import blueprint


def install(setup: ModuleSetup) -> None:
    """Register pages."""
    setup.blueprint(blueprint)

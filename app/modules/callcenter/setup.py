"""Wires the module callcenter."""

from __future__ import annotations

from app.core.kernel import ModuleSetup


def install(setup: ModuleSetup) -> None:
    """Register pages, slots, jobs and commands."""

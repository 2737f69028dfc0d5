"""``flask modules``, ``flask jobs`` and ``flask demo``."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.core import demo
from app.core.commands.ending import fail
from app.core.modules import ModuleError

modules = AppGroup("modules", help="The installed modules.")
jobs = AppGroup("jobs", help="Work that returns.")
demo_group = AppGroup("demo", help="Data to try things out with.")


@modules.command("list")
def modules_list() -> None:
    """List the modules, one a line: name, state, title."""
    kernel = current_app.extensions["durchwahl"]
    for module in kernel.modules.values():
        state = "active" if kernel.states.is_active(module.name) else "inactive"
        click.echo(f"{module.name}\t{state}\t{module.title}")


def _switch(name: str, active: bool) -> None:
    try:
        current_app.extensions["durchwahl"].states.set_active(name, active)
    except ModuleError as error:
        fail(f"{str(error)[0].upper()}{str(error)[1:]}.")
    click.echo(f"{'Activated' if active else 'Deactivated'} the module {name}.")


@modules.command("activate")
@click.argument("name")
def modules_activate(name: str) -> None:
    """Activate a module."""
    _switch(name, True)


@modules.command("deactivate")
@click.argument("name")
def modules_deactivate(name: str) -> None:
    """Deactivate a module: no pages, no menu, no cards; nothing is lost."""
    _switch(name, False)


@jobs.command("run-once")
def jobs_run_once() -> None:
    """Run every job now."""
    names = current_app.extensions["durchwahl"].jobs.run_due(everything=True)
    click.echo(f"Ran {len(names)} jobs{': ' + ', '.join(names) if names else ''}.")


@demo_group.command("load")
def demo_load() -> None:
    """Load demo users and addresses; what is there already stays as it is."""
    for sentence in demo.load():
        click.echo(sentence)

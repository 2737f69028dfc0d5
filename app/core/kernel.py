"""The running application's parts in one place, and what a module's ``setup`` may do with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

import click
from flask import Blueprint, Flask, abort
from jinja2 import TemplateNotFound

from app.core import logs
from app.core.clock import Clock
from app.core.database import Database
from app.core.diagnostics import Diagnostics, Part
from app.core.events import EventBus
from app.core.facts import Contribution, FactKind, Facts, Find
from app.core.health import Check, Health, Section
from app.core.http import HttpClient
from app.core.jobs import Job, Jobs
from app.core.metrics import Metrics
from app.core.metrics_files import Shared
from app.core.modules import Module, ModuleError, ModuleStates, Permission, PersonalSetting
from app.core.privacy.kinds import Auditor, Privacy, RetentionKind
from app.core.privacy.persons import PersonSource
from app.core.realtime import Realtime
from app.core.security import Cipher
from app.core.settings import SettingsStore
from app.core.ui.slots import SLOTS, SlotFill, Slots
from app.core.versions import Versions
from config import Config

E = TypeVar("E")


@dataclass(slots=True)
class Kernel:
    """``app.extensions["durchwahl"]``."""

    app: Flask
    config: Config
    clock: Clock
    bus: EventBus
    database: Database
    versions: Versions
    cipher: Cipher
    settings: SettingsStore
    http: HttpClient
    """To others, as far as ``API_HOSTS`` lets it."""
    own_http: HttpClient
    """To this server itself, wherever it stands: for trying its own address."""
    realtime: Realtime
    jobs: Jobs
    slots: Slots
    facts: Facts
    metrics: Metrics
    figures: Shared
    """The figures of all workers."""
    health: Health = field(default_factory=Health)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    privacy: Privacy = field(default_factory=Privacy)
    modules: dict[str, Module] = field(default_factory=dict)
    states: ModuleStates = field(init=False)
    permissions: dict[str, Permission] = field(default_factory=dict)
    personal_settings: dict[tuple[str, str], PersonalSetting] = field(default_factory=dict)
    demo_loaders: dict[str, Callable[[], str]] = field(default_factory=dict)
    secret_paths: list[str] = field(default_factory=list)
    """Beginnings of paths behind which a secret stands: no log holds what follows."""

    def __post_init__(self) -> None:
        self.states = ModuleStates(self.database, self.versions, self.modules)

    def shown_path(self, path: str) -> str:
        """A path as a log may hold it."""
        return logs.shown_path(path, self.secret_paths)

    def install(self, module: Module) -> None:
        """Take a module over: what it declares, then what its ``setup`` registers. Raises ModuleError."""
        for permission in module.permissions:
            self.declare_permission(module.name, permission)
        for setting in module.personal_settings:
            self.declare_personal_setting(module.name, setting)
        if module.settings is not None:
            self.settings.declare(module.name, module.settings)
        self.modules[module.name] = module
        module.setup(ModuleSetup(self, module))
        for item in module.menu:
            if item.endpoint not in self.app.view_functions:
                raise ModuleError(f"{module.name}: menu leads to the unknown endpoint {item.endpoint}")
            if item.permission not in self.permissions:
                raise ModuleError(f"{module.name}: menu names the unknown permission {item.permission}")
        if module.home is not None and module.home not in self.app.view_functions:
            raise ModuleError(f"{module.name}: home is the unknown endpoint {module.home}")

    def declare_permission(self, module: str, permission: Permission) -> None:
        """Add a permission; its name begins with the module's and is new. Raises ModuleError."""
        if not permission.name.startswith(f"{module}."):
            raise ModuleError(f"permission {permission.name} does not begin with {module}.")
        if permission.name in self.permissions:
            raise ModuleError(f"permission {permission.name} is declared twice")
        self.permissions[permission.name] = permission

    def declare_personal_setting(self, module: str, setting: PersonalSetting) -> None:
        """Add a personal setting. Raises ModuleError for a second one or a default that it refuses."""
        key = (module, setting.name)
        if key in self.personal_settings or not setting.accepts(setting.default):
            raise ModuleError(f"personal setting {module}.{setting.name} is declared twice or wrongly")
        self.personal_settings[key] = setting


class ModuleSetup:
    """What ``setup`` gets: typed calls bound to one module, silent while the module is inactive."""

    def __init__(self, kernel: Kernel, module: Module) -> None:
        self.kernel = kernel
        self.module = module

    @property
    def active(self) -> bool:
        """Whether the module is active now."""
        return self.kernel.states.is_active(self.module.name)

    def blueprint(self, blueprint: Blueprint, *, csrf_exempt: bool = False) -> None:
        """Register pages; they answer 404 while the module is inactive.

        ``csrf_exempt`` is for endpoints that authenticate each request by signature or token.
        """
        name = self.module.name
        if blueprint.name != name and not blueprint.name.startswith(f"{name}_"):
            raise ModuleError(f"{name}: blueprint {blueprint.name} does not begin with the module's name")

        def only_while_active() -> None:
            if not self.active:
                abort(404)

        app = self.kernel.app
        app.register_blueprint(blueprint)
        # First of all: nothing of an inactive module runs, not even its own checks. Kept with the application, for a
        # blueprint lives as long as the process and may be registered with several.
        app.before_request_funcs.setdefault(blueprint.name, []).insert(0, only_while_active)
        if csrf_exempt:
            app.extensions["csrf"].exempt(blueprint)

    def secret_path(self, beginning: str) -> None:
        """What stands behind this beginning of a path is a secret, and is kept out of every log."""
        self.kernel.secret_paths.append(beginning)

    def on(self, event_type: type[E], handler: Callable[[E], None]) -> None:
        """Call ``handler`` after each commit that published such an event, while active."""

        @wraps(handler)
        def guarded(event: E) -> None:
            if self.active:
                handler(event)

        self.kernel.bus.subscribe(event_type, guarded)

    def on_version(self, name: str, handler: Callable[[], None]) -> None:
        """Call ``handler`` in an application context when a version changed, here or elsewhere, while active."""

        def guarded() -> None:
            with self.kernel.app.app_context():
                if self.active:
                    handler()

        self.kernel.versions.on_change(name, guarded)

    def slot(
        self,
        slot: str,
        template: str,
        context: Callable[..., dict[str, Any] | None] | None = None,
        *,
        permission: str | None = None,
        order: int = 100,
    ) -> None:
        """Add to another's page: ``template`` is rendered at ``slot`` with what ``context(**given)`` returns.

        ``context`` may return None: then nothing is shown. Raises ModuleError for an unknown slot or a template
        outside the module's folder.
        """
        if slot not in SLOTS:
            raise ModuleError(f"{self.module.name}: there is no slot {slot}")
        if not template.startswith(f"{self.module.name}/"):
            raise ModuleError(f"{self.module.name}: template {template} lies outside the module's folder")
        try:
            self.kernel.app.jinja_env.get_template(template)
        except TemplateNotFound as error:
            raise ModuleError(f"{self.module.name}: there is no template {template}") from error
        self.kernel.slots.add(slot, SlotFill(self.module.name, template, context, permission, order))

    def facts(self, kinds: Sequence[FactKind], find: Find) -> None:
        """Contribute facts about whom a call is with; ``find`` is asked in the background, while active.

        Raises ModuleError for a key that does not begin with the module's name or is declared twice, for an unknown
        permission, a kind without label or icon, and a second contribution.
        """
        name = self.module.name
        for kind in kinds:
            if not kind.key.startswith(f"{name}.") or kind.key == f"{name}.":
                raise ModuleError(f"{name}: the fact {kind.key} does not begin with {name}.")
            unknown = [one for one in kind.permissions if one not in self.kernel.permissions]
            if unknown:
                raise ModuleError(f"{name}: the fact {kind.key} names the unknown permission {unknown[0]}")
            if kind.label is None or (isinstance(kind.label, str) and not kind.label) or not kind.icon:
                raise ModuleError(f"{name}: the fact {kind.key} has no label or no icon")
        if not kinds or not callable(find):
            raise ModuleError(f"{name}: facts are kinds, and a function that finds them")
        try:
            self.kernel.facts.add(Contribution(name, tuple(kinds), find))
        except ValueError as error:
            raise ModuleError(f"{name}: {error}") from error

    def job(self, name: str, every_seconds: float, run: Callable[[], None], *, long: bool = False) -> None:
        """Run ``run`` about so often, once among all workers, in an application context, while active.

        ``long``: it may take minutes; see ``Job``.
        """

        def guarded() -> None:
            if self.active:
                run()

        self.kernel.jobs.add(Job(f"{self.module.name}.{name}", every_seconds, guarded, long))

    def watch(self, look: Callable[[], None]) -> None:
        """Have every worker call ``look`` about every second in an application context, while active; see ``Jobs``."""

        def guarded() -> None:
            if self.active:
                look()

        self.kernel.jobs.watch(guarded)

    def health(self, title: Any, check: Check) -> None:
        """Add a section to the page of the installation's state; shown while active."""
        self.kernel.health.add(Section(title, check, lambda: self.active))

    def diagnostics(self, part: Part) -> None:
        """Add plain data to the file for support, under the module's name; asked while active."""
        self.kernel.diagnostics.add(self.module.name, part, lambda: self.active)

    def retention(self, *kinds: RetentionKind) -> None:
        """Declare kinds of personal data that grow old; they do so while the module is inactive, too.

        Raises ModuleError for a key that does not begin with the module's name or is declared twice, and for a field
        that the settings lack.
        """
        for kind in kinds:
            if not kind.key.startswith(f"{self.module.name}."):
                raise ModuleError(f"{self.module.name}: the kind {kind.key} does not begin with {self.module.name}.")
            try:
                self.kernel.privacy.add(kind)
            except ValueError as error:
                raise ModuleError(f"{self.module.name}: {error}") from error

    def persons(self, source: PersonSource) -> None:
        """Tell what this module keeps about a person, for whoever asks; asked while the module is inactive, too."""
        self.kernel.privacy.sources.append(source)

    def auditor(self, record: Auditor) -> None:
        """Have core's changes of what is kept told to this module's audit log. Raises ModuleError for a second one."""
        if self.kernel.privacy.auditor is not None:
            raise ModuleError(f"{self.module.name}: there is an audit log already")
        self.kernel.privacy.auditor = record

    def demo(self, load: Callable[[], str]) -> None:
        """Have ``flask demo load`` call ``load`` once core's demo users are there; it returns a sentence."""
        self.kernel.demo_loaders[self.module.name] = load

    def cli(self, group: click.Command) -> None:
        """Add a command (group) to ``flask``. Raises ModuleError when the name is taken."""
        if not group.name or group.name in self.kernel.app.cli.commands:
            raise ModuleError(f"{self.module.name}: the command {group.name} exists already")
        self.kernel.app.cli.add_command(group)

"""What a module declares, how modules are found, and which are active.

A module is a folder under ``app/modules`` whose ``__init__`` holds ``MODULE``. Declared data can be read without
running it. ``setup`` then registers code through :class:`ModuleSetup`, which refuses what is wrong at the start
rather than at the first call.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.database import Base, Database, insert_or_ignore
from app.core.versions import Remembered, Versions

if TYPE_CHECKING:
    from app.core.kernel import ModuleSetup

MODULES_VERSION = "modules"
Text = Any
"""A lazy translation (flask_babel.lazy_gettext) or plain text."""


class ModuleError(Exception):
    """A module declares or registers something wrong; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Permission:
    """``name`` is ``module.verb``. ``staff``: part of the role staff (administrators have all)."""

    name: str
    title: Text
    staff: bool = True


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the menu: only data. Shown when its module is active and the permission is held."""

    title: Text
    endpoint: str
    permission: str
    icon: str
    group: Literal["main", "mine", "administration"] = "main"
    order: int = 100
    blueprints: tuple[str, ...] = ()
    """Whose pages belong to it, besides those under its own address."""


@dataclass(frozen=True, slots=True)
class Action:
    """An old address ``?module=…&action=…``.

    GET is redirected to ``path``, POST rewritten to it before routing; ``{name}`` in ``path`` is taken from the
    query. Only with ``unauthenticated_post`` does a POST pass at all, so no old name slips past CSRF.
    """

    module: str
    action: str
    path: str
    methods: frozenset[str] = frozenset({"GET"})
    unauthenticated_post: bool = False
    keep: tuple[str, ...] = ()
    """Names of query parameters that are handed on to the new address."""


@dataclass(frozen=True, slots=True)
class PersonalSetting:
    """A choice that each user makes in *Persönliche Einstellungen*.

    Without ``choices`` it is a switch (bool); with them the value is one of their keys.
    """

    name: str
    title: Text
    default: Any
    choices: tuple[tuple[str, Text], ...] = ()
    hint: Text = ""
    permission: str | None = None
    """Shown only to users who have it."""
    needs: tuple[tuple[str, str], ...] = ()
    """Choices with the permission that each needs; whoever lacks it is not offered them."""

    def offered(self, may: Callable[[str], bool]) -> tuple[tuple[str, Text], ...]:
        """The choices of somebody who has these permissions."""
        needs = dict(self.needs)
        return tuple((key, title) for key, title in self.choices if key not in needs or may(needs[key]))

    def accepts(self, value: Any) -> bool:
        """Whether this value may be stored."""
        if self.choices:
            return value in {key for key, _title in self.choices}
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Module:
    """All that a module says of itself. ``name`` equals its folder's."""

    name: str
    title: Text
    description: Text
    icon: str
    setup: Callable[[ModuleSetup], None]
    requires: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    menu: tuple[MenuItem, ...] = ()
    actions: tuple[Action, ...] = ()
    personal_settings: tuple[PersonalSetting, ...] = ()
    settings: type[Any] | None = None
    home: str | None = None
    """Endpoint that *open* in the app store leads to."""
    locked: bool = False
    """True for a module that others cannot do without: it cannot be deactivated."""
    keywords: Text = ""
    """More words by which the app store's search finds the tile."""


class ModuleState(Base):
    """Whether a module is active; without a row it is."""

    __tablename__ = "core_module"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    active: Mapped[bool] = mapped_column(default=True)


def discover(package: str = "app.modules") -> list[Module]:
    """The modules of a package in an order in which each comes after what it requires.

    Raises ModuleError for a folder without MODULE, a wrong name, a missing or circular requirement.
    """
    found: dict[str, Module] = {}
    for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        module = getattr(importlib.import_module(f"{package}.{info.name}"), "MODULE", None)
        if not isinstance(module, Module):
            raise ModuleError(f"{package}.{info.name} has no MODULE")
        if module.name != info.name:
            raise ModuleError(f"{package}.{info.name} calls itself {module.name}")
        found[module.name] = module
    return in_order(found)


def in_order(found: Mapping[str, Module]) -> list[Module]:
    """Requirements first, else by name. Raises ModuleError."""
    ordered: list[Module] = []
    waiting = dict(sorted(found.items()))
    for module in found.values():
        for name in module.requires:
            if name not in found:
                raise ModuleError(f"module {module.name} requires {name}, which is not installed")
    done: set[str] = set()
    while waiting:
        ready = [module for module in waiting.values() if set(module.requires) <= done]
        if not ready:
            raise ModuleError(f"modules require each other in a circle: {', '.join(waiting)}")
        for module in ready:
            ordered.append(module)
            done.add(module.name)
            del waiting[module.name]
    return ordered


class ModuleStates:
    """Which modules are active, from memory until a version says otherwise."""

    def __init__(self, database: Database, versions: Versions, modules: Mapping[str, Module]) -> None:
        self.database = database
        self.versions = versions
        self.modules = modules
        self._inactive = Remembered(versions, [MODULES_VERSION], _inactive)

    def forget(self) -> None:
        """Read again when asked next."""
        self._inactive.forget()

    def is_active(self, name: str) -> bool:
        """Active itself, and everything that it requires too."""
        if name in self._inactive.current():
            return False
        return all(self.is_active(needed) for needed in self.modules[name].requires)

    def active(self) -> Iterable[Module]:
        """The active modules in load order."""
        return [module for module in self.modules.values() if self.is_active(module.name)]

    def set_active(self, name: str, active: bool) -> None:
        """Activate or deactivate. Raises ModuleError for an unknown or locked module."""
        module = self.modules.get(name)
        if module is None:
            raise ModuleError(f"there is no module {name}")
        if module.locked and not active:
            raise ModuleError(f"the module {name} cannot be deactivated")
        with self.database.transaction() as session:
            insert_or_ignore(session, ModuleState, {"name": name, "active": active}, ["name"])
            session.merge(ModuleState(name=name, active=active))
            self.versions.bump(session, MODULES_VERSION)


def _inactive(session: Session) -> frozenset[str]:
    return frozenset(session.execute(select(ModuleState.name).where(ModuleState.active.is_(False))).scalars())

"""How users and lines are called on cards and in the journal; read once and kept until a version says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from app.core.accounts.models import User
from app.core.accounts.service import USERS_VERSION
from app.core.database import Database
from app.core.kernel import ModuleSetup
from app.core.versions import Versions
from app.modules.callcenter.accounts import SETUP_VERSION
from app.modules.callcenter.models import Line

_EXTENSION = "durchwahl.callcenter.labels"


@dataclass(frozen=True, slots=True)
class Labels:
    """Names by user, and by key of a line; a line without a name is absent."""

    users: Mapping[int, str]
    lines: Mapping[str, str]


class LabelCache:
    """Keeps the labels of one application until they change."""

    def __init__(self, database: Database, versions: Versions) -> None:
        self.database = database
        self._kept: Labels | None = None
        self._generation = 0
        for name in (USERS_VERSION, SETUP_VERSION):
            versions.on_change(name, self.forget)

    def forget(self) -> None:
        """Read again when asked next."""
        self._generation += 1
        self._kept = None

    def current(self) -> Labels:
        """The labels in force."""
        kept = self._kept
        if kept is not None:
            return kept
        generation = self._generation
        with self.database.reading() as session:
            users = {row.id: row.name for row in session.execute(select(User.id, User.name))}
            named = select(Line.key, Line.name).where(Line.name != "")
            lines = {row.key: row.name for row in session.execute(named)}
        read = Labels(users, lines)
        if generation == self._generation:
            self._kept = read
        return read


def install(setup: ModuleSetup) -> None:
    """Set up the cache; it listens while the module is inactive too."""
    kernel = setup.kernel
    kernel.app.extensions[_EXTENSION] = LabelCache(kernel.database, kernel.versions)


def labels() -> Labels:
    """The labels in force."""
    cache: LabelCache = current_app.extensions[_EXTENSION]
    return cache.current()

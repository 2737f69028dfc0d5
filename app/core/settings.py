"""Settings: one frozen dataclass per module, stored a row a field, secrets encrypted.

Supported field types: str, int, bool, ``tuple[str, ...]`` and ``Secret | None``. Every field needs a default.
An unknown name is an error, not a silent new row. What a module has several of (its connections) has settings of its
own each: ``part`` says whose.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.clock import Clock
from app.core.database import Base, Database, UTCDateTime
from app.core.security import CannotDecrypt, Cipher
from app.core.versions import Remembered, Versions

T = TypeVar("T")
#: Name under which a change of any setting is announced to other processes.
SETTINGS_VERSION = "settings"


class Setting(Base):
    """One field of a module's settings: JSON, or a token where it is a secret. ``module`` names the part, too."""

    __tablename__ = "core_setting"
    module: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that never shows itself: printing it gives stars. ``set_at`` is what pages show."""

    _value: str = dataclasses.field(repr=False)
    set_at: datetime | None = None
    readable: bool = True
    """False when it was encrypted under another SECRET_KEY and has to be set again."""

    def reveal(self) -> str:
        """The secret itself: only for whoever uses it, never for a page or a log."""
        return self._value

    def __str__(self) -> str:
        return "***"


class SettingsStore:
    """Reads and writes settings. ``load`` answers from memory until a version says otherwise."""

    def __init__(self, database: Database, versions: Versions, cipher: Cipher, clock: Clock) -> None:
        self.database = database
        self.versions = versions
        self.cipher = cipher
        self.clock = clock
        self._names: dict[type[Any], str] = {}
        self._kept: dict[tuple[type[Any], str], Remembered[Any]] = {}

    def declare(self, module: str, cls: type[Any]) -> None:
        """``cls`` holds the settings of ``module``. Raises ValueError for a field without a default."""
        if self._names.get(cls) == module:
            return
        for field in dataclasses.fields(cls):
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise ValueError(f"setting {module}.{field.name} has no default")
        self._names[cls] = module

    def load(self, cls: type[T], session: Session | None = None, *, part: str = "") -> T:
        """The settings in force; ``session`` where one with changes of its own is open."""
        if session is not None:
            # Not kept: this session may hold changes that are rolled back.
            return self._read(session, cls, part)
        kept = self._kept.get((cls, part))
        if kept is None:
            made = Remembered(self.versions, [SETTINGS_VERSION], lambda session: self._read(session, cls, part))
            kept = self._kept.setdefault((cls, part), made)
        return typing.cast(T, kept.current())

    def forget(self) -> None:
        """Read everything again when asked next."""
        for kept in list(self._kept.values()):
            kept.forget()

    def save(self, session: Session, cls: type[Any], changes: Mapping[str, Any], *, part: str = "") -> None:
        """Store the named fields in this transaction. A secret given as "" or None is removed."""
        module = self._place(cls, part)
        hints = typing.get_type_hints(cls)
        unknown = set(changes) - set(hints)
        if unknown:
            raise KeyError(f"unknown setting {module}.{sorted(unknown)[0]}")
        now = self.clock.now()
        for name, value in changes.items():
            session.execute(delete(Setting).where(Setting.module == module, Setting.name == name))
            if _is_secret(hints[name]):
                plain = value.reveal() if isinstance(value, Secret) else value
                if not plain:
                    continue
                stored = self.cipher.encrypt(plain)
            else:
                stored = json.dumps(list(value) if isinstance(value, tuple) else value)
            session.add(Setting(module=module, name=name, value=stored, updated_at=now))
        session.flush()
        self.versions.bump(session, SETTINGS_VERSION)

    def _place(self, cls: type[Any], part: str) -> str:
        """What the rows say as their module."""
        return f"{self._names[cls]}/{part}" if part else self._names[cls]

    def _read(self, session: Session, cls: type[T], part: str) -> T:
        module = self._place(cls, part)
        hints = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        rows = session.execute(select(Setting.name, Setting.value, Setting.updated_at).where(Setting.module == module))
        for name, stored, updated_at in rows:
            if name not in hints:
                continue
            if _is_secret(hints[name]):
                values[name] = self._secret(stored, updated_at)
            else:
                value = json.loads(stored)
                values[name] = tuple(value) if isinstance(value, list) else value
        return cls(**values)

    def _secret(self, stored: str, updated_at: datetime) -> Secret:
        try:
            return Secret(self.cipher.decrypt(stored), updated_at)
        except CannotDecrypt:
            return Secret("", updated_at, readable=False)


def _is_secret(hint: Any) -> bool:
    return hint is Secret or Secret in typing.get_args(hint)

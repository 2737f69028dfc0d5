"""How users and lines are called on cards and in the journal; read once and kept until a version says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.accounts.service import USERS_VERSION
from app.core.kernel import ModuleSetup
from app.core.versions import Remembered
from app.modules.callcenter.accounts import SETUP_VERSION
from app.modules.callcenter.models import Line

_EXTENSION = "durchwahl.callcenter.labels"


@dataclass(frozen=True, slots=True)
class Labels:
    """Names by user, and by key of a line; a line without a name is absent."""

    users: Mapping[int, str]
    lines: Mapping[str, str]


def install(setup: ModuleSetup) -> None:
    """Set up the memory; it listens while the module is inactive too."""
    kernel = setup.kernel
    kernel.app.extensions[_EXTENSION] = Remembered(kernel.versions, (USERS_VERSION, SETUP_VERSION), _read)


def labels() -> Labels:
    """The labels in force."""
    kept: Remembered[Labels] = current_app.extensions[_EXTENSION]
    return kept.current()


def _read(session: Session) -> Labels:
    users = {row.id: row.name for row in session.execute(select(User.id, User.name))}
    named = select(Line.key, Line.name).where(Line.name != "")
    return Labels(users, {row.key: row.name for row in session.execute(named)})

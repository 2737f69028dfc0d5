"""Personal settings that modules declare, kept a row a user and a name."""

from __future__ import annotations

import json
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from app.core.accounts.models import UserSetting
from app.core.accounts.service import USERS_VERSION, UserChanged
from app.core.database import looking, transaction
from app.core.events import publish
from app.core.prepared import Prepared

#: Pages ask for it on their way.
_CHOSEN = Prepared(
    select(UserSetting.value).where(
        UserSetting.user_id == bindparam("user"),
        UserSetting.module == bindparam("module"),
        UserSetting.name == bindparam("name"),
    )
)


def _declared(module: str, name: str) -> Any:
    return current_app.extensions["durchwahl"].personal_settings[(module, name)]


def get(user_id: int, module: str, name: str) -> Any:
    """A user's choice, or the declared default. Raises KeyError for an undeclared name."""
    declared = _declared(module, name)
    with looking() as connection:
        row = _CHOSEN.row(connection, {"user": user_id, "module": module, "name": name})
    return declared.default if row is None else json.loads(row[0])


def save(user_id: int, values: dict[tuple[str, str], Any]) -> None:
    """Store choices; each must be declared and, for a choice, one of its values (ValueError)."""
    with transaction() as session:
        for (module, name), value in values.items():
            declared = _declared(module, name)
            if not declared.accepts(value):
                raise ValueError(f"{module}.{name}")
            session.execute(
                delete(UserSetting).where(
                    UserSetting.user_id == user_id, UserSetting.module == module, UserSetting.name == name
                )
            )
            session.add(UserSetting(user_id=user_id, module=module, name=name, value=json.dumps(value)))
        current_app.extensions["durchwahl"].versions.bump(session, USERS_VERSION)
        publish(session, UserChanged(user_id))


def everybodys(session: Session, module: str, name: str) -> dict[int, Any]:
    """The choices of all users who made one, by user id; for those absent the declared default holds."""
    rows = session.execute(
        select(UserSetting.user_id, UserSetting.value).where(UserSetting.module == module, UserSetting.name == name)
    )
    return {user_id: json.loads(value) for user_id, value in rows}

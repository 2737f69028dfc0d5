"""What is stored about a user's account, for whoever asks what is stored about him."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core.accounts import removing
from app.core.accounts.models import ApiToken, LoginSession, User, UserSetting
from app.core.database import MAX_ID
from app.core.privacy.persons import Chapter, Person, PersonSource

#: Users that a search shows.
MOST_FOUND = 20
_KEY = "user-"


def find(session: Session, text: str) -> list[Person]:
    """Users, inactive ones too, whose name, user name or e-mail address holds this."""
    wanted = text.strip()
    if not wanted:
        return []
    columns = (User.name, User.username, User.email)
    query = select(User).where(or_(*(column.icontains(wanted, autoescape=True) for column in columns)))
    return [_of(user) for user in session.execute(query.order_by(User.name, User.id).limit(MOST_FOUND)).scalars()]


def resolve(session: Session, key: str) -> Person | None:
    """The user of a key."""
    number = key.removeprefix(_KEY)
    if not key.startswith(_KEY) or not (number.isascii() and number.isdigit()) or not 0 < int(number) <= MAX_ID:
        return None
    user = session.get(User, int(number))
    return _of(user) if user is not None else None


def tell(session: Session, person: Person) -> Iterator[Chapter]:
    """The account, what he chose, where he is logged in, his tokens. Neither password nor token nor their hashes."""
    if person.user_id is None:
        return
    yield _account(session.execute(select(User).where(User.id == person.user_id)).scalar_one())
    settings = select(UserSetting.module, UserSetting.name, UserSetting.value)
    rows = session.execute(settings.where(UserSetting.user_id == person.user_id).order_by(*settings.selected_columns))
    yield Chapter(_("Personal settings"), (_("App"), _("Field"), _("Value")), tuple(tuple(row) for row in rows))
    where = (LoginSession.browser, LoginSession.system, LoginSession.address)
    sessions = select(LoginSession.created_at, LoginSession.expires_at, *where)
    sessions = sessions.where(LoginSession.user_id == person.user_id)
    rows = session.execute(sessions.order_by(LoginSession.created_at))
    yield Chapter(
        _("Log-ins in force"),
        (_("Created"), _("Ends"), _("Browser"), _("System"), _("Logged in from")),
        tuple(tuple(row) for row in rows),
    )
    tokens = select(ApiToken.name, ApiToken.scope, ApiToken.created_at, ApiToken.last_used_at, ApiToken.revoked_at)
    rows = session.execute(tokens.where(ApiToken.user_id == person.user_id).order_by(ApiToken.id))
    headings = (_("Name"), _("Kind"), _("Created"), _("Last used"), _("Revoked"))
    yield Chapter(_("API tokens"), headings, tuple(tuple(row) for row in rows))


SOURCE = PersonSource(
    tell,
    find,
    resolve,
    parts=removing.PARTS,
    refuse=removing.refuse,
    plan=removing.plan,
    remove=removing.remove,
)


def _of(user: User) -> Person:
    title = _("%(name)s, user of Durchwahl (%(username)s)", name=user.name, username=user.username)
    return Person(f"{_KEY}{user.id}", title, frozenset(), user_id=user.id, names=frozenset([user.name]))


def _account(user: User) -> Chapter:
    values = (
        (_("Name"), user.name),
        (_("User name"), user.username),
        (_("E-mail"), user.email),
        (_("Role"), user.role),
        (_("Permissions"), user.permissions if user.permissions != "{}" else ""),
        (_("Active"), user.active),
        (_("Language"), user.language),
        (_("Time zone"), user.timezone),
        (_("Appearance"), user.theme),
        (_("Created"), user.created_at),
        (_("Changed"), user.updated_at),
    )
    return Chapter(_("User account"), (_("Field"), _("Value")), tuple(pair for pair in values if pair[1]))

"""Tables of users and of what belongs to them."""

from __future__ import annotations

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime

ADMINISTRATOR = "administrator"
STAFF = "staff"
ROLES = (ADMINISTRATOR, STAFF)


class User(UserMixin, Base):
    """Somebody who logs in. ``username_key`` is the lower-case name: names match ignoring case."""

    __tablename__ = "core_user"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(80))
    username_key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="")
    password_hash: Mapped[str] = mapped_column(String(255))
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Somebody else chose the password, and knows it: until there is another, nothing is open but the page for that."""
    role: Mapped[str] = mapped_column(String(20))
    permissions: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    """JSON: permission → whether he has it, for those that differ from what his role says."""
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(8), default="de")
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/Berlin")
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    shortcuts: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether a single character may be a keyboard shortcut: some speak to their computer, and slip."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    @property
    def is_active(self) -> bool:
        """Flask-Login's question."""
        return self.active

    @property
    def is_administrator(self) -> bool:
        """Whether the user has every permission."""
        return self.role == ADMINISTRATOR


class LoginSession(Base):
    """One log-in. The cookie holds a random id, the table its keyed hash; deleting the row ends it."""

    __tablename__ = "core_login_session"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    browser: Mapped[str] = mapped_column(String(40), default="", server_default="")
    system: Mapped[str] = mapped_column(String(40), default="", server_default="")
    address: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """From where the log-in came."""


class ApiToken(Base):
    """A bearer token; only its keyed hash is kept."""

    __tablename__ = "core_api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class UserSetting(Base):
    """One personal setting of a user that a module declared; absent means the default."""

    __tablename__ = "core_user_setting"
    user_id: Mapped[int] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"), primary_key=True)
    module: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)

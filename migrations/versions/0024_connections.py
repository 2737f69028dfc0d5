"""Callcenter: several connections, each with settings of its own; what is there becomes the first one's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0024_connections"
down_revision = "0023_users_on_lines"
branch_labels = None
depends_on = None

FIRST = "placetel"
MODULE, OWN = "callcenter", f"callcenter/{FIRST}"
#: The settings that each connection has for itself.
MOVED = (
    "api_key",
    "shared_secret",
    "old_shared_secret",
    "old_secret_until",
    "webhook_user",
    "webhook_password",
    "base_url",
    "target_style",
)
SETTING = sa.table("core_setting", sa.column("module"), sa.column("name"))
CONNECTION = "callcenter_connection"


def upgrade() -> None:
    op.create_table(
        CONNECTION,
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_callcenter_connection")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_callcenter_connection_token_digest")),
    )
    found = sa.table(
        CONNECTION, *(sa.column(name) for name in ("key", "provider", "name", "active")), sa.column("created_at")
    )
    op.execute(
        found.insert().values(
            key=FIRST, provider=FIRST, name="Placetel", active=sa.true(), created_at=sa.func.current_timestamp()
        )
    )
    op.execute(SETTING.update().where(SETTING.c.module == MODULE, SETTING.c.name.in_(MOVED)).values(module=OWN))
    # Until now a refusal belonged to the only connection there was.
    op.add_column("callcenter_refusal", sa.Column("connection", sa.String(length=40), nullable=True))
    refusal = sa.table("callcenter_refusal", sa.column("connection"), sa.column("provider"))
    op.execute(refusal.update().where(refusal.c.provider == FIRST).values(connection=FIRST))


def downgrade() -> None:
    op.drop_column("callcenter_refusal", "connection")
    op.execute(SETTING.update().where(SETTING.c.module == OWN).values(module=MODULE))
    op.execute(SETTING.delete().where(SETTING.c.module.like(f"{MODULE}/%")))
    op.drop_table(CONNECTION)

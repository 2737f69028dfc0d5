"""Spool: which of the notifications that had to wait outside of the database are in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_spool"
down_revision = "0021_call_control"
branch_labels = None
depends_on = None

INDEX = "uq_callcenter_notification_spool_key"
FEW = sa.text("spool_key IS NOT NULL")


def upgrade() -> None:
    # Not in a batch, for SQLite would copy the whole table.
    op.add_column("callcenter_notification", sa.Column("spool_key", sa.String(length=64), nullable=True))
    op.create_index(
        INDEX, "callcenter_notification", ["spool_key"], unique=True, sqlite_where=FEW, postgresql_where=FEW
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="callcenter_notification")
    op.drop_column("callcenter_notification", "spool_key")

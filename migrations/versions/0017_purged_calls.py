"""Callcenter: calls that were purged are remembered by a keyed hash, so that no repetition brings them back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0017_purged_calls"
down_revision = "0016_journal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callcenter_purged_call",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("purged_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_callcenter_purged_call")),
    )
    op.create_index(op.f("ix_callcenter_purged_call_purged_at"), "callcenter_purged_call", ["purged_at"], unique=False)


def downgrade() -> None:
    op.drop_table("callcenter_purged_call")

"""Privacy: persons that are removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0025_removals"
down_revision = "0024_connections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_removal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(length=64), nullable=False),
        sa.Column("open_key", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("removal", sa.Text(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["core_user.id"], name=op.f("fk_core_removal_asked_by_core_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_removal")),
        sa.UniqueConstraint("submission", name=op.f("uq_core_removal_submission")),
        sa.UniqueConstraint("open_key", name=op.f("uq_core_removal_open_key")),
    )
    op.create_index(op.f("ix_core_removal_asked_at"), "core_removal", ["asked_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_core_removal_asked_at"), table_name="core_removal")
    op.drop_table("core_removal")

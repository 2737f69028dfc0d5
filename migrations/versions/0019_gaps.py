"""Callcenter: calls that were added from the telephone system's own lists, and what was compared with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0019_gaps"
down_revision = "0018_journal_walks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: SQLite would copy the whole table, and lose an index over an expression.
    op.add_column("callcenter_call", sa.Column("added_at", UTCDateTime(), nullable=True))
    op.add_column("callcenter_call_event", sa.Column("listed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "callcenter_comparison",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("compared_at", UTCDateTime(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callcenter_comparison")),
        sa.UniqueConstraint("connection", "day", name=op.f("uq_callcenter_comparison_connection_day")),
    )
    op.create_table(
        "callcenter_doubtful_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("remote", sa.String(length=200), nullable=True),
        sa.Column("line", sa.String(length=200), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("talk_seconds", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=True),
        sa.Column("doubt", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["core_user.id"],
            name=op.f("fk_callcenter_doubtful_entry_decided_by_core_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callcenter_doubtful_entry")),
        sa.UniqueConstraint("connection", "key", name=op.f("uq_callcenter_doubtful_entry_connection_key")),
    )
    op.create_index("ix_callcenter_doubtful_entry_state", "callcenter_doubtful_entry", ["state", "at"])


def downgrade() -> None:
    op.drop_table("callcenter_doubtful_entry")
    op.drop_table("callcenter_comparison")
    op.drop_column("callcenter_call_event", "listed")
    op.drop_column("callcenter_call", "added_at")

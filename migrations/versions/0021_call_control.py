"""Callcenter: rules for incoming calls, the block list, and what was decided about each call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0021_call_control"
down_revision = "0020_privacy"
branch_labels = None
depends_on = None

INDEX = "ix_callcenter_call_control"
CONTROLLED = sa.text("control IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "callcenter_control_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fallback", sa.Boolean(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callcenter_control_rule")),
    )
    op.create_table(
        "callcenter_block_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("low", sa.String(length=20), nullable=False),
        sa.Column("high", sa.String(length=20), nullable=False),
        sa.Column("busy", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["core_user.id"],
            name=op.f("fk_callcenter_block_entry_created_by_core_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callcenter_block_entry")),
        sa.UniqueConstraint(
            "connection", "kind", "low", "high", name=op.f("uq_callcenter_block_entry_connection_kind_low_high")
        ),
    )
    # Not in a batch: SQLite would copy the whole table, and lose an index over an expression.
    op.add_column("callcenter_call", sa.Column("control", sa.Text(), nullable=True))
    op.create_index(
        INDEX, "callcenter_call", ["received_at", "id"], sqlite_where=CONTROLLED, postgresql_where=CONTROLLED
    )
    op.add_column("callcenter_pbx_line", sa.Column("decides", sa.Boolean(), nullable=True))
    rule = sa.table(
        "callcenter_control_rule",
        *(sa.column(name) for name in ("connection", "position", "name", "active", "fallback", "conditions", "action")),
    )
    # Whoever puts a number on the block list expects that it holds, without a rule of his own.
    op.execute(
        rule.insert().values(
            connection="placetel",
            position=1,
            name="",
            active=sa.true(),
            fallback=sa.false(),
            conditions='{"blocked": true}',
            action='{"kind": "block"}',
        )
    )


def downgrade() -> None:
    op.drop_column("callcenter_pbx_line", "decides")
    op.drop_index(INDEX, "callcenter_call")
    op.drop_column("callcenter_call", "control")
    op.drop_table("callcenter_block_entry")
    op.drop_table("callcenter_control_rule")

"""Callcenter: call-backs, and the calls that belong to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0008_callbacks"
down_revision = "0007_address_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callcenter_callback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("number_raw", sa.String(length=200), nullable=False),
        sa.Column("e164", sa.String(length=20), nullable=True),
        sa.Column("party", sa.String(length=200), nullable=False),
        sa.Column("open_party", sa.String(length=200), nullable=True),
        sa.Column("line_key", sa.String(length=200), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("reminded_at", UTCDateTime(), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("wanted_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_how", sa.String(length=12), nullable=True),
        sa.Column("done_call_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_to"],
            ["core_user.id"],
            name=op.f("fk_callcenter_callback_assigned_to_core_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["core_user.id"],
            name=op.f("fk_callcenter_callback_created_by_core_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["done_by"],
            ["core_user.id"],
            name=op.f("fk_callcenter_callback_done_by_core_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["done_call_id"],
            ["callcenter_call.id"],
            name=op.f("fk_callcenter_callback_done_call_id_callcenter_call"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callcenter_callback")),
        sa.UniqueConstraint("open_party", name=op.f("uq_callcenter_callback_open_party")),
    )
    for columns in (["party"], ["address_id"], ["assigned_to"]):
        op.create_index(op.f(f"ix_callcenter_callback_{columns[0]}"), "callcenter_callback", columns)
    op.create_index("ix_callcenter_callback_state", "callcenter_callback", ["state", "wanted_at", "id"])
    op.create_index("ix_callcenter_callback_due", "callcenter_callback", ["state", "due_at"])
    op.create_table(
        "callcenter_callback_call",
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=12), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["callback_id"],
            ["callcenter_callback.id"],
            name=op.f("fk_callcenter_callback_call_callback_id_callcenter_callback"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["callcenter_call.id"],
            name=op.f("fk_callcenter_callback_call_call_id_callcenter_call"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("callback_id", "call_id", name=op.f("pk_callcenter_callback_call")),
    )
    op.create_index(op.f("ix_callcenter_callback_call_call_id"), "callcenter_callback_call", ["call_id"])


def downgrade() -> None:
    op.drop_table("callcenter_callback_call")
    op.drop_table("callcenter_callback")

"""Addresses: drafts of notes; what the form of a note is called, so that sending it twice makes one note."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0011_note_drafts"
down_revision = "0010_number_findings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addresses_note_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("open_about", sa.String(length=100), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("submission", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("discarded_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["addresses_address.id"],
            name=op.f("fk_addresses_note_draft_address_id_addresses_address"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["core_user.id"],
            name=op.f("fk_addresses_note_draft_user_id_core_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses_note_draft")),
        sa.UniqueConstraint("user_id", "open_about", name=op.f("uq_addresses_note_draft_user_id_open_about")),
    )
    for column in ("address_id", "updated_at"):
        op.create_index(f"ix_addresses_note_draft_{column}", "addresses_note_draft", [column], unique=False)
    with op.batch_alter_table("addresses_note", schema=None) as batch_op:
        batch_op.add_column(sa.Column("submission", sa.String(length=60), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_addresses_note_submission"), ["submission"])


def downgrade() -> None:
    with op.batch_alter_table("addresses_note", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_addresses_note_submission"), type_="unique")
        batch_op.drop_column("submission")
    op.drop_table("addresses_note_draft")

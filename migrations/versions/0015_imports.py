"""Addresses: imports from the page, their files in pieces, and what was refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0015_imports"
down_revision = "0014_shortcuts"
branch_labels = None
depends_on = None

TABLE = "addresses_import"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.Column("seconds_left", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("queued_at", UTCDateTime(), nullable=True),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ending", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(length=32), nullable=True),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], ["core_user.id"], name=op.f(f"fk_{TABLE}_{name}_core_user"), ondelete="SET NULL"
            )
            for name in ("created_by", "started_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(op.f("ix_addresses_import_created_by"), TABLE, ["created_by"], unique=False)
    op.create_index(op.f("ix_addresses_import_started_by"), TABLE, ["started_by"], unique=False)
    op.create_index("ix_addresses_import_state", TABLE, ["state", "queued_at"], unique=False)
    op.create_table(
        "addresses_import_piece",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["addresses_import.id"],
            name=op.f("fk_addresses_import_piece_import_id_addresses_import"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "place", name=op.f("pk_addresses_import_piece")),
    )
    op.create_table(
        "addresses_import_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["addresses_import.id"],
            name=op.f("fk_addresses_import_failure_import_id_addresses_import"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses_import_failure")),
        sa.UniqueConstraint("import_id", "line", name=op.f("uq_addresses_import_failure_import_id_line")),
    )


def downgrade() -> None:
    op.drop_table("addresses_import_failure")
    op.drop_table("addresses_import_piece")
    op.drop_table(TABLE)

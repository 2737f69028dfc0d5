"""Privacy: when calls were anonymised, and the run that lets old personal data go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0020_privacy"
down_revision = "0019_gaps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: SQLite would copy the whole table, and lose an index over an expression.
    op.add_column("callcenter_call", sa.Column("anonymised_at", UTCDateTime(), nullable=True))
    op.create_table(
        "core_retention_run",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("lease_until", UTCDateTime(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_retention_run")),
    )


def downgrade() -> None:
    op.drop_table("core_retention_run")
    op.drop_column("callcenter_call", "anonymised_at")

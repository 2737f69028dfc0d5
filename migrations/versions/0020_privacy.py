"""Privacy: when calls were anonymised, and the run that lets old personal data go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0020_privacy"
down_revision = "0019_gaps"
branch_labels = None
depends_on = None

# What has gone cannot be brought back: where calls or deleted notes are kept already, they stay until somebody chooses
# days. The dates of the oldest of them stand in for a clock, which a migration has not.
FOR_EVER = """
INSERT INTO core_setting (module, name, value, updated_at)
SELECT '{module}', '{name}', '0', min({at}) FROM {table}
WHERE NOT EXISTS (SELECT 1 FROM core_setting WHERE module = '{module}' AND name = '{name}')
HAVING count(*) > 0
"""
KEPT = (
    ("callcenter", "unknown_days", "callcenter_call", "received_at"),
    ("callcenter", "call_days", "callcenter_call", "received_at"),
    ("callcenter", "order_days", "callcenter_dial_order", "created_at"),
    ("callcenter", "callback_days", "callcenter_callback", "created_at"),
    ("addresses", "deleted_note_days", "addresses_note", "created_at"),
)


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
    for module, name, table, at in KEPT:
        op.execute(FOR_EVER.format(module=module, name=name, table=table, at=at))


def downgrade() -> None:
    op.drop_table("core_retention_run")
    op.drop_column("callcenter_call", "anonymised_at")

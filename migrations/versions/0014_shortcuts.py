"""Users: whether a single character may be a keyboard shortcut."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_shortcuts"
down_revision = "0013_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("core_user", sa.Column("shortcuts", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    op.drop_column("core_user", "shortcuts")

"""Log-ins: in which browser and from where; passwords that must be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_log_ins"
down_revision = "0025_removals"
branch_labels = None
depends_on = None

TEXTS = {"browser": 40, "system": 40, "address": 64}


def upgrade() -> None:
    for name, longest in TEXTS.items():
        op.add_column(
            "core_login_session", sa.Column(name, sa.String(length=longest), nullable=False, server_default="")
        )
    op.add_column(
        "core_user", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("core_user", "must_change_password")
    for name in TEXTS:
        op.drop_column("core_login_session", name)

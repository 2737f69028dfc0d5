"""Callcenter: of two users who took a call that was passed on, each tells the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029_two_takers"
down_revision = "0028_passed_on"
branch_labels = None
depends_on = None

TABLE, INDEX = "callcenter_call_taker", "ix_callcenter_call_taker_other"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("other_id", sa.Integer(), nullable=False, server_default="0"))
    taker = sa.table(TABLE, *(sa.column(name, sa.Integer()) for name in ("user_id", "call_id", "other_id")))
    found = taker.alias("found")
    of_call = sa.select(found.c.user_id).where(found.c.call_id == taker.c.call_id)
    several = sa.select(sa.func.count()).where(found.c.call_id == taker.c.call_id).scalar_subquery()
    other = of_call.where(found.c.user_id != taker.c.user_id).scalar_subquery()
    op.execute(taker.update().where(several == 2).values(other_id=other))
    op.create_index(INDEX, TABLE, ["user_id", "other_id", "received_at", "call_id"])


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.drop_column(TABLE, "other_id")

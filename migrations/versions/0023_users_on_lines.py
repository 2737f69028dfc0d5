"""Callcenter: calls of a user on a line are found together, those that were passed on too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_users_on_lines"
down_revision = "0022_spool"
branch_labels = None
depends_on = None

CALL, TAKER = "callcenter_call", "callcenter_call_taker"
OF_CALLS, OF_TAKERS = "ix_callcenter_call_user_line", "ix_callcenter_call_taker_line"


def upgrade() -> None:
    columns = ["user_id", "line_key", "received_at", "id", "direction", "grade", "remote_kind"]
    op.create_index(OF_CALLS, CALL, columns)
    op.add_column(TAKER, sa.Column("line_key", sa.String(length=200), nullable=True))
    of_call = f"SELECT line_key FROM {CALL} WHERE {CALL}.id = {TAKER}.call_id"  # noqa: S608 (constants)
    op.execute(f"UPDATE {TAKER} SET line_key = ({of_call})")  # noqa: S608 (constants)
    # The user of the call is one of them, also where he was not when they were written down.
    op.execute(
        f"INSERT INTO {TAKER} (user_id, call_id, received_at, line_key) SELECT user_id, id, received_at, line_key"  # noqa: S608 (constants)
        f" FROM {CALL} WHERE user_id IS NOT NULL AND id IN (SELECT call_id FROM {TAKER}) AND NOT EXISTS"
        f" (SELECT 1 FROM {TAKER} AS found WHERE found.call_id = {CALL}.id AND found.user_id = {CALL}.user_id)"
    )
    op.create_index(OF_TAKERS, TAKER, ["user_id", "line_key", "received_at", "call_id"])


def downgrade() -> None:
    op.drop_index(OF_TAKERS, TAKER)
    op.drop_column(TAKER, "line_key")
    op.drop_index(OF_CALLS, CALL)

"""Callcenter: a call tells whether it was passed on; numbers that begin alike stand by time for more beginnings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_passed_on"
down_revision = "0027_removal_indexes"
branch_labels = None
depends_on = None

TABLE = "callcenter_call"
BEFORE = ["direction", "line_key", "user_id", "missed", "grade", "remote_kind"]
#: Indexes that hold what is checked: by what they are in order, and with what besides.
CHECKED = (
    ("ix_callcenter_call_remote", ["remote_e164", "received_at", "id"], []),
    ("ix_callcenter_call_received", ["received_at", "id"], ["remote_e164"]),
    ("ix_callcenter_call_address", ["address_id", "received_at", "id"], []),
)
HEAD, OLD_LENGTH, LENGTHS = "ix_callcenter_call_head", 6, (3, 6, 8)


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("passed_on", sa.Boolean(), nullable=False, server_default=sa.false()))
    call = sa.table(TABLE, *(sa.column(name) for name in ("id", "answered_by")), sa.column("passed_on", sa.Boolean()))
    taker = sa.table("callcenter_call_taker", sa.column("call_id"))
    # Several in a list of JSON; and whom the table of takers names, whatever became of the list.
    several = sa.or_(call.c.answered_by.like('%", "%'), call.c.id.in_(sa.select(taker.c.call_id)))
    # Its indexes are built when the few rows are changed.
    op.drop_index(HEAD, TABLE)
    for name, _order, _more in CHECKED:
        op.drop_index(name, TABLE)
    op.execute(call.update().where(several).values(passed_on=sa.true()))
    now = [*BEFORE, "passed_on"]
    for name, order, more in CHECKED:
        op.create_index(name, TABLE, [*order, *now, *more])
    for length in LENGTHS:
        op.create_index(f"{HEAD}_{length}", TABLE, [_head(length), "received_at", "id", *now, "remote_e164"])


def downgrade() -> None:
    for length in LENGTHS:
        op.drop_index(f"{HEAD}_{length}", TABLE)
    for name, order, more in CHECKED:
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, [*order, *BEFORE, *more])
    op.create_index(HEAD, TABLE, [_head(OLD_LENGTH), "received_at", "id", *BEFORE, "remote_e164"])
    op.drop_column(TABLE, "passed_on")


def _head(length: int) -> sa.TextClause:
    return sa.text(f"substr(remote_e164, 1, {length})")

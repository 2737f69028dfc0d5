"""Callcenter: what the journal checks on a walk is in the index, and numbers that begin alike stand by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_journal_walks"
down_revision = "0017_purged_calls"
branch_labels = None
depends_on = None

TABLE = "callcenter_call"
HEAD = "ix_callcenter_call_head"
CHECKED = ["direction", "line_key", "user_id", "missed", "grade", "remote_kind"]
PARTY = ["grade", "remote_kind"]
#: What each index of these held before, and what it holds besides.
WIDENED = (
    ("ix_callcenter_call_received", ["received_at", "id"], [*CHECKED, "remote_e164"]),
    ("ix_callcenter_call_remote", ["remote_e164", "received_at", "id"], CHECKED),
    ("ix_callcenter_call_address", ["address_id", "received_at", "id"], CHECKED),
    ("ix_callcenter_call_user", ["user_id", "received_at", "id", "line_key", "direction"], PARTY),
)
MISSED, MISSED_COLUMNS = "ix_callcenter_call_line_missed", ["line_key", "received_at", "id"]


def upgrade() -> None:
    head = sa.text("substr(remote_e164, 1, 6)")
    op.create_index(HEAD, TABLE, [head, "received_at", "id", *CHECKED, "remote_e164"])
    for name, columns, more in WIDENED:
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, [*columns, *more])
    _missed([*MISSED_COLUMNS, *PARTY])


def downgrade() -> None:
    _missed(MISSED_COLUMNS)
    for name, columns, _more in WIDENED:
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, columns)
    op.drop_index(HEAD, TABLE)


def _missed(columns: list[str]) -> None:
    op.drop_index(MISSED, TABLE)
    op.create_index(MISSED, TABLE, columns, sqlite_where=sa.text("missed = 1"), postgresql_where=sa.text("missed"))

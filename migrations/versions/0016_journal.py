"""Callcenter: the journal is found in the order of time, whatever it is narrowed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_journal"
down_revision = "0015_imports"
branch_labels = None
depends_on = None

TABLE = "callcenter_call"
UNKNOWN = "grade = 'none' AND remote_kind IN ('dialable', 'unverified')"
#: Name, columns, and the condition of an index that holds a part of the calls: as SQLite writes it, and PostgreSQL.
ADDED = (
    ("ix_callcenter_call_remote", ["remote_e164", "received_at", "id"], None, None),
    ("ix_callcenter_call_direction", ["direction", "received_at", "id"], None, None),
    ("ix_callcenter_call_line", ["line_key", "received_at", "id", "direction", "grade", "remote_kind"], None, None),
    ("ix_callcenter_call_user", ["user_id", "received_at", "id", "line_key", "direction"], None, None),
    ("ix_callcenter_call_address", ["address_id", "received_at", "id"], None, None),
    ("ix_callcenter_call_missed", ["received_at", "id"], "missed = 1", "missed"),
    ("ix_callcenter_call_line_missed", ["line_key", "received_at", "id"], "missed = 1", "missed"),
    ("ix_callcenter_call_unknown", ["received_at", "id"], UNKNOWN, UNKNOWN),
)
REPLACED = (
    ("ix_callcenter_call_remote", ["remote_e164", "received_at"]),
    ("ix_callcenter_call_line_key", ["line_key"]),
    ("ix_callcenter_call_user_id", ["user_id"]),
    ("ix_callcenter_call_address_id", ["address_id"]),
)


def upgrade() -> None:
    for name, _columns in REPLACED:
        op.drop_index(name, TABLE)
    for name, columns, on_sqlite, on_postgresql in ADDED:
        op.create_index(
            name,
            TABLE,
            columns,
            sqlite_where=sa.text(on_sqlite) if on_sqlite else None,
            postgresql_where=sa.text(on_postgresql) if on_postgresql else None,
        )


def downgrade() -> None:
    for name, *_more in ADDED:
        op.drop_index(name, TABLE)
    for name, columns in REPLACED:
        op.create_index(name, TABLE, columns)

"""Indexes by which what belongs to a person is found among many orders to dial and notes."""

from __future__ import annotations

from alembic import op

revision = "0027_removal_indexes"
down_revision = "0026_log_ins"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_callcenter_dial_order_target": ("callcenter_dial_order", "target_e164"),
    "ix_callcenter_dial_order_call_id": ("callcenter_dial_order", "call_id"),
    "ix_addresses_note_number_e164": ("addresses_note", "number_e164"),
}


def upgrade() -> None:
    for name, (table, column) in INDEXES.items():
        op.create_index(name, table, [column])


def downgrade() -> None:
    for name, (table, _column) in INDEXES.items():
        op.drop_index(name, table_name=table)

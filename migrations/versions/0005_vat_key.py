"""Addresses: VAT ids in the form in which they are compared."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0005_vat_key"
down_revision = "0004_external_ids"
branch_labels = None
depends_on = None

ADDRESS = sa.table(
    "addresses_address", sa.column("id", sa.Integer), sa.column("vat_id", sa.String), sa.column("vat_key", sa.String)
)
BATCH = 5000


def upgrade() -> None:
    # The default stays: to take it away, SQLite would have to copy the whole table.
    with op.batch_alter_table("addresses_address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("vat_key", sa.String(length=30), nullable=False, server_default=""))
        batch_op.drop_index("ix_addresses_address_vat_id")
    _fill(op.get_bind())
    with op.batch_alter_table("addresses_address", schema=None) as batch_op:
        batch_op.create_index("ix_addresses_address_vat_key", ["vat_key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("addresses_address", schema=None) as batch_op:
        batch_op.drop_index("ix_addresses_address_vat_key")
        batch_op.drop_column("vat_key")
        batch_op.create_index("ix_addresses_address_vat_id", ["vat_id"], unique=False)


def _fill(connection: sa.Connection) -> None:
    last = 0
    while True:
        rows = connection.execute(
            sa.select(ADDRESS.c.id, ADDRESS.c.vat_id)
            .where(ADDRESS.c.id > last, ADDRESS.c.vat_id != "")
            .order_by(ADDRESS.c.id)
            .limit(BATCH)
        ).all()
        if not rows:
            return
        last = rows[-1].id
        connection.execute(
            sa.update(ADDRESS).where(ADDRESS.c.id == sa.bindparam("of")).values(vat_key=sa.bindparam("key")),
            [{"of": row.id, "key": _key(row.vat_id)} for row in rows],
        )


def _key(vat_id: str) -> str:
    """Letters and digits in capitals; '' without any digit; a Swiss one without the tax's name behind it."""
    key = re.sub(r"[\W_]+", "", vat_id).upper()[:30]
    return re.sub(r"^(CHE\d{9})(?:MWST|TVA|IVA|VAT)$", r"\1", key) if any(sign.isdigit() for sign in key) else ""

"""Addresses: what another system calls them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_external_ids"
down_revision = "0003_addresses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("addresses_address", sa.Column("external_id", sa.String(length=80), nullable=True))
    op.create_index(op.f("ix_addresses_address_external_id"), "addresses_address", ["external_id"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_addresses_address_external_id"), table_name="addresses_address")
    op.drop_column("addresses_address", "external_id")

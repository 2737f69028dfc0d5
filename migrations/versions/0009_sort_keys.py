"""Addresses: by what their lists are sorted, with an index for each order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_sort_keys"
down_revision = "0008_callbacks"
branch_labels = None
depends_on = None

SORTED = sa.String(length=400).with_variant(sa.VARCHAR(length=400, collation="C"), "postgresql")
ORDERS = {
    "addresses_address": {
        "name": ["name_key", "id"],
        "city": ["city_key", "name_key", "id"],
        "customer": ["customer_key", "id"],
        "update": ["updated_at", "id"],
    },
    "addresses_contact": {"name": ["name_key", "id"]},
}
FEW = {"archived": "archived_at IS NOT NULL", "suppliers": "is_supplier", "employees": "is_employee"}
CUSTOMER_KEY = {
    "sqlite": "UPDATE addresses_address SET customer_key = printf('%02d', length(customer_number)) || customer_number"
    " WHERE customer_number IS NOT NULL",
    "postgresql": "UPDATE addresses_address SET customer_key ="
    " lpad(length(customer_number)::text, 2, '0') || customer_number WHERE customer_number IS NOT NULL",
}
ADDRESS = sa.table("addresses_address", sa.column("id"), sa.column("city"), sa.column("city_key"))
BATCH = 5000


def upgrade() -> None:
    connection = op.get_bind()
    # Every row is filled; the defaults stay: to take them away, SQLite would have to copy the whole table.
    op.add_column("addresses_address", sa.Column("city_key", SORTED, nullable=False, server_default=""))
    op.add_column("addresses_address", sa.Column("customer_key", SORTED, nullable=False, server_default="~"))
    op.drop_index("ix_addresses_address_name_key", table_name="addresses_address")
    op.drop_index("ix_addresses_address_archived_at", table_name="addresses_address")
    if connection.dialect.name == "postgresql":
        # A language's rules would order the keys otherwise than the comparison with a place in the list.
        for table in ORDERS:
            op.alter_column(table, "name_key", type_=SORTED, existing_nullable=False)
    op.execute(CUSTOMER_KEY[connection.dialect.name])
    _fill_city_keys(connection)
    for table, orders in ORDERS.items():
        for name, columns in orders.items():
            op.create_index(f"ix_{table}_by_{name}", table, columns)
    for name, few in FEW.items():
        op.create_index(
            f"ix_addresses_address_{name}",
            "addresses_address",
            ["name_key", "id"],
            sqlite_where=sa.text(few),
            postgresql_where=sa.text(few),
        )


def _fill_city_keys(connection: sa.Connection) -> None:
    from app.modules.addresses.folding import sort_key  # pure

    last = 0
    while True:
        rows = connection.execute(
            sa.select(ADDRESS.c.id, ADDRESS.c.city).where(ADDRESS.c.id > last).order_by(ADDRESS.c.id).limit(BATCH)
        ).all()
        if not rows:
            return
        last = rows[-1].id
        named = [{"of": row.id, "key": sort_key(row.city)} for row in rows if row.city]
        if named:
            connection.execute(
                sa.update(ADDRESS).where(ADDRESS.c.id == sa.bindparam("of")).values(city_key=sa.bindparam("key")), named
            )


def downgrade() -> None:
    for name in FEW:
        op.drop_index(f"ix_addresses_address_{name}", table_name="addresses_address")
    for table, orders in ORDERS.items():
        for name in orders:
            op.drop_index(f"ix_{table}_by_{name}", table_name=table)
    if op.get_bind().dialect.name == "postgresql":
        for table in ORDERS:
            op.alter_column(table, "name_key", type_=sa.String(length=400), existing_nullable=False)
    op.create_index("ix_addresses_address_archived_at", "addresses_address", ["archived_at"])
    op.create_index("ix_addresses_address_name_key", "addresses_address", ["name_key"])
    op.drop_column("addresses_address", "customer_key")
    op.drop_column("addresses_address", "city_key")

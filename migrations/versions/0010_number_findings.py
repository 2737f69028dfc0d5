"""Addresses: which numbers need a person's eye, numbers that are stored twice, and what was corrected.

``flask addresses rebuild-numbers`` finds the remarks in fields that were stored before; everything else is found here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0010_number_findings"
down_revision = "0009_sort_keys"
branch_labels = None
depends_on = None

E164 = sa.String(length=20).with_variant(sa.VARCHAR(length=20, collation="C"), "postgresql")

FINDINGS = """
UPDATE addresses_number SET finding = CASE
  WHEN problem = 'several' THEN 'several'
  WHEN problem IN ('ambiguous', 'no_area_code', 'no_country', 'invalid') THEN 'doubtful'
  ELSE 'unreadable' END
WHERE e164 IS NULL
"""
# As app/modules/addresses/repeated.py keeps them.
REPEATED = """
INSERT INTO addresses_repeated (e164, reach, addresses, owners, kept)
SELECT e164, CASE WHEN addresses > 1 THEN 'shared' ELSE 'twice' END, addresses, addresses || ':' || total, kept
FROM (
  SELECT n.e164, count(DISTINCT n.address_id) AS addresses, sum(DISTINCT n.address_id) AS total, 1 = 0 AS kept,
    count(CASE WHEN n.kind <> 'fax' THEN 1 END) AS rows_,
    count(DISTINCT CASE WHEN n.kind <> 'fax' THEN coalesce(n.contact_id, 0) END) AS owners_,
    count(CASE WHEN n.kind <> 'fax' AND n.contact_id IS NULL THEN 1 END) AS own_,
    count(CASE WHEN n.kind <> 'fax' AND n.contact_id IS NOT NULL THEN 1 END) AS theirs_
  FROM addresses_number n
  JOIN addresses_address a ON a.id = n.address_id AND a.archived_at IS NULL
  LEFT JOIN addresses_contact c ON c.id = n.contact_id
  WHERE n.e164 IS NOT NULL AND c.archived_at IS NULL
  GROUP BY n.e164 HAVING count(*) > 1
) found
WHERE addresses > 1 OR rows_ > owners_ OR (own_ > 0 AND theirs_ > 0)
"""


def upgrade() -> None:
    op.create_table(
        "addresses_repeated",
        sa.Column("e164", E164, nullable=False),
        sa.Column("reach", sa.String(length=8), nullable=False),
        sa.Column("addresses", sa.Integer(), nullable=False),
        sa.Column("owners", sa.String(length=40), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("e164", name=op.f("pk_addresses_repeated")),
    )
    op.create_index("ix_addresses_repeated_reach", "addresses_repeated", ["reach", "kept", "e164"], unique=False)
    op.create_table(
        "addresses_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("finding", sa.String(length=12), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["addresses_address.id"],
            name=op.f("fk_addresses_correction_address_id_addresses_address"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["addresses_contact.id"],
            name=op.f("fk_addresses_correction_contact_id_addresses_contact"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["core_user.id"], name=op.f("fk_addresses_correction_made_by_core_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"],
            ["core_user.id"],
            name=op.f("fk_addresses_correction_undone_by_core_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses_correction")),
    )
    for name, columns in (
        ("ix_addresses_correction_address_id", ["address_id"]),
        ("ix_addresses_correction_batch", ["batch", "id"]),
        ("ix_addresses_correction_contact_id", ["contact_id"]),
        ("ix_addresses_correction_made_by", ["made_by"]),
        ("ix_addresses_correction_undone_by", ["undone_by"]),
    ):
        op.create_index(name, "addresses_correction", columns, unique=False)
    # The default stays: to take it away, SQLite would have to copy the whole table.
    with op.batch_alter_table("addresses_number", schema=None) as batch_op:
        batch_op.add_column(sa.Column("finding", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("kept", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(FINDINGS)
    op.execute(REPEATED)
    op.create_index(
        "ix_addresses_number_finding",
        "addresses_number",
        ["finding", "kept", "id"],
        unique=False,
        sqlite_where=sa.text("finding IS NOT NULL"),
        postgresql_where=sa.text("finding IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_addresses_number_finding", "addresses_number")
    with op.batch_alter_table("addresses_number", schema=None) as batch_op:
        batch_op.drop_column("kept")
        batch_op.drop_column("finding")
    op.drop_table("addresses_correction")
    op.drop_table("addresses_repeated")

"""Callcenter: rules for dialling, orders that are the same press, and an audit log that nobody edits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0013_audit"
down_revision = "0012_who_sees_what"
branch_labels = None
depends_on = None

# Rows are kept for a year, as app/modules/callcenter/audit_models.py says. SQLite's REPLACE deletes without asking
# triggers of deletion, so an insert over a row that is there is refused as well.
SQLITE = (
    """CREATE TRIGGER callcenter_audit_update BEFORE UPDATE ON callcenter_audit
BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END""",
    """CREATE TRIGGER callcenter_audit_delete BEFORE DELETE ON callcenter_audit
WHEN OLD.at >= datetime('now', '-365 days')
BEGIN SELECT RAISE(ABORT, 'the audit log is kept for a year'); END""",
    """CREATE TRIGGER callcenter_audit_insert BEFORE INSERT ON callcenter_audit
WHEN EXISTS (SELECT 1 FROM callcenter_audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION callcenter_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.at < now() - interval '365 days' THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'the audit log is kept for a year';
  END IF;
  RAISE EXCEPTION 'the audit log is never changed';
END $$""",
    """CREATE TRIGGER callcenter_audit_rows BEFORE UPDATE OR DELETE ON callcenter_audit
FOR EACH ROW EXECUTE FUNCTION callcenter_audit_refuse()""",
    """CREATE TRIGGER callcenter_audit_all BEFORE TRUNCATE ON callcenter_audit
FOR EACH STATEMENT EXECUTE FUNCTION callcenter_audit_refuse()""",
)
# Who dials already may have called any country: so it stays until somebody chooses; the page of the rules says so.
EVERY_COUNTRY = """
INSERT INTO core_setting (module, name, value, updated_at)
SELECT 'callcenter', 'dial_countries', '["*"]', max(updated_at) FROM core_setting
WHERE module = 'callcenter' AND name = 'api_key'
  AND NOT EXISTS (SELECT 1 FROM core_setting WHERE module = 'callcenter' AND name = 'dial_countries')
HAVING count(*) > 0
"""


def upgrade() -> None:
    op.create_table(
        "callcenter_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("user_name", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("account", sa.String(length=200), nullable=True),
        sa.Column("number", sa.String(length=200), nullable=True),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callcenter_audit")),
    )
    op.create_index("ix_callcenter_audit_at", "callcenter_audit", ["at"], unique=False)
    op.create_index("ix_callcenter_audit_order_id", "callcenter_audit", ["order_id"], unique=False)
    op.create_index("ix_callcenter_audit_user", "callcenter_audit", ["user_id", "id"], unique=False)
    op.create_index("ix_callcenter_audit_kind", "callcenter_audit", ["kind", "id"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    with op.batch_alter_table("callcenter_dial_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("same_as_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_callcenter_dial_order_same_as_id_callcenter_dial_order"),
            "callcenter_dial_order",
            ["same_as_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index("ix_callcenter_dial_order_user", "callcenter_dial_order", ["user_id", "created_at"], unique=False)
    op.execute(EVERY_COUNTRY)


def downgrade() -> None:
    op.execute("UPDATE callcenter_dial_order SET state = 'refused' WHERE state = 'repeated'")
    op.drop_index("ix_callcenter_dial_order_user", "callcenter_dial_order")
    with op.batch_alter_table("callcenter_dial_order", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_callcenter_dial_order_same_as_id_callcenter_dial_order"), type_="foreignkey")
        batch_op.drop_column("same_as_id")
    op.drop_table("callcenter_audit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION callcenter_audit_refuse()")

"""Permissions of single users; callcenter: groups on lines, and who took calls that were passed on."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0012_who_sees_what"
down_revision = "0011_note_drafts"
branch_labels = None
depends_on = None

#: Only what a user chose; until now "mine" meant what is "lines" from now on, and "all" was what nobody had to choose.
CHOSEN = "module = 'callcenter' AND name = 'scope'"


def upgrade() -> None:
    # The default stays: to take it away, SQLite would have to copy the whole table.
    with op.batch_alter_table("core_user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("permissions", sa.Text(), nullable=False, server_default="{}"))
    op.create_table(
        "callcenter_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callcenter_group")),
        sa.UniqueConstraint("name_key", name=op.f("uq_callcenter_group_name_key")),
    )
    _pair("callcenter_group_member", ("group_id", "callcenter_group"), ("user_id", "core_user"))
    _pair("callcenter_line_group", ("line_id", "callcenter_line"), ("group_id", "callcenter_group"))
    _pair(
        "callcenter_call_taker",
        ("user_id", "core_user"),
        ("call_id", "callcenter_call"),
        sa.Column("received_at", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_callcenter_call_taker_received", "callcenter_call_taker", ["user_id", "received_at", "call_id"])
    op.execute(f"DELETE FROM core_user_setting WHERE {CHOSEN} AND value = '\"all\"'")  # noqa: S608 (a constant)
    op.execute(f"UPDATE core_user_setting SET value = '\"lines\"' WHERE {CHOSEN} AND value = '\"mine\"'")  # noqa: S608 (a constant)
    _keep_takers()


def downgrade() -> None:
    op.execute(f"DELETE FROM core_user_setting WHERE {CHOSEN} AND value = '\"house\"'")  # noqa: S608 (a constant)
    op.execute(f"UPDATE core_user_setting SET value = '\"mine\"' WHERE {CHOSEN} AND value = '\"lines\"'")  # noqa: S608 (a constant)
    for table in ("callcenter_call_taker", "callcenter_line_group", "callcenter_group_member", "callcenter_group"):
        op.drop_table(table)
    with op.batch_alter_table("core_user", schema=None) as batch_op:
        batch_op.drop_column("permissions")


def _pair(table: str, first: tuple[str, str], second: tuple[str, str], *more: sa.Column[object]) -> None:
    """A table that says what belongs to what."""
    op.create_table(
        table,
        *(sa.Column(name, sa.Integer(), nullable=False) for name, _of in (first, second)),
        *more,
        *(
            sa.ForeignKeyConstraint([name], [f"{of}.id"], name=op.f(f"fk_{table}_{name}_{of}"), ondelete="CASCADE")
            for name, of in (first, second)
        ),
        sa.PrimaryKeyConstraint(first[0], second[0], name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{second[0]}"), table, [second[0]])


def _keep_takers() -> None:
    """Whom the accounts that took a call belong to now, for calls that several took."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT uid, user_id FROM callcenter_account"))
    users = {row.uid: row.user_id for row in rows}
    taken = connection.execute(
        sa.text("SELECT id, received_at, answered_by FROM callcenter_call WHERE answered_by LIKE '%,%'")
    )
    for call_id, received_at, answered_by in taken.all():
        for user_id in {users[uid] for uid in json.loads(answered_by) if uid in users}:
            connection.execute(
                sa.text("INSERT INTO callcenter_call_taker VALUES (:user_id, :call_id, :received_at)"),
                {"user_id": user_id, "call_id": call_id, "received_at": received_at},
            )

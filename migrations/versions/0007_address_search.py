"""Addresses: what the search looks through, and the words by which mistyped ones are corrected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

revision = "0007_address_search"
down_revision = "0006_choices"
branch_labels = None
depends_on = None

FOLDED = sa.String(length=40).with_variant(sa.VARCHAR(length=40, collation="C"), "postgresql")

#: SQLite: an index of trigrams over the texts of the entries. The triggers keep it in step with whatever writes them.
SQLITE = """
CREATE VIRTUAL TABLE addresses_search_index
  USING fts5(text, content='addresses_search', content_rowid='address_id', tokenize='trigram');

CREATE TRIGGER addresses_search_inserted AFTER INSERT ON addresses_search BEGIN
  INSERT INTO addresses_search_index(rowid, text) VALUES (new.address_id, new.text);
END;

CREATE TRIGGER addresses_search_deleted AFTER DELETE ON addresses_search BEGIN
  INSERT INTO addresses_search_index(addresses_search_index, rowid, text) VALUES ('delete', old.address_id, old.text);
END;

CREATE TRIGGER addresses_search_updated AFTER UPDATE ON addresses_search BEGIN
  INSERT INTO addresses_search_index(addresses_search_index, rowid, text) VALUES ('delete', old.address_id, old.text);
  INSERT INTO addresses_search_index(rowid, text) VALUES (new.address_id, new.text);
END;
"""
#: PostgreSQL: the list of entries that wait for being sorted in is read by every search, so it stays short.
PENDING_KIB = 1024
#: PostgreSQL whose owner may not have pg_trgm: the same index over trigrams that a function of ours takes.
WITHOUT_EXTENSION = """
CREATE FUNCTION addresses_trigrams(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT array_agg(DISTINCT substr($1, place, 3)) FROM generate_series(1, length($1) - 2) AS place $$
"""


def upgrade() -> None:
    op.create_table(
        "addresses_search",
        sa.Column("address_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["addresses_address.id"],
            name=op.f("fk_addresses_search_address_id_addresses_address"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_addresses_search")),
    )
    op.create_table(
        "addresses_word",
        sa.Column("word", FOLDED, nullable=False),
        sa.Column("written", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_addresses_word")),
    )
    op.create_table(
        "addresses_spelling",
        sa.Column("spelling", FOLDED, nullable=False),
        sa.Column("word", FOLDED, nullable=False),
        sa.ForeignKeyConstraint(
            ["word"],
            ["addresses_word.word"],
            name=op.f("fk_addresses_spelling_word_addresses_word"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("spelling", "word", name=op.f("pk_addresses_spelling")),
    )
    op.create_index(op.f("ix_addresses_spelling_word"), "addresses_spelling", ["word"], unique=False)
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in SQLITE.strip().split("\n\n"):
            op.execute(statement)
    else:
        _index_on_postgresql(connection)
    _fill(connection)


def _index_on_postgresql(connection: sa.Connection) -> None:
    options = f"WITH (gin_pending_list_limit = {PENDING_KIB})"
    try:
        with connection.begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DBAPIError:
        op.execute(WITHOUT_EXTENSION)
        op.execute(
            f"CREATE INDEX ix_addresses_search_text ON addresses_search USING gin (addresses_trigrams(text)) {options}"
        )
        return
    op.execute(f"CREATE INDEX ix_addresses_search_text ON addresses_search USING gin (text gin_trgm_ops) {options}")


def _fill(connection: sa.Connection) -> None:
    """The entries of the addresses that are there already."""
    from app.modules.addresses.indexing import BATCH, index_addresses  # reads columns of this revision only

    address = sa.table("addresses_address", sa.column("id"))
    with Session(bind=connection) as session:
        last = 0
        while True:
            ids = session.execute(
                sa.select(address.c.id).where(address.c.id > last).order_by(address.c.id).limit(BATCH)
            ).scalars()
            batch = list(ids)
            if not batch:
                session.flush()
                return
            index_addresses(session, batch)
            last = batch[-1]


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE addresses_search_index")
    # The extension stays: others may use it by now.
    op.drop_index(op.f("ix_addresses_spelling_word"), table_name="addresses_spelling")
    op.drop_table("addresses_spelling")
    op.drop_table("addresses_word")
    op.drop_table("addresses_search")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS addresses_trigrams(text)")

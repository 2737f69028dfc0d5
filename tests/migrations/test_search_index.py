"""The index that the search needs, for addresses that are there already; without PostgreSQL's extension too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from flask import Flask
from sqlalchemy import create_engine, text

from app import create_app
from app.core.commands.structure import alembic_config
from app.core.database import reading
from app.modules.addresses.api import search
from app.modules.addresses.services import create_address, update_address
from tests.conftest import create_postgres_database, make_config
from tests.services import postgres_for_tests

BEFORE = "0004_external_ids"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_for_tests() as prefix:
        yield prefix


@pytest.fixture(params=["sqlite", "postgresql", "postgresql without the extension"])
def url(request: pytest.FixtureRequest, tmp_path: Path, server: str) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    if request.param == "postgresql":
        return create_postgres_database(server, "search_index")
    made = create_postgres_database(server, "search_index_plain")
    with psycopg.connect(f"{server}search_index_plain", autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute("REVOKE ALL ON DATABASE search_index_plain FROM PUBLIC")
        connection.execute("GRANT CONNECT, TEMPORARY ON DATABASE search_index_plain TO plain")
        connection.execute("GRANT ALL ON SCHEMA public TO plain")
    return made.replace("postgres@", "plain@")


def _found(app: Flask, words: str) -> list[str]:
    with app.app_context(), reading() as session:
        return [hit.name for hit in search(session, words)]


def test_addresses_that_are_there_are_found_and_so_are_later_ones(url: str, tmp_path: Path) -> None:
    command.upgrade(alembic_config(url), BEFORE)
    engine = create_engine(url)
    with engine.begin() as connection:
        for place, name in enumerate(("Bäckerei Sonnenschein", "Rheinwerk GmbH"), 1):
            connection.execute(
                text(
                    "INSERT INTO addresses_address (id, kind, name, contact_person, department, subdepartment,"
                    " address_supplement, street, postcode, city, country, email, website, salutation, language,"
                    " vat_id, is_customer, is_supplier, is_employee, delivery_block, delivery_block_reason, notes,"
                    " name_key, search_text, email_key, version, created_at, updated_at)"
                    " VALUES (:id, 'company', :name, '', '', '', '', '', '', '', 'DE', '', '', '', '', '', true, false,"
                    " false, false, '', '', '', '', '', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
                ),
                {"id": place, "name": name},
            )
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('addresses_address_id_seq', 10)"))
    engine.dispose()
    command.upgrade(alembic_config(url), "head")
    app = create_app(make_config(url, tmp_path))
    try:
        assert _found(app, "sonnensch") == ["Bäckerei Sonnenschein"]
        with app.app_context():
            later = create_address({"name": "Sonnenhof"})
        assert _found(app, "nnenh") == ["Sonnenhof"]
        with app.app_context():
            update_address(later, None, {"name": "Mondhof"})
        assert (_found(app, "nnenh"), _found(app, "ondho")) == ([], ["Mondhof"])
    finally:
        app.extensions["durchwahl"].database.dispose()

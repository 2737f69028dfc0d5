"""A database of PostgreSQL is made, saved and restored by the very commands of docs/administration.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.accounts import service
from app.core.database import transaction
from app.modules.addresses.services import create_address
from app.modules.callcenter import dialling
from tests import guide
from tests.conftest import PASSWORD, build_app, migrate
from tests.integration.callcenter.phone_system import PhoneSystem, all_calls, call_id, configure
from tests.services import Service, postgres_programs, stoppable_postgres

DATABASE_PASSWORD = "a-password-of-the-database"


@pytest.fixture
def database() -> Iterator[Service]:
    with stoppable_postgres() as server:
        yield server


def run(database: Service, commands: str, folder: Path, given: str = "") -> str:
    """As the user postgres, at this server in the place of the machine's."""
    stood_for = f"""
    PATH="{postgres_programs()}:$PATH"
    systemctl() {{ echo "systemctl $*"; }}
    runuser() {{ shift 3; PGHOST=127.0.0.1 PGPORT={database.port} PGUSER=postgres "$@"; }}
    """
    elsewhere = {"/var/backups": str(folder)} if "/var/backups" in commands else {}
    return guide.run(commands, elsewhere, given, stood_for)


@pytest.fixture
def url(database: Service, tmp_path: Path) -> str:
    """The address of a new database, made as the section about installing says."""
    (block,) = [block for block in guide.blocks("Install") if "createdb" in block]
    commands = "\n".join(line for line in block.splitlines() if line.startswith("runuser"))
    run(database, commands, tmp_path, f"{DATABASE_PASSWORD}\n{DATABASE_PASSWORD}\n")
    (line,) = [line for line in block.splitlines() if line.startswith("DATABASE_URL=")]
    found = line.partition("=")[2].replace("PASSWORD", DATABASE_PASSWORD)
    assert found.startswith("postgresql://durchwahl:")
    return found.replace("127.0.0.1", f"127.0.0.1:{database.port}").replace("postgresql://", "postgresql+psycopg://")


def started(url: str, folder: Path) -> Flask:
    return build_app(url, folder / "data")


def test_what_the_guide_says_saves_and_restores_everything(database: Service, url: str, tmp_path: Path) -> None:
    saving, restoring = guide.blocks("Backup and restore: PostgreSQL")
    migrate(url)
    app = started(url, tmp_path)
    with app.app_context():
        user_id = service.create_user("anna", PASSWORD, "administrator")
        configure(app)
        create_address({"name": "Straußenfarm Größl"})
        dialling.dial(user_id, "0900 1000000", "refused, so it stands in the audit log")
        PhoneSystem(app).incoming(call_id())
        run(database, saving, tmp_path)
        before = all_calls()
        assert (tmp_path / "durchwahl.dump").stat().st_mode & 0o777 == 0o600
        PhoneSystem(app).incoming(call_id())
        assert len(all_calls()) == 2
    app.extensions["durchwahl"].database.dispose()
    said = run(database, restoring, tmp_path)
    assert [line for line in said.splitlines() if line.startswith("systemctl")] == [
        "systemctl stop durchwahl.socket durchwahl.service",
        "systemctl start durchwahl.socket durchwahl.service",
    ]
    restored = started(url, tmp_path)
    with restored.app_context():
        started_again = restored.test_cli_runner().invoke(args=["db", "upgrade"])
        assert started_again.output.startswith("The database is up to date (")
        assert all_calls() == before
        assert service.verify("anna", PASSWORD) is not None
        # And it works as before: with keys of its own for new rows, with its indexes and its triggers.
        PhoneSystem(restored).incoming(call_id())
        assert len(all_calls()) == 2
        with pytest.raises(DBAPIError, match="the audit log is"), transaction() as session:
            session.execute(text("DELETE FROM callcenter_audit"))
    restored.extensions["durchwahl"].database.dispose()
    set_aside = url.rpartition("/")[0] + "/durchwahl_set_aside"
    former = started(set_aside, tmp_path)
    with former.app_context():
        assert len(all_calls()) == 2
    former.extensions["durchwahl"].database.dispose()
    assert "`runuser -u postgres -- dropdb durchwahl_set_aside`" in guide.GUIDE.read_text("utf-8")
    run(database, "runuser -u postgres -- dropdb durchwahl_set_aside", tmp_path)

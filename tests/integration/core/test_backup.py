"""The commands around backups: what one saves, the other accepts, and a server works with what was restored."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from app.core.accounts import service
from app.core.commands.structure import head_revision
from app.core.database import transaction
from app.modules.callcenter.connection import own_settings
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.settings import ConnectionSettings
from tests.conftest import PASSWORD, Databases, build_app, migrate


def run(app: Flask, *arguments: str) -> Result:
    with app.app_context():  # as the program flask does for every command
        return app.test_cli_runner().invoke(args=list(arguments))


@pytest.fixture
def filled(tmp_path: Path) -> Any:
    """An application on SQLite with a user and a stored secret."""
    url = f"sqlite:///{tmp_path / 'durchwahl.db'}"
    migrate(url)
    app = build_app(url, tmp_path)
    with app.app_context():
        service.create_user("anna", PASSWORD, "staff")
        with transaction() as session:
            values = {"shared_secret": "a-shared-secret"}
            app.extensions["durchwahl"].settings.save(session, ConnectionSettings, values, part=FIRST_CONNECTION)
    yield app
    app.extensions["durchwahl"].database.dispose()


def test_a_backup_is_restored_by_putting_it_in_place(filled: Flask, tmp_path: Path) -> None:
    made = run(filled, "backup", "create")
    assert made.exit_code == 0
    file = Path(made.stdout.split()[-1])
    assert file == tmp_path / "backups" / "durchwahl-20261123T101016Z.db"
    checked = run(filled, "backup", "verify", str(file))
    assert (checked.exit_code, checked.stdout.split(":")[0]) == (0, "The backup is whole")
    assert checked.stdout.rstrip().endswith(f"{head_revision()}.")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copyfile(file, elsewhere / "durchwahl.db")
    restored = build_app(f"sqlite:///{elsewhere / 'durchwahl.db'}", elsewhere)
    with restored.app_context():
        assert service.verify("anna", PASSWORD) is not None
        secret = own_settings().shared_secret
        assert secret is not None
        assert secret.reveal() == "a-shared-secret"
        service.create_user("ben", PASSWORD, "staff")
    assert run(restored, "db", "check").exit_code == 0
    restored.extensions["durchwahl"].database.dispose()


def test_a_backup_of_an_older_version_names_the_next_step(filled: Flask, tmp_path: Path) -> None:
    with filled.app_context(), transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001_core'"))
    file = tmp_path / "old.db"
    assert run(filled, "backup", "create", str(file)).exit_code == 0
    checked = run(filled, "backup", "verify", str(file))
    assert checked.exit_code == 0
    assert f"After restoring it run `flask db upgrade`, to {head_revision()}." in checked.stdout


def test_a_backup_of_a_newer_version_is_refused(filled: Flask, tmp_path: Path) -> None:
    with filled.app_context(), transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    file = tmp_path / "new.db"
    run(filled, "backup", "create", str(file))
    checked = run(filled, "backup", "verify", str(file))
    assert checked.exit_code == 1
    assert "of a newer version (9999_future)" in checked.stderr


def test_a_backup_without_its_key_is_refused(filled: Flask, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    run(filled, "backup", "create", str(file))
    other = build_app(f"sqlite:///{tmp_path / 'durchwahl.db'}", tmp_path, secret_key="another-key-" + "0" * 32)
    checked = run(other, "backup", "verify", str(file))
    assert checked.exit_code == 1
    assert "another SECRET_KEY" in checked.stderr
    other.extensions["durchwahl"].database.dispose()


def test_each_refusal_is_one_line(filled: Flask, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    run(filled, "backup", "create", str(file))
    for arguments in (("create", str(file)), ("verify", str(tmp_path / "nothing")), ("verify", str(tmp_path))):
        refused = run(filled, "backup", *arguments)
        assert refused.exit_code == 1
        assert refused.stderr.rstrip().splitlines()[-1].startswith("Error: ")
        assert refused.stdout == ""


def test_postgresql_is_left_to_its_own_program(databases: Databases, tmp_path: Path) -> None:
    app = build_app("postgresql+psycopg://nobody:hidden@127.0.0.1:1/nothing", tmp_path)
    refused = run(app, "backup", "create")
    assert refused.exit_code == 1
    assert "pg_dump" in refused.stderr
    app.extensions["durchwahl"].database.dispose()

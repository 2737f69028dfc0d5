"""A backup of SQLite is restored by the very commands of docs/administration.md."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from app.core.accounts import service
from app.core.database import transaction
from app.modules.callcenter.connection import own_settings
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.settings import ConnectionSettings
from tests import guide
from tests.conftest import PASSWORD, build_app, migrate

STOOD_FOR = f"""
systemctl() {{ echo "systemctl $*"; }}
dw() {{ ( cd "{guide.ROOT}" && "{sys.executable}" -m flask "$@" ) }}
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """What is /var/lib/durchwahl elsewhere."""
    folder = tmp_path / "state"
    folder.mkdir()
    migrate(f"sqlite:///{folder / 'durchwahl.db'}")
    return folder


@pytest.fixture
def saved(state: Path) -> Iterator[Flask]:
    app = started(state)
    with app.app_context():
        service.create_user("anna", PASSWORD, "staff")
        with transaction() as session:
            values = {"shared_secret": "a-shared-secret"}
            app.extensions["durchwahl"].settings.save(session, ConnectionSettings, values, part=FIRST_CONNECTION)
        made = app.test_cli_runner().invoke(args=["backup", "create", str(state / "backups" / "durchwahl-1.db")])
        assert made.exit_code == 0
    yield app
    app.extensions["durchwahl"].database.dispose()


def started(state: Path) -> Flask:
    return build_app(f"sqlite:///{state / 'durchwahl.db'}", state)


def restore(app: Flask, state: Path) -> str:
    (commands,) = guide.blocks("Backup and restore: SQLite")
    elsewhere = {"/var/lib/durchwahl": str(state), "-….db": "-1.db", " -o durchwahl -g durchwahl": ""}
    key = app.extensions["durchwahl"].config.secret_key
    return guide.run(commands, elsewhere, before=STOOD_FOR, FLASK_APP="wsgi", SECRET_KEY=key, DATA_DIR=str(state))


def test_what_the_guide_says_brings_a_backup_back_and_sets_the_rest_aside(saved: Flask, state: Path) -> None:
    for round_ in (1, 2):
        app = started(state)
        with app.app_context():
            service.create_user(f"ben{round_}", PASSWORD, "staff")
        app.extensions["durchwahl"].database.dispose()
        # A server that was killed leaves its log beside the database: it must not meet the backup.
        with closing(sqlite3.connect(state / "durchwahl.db")) as killed:
            killed.execute("PRAGMA wal_autocheckpoint=0")
            killed.execute("UPDATE core_user SET name = 'changed since'")
            killed.commit()
            assert (state / "durchwahl.db-wal").stat().st_size
            said = restore(saved, state)
        assert "The backup is whole" in said
        assert [line for line in said.splitlines() if line.startswith("systemctl")] == [
            "systemctl stop durchwahl.socket durchwahl.service",
            "systemctl start durchwahl.socket durchwahl.service",
        ]
        assert len(list(state.glob("set-aside-*/durchwahl.db-wal"))) == round_
        restored = started(state)
        with restored.app_context():
            assert [(user.username, user.name) for user in service.list_users()] == [("anna", "anna")]
            assert service.verify("anna", PASSWORD) is not None
            secret = own_settings().shared_secret
            assert secret is not None
            assert secret.reveal() == "a-shared-secret"
        restored.extensions["durchwahl"].database.dispose()


def test_the_restored_database_is_readable_by_its_owner_alone(saved: Flask, state: Path) -> None:
    restore(saved, state)
    assert (state / "durchwahl.db").stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in state.glob("set-aside-*")] == [0o700]

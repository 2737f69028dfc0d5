"""What `make run` prepares before it starts anything."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import create_app
from app.core.database import Database
from app.modules.callcenter.models import Account, Line
from app.modules.callcenter.settings import ConnectionSettings
from config import Config
from scripts import run


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    run.secret_key(tmp_path / "data")
    return tmp_path / "data"


def _configured() -> tuple[str, str, str, int, int]:
    """Secret, key and address of the telephone system, the numbers of accounts and lines."""
    app = create_app(Config.from_env())
    kernel = app.extensions["durchwahl"]
    settings = kernel.settings.load(ConnectionSettings, part="placetel")
    database: Database = kernel.database
    with database.reading() as session:
        counts = [session.execute(select(func.count()).select_from(table)).scalar_one() for table in (Account, Line)]
    database.dispose()
    return settings.shared_secret.reveal(), settings.api_key.reveal(), settings.base_url, counts[0], counts[1]


def test_the_simulator_is_configured_again_only_where_it_must_be(data_dir: Path) -> None:
    known, first = run.prepare(4001)
    assert first
    assert _configured() == (known["secret"], known["api_key"], "http://127.0.0.1:4001/v2", 3, 4)
    assert stat.S_IMODE((data_dir / "simulator.json").stat().st_mode) == 0o600
    assert not list(data_dir.glob("*.txt"))
    # Another port.
    assert run.prepare(4002) == ({**known, "port": "4002"}, False)
    assert _configured() == (known["secret"], known["api_key"], "http://127.0.0.1:4002/v2", 3, 4)
    # The database is removed, to begin anew.
    for file in data_dir.glob("durchwahl.db*"):
        file.unlink()
    assert run.prepare(4002) == ({**known, "port": "4002"}, True)
    assert _configured() == (known["secret"], known["api_key"], "http://127.0.0.1:4002/v2", 3, 4)


def test_the_secret_key_is_made_once_and_for_the_owner_only(data_dir: Path) -> None:
    key = (data_dir / "secret_key").read_text()
    assert len(key) == 64
    run.secret_key(data_dir)
    assert (data_dir / "secret_key").read_text() == key
    assert stat.S_IMODE((data_dir / "secret_key").stat().st_mode) == 0o600

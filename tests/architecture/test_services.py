"""The private servers of a test run answer while they are wanted and leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from tests import services


def test_a_private_postgresql_answers_and_is_gone_afterwards() -> None:
    with services.postgres_server() as prefix:
        with psycopg.connect(prefix + "postgres") as connection:
            row = connection.execute("SELECT current_setting('fsync'), current_setting('data_directory')").fetchone()
        assert row is not None
        fsync, data = row
        assert (fsync, Path(data).exists()) == ("off", True)
    assert not Path(data).parent.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(prefix + "postgres", connect_timeout=2)


def test_a_durable_postgresql_keeps_its_promise() -> None:
    with services.postgres_server(durable=True) as prefix, psycopg.connect(prefix + "postgres") as connection:
        row = connection.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')").fetchone()
    assert row == ("on", "on")


def test_a_private_redis_answers_and_is_gone_afterwards() -> None:
    with services.redis_server() as url, redis.Redis.from_url(url) as client:
        assert client.set("a", "b")
        assert client.get("a") == b"b"
    with redis.Redis.from_url(url) as client, pytest.raises(redis.ConnectionError):
        client.ping()


def test_a_server_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_POSTGRES_URL", "postgresql://somewhere/")
    with services.postgres_for_tests() as prefix:
        assert prefix == "postgresql://somewhere/"


def test_the_program_names_its_server_to_the_command_and_returns_its_exit_code() -> None:
    command = "import os, psycopg; psycopg.connect(os.environ['TEST_POSTGRES_URL'] + 'postgres'); raise SystemExit(7)"
    without = {name: value for name, value in os.environ.items() if name != "TEST_POSTGRES_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.services", sys.executable, "-c", command], env=without, timeout=60
    )
    assert done.returncode == 7

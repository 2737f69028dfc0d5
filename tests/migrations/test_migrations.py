"""The migrations themselves, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, column, create_engine, inspect, table, text

from app import create_app
from app.core.commands.structure import alembic_config, head_revision
from app.core.database import Base, is_modelled
from app.modules.callcenter.stored import choices_of
from tests.conftest import create_postgres_database, make_config
from tests.services import postgres_for_tests


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_for_tests() as prefix:
        yield prefix


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, server: str) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    name = "migrations_" + request.node.name.partition("[")[0]
    return create_postgres_database(server, name[:60])


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = create_engine(url)
    yield made
    made.dispose()


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


# SQLite cannot tell of an index of an expression; that journal's is there is seen from its plans.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_migrations_make_what_the_models_say(url: str, engine: Engine, tmp_path: Path) -> None:
    # Making the application imports every table of every module.
    create_app(make_config(url, tmp_path)).extensions["durchwahl"].database.dispose()
    command.upgrade(alembic_config(url), "head")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_modelled})
        assert compare_metadata(context, Base.metadata) == []


def test_every_step_goes_up_down_and_up_again(url: str, engine: Engine) -> None:
    config = alembic_config(url)
    steps = [script.revision for script in ScriptDirectory("migrations").walk_revisions()][::-1]
    for revision in steps:
        command.upgrade(config, revision)
        before = _tables(engine)
        command.downgrade(config, "-1")
        command.upgrade(config, revision)
        assert _tables(engine) == before, revision
    command.downgrade(config, "base")
    assert _tables(engine) == set()


def test_the_history_is_one_line_with_one_head() -> None:
    scripts = ScriptDirectory("migrations")
    assert len(scripts.get_heads()) == 1
    assert head_revision() == scripts.get_heads()[0]
    assert all(not isinstance(script.down_revision, tuple) for script in scripts.walk_revisions())


def test_upgrading_twice_changes_nothing(url: str, engine: Engine) -> None:
    command.upgrade(alembic_config(url), "head")
    before = _tables(engine)
    command.upgrade(alembic_config(url), "head")
    assert _tables(engine) == before


def test_calls_that_somebody_assigned_keep_whom_he_chose(url: str, engine: Engine) -> None:
    config = alembic_config(url)
    command.upgrade(config, "0005_vat_key")
    when = datetime(2026, 11, 23, tzinfo=UTC)
    user: dict[str, Any] = dict.fromkeys(
        ("username", "name", "email", "password_hash", "language", "timezone", "theme"), ""
    )
    user |= {"id": 1, "username_key": "a", "role": "staff", "active": True, "created_at": when, "updated_at": when}
    matches = [{"address_id": one, "contact_id": None, "name": f"Nr. {one}"} for one in (7, 8)]
    call: dict[str, Any] = {
        "connection": "placetel",
        "provider": "placetel",
        "version": 1,
        "phase": "ended",
        "provisional": False,
    }
    call |= {
        "missed": False,
        "answered_by": "[]",
        "received_at": when,
        "grade": "exact",
        "matches": json.dumps(matches),
    }
    with engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        connection.execute(tables.tables["core_user"].insert(), user)
        calls = tables.tables["callcenter_call"]
        connection.execute(calls.insert(), {**call, "id": 1, "external_id": "a", "address_id": 8, "assigned_by": 1})
        connection.execute(calls.insert(), {**call, "id": 2, "external_id": "b"})
    command.upgrade(config, "head")
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT choices FROM callcenter_call ORDER BY id")).scalars().all()
    (choice,) = choices_of(kept[0])
    assert (choice.scope, choice.user_id, choice.match["name"], choice.by_hand) == ("call", 1, "Nr. 8", True)
    assert kept[1] == "[]"


def test_what_is_kept_already_is_kept_until_somebody_chooses_for_how_long(url: str, engine: Engine) -> None:
    command.upgrade(alembic_config(url), "0019_gaps")
    when = datetime(2026, 11, 23, tzinfo=UTC)
    call: dict[str, Any] = {"connection": "placetel", "provider": "placetel", "external_id": "a", "version": 1}
    call |= {"phase": "ended", "provisional": False, "missed": False, "answered_by": "[]", "received_at": when}
    call |= {"grade": "none", "matches": "[]", "choices": "[]"}
    with engine.begin() as connection:
        connection.execute(table("callcenter_call", *map(column, call)).insert(), call)
    command.upgrade(alembic_config(url), "head")
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT name, value FROM core_setting ORDER BY name")).all()
    assert [tuple(row) for row in kept] == [("call_days", "0"), ("unknown_days", "0")]


def test_what_was_set_before_there_were_connections_is_the_first_ones(url: str, engine: Engine) -> None:
    config = alembic_config(url)
    command.upgrade(config, "0023_users_on_lines")
    when = datetime(2026, 11, 23, tzinfo=UTC)
    before = {("addresses", "home_country"), ("callcenter", "call_days"), ("callcenter", "shared_secret")}
    refusal = {"provider": "placetel", "received_at": when, "remote_addr": "203.0.113.1", "reason": "no_secret"}
    with engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection, only=["core_setting", "callcenter_refusal"])
        setting = tables.tables["core_setting"]
        for module, name in before:
            connection.execute(setting.insert(), {"module": module, "name": name, "value": "1", "updated_at": when})
        connection.execute(tables.tables["callcenter_refusal"].insert(), refusal)
    command.upgrade(config, "head")
    assert _settings(engine) == before - {("callcenter", "shared_secret")} | {("callcenter/placetel", "shared_secret")}
    with engine.begin() as connection:
        assert connection.execute(text("SELECT key, active FROM callcenter_connection")).all() == [("placetel", True)]
        assert connection.execute(text("SELECT connection FROM callcenter_refusal")).scalars().all() == ["placetel"]
        another = {"module": "callcenter/placetel-00000000", "name": "shared_secret", "value": "1", "updated_at": when}
        connection.execute(setting.insert(), another)
    command.downgrade(config, "0023_users_on_lines")
    assert _settings(engine) == before


def _settings(engine: Engine) -> set[tuple[str, str]]:
    with engine.connect() as connection:
        return {(row.module, row.name) for row in connection.execute(text("SELECT module, name FROM core_setting"))}


def test_a_step_that_fails_leaves_nothing_of_those_before_it(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = alembic_config(url)
    command.upgrade(config, "0005_vat_key")
    before = _tables(engine)

    def failing(*_given: Any) -> None:
        raise RuntimeError("no room")

    newest = head_revision()
    real = ScriptDirectory._upgrade_revs

    def with_a_failing_end(*given: Any) -> Any:
        found = list(real(*given))
        assert len(found) > 10
        last = found[-1]
        assert last.revision.revision == newest
        last.migration_fn = failing
        return found

    monkeypatch.setattr(ScriptDirectory, "_upgrade_revs", with_a_failing_end)
    with pytest.raises(RuntimeError, match="no room"):
        command.upgrade(config, "head")
    assert _tables(engine) == before
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0005_vat_key"
    monkeypatch.undo()
    command.upgrade(config, "head")
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == newest


def test_machines_that_start_at_the_same_moment_migrate_once(url: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "FLASK_APP": "wsgi",
        "SECRET_KEY": "a-secret-key-of-a-test-and-nothing-else",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": url.replace("+psycopg", ""),
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "flask", "db", "upgrade"], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _machine in range(2)
    ]
    told = [one.communicate(timeout=120)[0] for one in started]
    assert [one.returncode for one in started] == [0, 0], told
    assert all(head_revision() or "" in one for one in told)


def test_calls_that_several_took_are_told_apart(url: str, engine: Engine) -> None:
    config = alembic_config(url)
    command.upgrade(config, "0027_removal_indexes")
    when = datetime(2026, 11, 23, tzinfo=UTC)
    taken: dict[str, list[str]] = {"a": [], "b": ["x@fpbx.de"], "c": ["x@fpbx.de", "y@fpbx.de"], "d": [], "e": []}
    texts = ("username", "name", "email", "password_hash", "language", "timezone", "theme")
    user: dict[str, Any] = {**dict.fromkeys(texts, ""), "id": 1, "username_key": "a", "role": "staff", "active": True}
    user |= {"created_at": when, "updated_at": when}
    call: dict[str, Any] = {"connection": "placetel", "provider": "placetel", "version": 1, "phase": "ended"}
    call |= {"provisional": False, "missed": False, "received_at": when, "grade": "none", "matches": "[]"}
    # Of the last two only the table of takers tells it any more.
    takers = [(1, 4), (1, 5), (2, 5), (1, 3), (2, 3), (3, 3)]
    with engine.begin() as connection:
        for one in (1, 2, 3):
            person = {**user, "id": one, "username_key": str(one)}
            connection.execute(table("core_user", *map(column, person)).insert(), person)
        for number, (name, accounts) in enumerate(taken.items(), 1):
            told = {"id": number, "external_id": name, "answered_by": json.dumps(accounts)}
            connection.execute(table("callcenter_call", *map(column, {**call, **told})).insert(), {**call, **told})
        for user_id, call_id in takers:
            taker = {"user_id": user_id, "call_id": call_id, "received_at": when}
            connection.execute(table("callcenter_call_taker", *map(column, taker)).insert(), taker)
    command.upgrade(config, "head")
    with engine.connect() as connection:
        several = connection.execute(text("SELECT external_id FROM callcenter_call WHERE passed_on ORDER BY id"))
        assert several.scalars().all() == ["c", "d", "e"]
        found = connection.execute(text("SELECT user_id, call_id, other_id FROM callcenter_call_taker"))
        others = {(row.user_id, row.call_id): row.other_id for row in found}
    assert others == {(1, 4): 0, (1, 5): 2, (2, 5): 1, (1, 3): 0, (2, 3): 0, (3, 3): 0}
    command.downgrade(config, "0027_removal_indexes")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM callcenter_call")).scalar_one() == 5

"""Commands end in one line whatever is wrong, and say exactly what they did: scripts rely on both."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from app.core.accounts import service, tokens
from app.core.commands.structure import head_revision
from app.core.database import transaction
from tests.conftest import PASSWORD, build_app

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = [
    ("users", "list"),
    ("users", "deactivate", "anna"),
    ("tokens", "create", "anna", "--name", "x"),
    ("tokens", "list"),
    ("tokens", "revoke", "1"),
    ("modules", "list"),
    ("modules", "deactivate", "callcenter"),
    ("jobs", "run-once"),
    ("demo", "load"),
    ("callcenter", "replay"),
    ("callcenter", "placetel", "check"),
    ("callcenter", "placetel", "configure", "--shared-secret", "a-shared-secret"),
    ("addresses", "rebuild-numbers"),
    ("addresses", "rebuild"),
]


def run(app: Flask, *arguments: str, given: str = "") -> Result:
    with app.app_context():  # as the program flask does for every command
        return app.test_cli_runner().invoke(args=list(arguments), input=given)


def one_line(result: Result) -> str:
    """The one line with which a command refused."""
    assert result.exit_code == 1, result.output
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    return result.output.strip()


def create(app: Flask, name: str, *more: str, password: str = PASSWORD) -> Result:
    return run(app, "users", "create", name, "--role", "staff", "--password-stdin", *more, given=f"{password}\n")


@pytest.fixture
def empty_app(tmp_path: Path) -> Iterator[Flask]:
    """An application whose database has no tables yet."""
    app = build_app(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path)
    yield app
    app.extensions["durchwahl"].database.dispose()


class TestADatabase:
    @pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
    def test_without_tables_ends_every_command_with_the_next_step(
        self, empty_app: Flask, arguments: tuple[str, ...]
    ) -> None:
        assert one_line(run(empty_app, *arguments)) == (
            f"Error: The database is at nothing, this version needs {head_revision()}: run `flask db upgrade`."
        )

    def test_without_tables_is_told_by_the_check(self, empty_app: Flask) -> None:
        assert run(empty_app, "db", "current").output == "The database is empty.\n"
        assert "run `flask db upgrade`" in one_line(run(empty_app, "db", "check"))

    def test_is_upgraded_once(self, empty_app: Flask) -> None:
        head = head_revision()
        assert run(empty_app, "db", "upgrade").output == f"Upgraded to {head}.\n"
        assert run(empty_app, "db", "upgrade").output == f"The database is up to date ({head}).\n"
        assert run(empty_app, "db", "current").output == f"{head}\n"
        assert run(empty_app, "db", "check").output == f"The database is up to date ({head}).\n"
        assert create(empty_app, "anna").exit_code == 0

    def test_of_a_newer_version_is_left_alone(self, own_app: Flask) -> None:
        with own_app.app_context(), transaction() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
        for command in ("check", "upgrade"):
            assert one_line(run(own_app, "db", command)) == (
                "Error: The database is of a newer version (9999_future): "
                f"run that one, or restore a backup up to {head_revision()}."
            )

    @pytest.mark.parametrize(
        "arguments", [*COMMANDS, ("db", "current"), ("db", "check"), ("db", "upgrade")], ids=" ".join
    )
    def test_that_is_away_ends_every_command(self, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        app = build_app("postgresql+psycopg://nobody:hidden@127.0.0.1:1/nothing", tmp_path)
        line = one_line(run(app, *arguments))
        assert line == "Error: The database cannot be reached: check DATABASE_URL, and whether its server runs."
        app.extensions["durchwahl"].database.dispose()


class TestUsers:
    @pytest.mark.parametrize(
        ("name", "line"),
        [
            ("ANNA", "There is a user with this name already."),
            ("a b", "A user name has 1 to 80 characters, without blanks and without : , ; / \\."),
            ("a:b", "A user name has 1 to 80 characters, without blanks and without : , ; / \\."),
            ("", "A user name has 1 to 80 characters, without blanks and without : , ; / \\."),
            ("x" * 81, "A user name has 1 to 80 characters, without blanks and without : , ; / \\."),
            ("a\x07b", "A user name has 1 to 80 characters, without blanks and without : , ; / \\."),
            ("an\udcffna", "A user name has 1 to 80 characters, without blanks and without : , ; / \\."),
        ],
    )
    def test_with_a_name_that_cannot_be_are_refused(self, app: Flask, name: str, line: str) -> None:
        create(app, "anna")
        assert one_line(create(app, name)) == f"Error: {line}"
        assert len(service.list_users()) == 1

    def test_with_texts_that_cannot_be_stored_are_refused(self, app: Flask) -> None:
        assert "too long" in one_line(create(app, "anna", "--full-name", "x" * 201))
        assert "too long" in one_line(create(app, "anna", "--email", "x" * 255))
        assert "not UTF-8" in one_line(create(app, "anna", "--full-name", "an\udcffna"))
        assert service.list_users() == []

    @pytest.mark.parametrize("password", ["", "short", "x" * 1001])
    def test_with_a_password_that_cannot_be_are_refused(self, app: Flask, password: str) -> None:
        assert "password" in one_line(create(app, "anna", password=password))

    def test_keep_the_password_as_it_was_given(self, app: Flask) -> None:
        create(app, "anna", password="  Grüße, 10 € \t")
        assert service.verify("anna", "  Grüße, 10 € \t") is not None

    def test_are_listed_one_a_line(self, app: Flask) -> None:
        create(app, "ben", "--full-name", "Ben Yilmaz")
        run(app, "users", "create", "Ada", "--role", "administrator", "--password-stdin", given=f"{PASSWORD}\n")
        run(app, "users", "deactivate", "ben")
        assert run(app, "users", "list").output == (
            "Ada\tadministrator\tactive\tAda\nben\tstaff\tdeactivated\tBen Yilmaz\n"
        )

    def test_the_last_administrator_stays(self, app: Flask) -> None:
        run(app, "users", "create", "ada", "--role", "administrator", "--password-stdin", given=f"{PASSWORD}\n")
        assert one_line(run(app, "users", "deactivate", "ada")) == "Error: This is the last active administrator."
        assert one_line(run(app, "users", "deactivate", "eve")) == "Error: There is no user with this name."

    @pytest.mark.parametrize(
        "arguments",
        [
            ("users", "create", "anna", "--role", "boss", "--password-stdin"),
            ("users", "create", "anna", "--role", "staff"),
            ("users", "create", "anna", "--password-stdin"),
            ("users", "create"),
            ("users", "rename", "anna"),
            ("tokens", "create", "anna"),
            ("tokens", "create", "anna", "--name", "x", "--scope", "all"),
            ("tokens", "revoke", "x"),
            ("nonsense",),
        ],
    )
    def test_and_tokens_are_left_alone_by_a_command_that_is_written_wrongly(
        self, app: Flask, arguments: tuple[str, ...]
    ) -> None:
        create(app, "anna")
        refused = run(app, *arguments, given=f"{PASSWORD}\n")
        assert refused.exit_code == 2
        assert "\nError: " in refused.output
        assert (len(service.list_users()), tokens.list_tokens()) == (1, [])


class TestTokens:
    def test_are_the_last_word_and_nothing_follows(self, app: Flask) -> None:
        create(app, "anna")
        output = run(app, "tokens", "create", "ANNA", "--name", "the  nightly\texport").output
        token = output.split()[-1]
        assert output.endswith(f" {token}\n")
        assert tokens.verify(token) is not None
        (row,) = tokens.list_tokens()
        assert run(app, "tokens", "list").output == f"{row.id}\tanna\tthe nightly export\twrite\tvalid\n"

    def test_of_nobody_or_without_a_name_are_refused(self, app: Flask) -> None:
        create(app, "anna")
        create(app, "ben")
        run(app, "users", "deactivate", "ben")
        for user in ("eve", "ben"):
            line = one_line(run(app, "tokens", "create", user, "--name", "x"))
            assert line == "Error: There is no active user with this name."
        assert one_line(run(app, "tokens", "create", "anna", "--name", " ")) == "Error: The token needs a name."

    @pytest.mark.parametrize("token_id", ["0", "4711", str(2**31), str(10**30)])
    def test_that_are_not_there_cannot_be_revoked(self, app: Flask, token_id: str) -> None:
        line = one_line(run(app, "tokens", "revoke", token_id))
        assert line == "Error: There is no such token that is still valid."

    def test_are_revoked_once(self, app: Flask) -> None:
        create(app, "anna")
        run(app, "tokens", "create", "anna", "--name", "x")
        (row,) = tokens.list_tokens()
        assert run(app, "tokens", "revoke", str(row.id)).exit_code == 0
        one_line(run(app, "tokens", "revoke", str(row.id)))


class TestModulesAndDemo:
    def test_modules_are_listed_with_state_and_title(self, app: Flask) -> None:
        assert run(app, "modules", "deactivate", "callcenter").output == "Deactivated the module callcenter.\n"
        lines = [line.split("\t") for line in run(app, "modules", "list").output.splitlines()]
        assert [line[:2] for line in lines] == [["addresses", "active"], ["callcenter", "inactive"]]
        assert run(app, "modules", "activate", "callcenter").output == "Activated the module callcenter.\n"

    def test_a_module_that_is_not_there_or_is_needed_is_named(self, app: Flask) -> None:
        for action in ("activate", "deactivate"):
            assert one_line(run(app, "modules", action, "nothing")) == "Error: There is no module nothing."
        line = one_line(run(app, "modules", "deactivate", "addresses"))
        assert line == "Error: The module addresses cannot be deactivated."

    def test_demo_data_is_loaded_once(self, app: Flask) -> None:
        first = run(app, "demo", "load")
        assert first.exit_code == 0
        assert first.output.splitlines()[0] == "Created 4 demo users."
        again = run(app, "demo", "load")
        assert again.exit_code == 0
        assert again.output.splitlines()[0] == "The demo users are there already."
        assert len(service.list_users()) == 4


def test_a_wrong_configuration_ends_the_real_program_with_every_problem(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "FLASK_APP": "wsgi",
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "short",
        "PORT": "x",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "users", "list"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "SECRET_KEY is too short" in ended.stderr
    assert "PORT must be a whole number" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_real_program_prints_nothing_but_its_line_to_standard_output(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "FLASK_APP": "wsgi",
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "0123456789abcdef" * 3,
    }

    def flask(*arguments: str, given: str = "") -> str:
        command = [sys.executable, "-m", "flask", *arguments]
        ended = subprocess.run(command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert flask("db", "upgrade") == f"Upgraded to {head_revision()}.\n"
    created = flask("users", "create", "anna", "--role", "staff", "--password-stdin", given=f"{PASSWORD}\n")
    assert created == "Created the user anna (staff).\n"
    printed = flask("tokens", "create", "anna", "--name", "x")
    assert printed.count("\n") == 1
    assert printed.split()[-1].startswith("dw_")

from __future__ import annotations

from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app.core.accounts import service, tokens
from tests.conftest import PASSWORD


def run(app: Flask, *arguments: str, given: str = "") -> Result:
    return app.test_cli_runner().invoke(args=list(arguments), input=given)


def test_a_user_is_created_listed_and_deactivated(app: Flask) -> None:
    created = run(app, "users", "create", "Anna", "--role", "staff", "--password-stdin", given=f"{PASSWORD}\n")
    assert created.exit_code == 0
    assert created.output == "Created the user Anna (staff).\n"
    assert service.verify("anna", PASSWORD) is not None
    assert run(app, "users", "deactivate", "ANNA").output == "Deactivated the user Anna.\n"
    assert "Anna\tstaff\tdeactivated" in run(app, "users", "list").output
    assert service.verify("anna", PASSWORD) is None


def test_a_token_is_printed_once_as_the_last_word_and_can_be_revoked(app: Flask) -> None:
    service.create_user("anna", PASSWORD, "staff")
    created = run(app, "tokens", "create", "anna", "--name", "a script", "--scope", "read")
    token = created.output.split()[-1]
    use = tokens.verify(token)
    assert use is not None
    assert not use.may_write
    listed = run(app, "tokens", "list").output
    assert "anna\ta script\tread\tvalid" in listed
    assert token not in listed
    assert run(app, "tokens", "revoke", str(use.token_id)).output == f"Revoked the token {use.token_id}.\n"
    assert tokens.verify(token) is None
    assert "revoked" in run(app, "tokens", "list").output


def test_a_token_may_write_unless_it_is_made_for_reading(app: Flask) -> None:
    service.create_user("anna", PASSWORD, "staff")
    use = tokens.verify(run(app, "tokens", "create", "anna", "--name", "x").output.split()[-1])
    assert use is not None
    assert use.may_write


def test_a_module_is_deactivated_and_activated(app: Flask, kernel: Any) -> None:
    assert run(app, "modules", "deactivate", "callcenter").exit_code == 0
    assert "callcenter\tinactive" in run(app, "modules", "list").output
    assert run(app, "modules", "activate", "callcenter").exit_code == 0
    assert kernel.states.is_active("callcenter")


def test_all_jobs_run_when_they_are_told_to(app: Flask, kernel: Any) -> None:
    done = run(app, "jobs", "run-once")
    assert done.exit_code == 0
    assert all(name in done.output for name in kernel.jobs.jobs)


def test_the_database_is_at_this_version(app: Flask) -> None:
    checked = run(app, "db", "check")
    assert checked.exit_code == 0
    assert run(app, "db", "current").output.strip() in checked.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("users", "create", "a b", "--role", "staff", "--password-stdin"),
        ("users", "create", "short", "--role", "staff", "--password-stdin"),
        ("users", "deactivate", "nobody"),
        ("users", "deactivate", "last"),
        ("tokens", "create", "nobody", "--name", "x"),
        ("tokens", "create", "last", "--name", " "),
        ("tokens", "revoke", "99999"),
        ("tokens", "revoke", "99999999999999999999"),
        ("modules", "deactivate", "nothing"),
        ("modules", "deactivate", "addresses"),
        ("callcenter", "placetel", "configure"),
        ("callcenter", "placetel", "configure", "--accounts-file", "/nowhere/at/all"),
        ("callcenter", "placetel", "configure", "--base-url", "nonsense"),
    ],
)
def test_a_command_that_cannot_do_what_it_was_asked_says_so_in_one_line(app: Flask, arguments: tuple[str, ...]) -> None:
    service.create_user("last", PASSWORD, "administrator")
    refused = run(app, *arguments, given="short\n")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert len(refused.output.strip().splitlines()) == 1

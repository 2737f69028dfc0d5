"""What a password may be, and how it is asked for."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import Type, extract_parameters
from flask import Flask
from flask.testing import FlaskClient

from app.core.accounts import service
from app.core.accounts.service import AccountError
from tests.conftest import PASSWORD, csrf_of

TOO_SHORT = "ninechars"
ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "static" / "js"
FIELD = re.compile(r"<input[^>]*\bname=\"(?:[a-z]*password|present|again|api_key|shared_secret)\"[^>]*>")


def change(client: FlaskClient, password: str) -> int:
    token = csrf_of(client, "/account/settings")
    sent = {"present": PASSWORD, "password": password, "again": password, "csrf_token": token}
    return client.post("/account/password", data=sent).status_code


def test_a_password_has_ten_characters_at_least_on_the_page_and_by_command(
    app: Flask, client_for: Callable[..., FlaskClient]
) -> None:
    assert len(TOO_SHORT) == 9
    client = client_for("anna")
    assert change(client, TOO_SHORT) == 422
    with pytest.raises(AccountError, match="password_too_short"):
        service.create_user("ben", TOO_SHORT, "staff")
    made = app.test_cli_runner().invoke(
        args=["users", "create", "ben", "--role", "staff", "--password-stdin"], input=f"{TOO_SHORT}\n"
    )
    assert made.exit_code == 1
    assert "10" in made.output
    assert service.verify("anna", PASSWORD) is not None
    assert change(client, f"{TOO_SHORT}s") == 302
    assert service.verify("anna", f"{TOO_SHORT}s") is not None


@pytest.mark.parametrize(
    "password",
    [
        "ein Satz mit Leerzeichen",
        "ÄÖÜ ß € Straße",
        "密码密码密码密码密码",
        "🔔🔔🔔🔔🔔🔔🔔🔔🔔🔔",
        "onlysmallletters",
        "9081726354x",
        "q" * 1000,
    ],
)
def test_any_characters_do_and_a_password_of_a_thousand_too(
    client_for: Callable[..., FlaskClient], password: str
) -> None:
    assert change(client_for("anna"), password) == 302
    assert service.verify("anna", password) is not None


@pytest.mark.parametrize(
    ("password", "german", "english"),
    [
        ("Passwort123!", "Dieses Passwort steht in Listen", "stands in lists"),
        ("anna-durchwahl", "kaum mehr als ein Name", "little more than a name"),
        ("Vogelsang-77!", "kaum mehr als ein Name", "little more than a name"),
    ],
)
def test_a_bad_password_is_refused_with_its_reason_wherever_one_is_set(
    app: Flask, client_for: Callable[..., FlaskClient], password: str, german: str, english: str
) -> None:
    own = client_for("anna", name="Anna Vogelsang")
    forced = client_for("anna2", name="Anna Vogelsang", must_change_password=True, language="en")
    administrator = client_for("chef", role="administrator")
    sent = {"present": PASSWORD, "password": password, "again": password}
    for client, page, sentence in ((own, "/account/settings", german), (forced, "/account/password", english)):
        answer = client.post("/account/password", data={**sent, "csrf_token": csrf_of(client, page)})
        assert answer.status_code == 422
        assert sentence in answer.text
    form = {"username": "anna3", "password": password, "name": "Anna Vogelsang", "role": "staff", "language": "de"}
    token = csrf_of(administrator, "/users/new")
    answer = administrator.post("/users/new", data={**form, "timezone": "Europe/Berlin", "csrf_token": token})
    assert german in answer.text
    command = ["users", "create", "anna3", "--role", "administrator", "--full-name", "Anna Vogelsang"]
    made = app.test_cli_runner().invoke(args=[*command, "--password-stdin"], input=f"{password}\n")
    assert made.exit_code == 1
    assert english in made.output
    assert service.find_user("anna3") is None
    assert service.verify("anna", PASSWORD) is not None
    assert service.verify("anna2", PASSWORD) is not None


def test_whoever_has_a_bad_password_can_log_in_with_it(app: Flask) -> None:
    service.create_user("ben", "passwort123", "staff", of_demo=True)
    client = app.test_client()
    token = csrf_of(client, "/login")
    answer = client.post("/login", data={"username": "ben", "password": "passwort123", "csrf_token": token})
    assert answer.status_code == 302
    assert client.get("/account/settings").status_code == 200


def test_a_password_is_taken_exactly_as_it_was_typed(client_for: Callable[..., FlaskClient]) -> None:
    typed = "  Zwei Blanks Vorn "
    assert change(client_for("anna"), typed) == 302
    for other in (typed.strip(), typed.lower(), typed[:-1], typed + " "):
        assert service.verify("anna", other) is None
    assert service.verify("anna", typed) is not None


def test_fields_of_secrets_are_masked_and_open_to_managers_of_passwords(admin: FlaskClient, app: Flask) -> None:
    pages = {path: admin.get(path).text for path in ("/account/settings", "/users/new", "/callcenter/settings")}
    pages["/login"] = app.test_client().get("/login").text
    for path, page in pages.items():
        fields = FIELD.findall(page)
        assert fields, path
        for field in fields:
            assert 'type="password"' in field, path
            if "password" in field and path != "/callcenter/settings":
                assert re.search(r'autocomplete="(current|new)-password"', field), path
    # Nothing keeps anybody from pasting into a field.
    own = [file for file in SCRIPTS.rglob("*.js") if "vendor" not in file.parts]
    assert len(own) > 20
    assert [file.name for file in own if re.search(r"[\"']paste[\"']|onpaste", file.read_text("utf-8"))] == []


def test_a_hash_costs_at_least_what_is_asked_of_argon2id() -> None:
    """Memory in KiB: no less than the smallest of the parameters that OWASP recommends for two rounds."""
    # As the application hashes by itself: that of the tests is quicker.
    program = "from app.core.accounts import service; print(service._hasher.hash('a password of an hour'))"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    used = extract_parameters(told.stdout.strip())
    assert used.type is Type.ID
    assert (used.memory_cost >= 19 * 1024, used.time_cost >= 2, used.hash_len >= 16, used.salt_len >= 16) == (True,) * 4

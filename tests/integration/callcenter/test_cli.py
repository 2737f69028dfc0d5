from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from app.core.accounts import service
from app.core.http import HttpFault
from app.modules.callcenter import configuring, connection
from app.modules.callcenter.written_lists import AccountEntry, LineEntry
from tests.conftest import PASSWORD, FakeHttp, build_app
from tests.integration.callcenter.phone_system import CUSTOMER, LINE, PhoneSystem, call_id
from tests.integration.callcenter.web_api import ANNA, BEN, WebApi, set_up

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """``run("check")``: the command of ``flask callcenter placetel``, with what is on its standard input."""

    def call(*arguments: str | Path, stdin: str = "") -> Result:
        words = ["callcenter", "placetel", *(str(argument) for argument in arguments)]
        result: Result = app.test_cli_runner().invoke(args=words, input=stdin)
        return result

    return call


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def to_file(content: str | bytes) -> Path:
        path = tmp_path / "list.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to_file


def refused(result: Result) -> str:
    """The one line with which a command ended."""
    assert result.exit_code == 1, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert result.stdout == ""
    return lines[0]


def test_all_is_configured_at_once(
    run: Run, write: Callable[[str], Path], make_user: Callable[..., int], tmp_path: Path
):
    anna, ben = make_user("Anna"), make_user("ben")
    accounts = write(f"anna:{ANNA}\nBEN:{BEN}\n")
    lines = tmp_path / "lines.txt"
    lines.write_text("03023125100:anna,ben\n")
    result = run(
        *("configure", "--api-key-stdin", "--shared-secret", "abc", "--accounts-file", accounts),
        *("--lines-file", lines, "--base-url", "http://127.0.0.1:8099/v2/"),
        stdin="the-key\n",
    )
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "API key stored.",
        "Shared secret stored.",
        "Address of the API: http://127.0.0.1:8099/v2.",
        "2 accounts stored.",
        "1 line stored.",
    ]
    found = connection.own_settings()
    assert found.api_key is not None
    assert found.shared_secret is not None
    assert (found.api_key.reveal(), found.shared_secret.reveal()) == ("the-key", "abc")
    assert found.base_url == "http://127.0.0.1:8099/v2"
    assert configuring.accounts() == [AccountEntry(ANNA, anna), AccountEntry(BEN, ben)]
    assert configuring.lines() == [LineEntry("03023125100", "+493023125100", "", (anna, ben))]


def test_the_secret_may_come_on_standard_input(run: Run):
    assert run("configure", "--shared-secret-stdin", stdin="abc\n").exit_code == 0
    found = connection.own_settings().shared_secret
    assert found is not None
    assert found.reveal() == "abc"


def test_secrets_are_never_repeated(run: Run):
    assert "abcdef" not in run("configure", "--shared-secret", "abcdef").output


def test_a_log_in_in_the_address_is_demanded_and_demanded_no_longer(app: Flask, run: Run, phones: PhoneSystem):
    demand = ("demand-log-in", "--user", "placetel", "--password-stdin")
    done = run(*demand, stdin="correct-horse-battery\n")
    assert (done.exit_code, "correct" in done.output) == (0, False)
    body = f"event=IncomingCall&from={CUSTOMER}&to={LINE}&call_id={call_id()}&direction=in".encode()
    assert phones.post(body).status_code == 401
    pair = base64.b64encode(b"placetel:correct-horse-battery").decode()
    assert phones.post(body, headers={"Authorization": f"Basic {pair}"}).status_code == 200
    assert run("demand-log-in", "--remove").exit_code == 0
    assert phones.post(body.replace(b"call_id=", b"call_id=z")).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        ((), "", "Give --user and --password-stdin, or --remove."),
        (("--remove", "--user", "x"), "", "Give --user and --password-stdin, or --remove."),
        (("--user", "x"), "", "Both are needed"),
        (("--user", "x y", "--password-stdin"), "correct-horse-battery", "The user consists of"),
        (("--user", "x", "--password-stdin"), "short", "The password consists of"),
        (("--user", "x", "--password-stdin"), "", "password"),
    ],
)
def test_half_a_log_in_is_refused_in_one_line(run: Run, arguments: tuple[str, ...], stdin: str, words: str):
    assert words in refused(run("demand-log-in", *arguments, stdin=stdin))
    assert connection.own_settings().webhook_user == ""


def test_what_is_not_given_stays(app: Flask, run: Run):
    set_up(app)
    run("configure", "--shared-secret", "abc")
    assert connection.own_settings().api_key is not None


def test_configure_asks_nobody(run: Run, http: FakeHttp):
    assert run("configure", "--api-key-stdin", stdin="key").exit_code == 0
    assert http.requests == []


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        ((), "", "Nothing to configure"),
        (("--api-key-stdin", "--shared-secret-stdin"), "x", "Standard input can hold one secret only"),
        (("--shared-secret", "a", "--shared-secret-stdin"), "x", "Give the shared secret once"),
        (("--api-key-stdin",), " \n", "The API key is empty."),
        (("--api-key-stdin",), "two words", "has spaces or several lines"),
        (("--shared-secret", ""), "", "The shared secret is empty."),
        (("--base-url", "nowhere"), "", "nowhere is no address"),
        (("--accounts-file", "/does/not/exist"), "", "cannot be read (FileNotFoundError)"),
    ],
)
def test_each_fault_is_one_clear_line(run: Run, arguments: tuple[str, ...], stdin: str, words: str):
    assert words in refused(run("configure", *arguments, stdin=stdin))


def test_a_bad_file_stores_nothing_at_all(run: Run, write: Callable[[str], Path], make_user: Callable[..., int]):
    make_user("anna")
    path = write(f"anna:{ANNA}\nnobody:{BEN}\nanna")
    told = refused(run("configure", "--shared-secret", "abc", "--accounts-file", path))
    assert "The file of accounts was not stored: line 2: There is no user “nobody”; line 3: The colon" in told
    assert connection.own_settings().shared_secret is None
    assert configuring.accounts() == []


def test_a_file_of_another_encoding_is_one_clear_line(run: Run, write: Callable[[bytes], Path]):
    assert "cannot be read (UnicodeDecodeError)" in refused(run("configure", "--lines-file", write(b"\xff\xfe\x00")))


def test_a_file_of_windows_is_read(run: Run, write: Callable[[bytes], Path], make_user: Callable[..., int]):
    make_user("anna")
    assert run("configure", "--accounts-file", write(f"\ufeffanna:{ANNA}\r\n".encode())).exit_code == 0
    assert len(configuring.accounts()) == 1


def test_an_account_unknown_to_the_telephone_system_is_a_warning(
    app: Flask, run: Run, write: Callable[[str], Path], make_user: Callable[..., int], http: FakeHttp
):
    make_user("anna")
    set_up(app)
    WebApi(http)
    run("check")
    result = run("configure", "--accounts-file", write("anna:9@fpbx.de"))
    assert result.exit_code == 0
    assert "Warning: accounts, line 1: Placetel does not know 9@fpbx.de." in result.output


def test_check_says_that_all_is_well_and_what_to_mind(app: Flask, run: Run, http: FakeHttp):
    set_up(app, shared_secret="abc")
    WebApi(http)
    result = run("check")
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == "The connection works: the API key belongs to Muster GmbH, Muster."
    assert any(line.startswith("Warning: No notification has ever arrived.") for line in result.output.splitlines())


@pytest.mark.parametrize(
    ("status", "fault", "words"),
    [(401, None, "does not accept the API key"), (None, HttpFault.NOT_SENT, "Placetel cannot be reached")],
)
def test_check_ends_with_one_clear_line(
    app: Flask, run: Run, http: FakeHttp, status: int | None, fault: HttpFault | None, words: str
):
    set_up(app)
    api = WebApi(http)
    api.status, api.fault = status, fault
    assert words in refused(run("check"))


def test_check_without_a_key_says_so(run: Run):
    assert "There is no API key yet" in refused(run("check"))


def test_a_running_server_takes_a_command_over(databases: Any, tmp_path: Path):
    url = databases.copy()
    server, command = build_app(url, tmp_path), build_app(url, tmp_path)
    with server.app_context():
        service.create_user("anna", PASSWORD, "staff")
        assert connection.own_settings().api_key is None
        server.extensions["durchwahl"].versions.check(max_age=0)
    result = command.test_cli_runner().invoke(
        args=["callcenter", "placetel", "configure", "--api-key-stdin"], input="k"
    )
    assert result.exit_code == 0
    with server.app_context():
        server.extensions["durchwahl"].versions.check(max_age=0)
        assert connection.own_settings().api_key is not None
    for app in (server, command):
        app.extensions["durchwahl"].database.dispose()


def test_only_a_command_of_the_app_is_there(app: Flask, admin: FlaskClient):
    assert {"placetel", "replay"} <= set(app.cli.commands["callcenter"].commands)  # type: ignore[attr-defined] # a group

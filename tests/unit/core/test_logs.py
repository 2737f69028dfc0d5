from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from app.core import logs
from loglines import JsonLines, TextLines, configuration, shortened

NUMBER = "+4922147100500"


def _record(message: str, *given: Any, error: Exception | None = None) -> logging.LogRecord:
    caught = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("app.somewhere", logging.ERROR, "file.py", 1, message, given, caught)


def _answer(environ: dict[str, Any], *, behind_proxy: bool = False, lines: bool = False) -> tuple[str | None, str]:
    """The id inside the request, and the one in the answer's header."""
    inside: list[str | None] = []
    headers: dict[str, str] = {}

    def app(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        inside.append(logs.current_id())
        start("200 OK", [("Content-Type", "text/plain")])
        return [b""]

    def start(_status: str, given: list[tuple[str, str]]) -> None:
        headers.update(given)

    logs.Requests(app, behind_proxy=behind_proxy, lines=lines)(environ, start)
    return inside[0], headers["X-Request-ID"]


def test_a_request_has_an_id_of_its_own_and_tells_it() -> None:
    first, second = _answer({}), _answer({})
    assert first[0] == first[1]
    assert re.fullmatch("[0-9a-f]{16}", first[1])
    assert first != second
    assert logs.current_id() is None


def test_the_id_of_the_reverse_proxy_is_taken() -> None:
    given = "3f1c5d0e9b8a7f6e5d4c3b2a19080706"
    assert _answer({"HTTP_X_REQUEST_ID": given}, behind_proxy=True) == (given, given)


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with a blank", 'quo"tes-and', "line\nbreaks-", "-begins-so", "größer-als-ascii"]
)
def test_an_odd_id_is_replaced(given: str) -> None:
    inside, told = _answer({"HTTP_X_REQUEST_ID": given}, behind_proxy=True)
    assert inside == told != given


def test_without_a_proxy_in_front_nobody_chooses_an_id() -> None:
    inside, told = _answer({"HTTP_X_REQUEST_ID": "chosen-by-a-stranger"})
    assert inside == told != "chosen-by-a-stranger"


def test_the_line_of_a_request_leaves_out_the_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.access")
    _answer({"REQUEST_METHOD": "GET", "PATH_INFO": "/addresses/", "QUERY_STRING": "q=secret"}, lines=True)
    (line,) = caplog.messages
    assert re.fullmatch(r"GET /addresses/ -> 200 in \d+\.\d ms", line)


def test_a_json_line_is_one_object_with_the_id_of_what_it_belongs_to() -> None:
    with logs.belonging_to("run", "abcdef0123456789"):
        line = JsonLines().format(_record("job %s failed\nbadly", "prune"))
    assert "\n" not in line
    told = json.loads(line)
    assert told["run"] == "abcdef0123456789"
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", "app.somewhere", "job prune failed\nbadly")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["time"])


def test_a_text_line_has_the_id_in_brackets() -> None:
    with logs.belonging_to("request", "abcdef0123456789"):
        line = TextLines().format(_record("failed"))
    assert line.endswith("ERROR app.somewhere [abcdef0123456789]: failed")


@pytest.mark.parametrize("form", [JsonLines(), TextLines()])
def test_no_number_that_somebody_sent_is_written_in_full(form: logging.Formatter) -> None:
    try:
        raise ValueError(f"no such number: {NUMBER}")
    except ValueError as error:
        line = form.format(_record("failed: %s", f"/lookup/{NUMBER}", error=error))
    assert NUMBER not in line
    assert "22147100500" not in line
    assert "+4922…" in line
    assert "ValueError" in line


@pytest.mark.parametrize("form", [JsonLines(), TextLines()])
def test_times_are_utc_whatever_the_zone_of_the_server(
    form: logging.Formatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = _record("failed")
    record.created = 1_772_359_200.5
    lines = set()
    try:
        for zone in ("Europe/Berlin", "America/New_York", "UTC"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            lines.add(form.format(record))
    finally:
        monkeypatch.undo()
        time.tzset()
    (line,) = lines
    assert "2026-03-01T10:00:00.500Z" in line


def test_ids_of_rows_stay_as_they_are() -> None:
    assert (
        TextLines()
        .format(_record("notification %s was not processed", 12345678))
        .endswith("12345678 was not processed")
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("02214710000", "0221…"),
        ("call +491713920001 now", "call +4917… now"),
        ("on 2026-11-23 at 10:10:16.123456", "on 2026-11-23 at 10:10:16.123456"),
        ("127.0.0.1:8000", "127.0.0.1:8000"),
        ("3f1c5d0e9b8a7f6e", "3f1c5d0e9b8a7f6e"),
        ("extension 123456", "extension 123456"),
    ],
)  # fmt: skip
def test_only_long_rows_of_digits_are_shortened(text: str, expected: str) -> None:
    assert shortened(text) == expected


def test_a_line_whose_values_do_not_fit_is_written_all_the_same() -> None:
    assert "three %d" in TextLines().format(_record("three %d", "words"))


def test_the_server_writes_its_own_lines_in_the_same_form() -> None:
    known = configuration("json", "INFO")
    assert known["formatters"]["lines"]["()"] == "loglines.JsonLines"
    assert known["loggers"]["gunicorn.error"] == {"level": "INFO", "handlers": [], "propagate": True}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/hooks/s3cret", "/hooks/…"),
        ("/hooks/s3cret/more", "/hooks/…"),
        ("//hooks//s3cret", "/hooks/…"),
        ("/hooks", "/hooks"),
        ("/other/hooks/s", "/other/hooks/s"),
        ("//login", "//login"),
    ],
)
def test_a_secret_in_a_path_stands_in_no_line(path: str, shown: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="app.access")

    def app(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        return [b""]

    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path}
    logs.Requests(app, behind_proxy=False, lines=True, secret_paths=["/hooks/"])(environ, lambda *_given: None)
    assert f"POST {shown} -> 200" in caplog.text


def test_the_servers_own_line_of_a_request_is_off_at_every_level() -> None:
    """It would hold what follows the question mark, and the secrets in paths."""
    for level in ("DEBUG", "INFO", "WARNING"):
        told = configuration("text", level)["loggers"]["gunicorn.access"]
        assert (told["level"], told["propagate"], told["handlers"]) == ("CRITICAL", False, [])

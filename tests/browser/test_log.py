"""No secret, no whole telephone number and no payload in the server's log, however much it is told to log; and each
line says which request or run it belongs to.
"""  # fmt: skip

from __future__ import annotations

import base64
import contextlib
import json
import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from websocket import WebSocketBadStatusException

from app.core.demo import DEMO_PASSWORD
from tests.browser.stack import ANNA, ANNAS_LINE, API_KEY, SECRET, Stack
from tests.wire import WEBHOOK, LiveSocket, Person, Refused, incoming, notify, signed

#: Callers, and whom we call: their digits without the leading zero are looked for.
KNOWN, UNKNOWN, FOREIGN, DIALLED = "022147100500", "017139200017", "0041446681800", "03023125123"
NEW_PASSWORD = "a brand new password"


@pytest.fixture(scope="module")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("log") / "data"
    shutil.copytree(prepared, folder)
    # DEBUG logs all that the other levels do.
    running = Stack(folder, LOG_LEVEL="DEBUG", LOG_FORMAT="json", ACCESS_LOG="1", PROXY_HOPS="1")
    running.flask("callcenter", "placetel", "configure", "--base-url", f"http://127.0.0.1:{running.simulator_port}/v2")
    running.start()
    yield running
    running.stop()


def test_the_log_holds_no_secret_no_number_and_no_payload(server: Stack) -> None:
    token = server.flask("tokens", "create", "anna", "--name", "log").split()[-1]
    secrets = {SECRET, API_KEY, DEMO_PASSWORD, NEW_PASSWORD, token, server.env["SECRET_KEY"]}
    _use_the_telephone(server)
    _tell_nonsense(server)
    _use_the_api(server, token)
    secrets |= _use_the_pages(server)
    headers = {"X-Request-ID": "id-of-the-reverse-proxy"}
    answer = requests.get(f"{server.url}/nowhere", params={"q": UNKNOWN}, headers=headers, timeout=10)
    assert answer.headers["X-Request-ID"] == headers["X-Request-ID"]
    log = server.server_log()
    lines = [json.loads(line) for line in log.splitlines()]
    (told,) = [line for line in lines if line.get("request") == headers["X-Request-ID"]]
    assert told["message"].startswith("GET /nowhere -> 404 in ")
    assert any(line["logger"].startswith("gunicorn") for line in lines)
    assert any(line["logger"] == "app.core.http" and "request" in line for line in lines)
    assert "wrong_signature" in log  # what an administrator looks for is there
    assert not [secret for secret in secrets if secret in log]
    digits = re.sub(r"[^0-9\n]+", "", log)
    assert not [number for number in (KNOWN, UNKNOWN, FOREIGN, DIALLED) if number.lstrip("0") in digits]
    assert not re.findall(r"IncomingCall|HungUp|call_id=|from=|dw_|Bearer", log)


def _use_the_telephone(server: Stack) -> None:
    phones = server.simulator
    for number in (KNOWN, UNKNOWN, FOREIGN):
        call = phones.incoming(number, ANNAS_LINE)
        phones.accept(call.call_id, ANNA)
        phones.hangup(call.call_id)
    phones.voicemail(phones.incoming(UNKNOWN, ANNAS_LINE).call_id)
    phones.hangup(phones.outgoing(ANNA, DIALLED).call_id)


def _tell_nonsense(server: Stack) -> None:
    assert notify(server.url, "wrong secret", **incoming("wrongly signed", UNKNOWN)).status_code == 403
    odd = incoming("an unknown event", UNKNOWN) | {"event": "Nothing known"}
    assert notify(server.url, SECRET, **odd).status_code == 200
    without = {name: value for name, value in incoming("malformed", UNKNOWN).items() if name != "call_id"}
    assert notify(server.url, SECRET, **without).status_code == 200
    body, headers = signed(SECRET, **incoming("too large", UNKNOWN, line="0" * 100_000))
    assert requests.post(server.url + WEBHOOK, data=body, headers=headers, timeout=10).status_code == 413


def _use_the_api(server: Stack, token: str) -> None:
    api, own = f"{server.url}/api/v1", {"Authorization": f"Bearer {token}"}
    phones = server.simulator

    def dial(key: str, number: str = DIALLED) -> int:
        order = {"number": number, "idempotency_key": key}
        return requests.post(f"{api}/calls", json=order, headers=own, timeout=30).status_code

    assert requests.get(f"{api}/lookup", params={"number": UNKNOWN}, headers=own, timeout=10).status_code == 200
    assert requests.get(f"{api}/lookup", headers={"Authorization": "Bearer dw_wrong"}, timeout=10).status_code == 401
    assert dial("as-it-should-be") == 202
    phones.reset()
    phones.settings(api_key="another key")
    assert dial("with-a-wrong-key", KNOWN) >= 400
    phones.settings(api_key=API_KEY)
    address = {"name": "Muster GmbH", "phone_numbers": [{"kind": "phone", "raw": DIALLED}]}
    assert requests.post(f"{api}/addresses", json=address, headers=own, timeout=10).status_code == 201
    assert requests.post(f"{api}/addresses", data=f'{{"name": "{DIALLED}', headers=own, timeout=10).status_code >= 400


def _use_the_pages(server: Stack) -> set[str]:
    """Returns what the cookies held."""
    wrong = requests.post(f"{server.url}/login", data={"username": "anna", "password": DEMO_PASSWORD}, timeout=10)
    assert wrong.status_code == 400
    with pytest.raises(AssertionError, match="cannot log in"):
        Person(server.url, "anna", NEW_PASSWORD)
    with contextlib.closing(Person(server.url, "anna", DEMO_PASSWORD)) as anna:
        with contextlib.closing(anna.socket()) as socket:
            socket.ask("calls")
        with pytest.raises(WebSocketBadStatusException):
            anna.socket(origin="https://evil.example")
        with pytest.raises(Refused):
            LiveSocket(server.url, "durchwahl=made-up")
        for path in (f"/addresses/?q={UNKNOWN}", f"/callcenter/?q={KNOWN}", f"/addresses/new?number={UNKNOWN}"):
            assert anna.get(path).status_code == 200
        anna.post("/callcenter/dial", number=DIALLED, idempotency_key="pressed")
        anna.post("/addresses/new", name="Neu GmbH", **{"phone_numbers-0-raw": UNKNOWN})
        anna.post("/account/password", present=DEMO_PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD)
        cookie = anna.http.cookies["durchwahl"]
        anna.post("/logout")
    return {cookie, cookie.split(".")[-1], *_session_ids(cookie)}


def _session_ids(cookie: str) -> list[str]:
    """The random texts inside Flask's cookie, which is signed and not encrypted."""
    packed = cookie.startswith(".")
    payload = cookie.lstrip(".").split(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    found = re.findall(r'"([A-Za-z0-9_-]{20,})"', (zlib.decompress(raw) if packed else raw).decode())
    assert found
    return found

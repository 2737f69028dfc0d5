"""Behind the nginx of deploy/: TLS, the address that visitors use, sockets, notifications, restarts."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.core.demo import DEMO_PASSWORD
from tests.browser.proxy import NAME, site
from tests.browser.screen import card
from tests.browser.stack import SECRET, ZENTRALE, Stack
from tests.services import free_port, nginx_server
from tests.wire import WEBHOOK, incoming, signed

KNOWN = "01713920010"


class Proxied:
    """An installation, and where nginx serves it."""

    def __init__(self, stack: Stack, https_port: int, http_port: int, folder: Path) -> None:
        self.stack = stack
        self.https_port = https_port
        self.http_port = http_port
        self.folder = folder
        self.url = f"https://{NAME}:{https_port}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """One request over TLS."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        connection = http.client.HTTPSConnection(NAME, self.https_port, timeout=20, context=context)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer


@pytest.fixture(scope="module")
def proxied(prepared: Path, tmp_path_factory: pytest.TempPathFactory, simulator_port: int) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxied") / "data"
    shutil.copytree(prepared, folder)
    http_port = free_port()
    places: list[Path] = []
    stack = Stack(folder, simulator_port=simulator_port)

    def ours(https_port: int, where: Path) -> str:
        places[:] = [where]
        return site([stack.port], http_port, https_port, where)

    with nginx_server(ours) as https_port:
        stack.env.update(PUBLIC_URL=f"https://{NAME}:{https_port}", PROXY_HOPS="1")
        stack.start()
        try:
            yield Proxied(stack, https_port, http_port, places[0])
        finally:
            stack.stop()


def test_a_call_reaches_the_screen_through_tls(proxied: Proxied, chromium: Browser) -> None:
    context = chromium.new_context(ignore_https_errors=True, locale="de-DE")
    page = context.new_page()
    page.goto(f"{proxied.url}/login")
    page.fill("#username", "anna")
    page.fill("#password", DEMO_PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)
    (cookie,) = (one for one in context.cookies() if one["name"] == "__Host-durchwahl")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    expect(page.locator("#call-told")).to_have_count(1)
    call = proxied.stack.simulator.incoming(KNOWN, ZENTRALE)
    expect(card(page, "Eingehender Anruf")).to_be_visible()
    proxied.stack.simulator.hangup(call.call_id)
    context.close()


def test_a_signed_notification_arrives_byte_by_byte(proxied: Proxied) -> None:
    body, headers = signed(SECRET, **incoming("through-nginx"))
    assert proxied.ask("POST", WEBHOOK, body, headers).status == 200
    assert proxied.ask("POST", WEBHOOK, body + b"&", headers).status == 403
    assert proxied.ask("POST", WEBHOOK, b"x" * (64 * 1024 + 1), headers).status == 413


def test_the_visitor_s_own_forwarding_headers_are_not_believed(proxied: Proxied) -> None:
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-For": "198.51.100.7"}
    answer = proxied.ask("GET", "/addresses/", headers=spoofed)
    assert answer.status == 302
    assert "evil.example" not in answer.headers["Location"]
    assert answer.headers["Strict-Transport-Security"]
    body, headers = signed("a wrong secret", **incoming("spoofed"))
    assert proxied.ask("POST", WEBHOOK, body, {**headers, **spoofed}).status == 403


def test_plain_http_is_sent_to_https(proxied: Proxied) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", proxied.http_port, timeout=10)) as connection:
        connection.request("GET", "/login?next=/", headers={"Host": NAME})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, f"{proxied.url}/login?next=/")


def test_another_name_gets_nothing(proxied: Proxied) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", proxied.http_port, timeout=10)) as connection:
        connection.request("GET", "/", headers={"Host": "evil.example"})
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", proxied.https_port), timeout=10) as plain,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(plain, server_hostname="evil.example")


def test_what_is_looked_for_stands_in_no_log(proxied: Proxied) -> None:
    proxied.ask("GET", "/addresses/?q=02214710999")
    log = (proxied.folder / "durchwahl.log").read_text()
    assert re.search(r'"GET /addresses/" 302 ', log)
    assert "02214710999" not in log

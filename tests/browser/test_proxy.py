"""Behind the nginx of deploy/: TLS, the address that visitors use, sockets, notifications, restarts."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.core.demo import DEMO_PASSWORD
from tests.browser.proxy import NAME, SITE, site
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


def in_the_clear(
    proxied: Proxied, method: str, path: str, headers: dict[str, str] | None = None
) -> http.client.HTTPResponse:
    """One request without TLS."""
    with closing(http.client.HTTPConnection("127.0.0.1", proxied.http_port, timeout=10)) as connection:
        connection.request(method, path, headers={"Host": NAME, **(headers or {})})
        return connection.getresponse()


def test_plain_http_is_sent_to_https(proxied: Proxied) -> None:
    for method in ("GET", "HEAD"):
        answer = in_the_clear(proxied, method, "/login?next=/")
        assert (answer.status, answer.headers["Location"]) == (301, f"{proxied.url}/login?next=/")


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", WEBHOOK, {}),
        ("POST", "/callcenter/webhook/placetel", {}),
        ("GET", "/callcenter/webhook/placetel", {}),
        ("POST", "/api/v1/cti/0123456789", {}),
        ("GET", "/api/v1/cti/0123456789", {}),
        ("GET", "//api//v1/addresses", {}),
        ("GET", "/%61pi/v1/addresses", {}),
        ("GET", "/api/v1/addresses", {"Authorization": "Bearer x"}),
        ("DELETE", "/api/v1/addresses/1", {}),
        ("GET", "/metrics", {}),
        ("GET", "/socket.io/?EIO=4&transport=websocket", {}),
        ("POST", "/login", {}),
        ("GET", "/addresses/", {"Authorization": "Bearer x"}),
    ],
)
def test_what_programs_send_in_the_clear_is_refused_and_led_nowhere(
    proxied: Proxied, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = in_the_clear(proxied, method, path, headers)
    assert (answer.status, answer.headers["Location"]) == (403, None)


def shaken(proxied: Proxied, versions: tuple[ssl.TLSVersion, ssl.TLSVersion], ciphers: str) -> str:
    """The cipher that nginx chose of those of a client with these versions. Raises SSLError where it will not."""
    context = ssl.create_default_context(cafile=str(proxied.folder / "fullchain.pem"))
    context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        # That old versions are old is what is tried.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = versions
    with (
        socket.create_connection(("127.0.0.1", proxied.https_port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as wrapped,
    ):
        cipher = wrapped.cipher()
        assert cipher
        return cipher[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_no_version_of_tls_before_1_2_is_spoken(proxied: Proxied, version: ssl.TLSVersion) -> None:
    with pytest.raises(ssl.SSLError) as refused:
        shaken(proxied, (version, version), "ALL:@SECLEVEL=0")
    # Said by nginx, so it is not our own side that will not.
    assert "TLSV1_ALERT_PROTOCOL_VERSION" in str(refused.value)


def test_of_the_strong_ciphers_the_strongest_is_taken(proxied: Proxied) -> None:
    only_1_2 = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    only_1_3 = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)
    weak_first = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
    assert shaken(proxied, only_1_2, weak_first) == "ECDHE-ECDSA-AES256-GCM-SHA384"
    assert shaken(proxied, only_1_2, "ECDHE-ECDSA-AES128-GCM-SHA256") == "ECDHE-ECDSA-AES128-GCM-SHA256"
    assert shaken(proxied, only_1_3, "ALL") == "TLS_AES_256_GCM_SHA384"
    for weak in ("ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-NULL-SHA", "AECDH-AES256-SHA"):
        with pytest.raises(ssl.SSLError, match="ALERT_HANDSHAKE_FAILURE"):
            shaken(proxied, only_1_2, f"{weak}:@SECLEVEL=0")


def test_ciphers_of_the_site_agree_on_a_key_for_each_connection() -> None:
    """What a certificate with an RSA key would bring into use is no weaker."""
    named = re.findall(r"ssl_ciphers ([^;]+);", SITE.read_text("utf-8"))
    assert len(named) == 1
    for cipher in named[0].split(":"):
        assert re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)", cipher)


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


@pytest.mark.parametrize(
    "framing",
    [
        ["Content-Length: 4", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 4"],
        ["Content-Length: 4", "Content-Length: 40"],
        ["Content-Length: +4"],
        ["Content-Length: 4, 40"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding : chunked"],
    ],
)
def test_a_request_whose_end_is_unclear_is_refused_and_hides_no_other(proxied: Proxied, framing: list[str]) -> None:
    hidden = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    sent = "\r\n".join([f"POST {WEBHOOK} HTTP/1.1", f"Host: {NAME}", *framing, "", f"0\r\n\r\n{hidden}{hidden}"])
    context = ssl.create_default_context(cafile=str(proxied.folder / "fullchain.pem"))
    with (
        socket.create_connection(("127.0.0.1", proxied.https_port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as wrapped,
    ):
        through_nginx = _told(wrapped, sent)
    with socket.create_connection(("127.0.0.1", proxied.stack.port), timeout=20) as connection:
        by_ourselves = _told(connection, sent)
    for answers in (through_nginx, by_ourselves):
        (status,) = re.findall(rb"^HTTP/1\.1 (\d{3})", answers, re.MULTILINE)
        assert status in (b"400", b"501")


def _told(connection: socket.socket, sent: str) -> bytes:
    """All that is answered until the other side closes."""
    connection.sendall(sent.encode())
    answers = b""
    while block := connection.recv(65536):
        answers += block
    return answers


def test_what_is_looked_for_stands_in_no_log(proxied: Proxied) -> None:
    proxied.ask("GET", "/addresses/?q=02214710999")
    log = (proxied.folder / "durchwahl.log").read_text()
    assert re.search(r'"GET /addresses/" 302 ', log)
    assert "02214710999" not in log

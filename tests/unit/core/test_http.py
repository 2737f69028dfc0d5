"""The outgoing client against real sockets on the loopback: what a caller is told when things go wrong."""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from app.core import http as http_module
from app.core.destinations import Destinations
from app.core.http import HttpError, HttpFault, HttpResponse, RequestsClient
from tests.unit.core.loopback import (
    Server,
    drips,
    make_certificate,
    says,
    server_context,
    serving,
    silent,
    with_body,
)


def get(server: Server, client: RequestsClient | None = None, scheme: str = "http") -> HttpResponse:
    client = client or RequestsClient(connect_timeout=1, read_timeout=1, total_timeout=2)
    return client.request("GET", f"{scheme}://127.0.0.1:{server.port}/v2/me")


def fault_of(server: Server, client: RequestsClient | None = None, scheme: str = "http") -> HttpError:
    with pytest.raises(HttpError) as caught:
        get(server, client, scheme)
    return caught.value


class TestAnAnswer:
    def test_comes_back_with_status_lower_case_headers_and_body(self) -> None:
        raw = with_body(b'{"platform": "PROFI"}', headers="X-Request-Id: 7\r\n")
        with serving(says(raw)) as server:
            answer = get(server)
        assert answer.status == 200
        assert answer.headers["x-request-id"] == "7"
        assert answer.json() == {"platform": "PROFI"}

    @pytest.mark.parametrize("status", ["404 Not Found", "429 Too Many Requests", "500 Oops"])
    def test_of_any_status_is_an_answer_and_no_error(self, status: str) -> None:
        with serving(says(with_body(b"{}", status))) as server:
            assert get(server).status == int(status[:3])

    def test_may_be_empty(self) -> None:
        with serving(says(with_body(b"", "201 Created"))) as server:
            answer = get(server)
        assert (answer.status, answer.body) == (201, b"")
        with pytest.raises(ValueError):
            answer.json()

    def test_may_be_sent_in_chunks(self) -> None:
        raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"
        with serving(says(raw)) as server:
            assert get(server).json() == [1, 2]

    def test_may_end_with_the_connection(self) -> None:
        with serving(says(b"HTTP/1.0 200 OK\r\n\r\n[]")) as server:
            assert get(server).json() == []

    def test_that_redirects_is_not_followed(self) -> None:
        with serving(says(with_body(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n"))) as server:
            answer = get(server)
            assert len(server.requests) == 1
        assert answer.status == 302

    def test_shows_neither_headers_nor_body_in_its_repr(self) -> None:
        answer = HttpResponse(200, {"set-cookie": "secret-cookie"}, b'{"password": "secret-body"}')
        assert "secret" not in repr(answer)

    def test_nested_without_end_is_a_value_error(self) -> None:
        with pytest.raises(ValueError, match="nested"):
            HttpResponse(200, {}, b"[" * 200_000).json()


class TestWhatIsSent:
    def test_holds_headers_query_and_json(self) -> None:
        with serving(says(with_body(b"", "201 Created"))) as server:
            RequestsClient().request(
                "POST",
                f"http://127.0.0.1:{server.port}/v2/calls",
                headers={"Authorization": "Bearer key-1"},
                params={"filter[date]": "2026-03-01", "page": "1"},
                json={"target": "022147100123"},
            )
            (request,) = server.requests
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[0] == "POST /v2/calls?filter%5Bdate%5D=2026-03-01&page=1 HTTP/1.1"
        assert f"Host: 127.0.0.1:{server.port}" in lines
        assert "Authorization: Bearer key-1" in lines
        assert "Content-Type: application/json" in lines
        assert json.loads(body) == {"target": "022147100123"}

    def test_is_sent_once_even_when_the_connection_breaks(self) -> None:
        with serving(says(b"")) as server:
            fault_of(server)
            time.sleep(0.1)  # a second attempt would have arrived by now
            assert len(server.requests) == 1

    def test_ignores_the_proxies_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        with serving(says(with_body(b"[]"))) as server:
            assert get(server).json() == []

    @pytest.mark.parametrize("value", ["key\r\nX-Injected: 1", "schlüssel-€"])
    def test_cannot_be_split_by_a_bad_header_and_the_error_does_not_quote_it(self, value: str) -> None:
        with serving(says(with_body(b"[]"))) as server:
            with pytest.raises(HttpError) as caught:
                RequestsClient().request("GET", f"http://127.0.0.1:{server.port}/", headers={"Authorization": value})
            assert server.requests == []
        assert caught.value.fault is HttpFault.NOT_SENT
        assert value not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


class TestWhoMayBeAsked:
    """Names lead where this test says; the server that listens there must hear nothing."""

    @pytest.fixture
    def leads(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        real = socket.getaddrinfo

        def lead(*answers: str) -> None:
            """The next questions for a name that is made up are answered so, the last one from then on."""
            left = list(answers)

            def getaddrinfo(host: Any, port: Any, *args: Any, **named: Any) -> Any:
                if not str(host).endswith(".example"):
                    return real(host, port, *args, **named)
                return real(left.pop(0) if len(left) > 1 else left[0], port, *args, **named)

            monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

        return lead

    def refused(self, url: str, destinations: Destinations) -> None:
        with pytest.raises(HttpError) as caught:
            RequestsClient(connect_timeout=1, destinations=destinations).request("GET", url)
        assert (caught.value.fault, str(caught.value)) == (HttpFault.NOT_SENT, "NotAllowed")

    def test_a_name_that_leads_to_this_machine_is_refused_before_anything_is_sent(
        self, leads: Callable[..., None]
    ) -> None:
        leads("127.0.0.1")
        with serving(says(with_body(b"[]"))) as server:
            self.refused(f"https://rebound.example:{server.port}/v2", Destinations())
            assert server.taken == 0

    def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing(self, leads: Callable[..., None]) -> None:
        leads("8.8.8.8", "127.0.0.1")
        with serving(says(with_body(b"[]"))) as server:
            self.refused(f"https://rebound.example:{server.port}/v2", Destinations())
            assert server.requests == []

    def test_who_is_not_on_the_list_is_not_asked(self) -> None:
        with serving(says(with_body(b"[]"))) as server:
            self.refused(f"http://127.0.0.1:{server.port}/v2", Destinations(("api.placetel.de",)))
            assert server.taken == 0

    def test_who_is_on_the_list_is_asked_within_the_own_network(self, leads: Callable[..., None]) -> None:
        leads("127.0.0.1")
        with serving(says(with_body(b"[]"))) as server:
            client = RequestsClient(destinations=Destinations(("pbx.example",)))
            assert client.request("GET", f"http://pbx.example:{server.port}/v2").json() == []
            self.refused(f"http://other.example:{server.port}/v2", Destinations(("pbx.example",)))

    def test_where_a_redirect_points_is_not_asked(self) -> None:
        with serving(says(with_body(b"secret"))) as inner:
            location = f"Location: http://127.0.0.1:{inner.port}/latest/meta-data\r\n"
            with serving(says(with_body(b"", "307 Temporary Redirect", location))) as server:
                assert get(server).status == 307
            assert inner.taken == 0

    @pytest.mark.parametrize("url", ["http://169.254.169.254/latest/meta-data", "https://[fd00:ec2::254]/"])
    def test_the_metadata_of_a_cloud_are_refused(self, url: str) -> None:
        self.refused(url, Destinations())
        self.refused(url, Destinations(ourselves=True))


class TestSurelyNotSent:
    def test_when_the_connection_is_refused(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with pytest.raises(HttpError) as caught:
            RequestsClient().request("POST", f"http://127.0.0.1:{port}/")
        assert caught.value.fault is HttpFault.NOT_SENT
        assert not caught.value.may_have_arrived

    def test_when_nobody_takes_the_connection_in_time(self) -> None:
        # A listener whose queue is full neither takes nor refuses.
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            address = listener.getsockname()
            waiting = [socket.socket() for _ in range(4)]
            for client in waiting:
                client.setblocking(False)
                client.connect_ex(address)
            started = time.monotonic()
            with pytest.raises(HttpError) as caught:
                RequestsClient(connect_timeout=0.2).request("GET", f"http://127.0.0.1:{address[1]}/")
            for client in waiting:
                client.close()
        assert caught.value.fault is HttpFault.NOT_SENT
        assert time.monotonic() - started < 2

    @pytest.mark.parametrize("host", ["pbx.invalid", "a..b", "x" * 64])
    def test_when_there_is_no_such_host(self, host: str) -> None:
        with pytest.raises(HttpError) as caught:
            RequestsClient().request("GET", f"http://{host}/")
        assert caught.value.fault is HttpFault.NOT_SENT

    def test_when_the_host_speaks_no_tls(self) -> None:
        with serving(says(with_body(b"[]")), read=False) as server:
            assert fault_of(server, scheme="https").fault is HttpFault.NOT_SENT
            assert server.requests == []

    def test_when_nobody_vouches_for_the_certificate(self, certificate: Path) -> None:
        with serving(says(with_body(b"[]")), tls=server_context(certificate)) as server:
            error = fault_of(server, scheme="https")
            assert server.requests == []
        assert error.fault is HttpFault.NOT_SENT
        assert str(error) == "SSLError"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "/v2/me",
            "ftp://pbx.example/",
            "file:///etc/passwd",
            "http://",
            "http://user:word@pbx.example/",
            "http://pbx.example:port/",
            "http://pbx.example:99999/",
            "http://[::1/",
            "http://pbx.example/a b",
            "http://pbx.example/\r\nX-Injected: 1",
            "http://pbx.example/ü",
        ],
    )
    def test_when_the_address_is_none(self, url: str) -> None:
        with pytest.raises(HttpError) as caught:
            RequestsClient().request("GET", url)
        assert str(caught.value) == "NoHttpAddress"
        assert caught.value.fault is HttpFault.NOT_SENT


class TestPerhapsCarriedOut:
    def test_when_the_tls_greeting_is_never_answered(self) -> None:
        # Nothing was sent, but the library does not say so: then it may have been.
        with serving(silent, read=False) as server:
            client = RequestsClient(connect_timeout=0.2, read_timeout=0.2)
            assert fault_of(server, client, scheme="https").may_have_arrived

    def test_when_the_answer_does_not_come_in_time(self) -> None:
        with serving(silent) as server:
            error = fault_of(server, RequestsClient(read_timeout=0.1))
            assert len(server.requests) == 1
        assert error.fault is HttpFault.TIMEOUT
        assert error.timed_out
        assert error.may_have_arrived

    @pytest.mark.parametrize(
        ("first", "drop"),
        [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
            (b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
        ],
        ids=["body", "chunks", "body without length"],
    )
    def test_when_the_answer_drips_longer_than_the_whole_exchange_may_take(self, first: bytes, drop: bytes) -> None:
        with serving(drips(first, drop)) as server:
            started = time.monotonic()
            error = fault_of(server, RequestsClient(read_timeout=30, total_timeout=0.3))
            elapsed = time.monotonic() - started
        assert error.fault is HttpFault.TIMEOUT
        # The server would go on for ever, and the time-out of a single read never ends it; a busy machine may be late.
        assert elapsed < 20

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"SSH-2.0-OpenSSH\r\n",
            b"HTTP/1.1 abc\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 200 + b"\r\n",
            b"HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        ],
        ids=[
            "nothing",
            "no HTTP",
            "no status",
            "long header",
            "many headers",
            "cut",
            "bad chunk",
            "cut chunk",
        ],
    )
    def test_when_the_answer_is_broken(self, raw: bytes) -> None:
        with serving(says(raw)) as server:
            error = fault_of(server)
            assert len(server.requests) == 1
        assert error.fault is HttpFault.BROKEN
        assert error.may_have_arrived

    @pytest.mark.parametrize("head", ["Content-Length: 5000\r\n", ""])
    def test_when_the_answer_is_larger_than_we_take(self, head: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http_module, "MAX_ANSWER_BYTES", 1000)
        with serving(says(f"HTTP/1.0 200 OK\r\n{head}\r\n".encode() + b"x" * 5000)) as server:
            assert fault_of(server).fault is HttpFault.BROKEN


class TestTls:
    def test_checks_the_certificate_and_speaks(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with serving(says(with_body(b"[]")), tls=server_context(certificate)) as server:
            assert get(server, scheme="https").json() == []
            assert get(server, scheme="https").status == 200

    def test_refuses_a_certificate_for_another_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        other = make_certificate(tmp_path / "other.pem", x509.DNSName("pbx.example"))
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        with serving(says(with_body(b"[]")), tls=server_context(other)) as server:
            assert fault_of(server, scheme="https").fault is HttpFault.NOT_SENT


class TestTheLog:
    def test_has_method_host_path_status_and_no_secret(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        with serving(says(with_body(b'{"secret": "body-of-answer"}'))) as server:
            RequestsClient().request(
                "POST",
                f"http://127.0.0.1:{server.port}/v2/calls",
                headers={"Authorization": "Bearer key-of-ours"},
                params={"number": "022147100123"},
                json={"target": "017139200001"},
            )
        (line,) = [record.getMessage() for record in caplog.records if record.name == "app.core.http"]
        assert line.startswith("POST 127.0.0.1/v2/calls -> 200 in ")
        for secret in ("key-of-ours", "022147100123", "017139200001", "body-of-answer"):
            assert secret not in caplog.text

    @pytest.mark.parametrize("before", ["", "/erp"])
    def test_has_nothing_of_the_secret_in_a_path_of_ours(self, caplog: pytest.LogCaptureFixture, before: str) -> None:
        caplog.set_level(logging.DEBUG)
        with serving(says(with_body(b"{}"))) as server:
            client = RequestsClient(secret_paths=["/hooks/"])
            client.request("POST", f"http://127.0.0.1:{server.port}{before}/hooks/token-for-tests")
        assert f"POST 127.0.0.1{before}/hooks/… -> 200 in " in caplog.text
        assert "token-for-tests" not in caplog.text

    def test_has_a_line_for_a_failure_too(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        with serving(says(b"")) as server:
            fault_of(server)
        assert "GET 127.0.0.1/v2/me -> broken (ProtocolError) in " in caplog.text


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path / "loopback.pem", x509.IPAddress(ipaddress.ip_address("127.0.0.1")))

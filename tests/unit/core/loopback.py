"""A server on the loopback that answers exactly the bytes it is told to, for tests of the outgoing client."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Behaviour = Callable[[socket.socket, "Server"], None]


class Server:
    """Takes one connection at a time, reads the request, then does what it was told to."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None, read: bool = True) -> None:
        self._behaviour = behaviour
        self._tls = tls
        self._read = read
        self.requests: list[bytes] = []
        self.taken = 0
        self.stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self.stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.taken += 1
            with connection:
                connection.settimeout(5)
                try:
                    self._talk(connection)
                except OSError:
                    continue  # the client went away first, as it should in most of these tests

    def _talk(self, connection: socket.socket) -> None:
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        with connection:
            if self._read:
                self.requests.append(read_request(connection))
            self._behaviour(connection, self)

    def close(self) -> None:
        self.stop.set()
        self._thread.join(6)
        self._listener.close()


def read_request(connection: socket.socket) -> bytes:
    """Headers and as much body as they promise."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (more := connection.recv(65536)):
            raise ConnectionError("closed without a request")
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None, read: bool = True) -> Iterator[Server]:
    server = Server(behaviour, tls, read)
    try:
        yield server
    finally:
        server.close()


def says(raw: bytes) -> Behaviour:
    return lambda connection, server: connection.sendall(raw)


def drips(first: bytes, drop: bytes) -> Behaviour:
    """Sends a little again and again, always well within the read time-out."""

    def behaviour(connection: socket.socket, server: Server) -> None:
        connection.sendall(first)
        while not server.stop.wait(0.02):
            connection.sendall(drop)

    return behaviour


def silent(connection: socket.socket, server: Server) -> None:
    server.stop.wait(5)


def with_body(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def make_certificate(path: Path, name: x509.GeneralName) -> Path:
    """A self-signed certificate with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context

"""The site of deploy/nginx as nginx runs it in a test: other ports, another name, a certificate made for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SITE = Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "durchwahl.conf"
NAME = "localhost"


def site(upstreams: list[int], http_port: int, https_port: int, folder: Path) -> str:
    """The shipped site with nothing changed but names, ports and places. Raises AssertionError where one is missing."""
    make_certificate(folder)
    text = SITE.read_text("utf-8")
    servers = "".join(f"server 127.0.0.1:{port};\n" for port in upstreams)
    for pattern, replacement in (
        (r"server 127\.0\.0\.1:8000;", servers),
        (r"listen \[::\]:[^;]*;", ""),
        (r"listen 80\b", f"listen 127.0.0.1:{http_port}"),
        (r"listen 443\b", f"listen 127.0.0.1:{https_port}"),
        (r"/etc/letsencrypt/live/erp\.example\.de/", f"{folder}/"),
        (r"erp\.example\.de", NAME),
        (r"/var/log/nginx/", f"{folder}/"),
        (r"/var/www/html", str(folder)),
        (r"https://\$host\$request_uri", f"https://$host:{https_port}$request_uri"),
    ):
        text, found = re.subn(pattern, replacement, text)
        assert found, pattern
    return text


def make_certificate(folder: Path) -> None:
    """A key and a certificate of its own for NAME, where the site looks for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    names = [x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "privkey.pem").write_bytes(private)
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

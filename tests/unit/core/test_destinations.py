"""Whom the server may speak to: as it is written, and as what a name leads to."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from app.core.destinations import Destinations

PUBLIC = Destinations()
LISTED = Destinations(("api.placetel.de", ".telefon.example", "192.168.7.9", "pbx.lan", "fd00::7"))
OURSELVES = Destinations(ourselves=True)
#: What nobody may be sent to, whatever is set.
NEVER = (
    "169.254.169.254",
    "169.254.1.1",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "192.0.0.192",
    "224.0.0.1",
    "ff02::1",
    "0.0.0.0",
    "::",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api.placetel.de/v2", True),
        ("https://API.placetel.de:8443/v2", True),
        ("https://8.8.8.8/", True),
        ("http://127.0.0.1:8099/v2", True),
        ("http://localhost:8099/v2", True),
        ("http://[::1]:8099/v2", True),
        ("http://api.placetel.de/v2", False),
        ("http://8.8.8.8/", False),
        ("https://10.0.0.1/", False),
        ("https://192.168.7.9/", False),
        ("https://[fd00::7]/", False),
        ("ftp://api.placetel.de/", False),
        ("file:///etc/passwd", False),
        ("https:///v2", False),
        ("https://[::1", False),
    ],
)
def test_without_a_list_it_is_what_is_public_by_https_and_this_machine(url: str, allowed: bool) -> None:
    assert PUBLIC.may_ask(url) is allowed


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api.placetel.de/v2", True),
        ("https://api.placetel.de./v2", True),
        ("https://eu.telefon.example/", True),
        ("http://192.168.7.9/", True),
        ("http://[fd00::7]/", True),
        ("http://pbx.lan/", True),
        ("https://api.placetel.de.evil.example/", False),
        ("https://evil.example/api.placetel.de", False),
        ("https://xtelefon.example/", False),
        ("http://127.0.0.1:8099/v2", False),
        ("http://localhost:6379/", False),
        ("https://192.168.7.8/", False),
        ("https://8.8.8.8/", False),
    ],
)
def test_with_a_list_it_is_what_the_list_names(url: str, allowed: bool) -> None:
    assert LISTED.may_ask(url) is allowed


@pytest.mark.parametrize("address", NEVER)
def test_where_a_cloud_tells_its_secrets_nothing_leads(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    for destinations in (PUBLIC, OURSELVES, Destinations((address,))):
        assert not destinations.may_ask(f"https://{host}/latest/meta-data")
    for destinations, name in ((PUBLIC, "api.placetel.de"), (LISTED, "pbx.lan"), (OURSELVES, "erp.example")):
        assert not destinations.may_reach("https", name, ip_address(address))


@pytest.mark.parametrize(
    ("destinations", "scheme", "host", "address", "allowed"),
    [
        (PUBLIC, "https", "api.placetel.de", "8.8.8.8", True),
        (PUBLIC, "https", "api.placetel.de", "2a00:1450::1", True),
        (PUBLIC, "https", "rebound.example", "127.0.0.1", False),
        (PUBLIC, "https", "rebound.example", "::1", False),
        (PUBLIC, "https", "rebound.example", "::ffff:10.0.0.1", False),
        (PUBLIC, "https", "rebound.example", "10.0.0.1", False),
        (PUBLIC, "https", "rebound.example", "100.64.0.1", False),
        (PUBLIC, "https", "2130706433", "127.0.0.1", False),
        (PUBLIC, "http", "localhost", "127.0.0.1", True),
        (LISTED, "https", "pbx.lan", "10.0.0.1", True),
        (LISTED, "http", "pbx.lan", "10.0.0.1", True),
        (LISTED, "http", "pbx.lan", "8.8.8.8", False),
        (LISTED, "https", "other.lan", "10.0.0.1", False),
        (OURSELVES, "http", "erp.lan", "192.168.1.5", True),
        (OURSELVES, "https", "erp.example", "127.0.1.1", True),
    ],
)
def test_a_name_is_judged_by_where_it_leads(
    destinations: Destinations, scheme: str, host: str, address: str, allowed: bool
) -> None:
    assert destinations.may_reach(scheme, host, ip_address(address)) is allowed

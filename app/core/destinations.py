"""Whom this server may speak to, so that no setting makes it ask what only it can reach.

An address is looked at twice: as it is written, and as what its name has led to once a connection stands, before
anything is sent. So a name that points somewhere else tomorrow gains nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from app.core.hosts import is_allowed

Address = IPv4Address | IPv6Address
#: Where clouds tell their machines who they are, and with which rights: besides 169.254.169.254, which is link-local.
METADATA = frozenset(ip_address(one) for one in ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192"))
#: IPv4 within IPv6, for networks that have only the latter (RFC 6052).
_TRANSLATED = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Destinations:
    """Without ``hosts`` whatever is public, by https, and this machine under its own name; else those alone.

    Those that are named may lie within the own network, and are spoken to without TLS there. ``ourselves``: for the
    one request that goes to this server itself, wherever it stands. Link-local addresses, those of a cloud's metadata,
    multicast and the like are refused always.
    """

    hosts: tuple[str, ...] = ()
    """Names and addresses in lower case; one that begins with a dot for all below it."""
    ourselves: bool = False

    def may_ask(self, url: str) -> bool:
        """Whether the address may be spoken to, as far as its writing tells; asks no name server."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").removesuffix(".")
        except ValueError:
            return False
        if not host or parts.scheme not in ("http", "https"):
            return False
        address = _literal(host)
        if address is not None:
            return self.may_reach(parts.scheme, host, address)
        if self.ourselves:
            return True
        if self.hosts:
            return self._names(host)
        return parts.scheme == "https" or host == "localhost"

    def may_reach(self, scheme: str, host: str, address: Address) -> bool:
        """Whether a connection that was made for this host may go to this address."""
        address = _plain(address)
        if address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA:
            return False
        if self.ourselves:
            return True
        if self.hosts:
            return self._names(host) and (scheme == "https" or not address.is_global)
        if address.is_loopback:
            return host == "localhost" or _literal(host) is not None
        return scheme == "https" and address.is_global

    def _names(self, host: str) -> bool:
        return is_allowed(f"[{host}]" if ":" in host else host, self.hosts)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, else the same."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address

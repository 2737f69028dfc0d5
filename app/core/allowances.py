"""How often each of many may do something: so many at once, then one after every so long.

Kept in the memory of a process, so with several workers each counts for itself and together they allow as many times
more. What is kept is bounded: of too many, those are forgotten who did something longest ago.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

#: Whoever is given an IPv6 address is given all that begin so.
IPV6_PREFIX = 64


class Allowance:
    """``burst`` at once, one more after each ``every``; for each key by itself."""

    def __init__(self, burst: int, every: timedelta, most: int = 10_000) -> None:
        self.burst = burst
        self.every = every
        self.most = most
        self._lock = threading.Lock()
        # One time each says it all: when nothing is used up any more.
        self._free_at: OrderedDict[str, datetime] = OrderedDict()

    def spend(self, key: str, now: datetime) -> timedelta:
        """Use one up: zero when there was one, else how long until there is, and nothing is used."""
        with self._lock:
            wait = self._wait(key, now)
            if not wait:
                self._free_at[key] = self._begin(key, now) + self.every
                self._free_at.move_to_end(key)
                if len(self._free_at) > self.most:
                    self._free_at.popitem(last=False)
            return wait

    def wait(self, key: str, now: datetime) -> timedelta:
        """How long until there is one; zero when there is. Uses nothing up."""
        with self._lock:
            return self._wait(key, now)

    def give_back(self, key: str, now: datetime) -> None:
        """One that was used up did not count after all."""
        with self._lock:
            if key in self._free_at:
                self._free_at[key] = self._begin(key, now) - self.every
                if self._free_at[key] <= now:
                    del self._free_at[key]

    def __len__(self) -> int:
        """How many keys are kept."""
        return len(self._free_at)

    def _begin(self, key: str, now: datetime) -> datetime:
        """From when on the next counts. Never further ahead than a full burst: the clock may have been set back."""
        longest = now + self.every * self.burst
        return min(max(self._free_at.get(key, now), now), longest)

    def _wait(self, key: str, now: datetime) -> timedelta:
        return max(self._begin(key, now) - now - self.every * (self.burst - 1), timedelta())


def source_of(address: str) -> str:
    """What stands for the sender behind an address: an IPv4 address, or the network of an IPv6 address.

    >>> source_of("203.0.113.7"), source_of("2001:db8:1:2:3:4:5:6"), source_of("::ffff:203.0.113.7")
    ('203.0.113.7', '2001:db8:1:2::/64', '203.0.113.7')
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return str(found)

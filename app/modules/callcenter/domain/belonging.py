"""To which connection a line or an account belongs, told by its key.

Two telephone systems may both know an extension 23, an account 101, even the same number. Whatever is compared (the
line of a call, the account that took it) therefore carries its connection, but for the first one: there a key is what
the telephone system says, as it was before there were several.
"""

from __future__ import annotations

import re

#: The key of the connection that every installation has; those of others are made by ``connections``.
FIRST_CONNECTION = "placetel"
#: Characters of the longest key, with its connection.
LONGEST = 200
_VIA = " via "
_OTHERS = re.compile(r"[a-z][a-z0-9_]{0,29}-[0-9a-f]{8}")


def belonging(connection: str, key: str) -> str:
    """The key of what the telephone system behind this connection calls ``key``; of no other connection's."""
    if connection == FIRST_CONNECTION:
        # Whatever it sends, it names nothing of another connection.
        while parted := _parted(key):
            key = " ".join(parted)
        return key
    end = f"{_VIA}{connection}"
    return f"{key[: LONGEST - len(end)]}{end}"


def connection_of(key: str) -> str:
    """Whose it is."""
    parted = _parted(key)
    return parted[1] if parted else FIRST_CONNECTION


def plain(key: str) -> str:
    """What the telephone system calls it."""
    parted = _parted(key)
    return parted[0] if parted else key


def _parted(key: str) -> tuple[str, str] | None:
    told, found, connection = key.rpartition(_VIA)
    return (told, connection) if found and _OTHERS.fullmatch(connection) else None

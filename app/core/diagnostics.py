"""A file for whoever helps from outside: what runs here and how it is, without a secret, a name or a number in full.

Core and modules tell what they know as plain data. Whatever they tell goes through one sieve at the end, so that a
part that says too much does not give it away.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.core.commands.structure import current_revision, head_revision
from loglines import shortened

if TYPE_CHECKING:
    from app.core.kernel import Kernel

Part = Callable[[], Mapping[str, Any]]
#: Whose versions matter when something is odd.
PACKAGES = (
    "Flask",
    "Flask-SocketIO",
    "SQLAlchemy",
    "psycopg",
    "gunicorn",
    "gevent",
    "redis",
    "phonenumbers",
    "requests",
)
#: Of the configuration; whatever is not named here stays here.
CONFIGURED = ("port", "max_sockets", "public_url", "proxy_hops", "log_level", "log_format", "access_log", "workers")
_MAIL = re.compile(r"[^\s@“”\"']+@(?=[A-Za-z0-9-]+\.)")


class Diagnostics:
    """The parts of the file, in the order in which they were added."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, Part, Callable[[], bool]]] = []

    def add(self, name: str, part: Part, active: Callable[[], bool]) -> None:
        """Register a part; it is asked while active."""
        self._parts.append((name, part, active))

    def collect(self, kernel: Kernel) -> dict[str, Any]:
        """Everything, sieved. A part that fails says so and costs no other."""
        told: dict[str, Any] = {"made_at": kernel.clock.now().isoformat(timespec="seconds")}
        parts: list[tuple[str, Part]] = [("core", lambda: of_core(kernel))]
        parts += [(name, part) for name, part, active in self._parts if active()]
        for name, part in parts:
            try:
                told[name] = dict(part())
            except Exception as error:  # noqa: BLE001 (the file is for the hour when something is broken)
                told[name] = {"failed": type(error).__name__}
        sieved: dict[str, Any] = sieve(told, secrets_of(kernel))
        return sieved


def of_core(kernel: Kernel) -> dict[str, Any]:
    """Versions, configuration, modules, lights and figures."""
    config = kernel.config
    return {
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()}",
        "packages": {name: _version(name) for name in PACKAGES},
        "database": {
            "kind": kernel.database.engine.dialect.name,
            "revision": _or_failure(current_revision),
            "newest_revision": _or_failure(head_revision),
        },
        "configuration": {
            **{name: getattr(config, name) for name in CONFIGURED},
            "redis": config.redis_url is not None,
            "metrics_token": config.metrics_token is not None,
        },
        "modules": {name: kernel.states.is_active(name) for name in kernel.modules},
        "health": [
            {"section": told.title, "lights": [[light.level, str(light.sentence)] for light in told.lights]}
            for told in kernel.health.look()
        ],
        "figures": kernel.figures.text().splitlines(),
    }


def secrets_of(kernel: Kernel) -> list[str]:
    """What must not leave the house whoever tells it."""
    config = kernel.config
    addresses = [urlsplit(url) for url in (config.database_url, config.redis_url or "")]
    known = [config.secret_key, config.metrics_token, *(parts.password for parts in addresses)]
    return [secret for secret in known if secret]


def sieve(value: Any, secrets: list[str]) -> Any:
    """The same data: secrets gone, long rows of digits cut to four, what stands before an @ gone.

    >>> sieve({"to": ["02214710011", "call anna@fpbx.de", 42]}, ["hidden"])
    {'to': ['0221…', 'call …@fpbx.de', 42]}
    """
    if isinstance(value, Mapping):
        return {sieve(str(name), secrets): sieve(inner, secrets) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [sieve(inner, secrets) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    for secret in secrets:
        text = text.replace(secret, "…")
    return shortened(_MAIL.sub("…@", text))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _or_failure(ask: Callable[[], str | None]) -> str | None:
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 (the database may be what is broken)
        return type(error).__name__

"""Configuration from the environment: read once, frozen, all problems reported at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

#: Shorter keys can be guessed; 32 characters of hex are 128 bits.
MIN_SECRET_KEY_LENGTH = 32
#: Names under which a server's own machine asks for it.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")
#: Shorter tokens can be guessed.
MIN_METRICS_TOKEN_LENGTH = 16
Network = IPv4Network | IPv6Network


class ConfigError(Exception):
    """The environment cannot be used; ``problems`` holds one sentence for each fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that is decided before the start. Names follow the environment's, in lower case."""

    secret_key: str
    database_url: str
    """SQLAlchemy address, driver included (``sqlite:///…`` or ``postgresql+psycopg://…``)."""
    redis_url: str | None
    data_dir: Path
    host: str
    port: int
    max_sockets: int
    public_url: str | None
    """Address under which browsers and the PBX reach us, without a final slash; None = as requested."""
    proxy_hops: int
    """How many proxies in front set X-Forwarded-* headers that may be believed."""
    log_level: str
    workers: int
    """Worker processes of the server (``WEB_CONCURRENCY``)."""
    allowed_hosts: tuple[str, ...]
    """Names under which this server may be asked for, in lower case, one that begins with a dot for all below it."""
    api_hosts: tuple[str, ...] = ()
    """Whom this server may speak to, like ``allowed_hosts``; none for whatever is public, by https."""
    log_format: str = "text"
    access_log: bool = False
    """Whether each request writes a line; a reverse proxy has lines of its own."""
    metrics_token: str | None = None
    metrics_from: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    """From where ``/metrics`` may be read without the token."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded default is used."""
        return self.database_url.startswith("sqlite")

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every name that is answered; none for any."""
        if not self.allowed_hosts and not self.public_url:
            return ()
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return (*self.allowed_hosts, *([public] if public else []), *LOOPBACK)

    @property
    def secure_cookies(self) -> bool:
        """Cookies are limited to HTTPS as soon as the public address is one."""
        return bool(self.public_url and self.public_url.startswith("https://"))

    def __repr__(self) -> str:
        """Never shows the key or a password in the database's address."""
        return f"Config(data_dir={str(self.data_dir)!r}, host={self.host!r}, port={self.port})"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read and check the environment. Raises ConfigError naming every problem."""
        env = {key: value.strip() for key, value in (os.environ if environ is None else environ).items()}
        problems: list[str] = []
        data_dir = Path(env.get("DATA_DIR") or "data").absolute()
        secret_key = _secret_key(env, data_dir, problems)
        database_url = _database_url(env.get("DATABASE_URL", ""), data_dir, problems)
        redis_url = env.get("REDIS_URL") or None
        if redis_url and urlsplit(redis_url).scheme not in ("redis", "rediss", "unix"):
            problems.append("REDIS_URL must begin with redis://, rediss:// or unix://.")
        if redis_url and database_url.startswith("sqlite"):
            problems.append("REDIS_URL needs PostgreSQL: SQLite serves one process only. Unset one of them.")
        public_url = (env.get("PUBLIC_URL") or "").rstrip("/") or None
        if public_url and (urlsplit(public_url).scheme not in ("http", "https") or not urlsplit(public_url).hostname):
            problems.append("PUBLIC_URL must be an address such as https://erp.example.de.")
        log_level = (env.get("LOG_LEVEL") or "INFO").upper()
        if log_level not in LOG_LEVELS:
            problems.append(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}.")
        log_format = (env.get("LOG_FORMAT") or "text").lower()
        if log_format not in LOG_FORMATS:
            problems.append(f"LOG_FORMAT must be one of {', '.join(LOG_FORMATS)}.")
        access_log = _number(env, "ACCESS_LOG", 0, 0, 1, problems) == 1
        port = _number(env, "PORT", 8000, 1, 65535, problems)
        max_sockets = _number(env, "MAX_SOCKETS", 200, 1, 20000, problems)
        proxy_hops = _number(env, "PROXY_HOPS", 0, 0, 5, problems)
        workers = _number(env, "WEB_CONCURRENCY", 1, 1, 64, problems)
        allowed_hosts = _hosts(env, "ALLOWED_HOSTS", problems)
        api_hosts = _hosts(env, "API_HOSTS", problems)
        if workers > 1 and not redis_url:
            problems.append("WEB_CONCURRENCY above 1 needs REDIS_URL: without it workers do not hear of each other.")
        metrics_from = _networks(env.get("METRICS_FROM", "127.0.0.0/8, ::1"), problems)
        metrics_token = env.get("METRICS_TOKEN") or None
        if metrics_token and (len(metrics_token) < MIN_METRICS_TOKEN_LENGTH or not metrics_token.isascii()):
            problems.append(f"METRICS_TOKEN must have at least {MIN_METRICS_TOKEN_LENGTH} characters, all of ASCII.")
        if problems:
            raise ConfigError(problems)
        return cls(
            secret_key=secret_key,
            database_url=database_url,
            redis_url=redis_url,
            data_dir=data_dir,
            host=env.get("HOST") or "127.0.0.1",
            port=port,
            max_sockets=max_sockets,
            public_url=public_url,
            proxy_hops=proxy_hops,
            log_level=log_level,
            workers=workers,
            allowed_hosts=allowed_hosts,
            api_hosts=api_hosts,
            log_format=log_format,
            access_log=access_log,
            metrics_token=metrics_token,
            metrics_from=metrics_from,
        )


def _secret_key(env: Mapping[str, str], data_dir: Path, problems: list[str]) -> str:
    key = env.get("SECRET_KEY", "")
    file = data_dir / "secret_key"
    if not key:
        try:
            key = file.read_text("utf-8").strip()
        except FileNotFoundError:
            problems.append(
                "SECRET_KEY is not set and DATA_DIR has no file secret_key. Set SECRET_KEY to a random text of at "
                f"least {MIN_SECRET_KEY_LENGTH} characters (`make run` creates the file by itself)."
            )
            return ""
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"The file secret_key in DATA_DIR cannot be read ({type(error).__name__}).")
            return ""
    if len(key) < MIN_SECRET_KEY_LENGTH:
        problems.append(f"SECRET_KEY is too short: at least {MIN_SECRET_KEY_LENGTH} characters.")
    return key


def _database_url(value: str, data_dir: Path, problems: list[str]) -> str:
    if not value:
        return f"sqlite:///{data_dir / 'durchwahl.db'}"
    scheme, _, rest = value.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg") and rest:
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return value
    problems.append("DATABASE_URL must be postgresql://USER:PASSWORD@HOST/NAME, sqlite:///FILE, or unset.")
    return ""


def _hosts(env: Mapping[str, str], variable: str, problems: list[str]) -> tuple[str, ...]:
    names = [name.strip().lower().strip("[]") for name in env.get(variable, "").split(",") if name.strip()]
    for name in names:
        if not name.strip(".") or any(sign in name for sign in "/*@ ") or (":" in name and name.count(":") < 2):
            problems.append(f"{variable} must be names such as erp.example.de or .example.de, without port.")
    return tuple(names)


def _networks(text: str, problems: list[str]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError:
        problems.append("METRICS_FROM must be addresses or networks such as 127.0.0.1, 10.0.0.0/8; empty for none.")
        return ()


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int, problems: list[str]) -> int:
    text = env.get(name) or str(default)
    if text.isascii() and text.isdigit() and low <= int(text) <= high:
        return int(text)
    problems.append(f"{name} must be a whole number from {low} to {high}.")
    return default

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import Config, ConfigError

KEY = "k" * 32
ROOT = Path(__file__).resolve().parents[3]


def _config(tmp_path: Path, **env: str) -> Config:
    return Config.from_env({"SECRET_KEY": KEY, "DATA_DIR": str(tmp_path), **env})


def test_the_defaults_are_sqlite_on_loopback(tmp_path: Path) -> None:
    config = _config(tmp_path)
    assert config.database_url == f"sqlite:///{tmp_path / 'durchwahl.db'}"
    assert (config.host, config.port, config.redis_url) == ("127.0.0.1", 8000, None)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_psycopg(tmp_path: Path, scheme: str) -> None:
    config = _config(tmp_path, DATABASE_URL=f"{scheme}://u:p@h/n")
    assert config.database_url == "postgresql+psycopg://u:p@h/n"
    assert not config.is_sqlite


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env(
            {
                "DATA_DIR": str(tmp_path),
                "DATABASE_URL": "mysql://x/y",
                "PORT": "eighty",
                "MAX_SOCKETS": "0",
                "REDIS_URL": "http://x",
                "PUBLIC_URL": "erp.example.de",
                "LOG_LEVEL": "loud",
                "PROXY_HOPS": "-1",
                "WEB_CONCURRENCY": "x",
                "ALLOWED_HOSTS": "erp.example.de, https://erp.example.de/",
                "API_HOSTS": "https://api.placetel.de/v2",
                "LOG_FORMAT": "xml",
                "ACCESS_LOG": "yes",
                "METRICS_FROM": "everywhere",
                "METRICS_TOKEN": "short",
            }
        )
    said = "\n".join(caught.value.problems)
    for name in (
        "SECRET_KEY",
        "DATABASE_URL",
        "PORT",
        "MAX_SOCKETS",
        "REDIS_URL",
        "PUBLIC_URL",
        "LOG_LEVEL",
        "PROXY_HOPS",
        "WEB_CONCURRENCY",
        "ALLOWED_HOSTS",
        "API_HOSTS",
        "LOG_FORMAT",
        "ACCESS_LOG",
        "METRICS_FROM",
        "METRICS_TOKEN",
    ):
        assert name in said, name


def test_there_is_no_default_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        Config.from_env({"DATA_DIR": str(tmp_path)})
    assert not list(tmp_path.iterdir())


def test_the_key_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(KEY + "\n")
    assert Config.from_env({"DATA_DIR": str(tmp_path)}).secret_key == KEY


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="too short"):
        _config(tmp_path, SECRET_KEY="short")


def test_redis_with_sqlite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PostgreSQL"):
        _config(tmp_path, REDIS_URL="redis://127.0.0.1/0")


def test_several_workers_without_redis_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL"):
        _config(tmp_path, DATABASE_URL="postgresql://h/n", WEB_CONCURRENCY="2")


def test_cookies_are_secure_as_soon_as_the_public_address_is(tmp_path: Path) -> None:
    assert not _config(tmp_path).secure_cookies
    assert _config(tmp_path, PUBLIC_URL="https://erp.example.de/").secure_cookies


def test_without_an_address_of_its_own_a_server_answers_under_any_name(tmp_path: Path) -> None:
    assert _config(tmp_path).hosts == ()


def test_a_server_answers_under_its_public_name_further_ones_and_its_machine_s(tmp_path: Path) -> None:
    public = _config(tmp_path, PUBLIC_URL="https://ERP.example.de:8443")
    assert set(public.hosts) == {"erp.example.de", "localhost", "127.0.0.1", "::1"}
    more = _config(tmp_path, ALLOWED_HOSTS=" Phone.example.org, .example.net ,[2001:db8::1],")
    assert more.allowed_hosts == ("phone.example.org", ".example.net", "2001:db8::1")


@pytest.mark.parametrize("name", ["*", "a/b", "https://a", "a:80", ".", "a b", "user@a"])
def test_what_is_no_name_of_a_host_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="ALLOWED_HOSTS"):
        _config(tmp_path, ALLOWED_HOSTS=name)


def test_printing_the_configuration_shows_no_secret(tmp_path: Path) -> None:
    shown = repr(_config(tmp_path, DATABASE_URL="postgresql://user:hidden@h/n"))
    assert KEY not in shown
    assert "hidden" not in shown


def test_the_example_file_names_exactly_what_is_read() -> None:
    documented = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    code = (ROOT / "config.py").read_text("utf-8")
    read = set(re.findall(r'env\.get\("([A-Z_]+)"', code)) | set(
        re.findall(r'_(?:number|hosts)\(env, "([A-Z_]+)"', code)
    )
    assert documented == read

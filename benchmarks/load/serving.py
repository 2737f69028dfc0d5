"""Starts what is put under load: one instance as it is, or several behind the nginx that is shipped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.callers import WEBHOOK
from benchmarks.databases import databases, warm
from benchmarks.load.plan import Installation, Plan
from benchmarks.results import BARE, DURCHWAHL
from benchmarks.servers import Server, environment, gunicorn, run_program
from tests.browser.proxy import site
from tests.services import free_port, nginx_server, redis_server

#: What is started of each pipeline, and a page of it that tells that it runs.
PROGRAMS = {
    BARE: ("benchmarks/bare_gunicorn.py", "benchmarks.bare_wsgi:app", "/"),
    DURCHWAHL: ("gunicorn.conf.py", "wsgi:app", "/login"),
}
TARGETS = {BARE: "/webhook", DURCHWAHL: WEBHOOK}
#: Users besides those who are connected all the time: they come and go.
VISITORS = 20


@dataclass(frozen=True, slots=True)
class Instances(Server):
    """All servers of one pipeline as one; ``port`` is where they are reached."""

    servers: tuple[Server, ...] = ()
    proxy: int | None = None
    """The process of nginx that does the work."""

    def workers(self) -> list[int]:
        """Of all instances."""
        return [pid for server in self.servers for pid in server.workers()]

    def processes(self) -> dict[str, int]:
        """By name for a reader: the workers, and nginx where there is one."""
        named = {f"instance {place}": pid for place, pid in enumerate(self.workers(), 1)}
        return named if self.proxy is None else {**named, "nginx": self.proxy}


@dataclass(frozen=True, slots=True)
class Running:
    """Both pipelines, and the cookies of Durchwahl's users."""

    durchwahl: Instances
    bare: Instances
    cookies: list[str]

    @property
    def by_name(self) -> Mapping[str, Instances]:
        """In the order in which they take turns."""
        return {BARE: self.bare, DURCHWAHL: self.durchwahl}


@contextmanager
def running(installation: Installation, plan: Plan) -> Iterator[Running]:
    """Fill its databases and start its servers, until the end of the block.

    Raises BenchmarkFailed or ServerDidNotStart.
    """
    with databases(installation.kind) as (folder, urls), ExitStack() as opened:
        users = installation.connected + VISITORS
        sizes = [str(number) for number in (plan.addresses, users, installation.connected)]
        filling = environment(folder, urls[DURCHWAHL])
        cookies = json.loads(run_program(["-m", "benchmarks.population", "durchwahl", *sizes], filling))
        bare = environment(folder, urls[BARE])
        run_program(["-m", "benchmarks.population", "bare", str(plan.addresses)], bare)
        warm(folder)
        redis = opened.enter_context(redis_server()) if installation.instances > 1 else None
        both = {
            name: _started(opened, name, folder / name, urls[name], installation.instances, redis) for name in PROGRAMS
        }
        yield Running(both[DURCHWAHL], both[BARE], cookies)


def _started(opened: ExitStack, name: str, folder: Path, url: str, instances: int, redis: str | None) -> Instances:
    ports = [free_port() for _ in range(instances)]
    places: list[Path] = []
    front, extra = ports[0], {}
    if redis is not None:

        def ours(port: int, place: Path) -> str:
            places[:] = [place]
            return without_tls(site(ports, free_port(), port, place), port)

        front = opened.enter_context(nginx_server(ours))
        extra = {"REDIS_URL": redis, "PUBLIC_URL": f"http://127.0.0.1:{front}", "PROXY_HOPS": "1"}
    servers = []
    for place, port in enumerate(ports, 1):
        data = folder / str(place)
        data.mkdir(parents=True)
        configuration, application, alive = PROGRAMS[name]
        env = {**environment(data, url, port), **extra}
        servers.append(opened.enter_context(gunicorn(configuration, application, env, alive)))
    return Instances(front, servers[0].pid, tuple(servers), _worker_of_nginx(places[0]) if places else None)


def _worker_of_nginx(folder: Path) -> int:
    (worker,) = Server(0, int((folder / "pid").read_text("ascii"))).workers()
    return worker


def without_tls(text: str, port: int) -> str:
    """The shipped site in plain HTTP at this port, asked for by number. Raises AssertionError where it looks different.

    The measuring program would spend more on TLS than on all the rest, and the measured time would be its own.
    """
    for pattern, replacement in (
        (rf"listen (?:127\.0\.0\.1:)?{port} ssl( default_server)?(?: http2)?;", rf"listen 127.0.0.1:{port}\1;"),
        (r"ssl_[a-z_]+\s[^;]*;", ""),
        (r"server_name localhost;", "server_name localhost 127.0.0.1;"),
    ):
        text, found = re.subn(pattern, replacement, text)
        assert found, pattern
    return text

"""Two instances of one installation on one PostgreSQL and one Redis, each with two workers, behind deploy's nginx."""

from __future__ import annotations

import contextlib
import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path

import requests
from flask import Flask

from tests.browser.proxy import NAME, site
from tests.browser.stack import SECRET, Stack
from tests.conftest import make_config
from tests.integration.faults.flood import ANSWER_SECONDS, Flood
from tests.services import free_port, nginx_server, redis_server
from tests.wire import seconds_until

WORKERS = 2
#: Seconds in which everything must be as before, on a busy machine too.
PATIENT = 120.0


class Machines:
    """Both instances, and where nginx serves them."""

    def __init__(self, instances: list[Stack], port: int, certificate: Path) -> None:
        self.instances = instances
        self.port = port
        self.url = f"https://{NAME}:{port}"
        self.certificate = certificate

    def flood(self, events: list[dict[str, str]]) -> Flood:
        """A telephone system that goes through nginx."""
        return _ThroughNginx(self.port, self.certificate, events)

    def sockets(self, instance: Stack) -> int:
        """How many browsers this instance holds, as it tells itself; its workers tell it once a second."""
        return int(_figures(instance).get("durchwahl_sockets", 0))

    def runs(self, job: str) -> int:
        """How often this job has run without failing, at both instances together."""
        name = f'durchwahl_job_runs_total{{job="{job}",result="done"}}'
        return sum(int(_figures(instance).get(name, 0)) for instance in self.instances)


class _ThroughNginx(Flood):
    def __init__(self, port: int, certificate: Path, events: list[dict[str, str]]) -> None:
        super().__init__(port, SECRET, events)
        self._tls = ssl.create_default_context(cafile=str(certificate))

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPSConnection(NAME, self.port, timeout=ANSWER_SECONDS, context=self._tls)


def _figures(instance: Stack) -> dict[str, float]:
    answer = requests.get(f"{instance.url}/metrics", timeout=30)
    assert answer.status_code == 200, answer.text
    lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _space, value in lines}


@contextlib.contextmanager
def machines_of(app: Flask, folder: Path) -> Iterator[Machines]:
    """Start both on the application's database, and nginx in front of them; end all of it."""
    url = app.extensions["durchwahl"].database.url
    with contextlib.ExitStack() as opened:
        redis = opened.enter_context(redis_server())
        instances = []
        for number in (1, 2):
            place = folder / f"machine-{number}"
            place.mkdir()
            instances.append(
                Stack(
                    place,
                    DATABASE_URL=url,
                    REDIS_URL=redis,
                    SECRET_KEY=make_config(url, folder).secret_key,
                    WEB_CONCURRENCY=str(WORKERS),
                    MAX_SOCKETS="400",
                )
            )
        places: list[Path] = []

        def ours(https_port: int, where: Path) -> str:
            places[:] = [where]
            return site([instance.port for instance in instances], free_port(), https_port, where)

        port = opened.enter_context(nginx_server(ours))
        for instance in instances:
            instance.env.update(PUBLIC_URL=f"https://{NAME}:{port}", PROXY_HOPS="1")
            opened.callback(instance.stop)
            instance.start_server()
        for instance in instances:
            seconds_until(lambda instance=instance: len(instance.workers) == WORKERS, at_most=PATIENT)
        yield Machines(instances, port, places[0] / "fullchain.pem")

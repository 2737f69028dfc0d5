"""``/metrics``: who may read it, and that what happens is counted."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import build_app
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, give_line

TOKEN = "a-token-of-prometheus"


def _figures(app: Flask) -> dict[str, float]:
    text = app.test_client().get("/metrics").get_data(as_text=True)
    rows = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _blank, value in rows}


def _status(app: Flask, address: str, **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=sent).status_code


@pytest.fixture
def guarded(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    built = build_app(
        app.extensions["durchwahl"].database.url,
        tmp_path,
        metrics_token=TOKEN,
        metrics_from=(ip_network("127.0.0.1"), ip_network("192.0.2.0/24")),
    )
    yield built
    built.extensions["durchwahl"].database.dispose()


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.0.2.77", {}, 200),
        ("198.51.100.1", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"X_Forwarded_For": "198.51.100.1"}, 403),
        ("198.51.100.1", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("198.51.100.1", {"Authorization": f"bearer {TOKEN}"}, 200),
        ("198.51.100.1", {"Authorization": f"Basic {TOKEN}"}, 403),
        ("198.51.100.1", {"Authorization": "Bearer "}, 403),
        ("198.51.100.1", {"Authorization": f"Bearer {TOKEN}x"}, 403),
        ("198.51.100.1", {"Authorization": "Bearer größer"}, 403),
    ],
)
def test_figures_are_for_those_who_may_read_them(
    guarded: Flask, address: str, headers: dict[str, str], status: int
) -> None:
    assert _status(guarded, address, **headers) == status


def test_behind_a_proxy_the_visitors_own_address_counts(app: Flask, tmp_path: Path) -> None:
    proxied = build_app(app.extensions["durchwahl"].database.url, tmp_path, proxy_hops=1)
    assert _status(proxied, "127.0.0.1", X_Forwarded_For="198.51.100.1") == 403
    assert _status(proxied, "127.0.0.1") == 200
    proxied.extensions["durchwahl"].database.dispose()


def test_notifications_are_counted_by_what_became_of_them(app: Flask, phones: PhoneSystem) -> None:
    before = _figures(app)
    phones.incoming("counted")
    phones.incoming("counted")
    phones.post(b"event=IncomingCall", signature="wrong")
    after = _figures(app)

    def more(name: str) -> float:
        return after.get(name, 0.0) - before.get(name, 0.0)

    assert more('durchwahl_notifications_total{provider="placetel",result="processed"}') == 1
    assert more('durchwahl_notifications_total{provider="placetel",result="repeated"}') == 1
    assert more('durchwahl_notifications_total{provider="placetel",result="refused"}') == 1
    assert more("durchwahl_notification_seconds_count") == 3
    assert more('durchwahl_notification_seconds_bucket{le="+Inf"}') == 3


def test_jobs_are_counted_by_their_result(app: Flask) -> None:
    kernel = app.extensions["durchwahl"]
    name = next(iter(kernel.jobs.jobs))
    before = _figures(app).get(f'durchwahl_job_runs_total{{job="{name}",result="done"}}', 0.0)
    with app.app_context():
        kernel.jobs.run_due(everything=True)
    assert _figures(app)[f'durchwahl_job_runs_total{{job="{name}",result="done"}}'] == before + 1


def test_cards_are_counted_one_a_user_that_is_told(app: Flask, phones: PhoneSystem, browser: Any) -> None:
    name = 'durchwahl_messages_total{message="call"}'
    heard = [browser(), browser()]
    give_line(app, *(one.user_id for one in heard))
    before = _figures(app).get(name, 0.0)
    phones.incoming(call_id())
    assert [len(one.heard()) for one in heard] == [1, 1]
    assert _figures(app)[name] == before + 2


def test_the_pool_of_connections_and_the_sockets_are_told(app: Flask, browser: Any) -> None:
    before = _figures(app)["durchwahl_sockets"]
    browser()
    after = _figures(app)
    assert after["durchwahl_sockets"] == before + 1
    assert after["durchwahl_sockets_most"] == 20
    assert 'durchwahl_database_connections{pool="main",state="in_use"}' in after

"""What /metrics tells of requests to the telephone system."""

from __future__ import annotations

import pytest

from app.core.http import HttpError, RequestsClient
from app.core.metrics import Metrics
from tests.unit.core.loopback import says, serving, silent, with_body


def test_requests_are_counted_by_host_and_what_came_of_them() -> None:
    metrics = Metrics()
    client = RequestsClient(connect_timeout=1, read_timeout=0.3, total_timeout=2, metrics=metrics)
    with serving(says(with_body(b"", "201 Created"))) as server:
        for _twice in range(2):
            client.request("GET", f"http://127.0.0.1:{server.port}/v2/me")
    for answer in (silent, says(b"")):
        with serving(answer) as server, pytest.raises(HttpError):
            client.request("GET", f"http://127.0.0.1:{server.port}/v2/me")
    with pytest.raises(HttpError):
        client.request("GET", "http://127.0.0.1:1/v2/me")
    lines = metrics.text(metrics.samples()).splitlines()
    assert sorted(line for line in lines if line.startswith("durchwahl_http_requests_total")) == [
        f'durchwahl_http_requests_total{{host="127.0.0.1",result="{result}"}} {count}'
        for result, count in (("201", 2), ("broken", 1), ("not_sent", 1), ("timeout", 1))
    ]

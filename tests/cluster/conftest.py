"""Two machines for a test, and the trust in their certificate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.cluster.machines import Machines, machines_of


@pytest.fixture
def machines(own_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machines]:
    with machines_of(own_app, tmp_path) as running:
        for name in ("REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
            monkeypatch.setenv(name, str(running.certificate))
        yield running

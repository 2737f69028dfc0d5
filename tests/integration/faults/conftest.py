"""The real server over the database of this run, with what the tests' own application sees of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.browser.stack import SECRET, Stack
from tests.conftest import make_config
from tests.integration.callcenter.phone_system import PhoneSystem, configure
from tests.integration.faults import ledger, outage


@pytest.fixture
def viewer(own_app: Flask) -> int:
    """The id of a user who sees every call; the secret is set besides."""
    return ledger.prepare(own_app, SECRET)


@pytest.fixture
def stack(own_app: Flask, viewer: int, tmp_path: Path) -> Stack:
    """The server, not started yet, over the database of ``own_app``."""
    assert viewer
    url = own_app.extensions["durchwahl"].database.url
    return Stack(tmp_path, DATABASE_URL=url, SECRET_KEY=make_config(url, tmp_path).secret_key)


@pytest.fixture
def phones(own_app: Flask) -> PhoneSystem:
    with own_app.app_context():
        configure(own_app)
    phones = PhoneSystem(own_app)
    # The worker knows its secret: it has looked once.
    outage.look(own_app)
    return phones

"""The disk below the database is full: the spool takes what comes, nothing is half written, and then all goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from app.modules.callcenter import spool as spool_file
from app.modules.callcenter import spooling
from tests.conftest import build_app, migrate
from tests.integration.callcenter.phone_system import SECRET, PhoneSystem, all_calls, notifications
from tests.integration.faults import ledger
from tests.integration.faults.disks import Disk, FewPages, small_postgres
from tests.integration.faults.flood import told

BEFORE, SPOOLED, REFUSED, AFTERWARDS = 60, 20, 20, 60
#: Into pages that are there more goes, and then no more.
MOST_MEANWHILE = 1500


@pytest.fixture
def small(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Flask, Disk]]:
    """An application, and the disk below its database."""
    if database_kind == "sqlite":
        app = request.getfixturevalue("own_app")
        yield app, FewPages(app.extensions["durchwahl"].database)
        return
    with small_postgres() as (url, disk):
        migrate(url)
        app = build_app(url, tmp_path / "data")
        yield app, disk
        app.extensions["durchwahl"].database.dispose()


def test_a_full_disk_costs_nothing_while_the_spool_has_room_and_then_it_is_said(
    small: tuple[Flask, Disk], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, disk = small
    viewer = ledger.prepare(app, SECRET)
    kernel = app.extensions["durchwahl"]
    phones = PhoneSystem(app)
    waiting = iter(told(1, BEFORE + MOST_MEANWHILE + AFTERWARDS))
    acknowledged = Counter[bytes]()
    with app.app_context():
        spool = spooling.spool()

    def tell() -> int:
        body = urlencode(sorted(next(waiting).items())).encode()
        status = phones.post(body).status_code
        acknowledged[body] += status == 200
        return status

    assert {tell() for _ in range(BEFORE)} == {200}
    assert spool.is_empty()
    disk.fill()
    most = BEFORE + MOST_MEANWHILE
    while spool.waiting().count < SPOOLED:
        assert tell() == 200
        assert acknowledged.total() < most
    # No room there either: refused, and nothing is half written.
    with monkeypatch.context() as patched:
        patched.setattr(spool_file, "MOST_BYTES", spool.waiting().size)
        refused = 0
        while refused < REFUSED:
            refused += tell() == 503
            assert acknowledged.total() < most
    assert spool.waiting().count == SPOOLED
    with app.app_context():
        # Reading goes on, and shows whole calls only.
        assert len(notifications()) >= acknowledged.total() - SPOOLED
        assert all(call.phase in ("ringing", "talking", "ended") for call in all_calls())
        kernel.jobs.run_watches()
        assert not spool.is_empty()
    disk.make_room()
    assert {tell() for _ in range(AFTERWARDS)} == {200}
    with app.app_context():
        kernel.jobs.run_watches()
        assert spool.is_empty()
        ledger.recover(app)
        ledger.agrees(viewer, +acknowledged)

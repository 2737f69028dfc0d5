"""The disk is full: what cannot be stored is not acknowledged, nothing is half written, and then all goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.conftest import build_app, migrate
from tests.integration.callcenter.phone_system import SECRET, PhoneSystem, all_calls, notifications
from tests.integration.faults import ledger
from tests.integration.faults.disks import Disk, FewPages, small_postgres
from tests.integration.faults.flood import told

BEFORE, REFUSED, AFTERWARDS = 60, 20, 60
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


def test_a_full_disk_is_answered_503_and_when_there_is_room_again_all_goes_on(small: tuple[Flask, Disk]) -> None:
    app, disk = small
    viewer = ledger.prepare(app, SECRET)
    phones = PhoneSystem(app)
    waiting = iter(told(1, BEFORE + MOST_MEANWHILE + AFTERWARDS))
    acknowledged = Counter[bytes]()

    def tell() -> int:
        body = urlencode(sorted(next(waiting).items())).encode()
        status = phones.post(body).status_code
        acknowledged[body] += status == 200
        return status

    assert {tell() for _ in range(BEFORE)} == {200}
    disk.fill()
    answers = Counter[int]()
    while answers[503] < REFUSED:
        answers[tell()] += 1
        assert set(answers) <= {200, 503}
        assert answers.total() < MOST_MEANWHILE, answers
    with app.app_context():
        # Reading goes on, and shows whole calls only.
        assert len(notifications()) >= acknowledged.total()
        assert all(call.phase in ("ringing", "talking", "ended") for call in all_calls())
    disk.make_room()
    assert {tell() for _ in range(AFTERWARDS)} == {200}
    with app.app_context():
        ledger.recover(app)
        ledger.agrees(viewer, +acknowledged)

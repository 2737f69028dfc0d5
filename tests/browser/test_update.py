"""An update: systemd holds the port (deploy/systemd/durchwahl.socket), so that nobody is refused meanwhile."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command

from app.core.commands.structure import alembic_config, head_revision
from tests.browser.held import NEXT_SECONDS, Held
from tests.browser.stack import Stack
from tests.wire import seconds_until


@pytest.fixture
def held(prepared: Path, tmp_path: Path, simulator_port: int) -> Iterator[Held]:
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    running = Held(Stack(folder, simulator_port=simulator_port))
    running.start()
    yield running
    running.stop()
    running.socket.close()


def _restarts_beside_a_telephone_system(held: Held, between: Callable[[], object]) -> None:
    """Restart twice while notifications come, one after another: all of them must be taken."""
    assert held.post("before") == 200
    told: list[tuple[str, int | str]] = []
    enough = threading.Event()

    def telephone_system() -> None:
        count = 0
        while not enough.is_set():
            count += 1
            call = f"call-{count}"
            try:
                told.append((call, held.post(call)))
            except OSError as error:
                told.append((call, type(error).__name__))

    sender = threading.Thread(target=telephone_system)
    sender.start()
    for _ in range(2):
        already = len(told)
        seconds_until(lambda already=already: len(told) > already + 5, at_most=NEXT_SECONDS)
        held.stop()
        between()
        held.start()
    already = len(told)
    seconds_until(lambda: len(told) > already + 5, at_most=NEXT_SECONDS)
    enough.set()
    sender.join(NEXT_SECONDS)
    assert [one for one in told if one[1] != 200] == []
    assert len(told) > 15


def test_a_restart_refuses_no_notification(held: Held) -> None:
    _restarts_beside_a_telephone_system(held, lambda: None)


def test_an_update_that_changes_the_structure_refuses_no_notification(held: Held) -> None:
    """Between two servers the service brings the structure up to date, as deploy/systemd/durchwahl.service says."""
    config = alembic_config(f"sqlite:///{held.stack.data_dir}/durchwahl.db")
    upgraded: list[str] = []

    def upgrade() -> None:
        command.downgrade(config, "-1")
        upgraded.append(held.stack.flask("db", "upgrade"))

    _restarts_beside_a_telephone_system(held, upgrade)
    assert upgraded == [f"Upgraded to {head_revision()}.\n"] * 2


def test_the_pause_is_as_long_as_the_start(held: Held) -> None:
    """Whoever connects while no server runs waits for the next one."""
    held.post("before")
    held.stop()
    answer: list[int] = []
    waiting = threading.Thread(target=lambda: answer.append(held.post("meanwhile")))
    waiting.start()
    time.sleep(0.5)
    assert answer == []
    held.start()
    waiting.join(NEXT_SECONDS)
    assert answer == [200]

"""The spool: a file that keeps what the database cannot take, whatever happens to those who write and read it."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import stat
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.security import Cipher
from app.modules.callcenter import spool as spool_file
from app.modules.callcenter.spool import Spool, Spooled, SpoolFull, WorkedOff

NOW = datetime(2026, 11, 23, 10, 10, 16, 123456, tzinfo=UTC)
CIPHER = Cipher("a key of tests")
WRITERS, EACH = 4, 25


def notification(name: str, at: datetime = NOW, **more: Any) -> Spooled:
    return Spooled(
        "placetel", "placetel", at, "192.0.2.7", "a=b", '{"content-type": "x"}', f"call_id={name}".encode(), **more
    )


class Taken:
    """Takes in, and remembers what."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.found: list[Spooled] = []

    def run(self) -> WorkedOff:
        self.done = self.spool.work_off(self.found.append, lambda _error: True)
        return self.done

    def all(self) -> list[str]:
        self.run()
        return [one.body.decode().removeprefix("call_id=") for one in self.found]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", CIPHER)


def test_what_was_written_comes_back_as_it_was_and_then_the_spool_is_empty(spool: Spool) -> None:
    first, second = (
        notification("first", stored_as=7, answer="busy"),
        notification("second", NOW + timedelta(seconds=5)),
    )
    spool.append(first)
    spool.append(second)
    waiting = spool.waiting()
    assert (waiting.count, waiting.since, waiting.full) == (2, NOW, False)
    assert spool.has_news()
    taken = Taken(Spool(spool.folder, CIPHER))
    # The newest first: a call that is over is not shown as one that rings.
    assert taken.all() == ["second", "first"]
    for found, told in zip(taken.found, (second, first), strict=True):
        assert len(found.key) == 64
        assert {**vars_of(found), "key": ""} == vars_of(told)
    assert spool.is_empty()
    assert spool.waiting().count == 0


def vars_of(one: Spooled) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Spooled.__slots__}


def test_nobody_else_can_read_it(spool: Spool) -> None:
    spool.append(notification("of-a-customer"))
    (path,) = spool.folder.glob("waiting")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    assert b"of-a-customer" not in path.read_bytes()
    assert b"192.0.2.7" not in path.read_bytes()


def test_equal_ones_are_two(spool: Spool) -> None:
    spool.append(notification("same"))
    spool.append(notification("same"))
    taken = Taken(spool)
    assert taken.all() == ["same", "same"]
    assert len({one.key for one in taken.found}) == 2


@given(st.integers(min_value=0), st.binary(max_size=40))
def test_wherever_a_line_was_torn_no_neighbour_is_lost(cut: int, rubbish: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder), CIPHER)
        spool.append(notification("before"))
        path = spool.folder / "waiting"
        whole = path.stat().st_size
        spool.append(notification("torn"))
        # Any part of the last line, and then perhaps what the disk held there before.
        path.write_bytes(path.read_bytes()[: whole + cut % (path.stat().st_size - whole - 1)] + rubbish)
        spool.append(notification("after"))
        assert sorted(Taken(spool).all()) == ["after", "before"]
        assert spool.is_empty()


def test_what_cannot_be_written_whole_is_refused_and_leaves_nothing(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(notification("before"))
    before = (spool.folder / "waiting").read_bytes()
    really = os.write

    def half(file: int, content: Any) -> int:
        if len(content) > 100:
            return really(file, content[:100])
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half)
        with pytest.raises(OSError, match="no space left"):
            spool.append(notification("lost"))
    assert (spool.folder / "waiting").read_bytes() == before
    assert Taken(spool).all() == ["before"]


def on_disk(patched: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Whatever is brought to disk from now on: the name, and what a file holds then."""
    found: list[tuple[str, bytes]] = []
    really = os.fsync

    def fsync(file: int) -> None:
        really(file)
        path = Path(os.readlink(f"/proc/self/fd/{file}"))
        found.append((path.name, path.read_bytes() if path.is_file() else b""))

    patched.setattr(os, "fsync", fsync)
    return found


def test_a_notification_is_on_disk_with_its_name_before_it_is_acknowledged(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = on_disk(monkeypatch)
    spool.append(notification("first"))
    whole = (spool.folder / "waiting").read_bytes()
    # The folder's own name, the file, and the file's name in the folder.
    assert synced == [(spool.folder.parent.name, b""), ("waiting", whole), ("spool", b"")]
    synced.clear()
    spool.append(notification("second"))
    assert synced == [("waiting", (spool.folder / "waiting").read_bytes())]


def test_what_the_disk_does_not_confirm_is_refused_and_leaves_nothing(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(notification("before"))
    before = (spool.folder / "waiting").read_bytes()

    def fsync(_file: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fsync)
        with pytest.raises(OSError, match="input/output"):
            spool.append(notification("not confirmed"))
    assert (spool.folder / "waiting").read_bytes() == before


def test_what_could_not_be_read_is_on_disk_again_before_the_rest_is_let_go(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(notification("unreadable"))
    other = Spool(spool.folder, Cipher("another key of tests"))
    other.append(notification("readable"))
    synced = on_disk(monkeypatch)
    assert Taken(other).run() == WorkedOff(taken=1, unreadable=1)
    ((name, held),) = synced
    assert name == "beside"
    assert [path.read_bytes() for path in spool.folder.glob("taken*")] == [held]
    assert Taken(spool).all() == ["unreadable"]


def test_a_full_spool_takes_no_more_and_says_so_before(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    spool.append(notification("one"))
    size = (spool.folder / "waiting").stat().st_size
    monkeypatch.setattr(spool_file, "MOST_BYTES", 2 * size + 10)
    assert not spool.waiting().full
    spool.append(notification("two"))
    assert spool.waiting().full
    with pytest.raises(SpoolFull):
        spool.append(notification("six"))
    assert sorted(Taken(spool).all()) == ["one", "two"]


def test_with_another_key_it_stays_until_the_key_is_back(spool: Spool) -> None:
    spool.append(notification("secret"))
    stranger = Taken(Spool(spool.folder, Cipher("another key")))
    assert stranger.all() == []
    assert (stranger.done.unreadable, stranger.done.left) == (1, 1)
    assert (spool.waiting().count, spool.has_news()) == (1, False)
    assert Taken(spool).all() == ["secret"]


def test_one_that_is_refused_stays_and_the_others_go_on(spool: Spool) -> None:
    for name in ("good", "bad", "fine"):
        spool.append(notification(name))
    stored: list[bytes] = []

    def store(one: Spooled) -> None:
        if one.body.endswith(b"bad"):
            raise ValueError
        stored.append(one.body)

    done = spool.work_off(store, lambda _error: False)
    assert (done.taken, done.refused) == (2, 1)
    assert Taken(spool).all() == ["bad"]
    assert sorted(stored) == [b"call_id=fine", b"call_id=good"]


def test_when_the_database_goes_away_in_between_everything_waits_on(spool: Spool) -> None:
    spool.append(notification("one"))
    spool.append(notification("two"))
    keys: list[str] = []

    def store(one: Spooled) -> None:
        if keys:
            raise ConnectionError
        keys.append(one.key)

    with pytest.raises(ConnectionError):
        spool.work_off(store, lambda _error: True)
    assert spool.waiting().count == 2
    # What was stored is offered once more under the same key, so that it can be told.
    taken = Taken(spool)
    assert taken.all() == ["two", "one"]
    assert taken.found[0].key == keys[0]


def test_only_one_takes_in_at_a_time(spool: Spool) -> None:
    spool.append(notification("one"))
    other = Spool(spool.folder, CIPHER)
    seen: list[WorkedOff] = []
    spool.work_off(lambda _one: seen.append(Taken(other).run()), lambda _error: True)
    assert [one.elsewhere for one in seen] == [True]


def test_what_comes_while_it_is_taken_in_is_not_lost(spool: Spool) -> None:
    spool.append(notification("one"))
    spool.work_off(lambda _one: spool.append(notification("meanwhile")), lambda _error: True)
    assert Taken(spool).all() == ["meanwhile"]


def _write(folder: Path, writer: int) -> None:
    for number in range(EACH):
        Spool(folder, CIPHER).append(notification(f"{writer}-{number}"))


def _write_and_be_killed(folder: Path) -> None:
    spool = Spool(folder, CIPHER)
    spool.append(notification("acknowledged"))
    os.write(os.open(folder / "waiting", os.O_WRONLY | os.O_APPEND), b"\nDW1 2026-11-23T10:10:16+00:00 400 ab")
    os.kill(os.getpid(), signal.SIGKILL)


def test_several_processes_write_at_once_while_another_takes_in(spool: Spool) -> None:
    processes = [multiprocessing.Process(target=_write, args=(spool.folder, writer)) for writer in range(WRITERS)]
    for process in processes:
        process.start()
    taken = Taken(spool)
    while any(process.is_alive() for process in processes):
        taken.all()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * WRITERS
    wanted = Counter(f"{writer}-{number}" for writer in range(WRITERS) for number in range(EACH))
    assert Counter(taken.all()) == wanted


def test_a_writer_that_is_killed_costs_nothing_that_was_acknowledged(spool: Spool) -> None:
    killed = multiprocessing.Process(target=_write_and_be_killed, args=(spool.folder,))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    spool.append(notification("next"))
    taken = Taken(spool)
    assert sorted(taken.all()) == ["acknowledged", "next"]
    assert taken.done.torn == 1


def test_the_newest_are_read_without_being_taken_away(spool: Spool) -> None:
    def away(_one: Spooled) -> None:
        raise OSError

    for number in range(6):
        spool.append(notification(str(number), NOW + timedelta(seconds=number)))
        if number == 2:
            with pytest.raises(OSError):
                spool.work_off(away, lambda _error: True)

    def bodies(most: int) -> list[str]:
        return [one.body.decode().removeprefix("call_id=") for one in spool.newest(most)]

    assert bodies(4) == ["5", "4", "3", "2"]
    assert bodies(100) == ["5", "4", "3", "2", "1", "0"]
    assert bodies(0) == []
    assert spool.waiting().count == 6


def test_what_cannot_be_read_is_left_out_of_the_newest(spool: Spool) -> None:
    spool.append(notification("mine"))
    Spool(spool.folder, Cipher("another key")).append(notification("strange"))
    with (spool.folder / spool_file.WAITING).open("ab") as file:
        file.write(b"\nDW1 half")
    assert [one.body for one in spool.newest(5)] == [b"call_id=mine"]
    assert Spool(spool.folder / "nowhere", CIPHER).newest(5) == []

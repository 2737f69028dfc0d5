from __future__ import annotations

import threading

from sqlalchemy.orm import Session

from app.core.database import transaction
from app.core.kernel import Kernel
from app.core.versions import Remembered


def bump(kernel: Kernel, name: str) -> None:
    with transaction() as session:
        kernel.versions.bump(session, name)


def test_what_is_remembered_is_read_once_until_one_of_its_versions_changes(kernel: Kernel) -> None:
    answers = iter(["first", "second", "third"])
    kept = Remembered(kernel.versions, ["a", "b"], lambda _session: next(answers))
    assert [kept.current(), kept.current()] == ["first", "first"]
    bump(kernel, "a")
    assert [kept.current(), kept.current()] == ["second", "second"]
    bump(kernel, "unconcerned")
    assert kept.current() == "second"
    bump(kernel, "b")
    assert kept.current() == "third"


def test_nothing_is_remembered_that_changed_while_it_was_read(kernel: Kernel) -> None:
    reads: list[str] = []

    def read(_session: Session) -> str:
        reads.append("read")
        if len(reads) == 1:
            # Another thread, for whoever reads has a session open.
            other = threading.Thread(target=kept.forget)
            other.start()
            other.join()
        return f"state {len(reads)}"

    kept = Remembered(kernel.versions, ["a"], read)
    assert kept.current() == "state 1"
    assert [kept.current(), kept.current()] == ["state 2", "state 2"]


def test_nothing_found_is_remembered_too(kernel: Kernel) -> None:
    reads: list[str] = []
    kept = Remembered(kernel.versions, ["a"], lambda _session: reads.append("read"))
    assert [kept.current(), kept.current()] == [None, None]
    assert reads == ["read"]

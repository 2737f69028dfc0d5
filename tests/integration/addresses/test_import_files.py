"""The files of imports: what is no table, how one is read, how long it and what was refused are kept."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.core.accounts import service
from app.core.database import reading, transaction
from app.modules.addresses.imports import running, services, upkeep
from app.modules.addresses.imports.files import SILENT_AFTER, Received, arrives_until
from app.modules.addresses.imports.models import ImportFailure
from app.modules.addresses.imports.states import NoSuchImport, NotNow
from app.modules.addresses.imports.stored import IMPORT, failures_of, latest, load
from app.modules.addresses.transfer.formats import Format, NoTable
from tests.conftest import PASSWORD
from tests.integration.addresses.import_runs import bring, pieces, started


@pytest.fixture
def ada(app: Flask) -> int:
    return service.create_user("ada", PASSWORD, "administrator", name="Ada Admin")


def test_a_discarded_file_is_gone(app: Flask, ada: int) -> None:
    import_id = bring(ada)
    services.discard(import_id)
    assert pieces() == 0
    with pytest.raises(NoSuchImport):
        load(import_id)
    with pytest.raises(NoSuchImport):
        services.check(import_id, ada)


def test_another_format_proposes_again_and_keeps_what_was_assigned(app: Flask, ada: int) -> None:
    import_id = services.receive(
        Received(io.BytesIO("Firma;Straße;Bemerkung\nMüller;Weg 1;x\n".encode("cp1252"))), "C:\\Export\\kunden.csv", ada
    )
    stored = load(import_id)
    planned = stored.plan
    assert planned is not None
    assert stored.file_name == "kunden.csv"
    assert (planned.format.encoding, planned.encoding_because) == ("windows-1252", "otherwise")
    chosen = replace(planned, assignment=("name", "street", "vat_id"))
    wrong = services.reformat(stored, replace(planned.format, encoding="utf-8"), chosen)
    assert (wrong.headings[1], wrong.assignment) == ("Stra\ufffde", ("name", "street", "vat_id"))
    assert wrong.encoding_because == "chosen"
    one = services.reformat(stored, Format("windows-1252", ",", header=True), chosen)
    assert len(one.assignment) == 1
    none = services.reformat(stored, replace(planned.format, header=False), chosen)
    assert (none.headings, none.assignment) == ((), ("name", "street", "vat_id"))
    assert services.propose_again(stored, none).assignment == planned.assignment


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"Name;Telefon\r\n", "only_headings"),
        (b"PK\x03\x04 a workbook", "spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_table"),
        (b"BEGIN:VCARD\r\nFN:Max\r\n", "vcard"),
        (("x;" * 300 + "\n" + "y;" * 300).encode(), "too_many_columns"),
    ],
)
def test_what_is_no_table_is_not_kept(app: Flask, ada: int, content: bytes, code: str) -> None:
    with pytest.raises(NoTable) as refused:
        services.receive(Received(io.BytesIO(content)), "x.csv", ada)
    assert refused.value.code == code
    assert latest(10) == ([], 0)
    assert pieces() == 0


def test_old_files_failures_and_entries_are_removed_in_time(app: Flask, ada: int, kernel: Any) -> None:
    done, draft = started(ada), bring(ada)
    running.work()
    arriving = bring(ada)
    with transaction() as session:
        session.execute(
            update(IMPORT).where(IMPORT.c.id == arriving).values(state="arriving", leased_until=arrives_until())
        )
    upkeep.tidy()
    assert pieces() == 2
    kernel.clock.at += SILENT_AFTER + timedelta(seconds=1)
    upkeep.tidy()
    assert pieces() == 1
    kernel.clock.at += upkeep.FILE_KEPT
    upkeep.tidy()
    assert pieces() == 0
    with pytest.raises(NoSuchImport):
        load(draft)
    assert list(failures_of(done))
    kernel.clock.at += upkeep.FAILURES_KEPT
    upkeep.tidy()
    with reading() as session:
        assert session.execute(select(func.count()).select_from(ImportFailure)).scalar_one() == 0
    assert load(done).totals.failed == 4
    kernel.clock.at += upkeep.ENTRY_KEPT
    upkeep.tidy()
    assert latest(10) == ([], 0)


def test_an_import_that_failed_and_is_left_alone_loses_its_file_and_cannot_go_on(
    app: Flask, ada: int, kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = started(ada)

    def fail(*_arguments: object, **_more: object) -> None:
        raise ValueError("unexpected")

    monkeypatch.setattr(running, "run_import", fail)
    running.work()
    assert load(import_id).state == "failed"
    kernel.clock.at += upkeep.FILE_KEPT + timedelta(minutes=1)
    upkeep.tidy()
    assert (load(import_id).state, pieces()) == ("cancelled", 0)
    with pytest.raises(NotNow):
        services.go_on(import_id, ada)

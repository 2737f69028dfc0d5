"""Imports as they are stored: what is planned, how far it is, what was refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import aliased

from app.core.accounts.models import User
from app.core.database import reading
from app.modules.addresses.imports.models import Import, ImportFailure
from app.modules.addresses.imports.states import NoSuchImport
from app.modules.addresses.transfer.formats import Format
from app.modules.addresses.transfer.importing import Failure, Totals
from app.modules.addresses.transfer.options import Options
from app.modules.addresses.transfer.proposing import Proposal
from app.modules.addresses.transfer.rows import Problem

IMPORT = cast(Table, Import.__table__)
FAILURE = cast(Table, ImportFailure.__table__)
#: Failures that are read at once.
BATCH = 500
_CREATOR, _STARTER = aliased(User), aliased(User)


@dataclass(frozen=True, slots=True)
class Planned:
    """How a file is to be imported, and what was proposed."""

    format: Format
    headings: tuple[str, ...]
    proposed: tuple[str, ...]
    assignment: tuple[str, ...]
    options: Options
    encoding_because: str = "chosen"
    separator_because: str = "chosen"

    def text(self) -> str:
        """As it is stored."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Planned:
        """As it was stored."""
        told: dict[str, Any] = json.loads(text)
        told["format"] = Format(**told["format"])
        told["options"] = Options(**told["options"])
        for name in ("headings", "proposed", "assignment"):
            told[name] = tuple(told[name])
        return cls(**told)

    @classmethod
    def from_proposal(cls, proposal: Proposal, options: Options) -> Planned:
        """What is proposed, before anybody has changed it."""
        return cls(
            proposal.format,
            proposal.headings,
            proposal.assignment,
            proposal.assignment,
            options,
            proposal.found.encoding_because,
            proposal.found.separator_because,
        )


@dataclass(frozen=True, slots=True)
class StoredImport:
    """An import as it was a moment ago."""

    id: int
    file_name: str
    size: int
    state: str
    version: int
    totals: Totals
    seconds_left: int | None
    created_at: datetime
    created_by: str
    """The user's name; empty when he is gone."""
    queued_at: datetime | None
    started_by: str
    started_by_id: int | None
    ended_at: datetime | None
    ending: bool
    begun: bool
    """Somebody works on it, and does not only wait."""
    plan: Planned | None = field(default=None, repr=False)


def totals_from(text: str) -> Totals:
    """As they were stored."""
    return Totals(**json.loads(text))


def totals_text(totals: Totals) -> str:
    """As they are stored."""
    return json.dumps(asdict(totals))


def load(import_id: int) -> StoredImport:
    """The import with its plan. Raises NoSuchImport; one whose file has not arrived in full is none."""
    with reading() as session:
        row = session.execute(_query().add_columns(Import.plan).where(Import.id == import_id)).mappings().one_or_none()
    if row is None:
        raise NoSuchImport
    return _stored(row, Planned.from_text(row["plan"]))


def latest(limit: int, page: int = 1) -> tuple[list[StoredImport], int]:
    """The newest imports, without their plans, and how many there are."""
    query = _query().order_by(Import.id.desc()).limit(limit).offset((page - 1) * limit)
    with reading() as session:
        rows = session.execute(query).mappings().all()
        total = session.execute(select(func.count()).where(Import.state != "arriving")).scalar_one()
    return [_stored(row) for row in rows], total


def ahead_of(stored: StoredImport) -> StoredImport | None:
    """The import for which this one waits: the one that is at work; None when none is."""
    query = _query().where(Import.state == stored.state, Import.id != stored.id, Import.queued_at <= stored.queued_at)
    with reading() as session:
        row = session.execute(query.order_by(Import.queued_at, Import.id).limit(1)).mappings().one_or_none()
    return None if row is None else _stored(row)


def failure_values(import_id: int, failure: Failure) -> dict[str, Any]:
    """A row for the table of failures."""
    return {
        "import_id": import_id,
        "line": failure.line,
        "cells": json.dumps(failure.cells, ensure_ascii=False),
        "problems": json.dumps([asdict(problem) for problem in failure.problems], ensure_ascii=False),
    }


def failures_of(import_id: int, limit: int | None = None) -> Iterator[Failure]:
    """What was refused, in the order of the file. Nothing of the database is held in between."""
    after = 0
    left = limit
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)
        query = select(FAILURE).where(FAILURE.c.import_id == import_id, FAILURE.c.line > after)
        with reading() as session:
            rows = session.execute(query.order_by(FAILURE.c.line).limit(size)).mappings().all()
        for row in rows:
            problems = tuple(Problem(**told) for told in json.loads(row["problems"]))
            yield Failure(row["line"], tuple(json.loads(row["cells"])), problems)
        if len(rows) < size:
            return
        after = rows[-1]["line"]
        left = None if left is None else left - len(rows)


def kept_failures(import_ids: Sequence[int]) -> set[int]:
    """Which of these imports have failures that are still kept."""
    with reading() as session:
        query = select(FAILURE.c.import_id).where(FAILURE.c.import_id.in_(import_ids)).distinct()
        return set(session.execute(query).scalars())


def _query() -> Any:
    return (
        select(
            *(IMPORT.c[name] for name in ("id", "file_name", "size", "state", "version", "totals", "seconds_left")),
            *(IMPORT.c[name] for name in ("created_at", "queued_at", "started_by", "ended_at", "ending", "worker")),
            func.coalesce(func.nullif(_CREATOR.name, ""), _CREATOR.username).label("creator"),
            func.coalesce(func.nullif(_STARTER.name, ""), _STARTER.username).label("starter"),
        )
        .outerjoin(_CREATOR, _CREATOR.id == IMPORT.c.created_by)
        .outerjoin(_STARTER, _STARTER.id == IMPORT.c.started_by)
        .where(IMPORT.c.state != "arriving")
    )


def _stored(row: Mapping[Any, Any], plan: Planned | None = None) -> StoredImport:
    return StoredImport(
        id=row["id"],
        file_name=row["file_name"],
        size=row["size"],
        state=row["state"],
        version=row["version"],
        totals=totals_from(row["totals"]),
        seconds_left=row["seconds_left"],
        created_at=row["created_at"],
        created_by=row["creator"] or "",
        queued_at=row["queued_at"],
        started_by=row["starter"] or "",
        started_by_id=row["started_by"],
        ended_at=row["ended_at"],
        ending=row["ending"],
        begun=row["worker"] is not None,
        plan=plan,
    )

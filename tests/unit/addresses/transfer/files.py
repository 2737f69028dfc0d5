"""Files of tests, without a disk."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from app.modules.addresses.transfer.formats import Format
from app.modules.addresses.transfer.source import Record, Table


@dataclass(frozen=True)
class Bytes:
    """A source that lies in memory."""

    content: bytes

    def open(self) -> BinaryIO:
        return io.BytesIO(self.content)


def records(content: bytes, form: Format = Format()) -> list[Record]:  # noqa: B008 (a frozen value)
    with Table(Bytes(content), form) as table:
        return list(table)


def cells(content: bytes, form: Format = Format()) -> list[list[str]]:  # noqa: B008 (a frozen value)
    return [record.cells for record in records(content, form)]

"""The file of an import in the database: every machine that may work on it has it, and a restart loses nothing.

In pieces of their own transactions: nobody who writes meanwhile, no ringing call, waits for the whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from flask import current_app
from sqlalchemy import delete, insert, select, update

from app.core.database import reading, transaction
from app.core.uploads import as_file
from app.modules.addresses.imports.models import Import, ImportPiece

#: Bytes of a piece before it is compressed.
PIECE_BYTES = 256 * 1024
#: Pieces that one transaction removes.
REMOVED_AT_ONCE = 16
#: A file of which no piece has come for so long has been given up: a piece takes moments.
SILENT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Received:
    """A file as a browser has sent it, in memory or on disk for the length of the request."""

    stream: BinaryIO

    def open(self) -> BinaryIO:
        """See ``transfer.source.Source``. One reader at a time."""
        self.stream.seek(0)
        return as_file(iter(lambda: self.stream.read(PIECE_BYTES), b""))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The file of an import."""

    import_id: int

    def open(self) -> BinaryIO:
        """See ``transfer.source.Source``."""
        return as_file(_pieces(self.import_id))


def store_file(import_id: int, received: Received) -> int:
    """Store the file piece by piece, each of which keeps the import from counting as given up; returns its bytes."""
    size = 0
    with received.open() as stream:
        place = 0
        while block := stream.read(PIECE_BYTES):
            content = zlib.compress(block, 1)
            with transaction() as session:
                session.execute(insert(ImportPiece).values(import_id=import_id, place=place, content=content))
                session.execute(update(Import).where(Import.id == import_id).values(leased_until=arrives_until()))
            place += 1
            size += len(block)
    return size


def arrives_until() -> datetime:
    """By when a file that comes now must have shown its next piece."""
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now + SILENT_AFTER


def remove_file(import_id: int) -> None:
    """Remove the file; nothing happens where it is gone."""
    while True:
        with reading() as session:
            query = select(ImportPiece.place).where(ImportPiece.import_id == import_id).limit(REMOVED_AT_ONCE)
            places = session.execute(query).scalars().all()
        if not places:
            return
        with transaction() as session:
            session.execute(
                delete(ImportPiece).where(ImportPiece.import_id == import_id, ImportPiece.place.in_(places)),
                execution_options={"synchronize_session": False},
            )


def _pieces(import_id: int) -> Iterator[bytes]:
    place = 0
    while True:
        query = select(ImportPiece.content).where(ImportPiece.import_id == import_id, ImportPiece.place == place)
        with reading() as session:
            content = session.execute(query).scalar()
        if content is None:
            return
        yield zlib.decompress(content)
        place += 1

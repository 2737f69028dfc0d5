"""Imports of tests as the page runs them: a file that is brought, checked, started."""

from __future__ import annotations

import io

from sqlalchemy import func, select

from app.core.database import reading
from app.modules.addresses.imports import running, services
from app.modules.addresses.imports.files import Received
from app.modules.addresses.imports.models import ImportPiece
from app.modules.addresses.imports.stored import StoredImport, load

TABLE = "Kundennummer;Name;Telefon;E-Mail\n" + "".join(
    f"K-{n};Firma {n};0221 4710-{n:03};{'kaputt' if n % 50 == 7 else ''}\n" for n in range(200)
)


def bring(by: int, text: str = TABLE, name: str = "kunden.csv") -> int:
    return services.receive(Received(io.BytesIO(text.encode())), name, by)


def checked(by: int, text: str = TABLE) -> StoredImport:
    import_id = bring(by, text)
    services.check(import_id, by)
    running.work()
    return load(import_id)


def started(by: int, text: str = TABLE) -> int:
    stored = checked(by, text)
    services.start(stored.id, by, stored.version)
    return stored.id


def pieces() -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(ImportPiece)).scalar_one()
